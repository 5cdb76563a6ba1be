"""``veilleur why URL``: at which gate an article stopped on its way to a mailbox.

The gates in their order: the registry (known, enabled), rights (terms, reservation, robots), the crawl (waiting, gone,
failed), what was got of it (teaser, language), what was read in it (facts, projects), what was tied (near-copy, merged,
nothing new), the published copy, and for a subscriber: audience, rules, lookback, what was told before, the mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawlers.items import article_id
from crawlers.registry import Source, load_registry
from crawlers.rights import may_read
from crawlers.state import State, StateInUse
from crawlers.urls import UrlError, canonical_url
from flows import stages
from flows.alerts import Alerts, Subscriber, load_alerts
from flows.digest import PARIS, epci_communes, shown
from flows.matching import Matcher
from flows.settings import Settings
from flows.stories import Step, Story, rows, tell
from flows.writing import headline, net_steps
from warehouse.store import WarehouseError, open_reader

EVER = (date(1, 1, 1), date(9999, 12, 31))
# Issues of the crawl that stop an article, in words; other kinds are told by their message alone.
STOPS = {
    "robots-disallowed": "robots.txt does not allow it",
    "tdm-reserved": "text and data mining is reserved on this page: title, link and date only",
    "tdm-unknown": "its marks on text and data mining cannot be understood, so nothing is taken",
}


def why_text(settings: Settings, url: str, subscriber: str | None = None) -> str:
    """The way of an article, a line a gate, the last line being the one at which it stopped or its arrival.

    ``url`` in any form that leads to the same canonical address; ``subscriber``: an id of the alerts file. Raises
    StageError for an unknown subscriber, AlertsError for an alerts file that cannot be used.
    """
    alerts = load_alerts(settings.alerts) if subscriber is not None or settings.alerts.exists() else Alerts()
    chosen = [s for s in alerts.subscribers if subscriber is None or s.id == subscriber]
    if subscriber is not None and not chosen:
        raise stages.StageError(f"{settings.alerts}: no subscriber {subscriber}")
    return "\n".join(_way(settings, url, alerts, chosen))


def _way(settings: Settings, url: str, alerts: Alerts, chosen: list[Subscriber]) -> Iterator[str]:
    try:
        canonical = canonical_url(url)
    except UrlError as error:
        yield f"stopped: {error}"
        return
    yield f"address: {canonical}"
    source = _source_of(settings, canonical)
    ident = article_id(canonical, canonical)
    if source is not None:
        ident = _resolve(settings, source, ident)
    path = settings.warehouse_path if settings.warehouse_path.exists() else settings.published_path
    try:
        connection = open_reader(path) if path.exists() else None
    except WarehouseError:
        # Another process is writing: the published copy knows all but what was mailed.
        path = settings.published_path
        connection = open_reader(path) if path.exists() else None
    try:
        found = rows(connection, "article", article=ident) if connection is not None else []
        today = _today(connection)
        if found or source is not None:
            yield from _at_source(settings, source, today)
        if not found:
            yield from _not_held(settings, connection, source, canonical, ident)
            return
        assert connection is not None
        article = found[0]
        yield from _as_read(connection, article)
        projects = rows(connection, "article_projects", article=ident)
        if not projects:
            yield _no_project(article)
            return
        yield from _told(settings, connection, article, projects, alerts, chosen, today)
    finally:
        if connection is not None:
            connection.close()


def _today(connection: Any) -> date | None:
    if connection is None:
        return None
    row = connection.execute("SELECT day FROM today").fetchone()
    return row[0] if row else None


def _source_of(settings: Settings, canonical: str) -> Source | None:
    """The source whose site an address belongs to: the longest home or endpoint host that is the address's own."""
    host = (urlsplit(canonical).hostname or "").removeprefix("www.")
    best: tuple[int, Source] | None = None
    for source in load_registry(settings.registry_folders).values():
        for address in [source.home, *(str(endpoint.url) for endpoint in source.discovery if endpoint.url)]:
            site = (urlsplit(address).hostname or "").removeprefix("www.")
            if site and (host == site or host.endswith(f".{site}")) and (best is None or len(site) > best[0]):
                best = (len(site), source)
    return best[1] if best else None


def _state(settings: Settings, source: Source) -> Path:
    return settings.data_dir / "state" / f"{source.id}.sqlite"


