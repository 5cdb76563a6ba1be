"""Read archived pages again with today's rules: no network, the same rights, the same identities."""

from __future__ import annotations

from dataclasses import replace

from crawlers.archive import ArchivedPage, archive_file, read_archive
from crawlers.articles import article_line, articles_file, merge_lines, read_lines
from crawlers.context import Crawl
from crawlers.discovery import Candidate
from crawlers.items import Article, ArticleLine, Rights, article_id, version_id
from crawlers.reading import Unreadable, complete, in_future, read_page
from crawlers.urls import canonical_url


def reread(work: Crawl) -> None:
    """Read the pages that the source's crawl of the day archived, and replace their lines in the day's file.

    A page that cannot be read any more is an issue and keeps the line that it had. Lines of articles that were only
    announced stay as they are. Where the day has no archive (purged, or nothing was fetched) that is an issue.
    """
    path = articles_file(work.data_dir, work.day, work.source.id)
    before = {ident: ArticleLine.model_validate_json(line).article for ident, line in read_lines(path)}
    fresh: list[tuple[str, str, str]] = []
    try:
        for page in read_archive(work.data_dir / "archive", archive_file(work.source.id, work.day)):
            work.counts["pages"] += 1
            article = _read(work, page)
            if article is None:
                continue
            known = str(page.notes["id"])
            own = work.state.resolve(known)
            if own == known and article.url:
                own = work.state.resolve(article_id(canonical_url(article.url), known))
            version = version_id(article)
            fresh.append((own, version, article_line(own, article)))
            _follow(work, own, before.get(own), version)
    except FileNotFoundError:
        work.issue(work.source.home, "archive", "no-archive", f"no pages of {work.day} are archived")
        return
    merge_lines(path, fresh, instead_of={ident for ident, _, _ in fresh})


def _read(work: Crawl, page: ArchivedPage) -> Article | None:
    try:
        article, notes = read_page(page.body, page.url, page.headers, page.fetched_at, work.source)
    except Unreadable as error:
        work.counts["pages_failed"] += 1
        work.issue(page.url, "page", error.kind, str(error))
        return None
    for kind, message in notes:
        work.issue(page.url, "page", kind, message)
    article = complete(
        article,
        Candidate.from_json(page.notes["candidate"]),
        work.source,
        url=page.url,
        rights=Rights.model_validate(page.notes["rights"]),
        fetched_at=page.fetched_at,
        archive=page.record,
    )
    if in_future(article.published, work.day, page.fetched_at):
        article = article.model_copy(update={"published": None})
    return article


def _follow(work: Crawl, ident: str, before: Article | None, version: str) -> None:
    """Count, and let the next crawl compare with this reading if it stands for the page's latest state."""
    if before is not None and version_id(before) == version:
        work.counts["articles_unchanged"] += 1
        return
    work.counts["articles_changed"] += 1
    seen = work.state.seen(ident)
    if seen is not None and (before is None or seen.version_id == version_id(before)):
        work.state.put_article(replace(seen, version_id=version))
