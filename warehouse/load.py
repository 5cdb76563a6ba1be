"""Loading: articles with their facts become rows, one transaction a batch, the same rows however often.

A batch is worked through in order of publication, then URL. The facts of an article version are replaced together,
and only where they differ from those that stand there. What cannot be used becomes a row in ``issues``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

from crawlers.items import PARIS, Article, article_id, canonical_form
from crawlers.items import version_id as hash_of_text
from nlp.facts import Evidence, Reading
from warehouse.copies import judge_copies
from warehouse.store import set_meta, transaction

if TYPE_CHECKING:
    from warehouse.store import Warehouse

Row = dict[str, Any]

FACT_TABLES = (
    "organisation_mentions", "person_mentions", "place_mentions", "figure_facts", "project_tellings", "quote_facts",
    "conflict_facts",
)  # fmt: skip
SENTENCE_LIMIT = 400
# What the crawler reports of a page that is not there any more.
GONE = ("http-404", "http-410")
# A full stop ends a sentence unless a short abbreviation or an initial stands before it ("M. Davy", "St. Omer").
_SENTENCE_END = re.compile(
    r"(?<!\b[A-ZÀ-Ü])(?<!\b(?:Mr|Me|St|av|bd|cf|ex))(?<!\b(?:hab|env))[.!?…]+[»”\")]*\s+(?=[«“\"(—–-]?\s*[A-ZÀ-Ü0-9])"
)


@dataclass
class LoadCounts:
    """What a load did, in numbers. ``unchanged`` versions had the same facts already."""

    articles: int = 0
    new_articles: int = 0
    new_versions: int = 0
    new_facts: int = 0
    changed_readings: int = 0
    unchanged: int = 0
    issues: int = 0

    def add(self, other: LoadCounts) -> None:
        """Add the counts of another batch to these."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Staging:
    """The rows of one batch, before they are written."""

    versions: dict[str, Row] = field(default_factory=dict)
    blocks: dict[str, list[Row]] = field(default_factory=dict)
    readings: dict[str, Row] = field(default_factory=dict)
    facts: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    sources: dict[str, str | None] = field(default_factory=dict)
    issues: list[Row] = field(default_factory=list)
    articles: set[str] = field(default_factory=set)


def name_key(name: str) -> str:
    """A name without case, accents, hyphens and apostrophes, for looking up official names.

    >>> name_key("Provence-Alpes-Côte d’Azur")
    'provence alpes cote d azur'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("œ", "oe").replace("æ", "ae")
    return " ".join(re.findall(r"[0-9a-z]+", plain))


def sentence_around(text: str, start: int, end: int, limit: int = SENTENCE_LIMIT) -> str:
    """The sentence of ``text`` in which ``start:end`` lies, at most ``limit`` characters around the slice.

    >>> sentence_around("L'usine ouvre. Elle emploiera 120 personnes. Le maire s'en réjouit.", 30, 33)
    'Elle emploiera 120 personnes.'
    """
    left, right = 0, len(text)
    for match in _SENTENCE_END.finditer(text):
        if match.end() <= start:
            left = match.end()
        elif match.start() >= end:
            right = match.end()
            break
    if right - left > limit:
        room = max(0, limit - (end - start)) // 2
        left, right = max(left, start - room), min(right, end + room)
        return ("…" if left else "") + text[left:right].strip() + ("…" if right < len(text) else "")
    return text[left:right].strip()


def moment(value: datetime | date | None) -> datetime | None:
    """A moment in time: midnight in Paris for a day; a time without offset is Paris time."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=PARIS)
    return datetime.combine(value, time(), PARIS)


def source_key(article: Article) -> str | None:
    """The source's id: as given, else made of its name, else of the address's host.

    >>> source_key(Article(title="x", source="La Gazette du Nord"))
    'la-gazette-du-nord'
    """
    if article.source_id:
        return article.source_id
    if article.source and (key := name_key(article.source)):
        return key.replace(" ", "-")
    host = urlsplit(article.url).hostname if article.url else None
    return host.removeprefix("www.") if host else None


