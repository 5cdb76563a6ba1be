"""Looking after the registry: test sources, draft new ones, record that terms were read, tell what was used.

What the command line's ``veilleur sources`` and ``veilleur rights`` stand on.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from crawlers.articles import replace_file
from crawlers.context import Options
from crawlers.items import ArticleLine
from crawlers.registry import Licence, Registry, RegistryError, Source, TdmMark, load_registry
from crawlers.run import crawl
from crawlers.state import State
from crawlers.urls import host_of


@dataclass(frozen=True, slots=True)
class EndpointFinding:
    """One feed, sitemap, listing or API as it answered. ``newest`` is the latest date of publication in it."""

    url: str
    kind: str
    entries: int
    parts: int
    newest: date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test of a source found. ``ok``: something is announced and the address answers."""

    source_id: str
    name: str
    ok: bool
    endpoints: tuple[EndpointFinding, ...]
    marks: tuple[TdmMark, ...]
    terms: str
    issues: tuple[dict[str, str], ...]

    @property
    def words(self) -> str:
        """One line for people, in French as the command line speaks."""
        if not self.endpoints:
            kinds = ", ".join(dict.fromkeys(issue["kind"] for issue in self.issues)) or "rien d'annoncé"
            return f"{self.name} : {kinds}"
        told = "; ".join(
            f"{e.kind} {e.url} : {e.entries} entrées" + (f", la plus récente du {e.newest}" if e.newest else "")
            for e in self.endpoints
        )
        reserved = " — fouille de textes réservée" if any(mark.reserves for mark in self.marks) else ""
        return f"{self.name} : {told}{reserved}"


def check(
    registry: Registry,
    ids: Iterable[str] = (),
    *,
    day: date,
    options: Options | None = None,
    parallel: int = 4,
) -> list[Finding]:
    """Test the sources named, or all enabled ones, without keeping anything: announcements, robots.txt, marks.

    Raises :class:`~crawlers.registry.RegistryError` for an id that the registry does not have.
    """
    wanted = list(ids) or [source.id for source in registry.enabled()]
    unknown = [ident for ident in wanted if ident not in registry]
    if unknown:
        raise RegistryError([("(registry)", "id", f"no source {ident!r}") for ident in unknown])
    sources = [registry[ident] for ident in wanted]
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return list(pool.map(lambda source: _probe(source, day, options or Options()), sources))


def _probe(source: Source, day: date, options: Options) -> Finding:
    with tempfile.TemporaryDirectory(prefix="veilleur-check-") as folder:
        root = Path(folder)
        entry = source.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"id": source.id}
        _write(root / "registry" / f"{source.id}.yml", entry)
        report = crawl(source, day, data_dir=root, registry=[root / "registry"], options=replace(options, probe=True))
        state_path = root / "state" / f"{source.id}.sqlite"
        notes: dict[str, Any] = {}
        if state_path.exists():
            with State(state_path) as state:
                notes = {name: state.note(name) for name in ("endpoints", "marks", "name")}
    endpoints = tuple(
        EndpointFinding(
            row["url"],
            row["kind"],
            row["entries"],
            row["parts"],
            date.fromisoformat(row["newest"]) if row["newest"] else None,
        )
        for row in notes.get("endpoints") or ()
    )
    marks = tuple(TdmMark.model_validate(mark) for mark in notes.get("marks") or ())
    return Finding(
        source.id,
        notes.get("name") or source.name,
        any(e.entries or e.parts for e in endpoints),
        endpoints,
        marks,
        source.rights.terms.result,
        tuple(report.get("issues", ())),
    )


def draft(url: str, *, day: date, options: Options | None = None) -> str:
    """Find out what a site announces and return a registry entry for it as YAML, for a person to complete.

    Its terms are unread, and it is enabled only if something was found. Raises :class:`RegistryError` where ``url``
    is no web address.
    """
    ident = slug(host_of(url).removeprefix("www."))
    try:
        source = Source.model_validate({"id": ident, "name": ident, "home": url, "kind": "press"})
    except ValueError as error:
        raise RegistryError([("(draft)", "home", str(error))]) from error
    finding = _probe(source, day, options or Options())
    entry: dict[str, Any] = {
        "id": ident,
        "name": _title_of(finding.name, ident),
        "home": url,
        "kind": "press",
        "regions": [],
        "discovery": [{"type": e.kind, "url": e.url} for e in finding.endpoints] or "auto",
        "cadence": "weekly",
        "rights": {
            "terms": {"result": "unread"},
            "tdm": [m.model_dump(mode="json", exclude_none=True) for m in finding.marks],
        },
        "enabled": finding.ok,
    }
    if not finding.marks:
        del entry["rights"]["tdm"]
    if not finding.ok:
        kinds = ", ".join(dict.fromkeys(issue["kind"] for issue in finding.issues)) or "nothing announced"
        entry["disabled_reason"] = f"found nothing to read: {kinds}"
    out = io.StringIO()
    _yaml().dump(entry, out)
    return out.getvalue()