def _resolve(settings: Settings, source: Source, ident: str) -> str:
    """The article that an address leads to, where the crawl met it under another one."""
    path = _state(settings, source)
    if not path.exists():
        return ident
    try:
        with State(path) as state:
            return state.resolve(ident)
    except StateInUse:
        return ident


def _at_source(settings: Settings, source: Source | None, today: date | None) -> Iterator[str]:
    if source is None:
        yield "source: none of the registry; the article was brought along (veilleur ingest)"
        return
    yield f"source: {source.id} ({source.name}), " + ("enabled" if source.enabled else "not enabled: it is not crawled")
    rights = may_read(source, today) if today is not None else None
    if rights is not None and rights.basis == "unconfirmed":
        yield f"rights: terms unread: title, link and date only (veilleur sources accept {source.id})"
    elif rights is not None and rights.basis == "reserved":
        yield "rights: reserved: title, link and date only"
    elif rights is not None:
        yield f"rights: {rights.basis}"


def _not_held(settings: Settings, connection: Any, source: Source | None, canonical: str, ident: str) -> Iterator[str]:
    """Why an article is not in the warehouse."""
    if source is None:
        yield f"stopped: not in the registry: no source has the site {urlsplit(canonical).hostname}"
        return
    if not source.enabled:
        yield "stopped: the source is not enabled"
        return
    stops = _issues(connection, canonical)
    if stops:
        yield from (f"issue: {line}" for line in stops[:-1])
        yield f"stopped: {stops[-1]}"
        return
    path = _state(settings, source)
    if not path.exists():
        yield "stopped: the source was never crawled"
        return
    try:
        with State(path) as state:
            seen = state.seen(ident)
            if state.in_queue(ident):
                yield "stopped: announced, still waiting to be fetched"
            elif seen is not None and seen.gone:
                yield "stopped: the page is gone"
            elif seen is not None:
                yield "stopped: fetched, not loaded yet (veilleur read, veilleur load)"
            else:
                yield "stopped: never announced by the source's feeds, sitemaps or listings"
    except StateInUse:
        yield "stopped: not loaded; the source is being crawled at this moment"


def _issues(connection: Any, canonical: str) -> list[str]:
    if connection is None:
        return []
    found = connection.execute(
        "SELECT day, code, message FROM issues WHERE url = ? ORDER BY day, code", [canonical]
    ).fetchall()
    return [f"{day}: {STOPS.get(code, code)} ({message})" for day, code, message in found]


def _as_read(connection: Any, article: dict[str, Any]) -> Iterator[str]:
    yield f"article: {article['article_id']}, published {article['published_on']}: {article['title']}"
    yield from (f"issue: {line}" for line in _issues(connection, article["url"]))
    if article["withdrawn_on"]:
        yield f"withdrawn: the page was gone on {article['withdrawn_on']}"
    if article["rights_basis"] in ("reserved", "unconfirmed"):
        yield f"text: not read, rights {article['rights_basis']}: title, link and date only"
    elif article["access"] == "teaser":
        yield "text: a teaser: only the beginning could be read"
    if article["copy_of"]:
        yield f"near-copy: of {article['copy_of_url'] or article['copy_of']}; it counts as no other source"


def _no_project(article: dict[str, Any]) -> str:
    if article["language"] and article["language"] != "fr":
        return f"stopped: not in French ({article['language']}), so it is not read"
    if article["rights_basis"] in ("reserved", "unconfirmed"):
        return f"stopped: rights {article['rights_basis']}: its title alone announces no project"
    if not article["facts"]:
        return "stopped: nothing found in it"
    return (
        f"stopped: no project: {article['facts']} organisations and figures were found, but nobody announces anything"
    )