def batches(items: Iterable[tuple[str, Article, Reading]], size: int) -> Iterator[list[tuple[str, Article, Reading]]]:
    """The items in lists of at most ``size``, each in order of publication, then URL, then id."""
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield sorted(chunk, key=lambda i: (i[1].published_on or date.min, i[1].url or "", i[0], hash_of_text(i[1])))


def load(
    warehouse: Warehouse, items: Iterable[tuple[str, Article, Reading]], *, day: date, run_id: str, batch_size: int
) -> LoadCounts:
    """See :meth:`warehouse.store.Warehouse.load`."""
    from warehouse.forget import redactor

    connection, total = warehouse.connection, LoadCounts()
    regions = {
        name_key(name): code
        for name, code in connection.execute("SELECT name, code FROM store.codes WHERE level = 'region'").fetchall()
    }
    forgotten = redactor(connection, warehouse.forget_key)
    for chunk in batches(items, batch_size):
        staging, now = Staging(), warehouse.now()
        for ident, article, reading in chunk:
            # Key and version are those of the article as it came, whoever is taken out of it.
            key, text_hash = article_id(canonical_form(article.url), ident), hash_of_text(article)
            if forgotten is not None:
                ident, article, reading = forgotten.redact(ident, article, reading)
            stage(staging, ident, article, reading, day, run_id, now, regions, article_key=key, text_hash=text_hash)
        with transaction(connection):
            counts = write(connection, staging, day=day, run_id=run_id, now=now)
            # As long as the day is there in part, checks/whole_days.sql lets nobody see it.
            set_meta(connection, f"loading {day}", run_id)
        total.add(counts)
    connection.execute("DELETE FROM store.meta WHERE key = ?", [f"loading {day}"])
    return total


def stage(
    staging: Staging,
    ident: str,
    article: Article,
    reading: Reading,
    day: date,
    run_id: str,
    now: datetime,
    regions: Mapping[str, str],
    *,
    article_key: str,
    text_hash: str,
) -> None:
    """Turn one article and its reading into rows; what is wrong becomes an issue and the rest goes on.

    ``article_key`` and ``text_hash`` are those of the article as it came: names may have been taken out since.
    """
    source = source_key(article)

    def refuse(code: str, message: str, severity: str = "warn", **detail: Any) -> None:
        staging.issues.append(
            {"stage": "load", "code": code, "message": message, "severity": severity, "source_id": source,
             "url": article.url or ident, "detail": {"id": ident, **detail}}
        )  # fmt: skip

    if not any(text.strip() for _, _, text in article.texts()):
        refuse("empty_article", "neither title nor text", "error")
        return
    published = moment(article.published)
    fetched = moment(article.fetched_at)
    published_on = article.published_on or (fetched.astimezone(PARIS).date() if fetched else day)
    if article.published_on and article.published_on.year < 1990:
        refuse("implausible_date", f"published {article.published_on}: taken as unknown")
        published, published_on = None, (fetched.astimezone(PARIS).date() if fetched else day)
    elif article.published_on and (article.published_on - day).days > 2:
        refuse("date_in_future", f"published {article.published_on}, after the day {day}", "info")
    canonical = canonical_form(article.url)
    version = hashlib.sha256(f"{article_key}|{text_hash}".encode()).hexdigest()[:20]
    modified = moment(article.modified)
    rights = article.rights
    staging.articles.add(article_key)
    if source is not None:
        staging.sources.setdefault(source, article.source)
    staging.versions[version] = {
        "version_id": version,
        "article_id": article_key,
        "text_hash": text_hash,
        "ident": ident,
        "canonical_url": canonical,
        "source_id": source,
        "source": article.source,
        "url": article.url,
        "title": article.title,
        "standfirst": article.standfirst,
        "authors": list(article.authors),
        "region": article.region,
        "region_code": regions.get(name_key(article.region)) if article.region else None,
        "published_at": published,
        "published_on": published_on,
        "published_raw": article.published_raw,
        "modified_at": modified,
        "modified_raw": article.modified_raw,
        "fetched_at": fetched,
        "seen_at": fetched or modified or published or moment(day),
        "section": article.section,
        "tags": list(article.tags),
        "language": reading.language,
        "access": article.access,
        "words": sum(len(text.split()) for _, _, text in article.texts()),
        "rights_basis": rights.basis,
        "store_text": rights.store_text,
        "redistribute_text": rights.redistribute_text,
        "audience": rights.audience,
        "keep_text_until": rights.keep_text_until,
        "rights_evidence": rights.evidence,
        "text_expired_on": None,
        "archive_file": article.archive.file if article.archive else None,
        "archive_offset": article.archive.offset if article.archive else None,
        "archive_record_id": article.archive.record_id if article.archive else None,
        "extraction": article.extraction,
        "day": day,
        "last_day": day,
        "run_id": run_id,
        "recorded_at": now,
    }
    staging.blocks[version] = [
        {"version_id": version, "block": i, "kind": str(b.kind), "text": b.text} for i, b in enumerate(article.body)
    ]
    facts = fact_rows(version, article_key, article, reading, refuse)
    staging.facts[version] = facts
    dumped = reading.model_dump_json(by_alias=True, exclude={"id"})
    staging.readings[version] = {
        "version_id": version,
        "article_id": article_key,
        "language": reading.language,
        "rules": reading.rules,
        "model": reading.model,
        "facts_hash": hashlib.sha256(dumped.encode()).hexdigest()[:32],
        "facts": sum(len(rows) for rows in facts.values()),
        "day": day,
        "run_id": run_id,
        "recorded_at": now,
    }