def _title_of(name: str, ident: str) -> str:
    """The title's own name out of a page title: ``Gazette de Lens | L'actualité économique`` → ``Gazette de Lens``."""
    return re.split(r"\s+[|–—-]\s+", name)[0].strip()[:80] or ident


def slug(text: str) -> str:
    """An id out of a name or host.

    >>> slug("L'Écho de l'Artois.example")
    'l-echo-de-l-artois-example'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "source"


def accept(ids: Sequence[str], *, by: str, on: date, folder: Path, registry: Registry | None = None) -> list[Path]:
    """Record that somebody read the terms of these sources and accepts them, in the user's own folder.

    Each id's file there is written or, where it exists, changed at the keys ``rights.terms`` alone (comments stay).
    Returns the files. Raises :class:`RegistryError` for an id that ``registry`` does not have.
    """
    unknown = [ident for ident in ids if registry is not None and ident not in registry]
    if unknown:
        raise RegistryError([(str(folder), "id", f"no source {ident!r}") for ident in unknown])
    written = []
    for ident in ids:
        path = folder / f"{ident}.yml"
        entry = _yaml().load(path.read_text(encoding="utf-8")) if path.exists() else CommentedMap({"id": ident})
        if not isinstance(entry, dict):
            raise RegistryError([(str(path), "(file)", "not a mapping of keys")])
        terms = entry.setdefault("rights", CommentedMap()).setdefault("terms", CommentedMap())
        terms |= {"result": "accepted", "checked_on": on, "checked_by": by}
        _write(path, entry)
        written.append(path)
    return written


def _yaml() -> YAML:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    return yaml


def _write(path: Path, entry: Any) -> None:
    out = io.StringIO()
    _yaml().dump(entry, out)
    replace_file(path, out.getvalue())


def due(registry: Registry, data_dir: Path, now: datetime) -> list[str]:
    """Ids of the enabled sources whose turn it is, the longest overdue first, after what their last crawl advised.

    A source is asked at its own rhythm (a quarter of the usual silence, an hour to a day), more rarely as it fails;
    one that was never crawled is due.
    """
    turns: list[tuple[datetime, str]] = []
    for source in registry.enabled():
        reports = sorted((data_dir / "reports").glob(f"*/{source.id}.json"))
        health = json.loads(reports[-1].read_text(encoding="utf-8")).get("health", {}) if reports else {}
        turn = datetime.fromisoformat(health["next_due_at"]) if health.get("next_due_at") else datetime.min
        turns.append((turn if turn.tzinfo else turn.replace(tzinfo=UTC), source.id))
    return [ident for turn, ident in sorted(turns) if turn <= now]


@dataclass(frozen=True, slots=True)
class Use:
    """What was used of a title in a month, for a declaration to its publisher or collecting society."""

    month: str
    source_id: str
    title: str
    basis: str
    contract: str | None
    audience: str | None
    announced: int
    read: int
    stored: int
    words: int


def rights_report(data_dir: Path, month: str, *, registry: Registry | None = None) -> list[Use]:
    """The uses of a month (``YYYY-MM``) by title and basis, out of the articles' files.

    ``announced``: title, link and summary only; ``read``: texts read by machine; ``stored``: of these, texts kept;
    ``words``: their length. Raises ValueError where ``month`` is none.
    """
    if not re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", month):
        raise ValueError(f"a month is written YYYY-MM, not {month!r}")
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    folder = data_dir / "articles"
    # Texts that were used and have since been purged were used all the same.
    for path in sorted([*folder.glob(f"{month}-*/*.jsonl"), *folder.glob(f"{month}-*/*.purged")]):
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                article = ArticleLine.model_validate(json.loads(line)).article
                key = (article.source_id or path.stem, article.rights.basis)
                row = sums.setdefault(key, {"title": article.source or key[0], "announced": 0, "read": 0, "stored": 0})
                full = article.extraction != "announcement"
                row["read" if full else "announced"] += 1
                row["stored"] += int(full and article.rights.store_text)
                row["words"] = row.get("words", 0) + sum(len(block.text.split()) for block in article.body)
    return [
        Use(month, ident, contract=_contract(registry, ident), audience=_audience(registry, ident), basis=basis, **row)
        for (ident, basis), row in sorted(sums.items())
    ]


def _licence(registry: Registry | None, ident: str) -> Licence | None:
    return registry[ident].rights.licence if registry is not None and ident in registry else None


def _contract(registry: Registry | None, ident: str) -> str | None:
    licence = _licence(registry, ident)
    return f"{licence.contract} ({licence.holder})" if licence else None


def _audience(registry: Registry | None, ident: str) -> str | None:
    licence = _licence(registry, ident)
    return licence.audience if licence else None


def shipped_sources() -> Path:
    """The folder of the sources that come with Veilleur."""
    return Path(__file__).parent / "sources"


def load_with_overlay(overlay: Path | None) -> Registry:
    """The shipped sources with the user's own folder over them, if it exists."""
    return load_registry([shipped_sources(), *([overlay] if overlay is not None and overlay.is_dir() else [])])
