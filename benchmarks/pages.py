"""Extraction measured on saved pages outside the repository: text, dates, failures and speed, beside trafilatura.

    VEILLEUR_PAGES=<folder> python -m benchmarks.pages [--rounds N] [--errors]

The folder holds ``manifest.tsv`` (file, url), ``gold_text.json`` (per page the strings that the text must hold,
``with``, and must not hold, ``without``), ``gold_dates.json`` and, if there are any, Fundus's JSON of whole articles
and Readability's expected pages. Measured in one run and one process:

- *strings*: F1 over the ``with`` and ``without`` strings, as trafilatura's own evaluation counts them;
- *words*: F1 over the words of the text against Fundus's and Readability's articles, averaged over pages;
- *dates*: days of publication that are right, beside htmldate's fast mode;
- *speed*: CPU seconds for all pages, beside ``trafilatura.extract`` (standard) and ``htmldate`` (fast) one after the
  other; the median of the rounds, the two taken in turns.

Ends with exit code 1 where text or dates are worse than theirs, a page fails, or the speed is below 0.8 of theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from statistics import mean, median
from typing import Any

import htmldate
import trafilatura
from lxml.html import fromstring

from crawlers.items import Article
from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract

NOW = datetime(2026, 11, 25, tzinfo=UTC)
MODES: dict[str, dict[str, Any]] = {
    "precision": {"favor_precision": True},
    "standard": {},
    "fast": {"fast": True},
    "recall": {"favor_recall": True},
}
MIN_SPEED = 0.8


@dataclass
class Page:
    """A saved page and what is known of it."""

    name: str
    url: str
    data: bytes
    strings: dict[str, Any] | None = None
    date: str | None = None
    words: str | None = None


def load(folder: Path) -> list[Page]:
    """All pages of a folder with their gold."""
    strings = _json(folder / "gold_text.json")
    dates = _json(folder / "gold_dates.json")
    words = dict(_whole_texts(folder))
    urls = {}
    if (folder / "manifest.tsv").is_file():
        for line in (folder / "manifest.tsv").read_text("utf-8").splitlines()[1:]:
            file, url, *_ = line.split("\t")
            urls[Path(file).name] = url
    pages = []
    for path in sorted(folder.rglob("*.html")):
        if path.name.endswith(".expected.html"):
            continue
        gold = dates.get(path.name, {})
        url = urls.get(path.name) or gold.get("url") or f"https://pages.example/{path.stem}"
        pages.append(
            Page(path.name, url, path.read_bytes(), strings.get(path.name), gold.get("date"), words.get(path.name))
        )
    return pages


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _whole_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.expected.html")):
        yield path.name.replace(".expected.", ".source."), " ".join(fromstring(path.read_text("utf-8")).itertext())
    for path in sorted((folder / "fundus").glob("*.json")):
        for entry, html in _fundus_pairs(json.loads(path.read_text("utf-8")), path):
            body = entry["body"]
            parts = [*body["summary"], *(text for s in body["sections"] for text in s["headline"] + s["paragraphs"])]
            yield html.name, "\n".join(parts)


def _fundus_pairs(entries: dict[str, Any], path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Fundus names its pages by the day of saving: the entry of a page is the one whose body's words it holds."""
    for html in sorted(path.parent.glob(f"{path.stem}_*.html")):
        page = _letters(unescape(html.read_text("utf-8", "replace")))
        for entry in entries.values():
            sections = entry["body"]["sections"]
            samples = [_letters(text)[:30] for s in sections for text in s["paragraphs"] if len(text) > 40]
            if sum(sample in page for sample in samples) > len(samples) / 2:
                yield entry, html
                break


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def article_text(article: Article, *, captions: bool = False) -> str:
    """The running text of an article: standfirst, paragraphs and headings. The title is measured by itself."""
    return "\n".join(text for _, kind, text in article.texts() if kind != "title" and (captions or kind != "caption"))


def strings_f1(pages: list[Page], texts: dict[str, str], errors: list[str] | None = None) -> float:
    """F1 over the strings that must and must not appear."""
    right = missed = wrong = 0
    for page in pages:
        if page.strings is None:
            continue
        text = _folded(texts[page.name])
        for string in page.strings["with"]:
            found = _folded(string) in text
            right, missed = right + found, missed + (not found)
            if not found and errors is not None:
                errors.append(f"{page.name}: missing {string!r}")
        for string in page.strings["without"]:
            wrong += (found := _folded(string) in text)
            if found and errors is not None:
                errors.append(f"{page.name}: has {string!r}")
    return 2 * right / (2 * right + missed + wrong) if right else 0.0