class _FactWriter:
    """Makes the rows of one version's facts: ids, evidence checked against the text."""

    def __init__(self, version: str, article_key: str, article: Article, reading: Reading, refuse: Any) -> None:
        self.texts = {index: text for index, _, text in article.texts()}
        self.version, self.article_key, self.refuse = version, article_key, refuse
        self.versions = {"rules": reading.rules, "model": reading.model}
        self.ids: set[str] = set()

    def fact_id(self, *parts: object) -> str:
        """'<version>.<8 hex digits>' of what the fact says and where, told apart where two say the same."""
        base = json.dumps(parts, ensure_ascii=False, default=str)
        for count in itertools.count():
            digest = hashlib.sha256(f"{base}#{count}".encode()).hexdigest()[:8]
            ident = f"{self.version}.{digest}"
            if ident not in self.ids:
                self.ids.add(ident)
                return ident
        raise AssertionError("unreachable")

    def lawful(self, evidence: Evidence) -> bool:
        """The law of the house: the slice of the block is the evidence's text, and is not empty."""
        text = self.texts.get(evidence.block)
        return (
            text is not None
            and 0 <= evidence.start < evidence.end <= len(text)
            and text[evidence.start : evidence.end] == evidence.text
        )

    def columns(self, what: str, evidence: Evidence, sentence: bool = True) -> Row | None:
        """Evidence columns of a fact, or None (and an issue) where the evidence is unlawful."""
        if not self.lawful(evidence):
            self.refuse("unlawful_evidence", f"{what}: block {evidence.block} [{evidence.start}:{evidence.end}] is not "
                        f"{evidence.text[:80]!r}")  # fmt: skip
            return None
        row: Row = {
            "evidence_block": evidence.block,
            "evidence_start": evidence.start,
            "evidence_end": evidence.end,
            "evidence_text": evidence.text,
        }
        if sentence:
            row["evidence_sentence"] = sentence_around(self.texts[evidence.block], evidence.start, evidence.end)
        return row

    def child(self, what: str, evidence: Evidence | None) -> Row:
        """Evidence fields of a part of a fact: null where none was given or it is unlawful (an issue)."""
        row = self.columns(what, evidence, sentence=False) if evidence is not None else None
        return row or dict.fromkeys(("evidence_block", "evidence_start", "evidence_end", "evidence_text"))

    def head(self, name: str, ident: str) -> Row:
        """Key columns and reader versions of a fact."""
        return {name: ident, "version_id": self.version, "article_id": self.article_key, **self.versions}