def _told(
    settings: Settings, connection: Any, article: dict[str, Any], projects: list[dict[str, Any]], alerts: Alerts,
    chosen: list[Subscriber], today: date | None,
) -> Iterator[str]:  # fmt: skip
    live: list[str] = []
    for row in projects:
        if row["merged_into"]:
            yield f"project: {row['project_id']} was merged into {row['merged_into']}"
        live.append(row["merged_into"] or row["project_id"])
    stories = tell(connection, list(dict.fromkeys(live)))
    for story in stories:
        story.steps = [
            Step(**row)
            for row in rows(connection, "steps", since=EVER[0], until=EVER[1])
            if row["project_id"] == story.project["project_id"] and row["article_id"] == article["article_id"]
        ]
        count = len(net_steps(story.steps))
        news = f"{count} things new" if count > 1 else "1 thing new" if count else "nothing new: told before by others"
        yield f"project: {story.project['project_id']}: {headline(story)} – {news}"
    if not any(story.steps for story in stories):
        yield "stopped: the article says nothing new of any project"
        return
    if not _published(settings, article["article_id"]):
        yield "stopped: not in the published copy yet (veilleur publish)"
        return
    if not chosen:
        yield "arrived: in the published copy; no alerts file, so nobody is written to"
    wants_meaning = any(rule.like for subscriber in chosen for rule in subscriber.rules)
    matcher = Matcher(
        stories, alerts, epci_communes(settings.published_path), stages.encoder_for(settings) if wants_meaning else None
    )
    for subscriber in chosen:
        for number, story in enumerate(stories):
            for line in _to(connection, subscriber, matcher, number, story, today or article["published_on"]):
                yield f"{subscriber.id}: {story.project['project_id']}: {line}"


def _published(settings: Settings, ident: str) -> bool:
    if not settings.published_path.exists():
        return False
    connection = open_reader(settings.published_path)
    try:
        return bool(connection.execute("SELECT 1 FROM articles WHERE article_id = ?", [ident]).fetchall())
    finally:
        connection.close()


def _to(
    connection: Any, subscriber: Subscriber, matcher: Matcher, number: int, story: Story, today: date
) -> Iterator[str]:
    """Why a subscriber was or was not told of a story."""
    if not story.steps:
        yield "nothing new to tell"
        return
    mails = _mails(connection, subscriber.id, [step.step_id for step in story.steps])
    if mails:
        yield from mails
        return
    if not subscriber.active:
        yield "stopped: the subscriber is switched off (active: false)"
        return
    if _left(connection, subscriber.id):
        yield "stopped: the subscriber unsubscribed"
        return
    if not any(shown(story, step, subscriber.audience) for step in story.steps):
        yield f"stopped: audience {subscriber.audience}: only articles that stay inside tell it"
        return
    followed = matcher.followed(subscriber.follow_projects, subscriber.follow_organisations)
    failures: list[str] = []
    for place, rule in enumerate(subscriber.rules, start=1):
        failed = [keys for keys, holds in matcher.conditions(rule, followed) if not holds[number]]
        if not failed:
            failures = []
            break
        failures.append(f"{rule.name or f'rule {place}'}: {'; '.join(failed)} did not hold")
    else:
        if not followed[number]:
            yield from failures
            yield "stopped: no rule matched"
            return
    newest = max(step.at for step in story.steps)
    if newest <= today - timedelta(days=subscriber.lookback_days):
        yield f"stopped: told on {newest}, more than {subscriber.lookback_days} days before {today} (lookback_days)"
        return
    yield "waiting: matched, in no mail yet; the next digest takes it, if it is among the first of max_items"


def _left(connection: Any, subscriber: str) -> bool:
    if not _has(connection, "subscribers"):
        return False
    return bool(
        connection.execute(
            "SELECT 1 FROM store.subscribers WHERE subscriber = ? AND unsubscribed_on IS NOT NULL", [subscriber]
        ).fetchall()
    )


def _mails(connection: Any, subscriber: str, steps: list[str]) -> list[str]:
    """What became of the mails that told these steps, a line a mail."""
    if not _has(connection, "deliveries"):
        return []
    lines = []
    mails = {row["message_id"]: row for row in rows(connection, "deliveries", subscriber=subscriber, steps=steps)}
    for ident, mail in mails.items():
        where = f"mail {ident} of {mail['day']}"
        if mail["state"] == "sent":
            lines.append(f"arrived: sent on {mail['sent_at'].astimezone(PARIS):%Y-%m-%d %H:%M} in {where}")
        elif mail["state"] == "queued":
            after = mail["next_attempt_at"]
            when = f", not before {after.astimezone(PARIS):%Y-%m-%d %H:%M}" if after else ""
            lines.append(
                f"waiting: in {where}, {mail['attempts']} tries{when}: {mail['last_reply'] or 'not tried yet'}"
            )
        elif mail["state"] is not None:
            lines.append(f"stopped: {where} was {mail['state']}: {mail['last_reply']}")
    return lines


def _has(connection: Any, table: str) -> bool:
    """Whether a table is there: mails and subscribers stay out of the published copy."""
    return bool(
        connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'store' AND table_name = ?", [table]
        ).fetchall()
    )