def words_f1(pages: list[Page], texts: dict[str, str], detail: dict[str, float] | None = None) -> float:
    """Mean F1 over the words of the pages whose whole text is known."""
    scores = []
    for page in pages:
        if page.words is None:
            continue
        gold, ours = (Counter(re.findall(r"\w+", text.lower())) for text in (page.words, texts[page.name]))
        common = sum((gold & ours).values())
        score = 2 * common / max(gold.total() + ours.total(), 1)
        scores.append(score)
        if detail is not None:
            detail[page.name] = score
    return mean(scores) if scores else float("nan")


def day_of(article: Article) -> str | None:
    """The article's day of publication as the gold writes it."""
    day: date | None = article.published_on
    return day.isoformat() if day else None


def timed(run: Callable[[Page], object], pages: list[Page]) -> float:
    """CPU seconds for all pages."""
    start = time.process_time()
    for page in pages:
        run(page)
    return time.process_time() - start


def ours(page: Page) -> Article | None:
    """Our extraction of a page; None where it fails."""
    try:
        return extract(page.data, page.url, fetched_at=NOW)
    except ExtractionError:
        return None


def theirs(page: Page) -> tuple[str | None, str | None]:
    """trafilatura, then htmldate, each on the page as saved."""
    return trafilatura.extract(page.data), htmldate.find_date(page.data, extensive_search=False)


def measure(folder: Path, rounds: int, *, show_errors: bool = False) -> dict[str, Any]:
    """All measures of a folder of pages."""
    pages = load(folder)
    articles = {page.name: ours(page) for page in pages}
    failed = [name for name, article in articles.items() if article is None]
    texts = {name: article_text(article) if article else "" for name, article in articles.items()}
    errors: list[str] | None = [] if show_errors else None
    detail: dict[str, float] = {}
    report: dict[str, Any] = {"pages": len(pages), "failed": failed, "modes": {}}
    report["strings"] = strings_f1(pages, texts, errors)
    with_captions = {name: article_text(a, captions=True) if a else "" for name, a in articles.items()}
    report["strings_with_captions"] = strings_f1(pages, with_captions)
    report["words"] = words_f1(pages, texts, detail)
    for mode, options in MODES.items():
        found = {page.name: trafilatura.extract(page.data, **options) or "" for page in pages}
        report["modes"][mode] = (strings_f1(pages, found), words_f1(pages, found))
    dated = [page for page in pages if page.date]
    report["dated"] = len(dated)
    report["dates"] = sum(day_of(article) == page.date for page in dated if (article := articles[page.name]))
    report["dates_htmldate"] = sum(htmldate.find_date(page.data, extensive_search=False) == page.date for page in dated)
    turns = [(timed(ours, pages), timed(theirs, pages)) for _ in range(rounds)]
    report["seconds"], report["seconds_theirs"] = (median(column) for column in zip(*turns, strict=True))
    report["speed"] = report["seconds_theirs"] / report["seconds"]
    if errors is not None:
        report["errors"] = errors + [f"{name}: words {score:.3f}" for name, score in detail.items()]
        for page in dated:
            article = articles[page.name]
            if article is None or day_of(article) != page.date:
                report["errors"].append(f"{page.name}: date {page.date}, ours {article and day_of(article)}")
    return report


def main() -> int:
    """Print the measures; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    if "VEILLEUR_PAGES" not in os.environ:
        print("VEILLEUR_PAGES names no folder of saved pages", file=sys.stderr)
        return 2
    report = measure(Path(os.environ["VEILLEUR_PAGES"]), options.rounds, show_errors=options.errors)
    for line in report.get("errors", ()):
        print(f"  {line}")
    print(f"{report['pages']} pages, failed: {', '.join(report['failed']) or 'none'}")
    print(f"{'':22}strings F1  words F1")
    for mode, (strings, words) in report["modes"].items():
        print(f"trafilatura {mode:10}{strings:10.3f}{words:10.3f}")
    print(f"{'ours':22}{report['strings']:10.3f}{report['words']:10.3f}"
          f"   (strings with captions {report['strings_with_captions']:.3f})")  # fmt: skip
    print(f"dates: ours {report['dates']}, htmldate fast {report['dates_htmldate']}, of {report['dated']}")
    print(f"CPU: ours {report['seconds']:.2f} s, trafilatura then htmldate {report['seconds_theirs']:.2f} s; "
          f"{report['speed']:.2f} of their speed")  # fmt: skip
    best_strings = max(strings for strings, _ in report["modes"].values())
    best_words = max(words for _, words in report["modes"].values())
    good = (
        not report["failed"]
        and report["strings"] >= best_strings
        and not report["words"] < best_words
        and report["dates"] >= report["dates_htmldate"]
        and report["speed"] >= MIN_SPEED
    )
    print("all targets met" if good else "TARGET MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