def fact_rows(version: str, article_key: str, article: Article, reading: Reading, refuse: Any) -> dict[str, list[Row]]:
    """The rows of one reading's facts, by table; ``refuse(code, message)`` is called for what cannot be used."""
    rows: dict[str, list[Row]] = {table: [] for table in FACT_TABLES}
    make = _FactWriter(version, article_key, article, reading, refuse)
    facts = reading.facts
    for org in facts.organisations:
        if (where := make.columns(f"organisation {org.name}", org.evidence)) is not None:
            ident = make.fact_id("organisation", org.name)
            rows["organisation_mentions"].append(
                {**make.head("mention_id", ident), **where, "name": org.name, "aliases": list(org.aliases),
                 "kind": org.kind, "based_in": org.based_in, "mention": org.mention}
            )  # fmt: skip
    for person in facts.people:
        if (where := make.columns("person", person.evidence)) is not None:
            ident = make.fact_id("person", person.name)
            rows["person_mentions"].append(
                {**make.head("mention_id", ident), **where, "name": person.name, "aliases": list(person.aliases),
                 "roles": [{"title": r.title, "organisation": r.organisation} for r in person.roles]}
            )  # fmt: skip
    for place in facts.places:
        if (where := make.columns(f"place {place.name}", place.evidence)) is not None:
            ident = make.fact_id("place", place.name, place.kind, place.code)
            rows["place_mentions"].append(
                {**make.head("mention_id", ident), **where, "name": place.name, "kind": place.kind, "code": place.code}
            )
    for figure in facts.figures:
        if not _finite(figure.low, figure.high):
            refuse("implausible_figure", f"{figure.measure}: {figure.low} to {figure.high} {figure.unit}")
            continue
        if (where := make.columns(f"figure {figure.measure}", figure.evidence)) is not None:
            ident = make.fact_id("figure", figure.measure, figure.low, figure.high, figure.unit, figure.evidence.block,
                                 figure.evidence.start, figure.subject)  # fmt: skip
            rows["figure_facts"].append(
                {**make.head("figure_id", ident), **where, **figure.model_dump(exclude={"evidence"})}
            )
    for ordinal, project in enumerate(facts.projects):
        if (where := make.columns(f"project {project.kind}", project.evidence)) is not None:
            ident = make.fact_id("project", project.kind, sorted(project.organisations), project.evidence.block,
                                 project.evidence.start)  # fmt: skip
            rows["project_tellings"].append(
                {**make.head("telling_id", ident), **where, "ordinal": ordinal, "name": project.name,
                 "kind": project.kind, "sector": project.sector, "status": project.status,
                 "organisations": list(project.organisations), "places": list(project.places),
                 "said_by": project.said_by,
                 "figures": [{**f.model_dump(exclude={"evidence"}), **make.child("project figure", f.evidence)}
                             for f in project.figures if _finite(f.low, f.high)],
                 "milestones": [{"milestone": m.milestone, "from": m.from_, "to": m.to,
                                 **make.child("milestone", m.evidence)} for m in project.milestones]}
            )  # fmt: skip
    for quote in facts.quotes:
        if (where := make.columns("quote", quote.evidence, sentence=False)) is not None:
            ident = make.fact_id("quote", quote.evidence.block, quote.evidence.start, quote.evidence.end)
            rows["quote_facts"].append(
                {**make.head("quote_id", ident), **where, "text": quote.text, "speaker": quote.speaker}
            )
    for conflict in facts.conflicts:
        if not _finite(conflict.stated, conflict.computed):
            refuse("implausible_figure", f"conflict {conflict.rule}: {conflict.stated} against {conflict.computed}")
            continue
        places = [e for e in conflict.evidence if make.columns(f"conflict {conflict.rule}", e) is not None]
        if places:
            ident = make.fact_id("conflict", conflict.rule, conflict.stated, conflict.computed, places[0].block,
                                 places[0].start)  # fmt: skip
            rows["conflict_facts"].append(
                {**make.head("conflict_id", ident), "rule": conflict.rule, "stated": conflict.stated,
                 "computed": conflict.computed, "evidence": [e.model_dump() for e in places]}
            )  # fmt: skip
    return rows


def _finite(*values: float | None) -> bool:
    return all(value is None or math.isfinite(value) for value in values)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row], name: str = "staged") -> None:
    """Insert rows into ``store.<table>`` through Arrow; a column that a row lacks is null."""
    if not rows:
        return
    register_rows(connection, table, rows, name)
    connection.execute(f"INSERT INTO store.{table} BY NAME SELECT * FROM {name}")  # noqa: S608
    connection.unregister(name)


def register_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[Row],
    name: str,
    more: Sequence[tuple[str, pa.DataType]] = (),
) -> None:
    """Make rows queryable as ``name``, typed as ``store.<table>`` (and ``more`` columns)."""
    schema = connection.execute(f"SELECT * FROM store.{table} LIMIT 0").to_arrow_table().schema  # noqa: S608
    for field_ in more:
        schema = schema.append(pa.field(*field_))
    connection.register(name, pa.Table.from_pylist(list(rows), schema=schema))


def write(
    connection: duckdb.DuckDBPyConnection, staging: Staging, *, day: date, run_id: str, now: datetime
) -> LoadCounts:
    """Write one batch inside the caller's transaction."""
    counts = LoadCounts(articles=len(staging.articles))
    counts.issues = len(insert_issues(connection, staging.issues, day=day, run_id=run_id, now=now))
    if not staging.versions:
        return counts
    known_sources = [{"source_id": s, "name": name, "recorded_at": now} for s, name in sorted(staging.sources.items())]
    register_rows(connection, "sources", known_sources, "staged_sources")
    connection.execute(
        "INSERT INTO store.sources BY NAME SELECT * FROM staged_sources ANTI JOIN store.sources USING (source_id)"
    )
    extra = [("ident", pa.string()), ("canonical_url", pa.string())]
    register_rows(connection, "article_versions", list(staging.versions.values()), "staged_versions", extra)
    counts.new_versions = _merge_versions(connection)
    counts.new_articles, moved = _merge_articles(connection)
    _refresh_withdrawn(connection, staging.articles)
    _insert_blocks(connection, staging, day)
    changed = _replace_facts(connection, staging, counts)
    # Whom a text is about decides, too, whether it is a copy.
    reread = {staging.readings[version]["article_id"] for version in changed}
    affected = judge_copies(connection, sorted(moved | reread))
    _queue_versions(connection, changed)
    queue_for_tying(connection, affected)
    for name in ("staged_sources", "staged_versions"):
        connection.unregister(name)
    return counts


def _merge_versions(connection: duckdb.DuckDBPyConnection) -> int:
    """New versions come in; of known ones the metadata of the latest sight stays. Returns how many are new."""
    fixed = {"version_id", "article_id", "text_hash", "day", "last_day", "run_id", "recorded_at", "text_expired_on",
             "published_on", "seen_at", "fetched_at"}  # fmt: skip
    columns = [c[0] for c in connection.execute("SELECT * FROM store.article_versions LIMIT 0").description]
    updates = ", ".join(f"{c} = s.{c}" for c in columns if c not in fixed)
    actions = connection.execute(
        f"""
        MERGE INTO store.article_versions t USING staged_versions s ON t.version_id = s.version_id
        WHEN MATCHED AND s.seen_at >= t.seen_at THEN UPDATE SET {updates}, seen_at = s.seen_at,
            published_on = if(s.published_at IS NULL, least(t.published_on, s.published_on), s.published_on),
            day = least(t.day, s.day), last_day = greatest(t.last_day, s.last_day)
        WHEN MATCHED THEN UPDATE SET day = least(t.day, s.day), last_day = greatest(t.last_day, s.last_day)
        WHEN NOT MATCHED THEN INSERT ({", ".join(columns)}) VALUES ({", ".join(f"s.{c}" for c in columns)})
        RETURNING merge_action
        """  # noqa: S608
    ).fetchall()
    return sum(action == "INSERT" for (action,) in actions)


def _merge_articles(connection: duckdb.DuckDBPyConnection) -> tuple[int, set[str]]:
    """Bring each staged article's row up to date: how many are new, and those whose latest version or day moved."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE staged_articles AS
        WITH touched AS (SELECT article_id, any_value(ident) AS ident, any_value(canonical_url) AS canonical_url
                         FROM staged_versions GROUP BY article_id)
        SELECT v.article_id, v.url, touched.canonical_url, touched.ident, v.source_id,
               v.version_id AS latest_version_id, v.published_on,
               min(v.day) OVER (PARTITION BY v.article_id) AS first_day
        FROM store.article_versions v JOIN touched USING (article_id)
        QUALIFY row_number() OVER (PARTITION BY v.article_id
                                   ORDER BY v.last_day DESC, v.seen_at DESC, v.recorded_at DESC, v.words DESC,
                                            v.version_id) = 1
        """
    )
    moved = {
        row[0]
        for row in connection.execute(
            "SELECT s.article_id FROM staged_articles s LEFT JOIN store.articles t USING (article_id) "
            "WHERE (t.latest_version_id, t.published_on, t.source_id) "
            "IS DISTINCT FROM (s.latest_version_id, s.published_on, s.source_id)"
        ).fetchall()
    }
    new = connection.execute(
        "SELECT count(*) FROM staged_articles ANTI JOIN store.articles USING (article_id)"
    ).fetchone()
    connection.execute(
        """
        MERGE INTO store.articles t USING staged_articles s ON t.article_id = s.article_id
        WHEN MATCHED THEN UPDATE SET url = s.url, canonical_url = s.canonical_url, ident = s.ident,
            source_id = s.source_id, latest_version_id = s.latest_version_id, published_on = s.published_on,
            first_day = s.first_day
        WHEN NOT MATCHED THEN INSERT (article_id, url, canonical_url, ident, source_id, latest_version_id,
            published_on, first_day)
            VALUES (s.article_id, s.url, s.canonical_url, s.ident, s.source_id, s.latest_version_id, s.published_on,
                    s.first_day)
        """
    )
    connection.execute("DROP TABLE staged_articles")
    return (int(new[0]) if new else 0), moved


def _refresh_withdrawn(connection: duckdb.DuckDBPyConnection, articles: Iterable[str]) -> None:
    """Say of some articles since when their page is gone: the first such issue after the last day they came in."""
    connection.register("asked_articles", pa.table({"article_id": pa.array(sorted(articles), pa.string())}))
    connection.execute(
        """
        UPDATE store.articles a SET withdrawn_on = w.day FROM (
            WITH asked AS (
                SELECT article_id, max(last_day) AS last_day
                FROM store.article_versions SEMI JOIN asked_articles USING (article_id) GROUP BY article_id),
            addresses AS (
                SELECT article_id, unnest([url, canonical_url]) AS url
                FROM store.articles SEMI JOIN asked_articles USING (article_id)),
            gone AS (
                SELECT article_id, day FROM addresses JOIN store.issues i USING (url) WHERE list_contains(?, i.code))
            SELECT asked.article_id, min(gone.day) AS day
            FROM asked LEFT JOIN gone ON gone.article_id = asked.article_id AND gone.day > asked.last_day
            GROUP BY asked.article_id) w
        WHERE a.article_id = w.article_id AND a.withdrawn_on IS DISTINCT FROM w.day
        """,
        [list(GONE)],
    )
    connection.unregister("asked_articles")


def _insert_blocks(connection: duckdb.DuckDBPyConnection, staging: Staging, day: date) -> None:
    """Keep the text of versions that have none yet, where their rights allow it and it has not expired."""
    wanted = {
        row[0]
        for row in connection.execute(
            "SELECT version_id FROM store.article_versions SEMI JOIN staged_versions USING (version_id) "
            "ANTI JOIN (SELECT DISTINCT version_id FROM store.blocks) USING (version_id) "
            "WHERE store_text AND text_expired_on IS NULL AND (keep_text_until IS NULL OR keep_text_until >= ?)",
            [day],
        ).fetchall()
    }
    insert_rows(connection, "blocks", [row for v in sorted(wanted) for row in staging.blocks[v]])


def _replace_facts(connection: duckdb.DuckDBPyConnection, staging: Staging, counts: LoadCounts) -> set[str]:
    """Replace the facts of the versions whose reading differs from the one that stands there; returns those."""
    before = dict(
        connection.execute(
            "SELECT version_id, facts_hash FROM store.readings SEMI JOIN staged_versions USING (version_id)"
        ).fetchall()
    )
    changed = {v for v, row in staging.readings.items() if before.get(v) != row["facts_hash"]}
    counts.unchanged = len(staging.readings) - len(changed)
    counts.changed_readings = len(changed & set(before))
    stale = sorted(changed & set(before))
    if stale:
        delete_facts(connection, stale)
    for table in FACT_TABLES:
        rows = [row for v in sorted(changed) for row in staging.facts[v][table]]
        insert_rows(connection, table, rows)
        counts.new_facts += len(rows)
    if changed:
        register_rows(connection, "readings", [staging.readings[v] for v in sorted(changed)], "staged_readings")
        connection.execute(
            """
            MERGE INTO store.readings t USING staged_readings s ON t.version_id = s.version_id
            WHEN MATCHED THEN UPDATE SET language = s.language, rules = s.rules, model = s.model,
                facts_hash = s.facts_hash, facts = s.facts, day = s.day, run_id = s.run_id, recorded_at = s.recorded_at
            WHEN NOT MATCHED THEN INSERT BY NAME
            """
        )
        connection.unregister("staged_readings")
    return changed


def delete_facts(connection: duckdb.DuckDBPyConnection, versions: Sequence[str]) -> None:
    """Take away all facts of some versions (their reading's row stays)."""
    connection.register("stale_versions", pa.table({"version_id": pa.array(versions, pa.string())}))
    for table in FACT_TABLES:
        connection.execute(
            f"DELETE FROM store.{table} WHERE version_id IN (SELECT version_id FROM stale_versions)"  # noqa: S608
        )
    connection.unregister("stale_versions")


def queue_for_tying(connection: duckdb.DuckDBPyConnection, articles: Iterable[str]) -> None:
    """Have the latest versions of some articles tied anew."""
    connection.register("wanted_articles", pa.table({"article_id": pa.array(sorted(articles), pa.string())}))
    found = connection.execute(
        "SELECT latest_version_id FROM store.articles SEMI JOIN wanted_articles USING (article_id)"
    ).fetchall()
    connection.unregister("wanted_articles")
    _queue_versions(connection, {row[0] for row in found})


def _queue_versions(connection: duckdb.DuckDBPyConnection, versions: Iterable[str]) -> None:
    connection.register("staged_queue", pa.table({"version_id": pa.array(sorted(versions), pa.string())}))
    connection.execute(
        "INSERT INTO store.tie_queue SELECT version_id, any_value(article_id) FROM staged_queue "
        "JOIN store.article_versions USING (version_id) "
        "WHERE version_id NOT IN (SELECT version_id FROM store.tie_queue) GROUP BY version_id"
    )
    connection.unregister("staged_queue")


def insert_issues(
    connection: duckdb.DuckDBPyConnection,
    issues: Sequence[Mapping[str, Any]],
    *,
    day: date | None,
    run_id: str | None,
    now: datetime,
) -> list[str]:
    """Insert issues, the same one on the same day once; returns their ids."""
    rows: dict[str, Row] = {}
    for issue in issues:
        code = str(issue.get("code") or issue.get("kind") or "other")
        parts = [str(day), str(issue["stage"]), str(issue.get("source_id")), code, str(issue.get("url")),
                 str(issue["message"])]  # fmt: skip
        detail = issue.get("detail")
        row: Row = {
            "issue_id": hashlib.sha256("|".join(parts).encode("utf-8", "replace")).hexdigest()[:20],
            "day": day,
            "run_id": run_id,
            "stage": parts[1],
            "source_id": issue.get("source_id"),
            "severity": issue.get("severity") or "warn",
            "code": code,
            "url": _clean(issue.get("url")),
            "message": _clean(parts[5]),
            "detail": json.dumps(detail, default=str) if detail is not None else None,
            "recorded_at": now,
        }
        rows[row["issue_id"]] = row
    if rows:
        register_rows(connection, "issues", list(rows.values()), "staged_issues")
        connection.execute(
            "INSERT INTO store.issues BY NAME SELECT * FROM staged_issues ANTI JOIN store.issues USING (issue_id)"
        )
        connection.unregister("staged_issues")
    if gone := {canonical_form(row["url"]) for row in rows.values() if row["code"] in GONE}:
        _refresh_withdrawn(connection, {article_id(url, "") for url in gone if url})
    return list(rows)


def _clean(text: str | None) -> str | None:
    """Text that can be stored: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8") if text is not None else None
