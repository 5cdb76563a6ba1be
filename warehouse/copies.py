"""Near-copies: the same text told again under another address.

Agency copy under another title, the teaser of a full article, a version with a paragraph brought up to date. Texts are
compared by shingles of four words and by *containment* (the share of the shorter text that the longer one has): a
teaser is all contained in its article though the two are little alike by Jaccard. Shingles that a source repeats under
many articles (subscription lines, notices) prove nothing and are left out, source by source, since a wire story runs in
many papers. On 3,550 made copies an inverted index of sampled shingles in DuckDB found what MinHash LSH (rensa,
datasketch) found and all teasers besides, and it grows with the window, not with the archive.

Which pairs are judged depends on the texts alone, not on the order in which they were loaded: when another article
makes a shingle too common, for its source or for all, the pairs that stood on it are judged again.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

RULE = "shingles-1: 4 words, containment >= 0.6, or >= 0.45 with half the text in runs of 16 words; within 400 days"
SHINGLE = 4
SAMPLE = 4  # one hash in four is kept, besides all of the lead
LEAD_WORDS = 48
# A text comes back after months with one paragraph changed, or after a year on the same occasion.
WINDOW_DAYS = 400
CONTAINMENT = 0.6
# Texts that share a form or a background share phrases; copies share passages: with less containment than that, half of
# the shorter text must stand in the longer one in runs of so many words.
CONTAINMENT_WITH_RUNS = 0.45
RUN_WORDS = 16
RUN_COVER = 0.5
MARKS_APART = 0.4
SHORTER_BY = 0.1
MIN_WORDS = 16
MIN_SHARED = 3
# More articles of one source in a month, or of all sources ever, share it than would be copies of one text.
SOURCE_CAP = 8
GLOBAL_CAP = 200
SAME_TEXT = 0.97
SAME_TEXT_WORDS = 40
ADDS_NOTHING = 0.8
SHORT = 0.6
DATELINE_WORDS = 10
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """An article's text, ready to compare: its words, the hash of the shingle that starts at each, and its marks.

    Marks are what tells apart two texts made by one form: words with a capital, and numbers.
    """

    words: tuple[str, ...]
    hashes: tuple[int, ...]
    marks: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Text:
        """Words in lower case without punctuation; fewer words than a shingle have one hash."""
        written = _WORD.findall(text)
        words = tuple(word.casefold() for word in written)
        last = max(1, len(words) - SHINGLE + 1)
        hashes = tuple(zlib.crc32(" ".join(words[i : i + SHINGLE]).encode()) for i in range(last))
        small = {word for word in written if word[0].islower()}
        marks = {w.casefold() for w in written if w[0].isdigit() or (w[0].isupper() and w.casefold() not in small)}
        return cls(words, hashes, frozenset(marks))

    def sample(self) -> list[int]:
        """The hashes that are kept: all of the lead, since a teaser repeats it, and one in four of the rest."""
        return sorted({h for i, h in enumerate(self.hashes) if i < LEAD_WORDS or h % SAMPLE == 0})

    def dead(self, boilerplate: Collection[int]) -> list[bool]:
        """For each word whether it stands in a boilerplate shingle."""
        dead = [False] * (len(self.words) + SHINGLE)
        if boilerplate:
            for i, value in enumerate(self.hashes):
                if value in boilerplate:
                    dead[i : i + SHINGLE] = [True] * SHINGLE
        return dead

    def shingles(self, boilerplate: Collection[int]) -> set[int]:
        """Hashes of the shingles that touch no word of a boilerplate shingle."""
        dead = self.dead(boilerplate)
        return {h for i, h in enumerate(self.hashes) if not any(dead[i : i + SHINGLE])}

    def cover(self, other: Text, boilerplate: Collection[int]) -> float:
        """Share of this text's words, boilerplate apart, that stand in ``other`` in runs of :data:`RUN_WORDS`."""
        runs = {other.words[i : i + RUN_WORDS] for i in range(len(other.words) - RUN_WORDS + 1)}
        covered = [False] * len(self.words)
        for i in range(len(self.words) - RUN_WORDS + 1):
            if self.words[i : i + RUN_WORDS] in runs:
                covered[i : i + RUN_WORDS] = [True] * RUN_WORDS
        alive = [c for c, gone in zip(covered, self.dead(boilerplate), strict=False) if not gone]
        return sum(alive) / len(alive) if alive else 0.0


@dataclass(frozen=True)
class Side:
    """What is known of one article when a pair is judged."""

    article_id: str
    text_hash: str
    words: int
    hashes: tuple[int, ...]
    text: Text | None
    boilerplate: frozenset[int]
    main: frozenset[str]
    named: frozenset[str]


def judge_copies(connection: duckdb.DuckDBPyConnection, articles: Sequence[str]) -> set[str]:
    """Judge some articles (whose latest version or day is new) against all of their window.

    In the caller's transaction. Returns the articles whose row in ``near_copies`` came, went or changed.
    """
    if not articles:
        return set()
    _register_ids(connection, "moved", articles)
    _refresh_signatures(connection)
    judged = set(articles) | _refresh_boilerplate(connection)
    _register_ids(connection, "judged", judged)
    _gather(connection)
    if crossed := _crossed(connection) - judged:
        judged |= crossed
        _register_ids(connection, "judged", judged)
        _gather(connection)
    touched = set(judged)
    touched |= {
        other
        for row in connection.execute(
            "SELECT left_id, right_id FROM store.copy_pairs WHERE left_id IN (FROM judged) OR right_id IN (FROM judged)"
        ).fetchall()
        for other in row
    }
    connection.execute("DELETE FROM store.copy_pairs WHERE left_id IN (FROM judged) OR right_id IN (FROM judged)")
    pairs = _confirm(connection, _candidates(connection))
    if pairs:
        names = ("left_id", "right_id", "left_in_right", "right_in_left", "method")
        connection.register("confirmed", pa.Table.from_pylist([dict(zip(names, p, strict=True)) for p in pairs]))
        connection.execute("INSERT INTO store.copy_pairs SELECT *, ? FROM confirmed", [RULE])
        connection.unregister("confirmed")
    touched |= {ident for pair in pairs for ident in pair[:2]}
    changed = _regroup(connection, touched)
    for name in ("moved", "judged"):
        connection.unregister(name)
    for name in ("former", "probe", "field", "frequency"):
        connection.execute(f"DROP TABLE {name}")
    return changed


def _register_ids(connection: duckdb.DuckDBPyConnection, name: str, ids: Iterable[str]) -> None:
    connection.register(name, pa.table({"article_id": pa.array(sorted(ids), pa.string())}))


_TEXTS = """
    WITH latest AS (SELECT a.article_id, a.source_id, a.published_on, v.version_id, v.standfirst
                    FROM store.articles a SEMI JOIN {wanted} USING (article_id)
                    JOIN store.article_versions v ON v.version_id = a.latest_version_id),
    body AS (SELECT version_id, string_agg(text, ' ' ORDER BY block) AS text FROM store.blocks
             SEMI JOIN latest USING (version_id) WHERE kind <> 'caption' GROUP BY version_id)
    SELECT article_id, version_id, source_id, published_on, concat_ws(' ', standfirst, text) AS text
    FROM latest LEFT JOIN body USING (version_id)
"""


def _refresh_signatures(connection: duckdb.DuckDBPyConnection) -> None:
    """Signatures of the moved articles; a version whose text has expired keeps the one it had."""
    rows = connection.execute(_TEXTS.format(wanted="moved")).fetchall()
    kept = {
        row[0]: row
        for row in connection.execute(
            "SELECT article_id, version_id, words, hashes FROM store.signatures SEMI JOIN moved USING (article_id)"
        ).fetchall()
    }
    expired = {
        row[0]
        for row in connection.execute(
            "SELECT version_id FROM store.article_versions WHERE text_expired_on IS NOT NULL "
            "AND article_id IN (FROM moved)"
        ).fetchall()
    }
    columns: dict[str, list[object]] = {
        name: [] for name in ("article_id", "version_id", "source_id", "published_on", "words", "hashes")
    }
    for article, version, source, published_on, plain in rows:
        old = kept.get(article)
        if version in expired and old is not None and old[1] == version:
            words, hashes = old[2], old[3]
        else:
            text = Text.of(plain)
            words, hashes = len(text.words), text.sample()
        for name, value in zip(columns, (article, version, source, published_on, words, hashes), strict=True):
            columns[name].append(value)
    types = {"published_on": pa.date32(), "words": pa.int32(), "hashes": pa.list_(pa.uint32())}
    table = pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()})
    # Months that the articles leave are looked at again, too: kept before the old rows go.
    connection.register("staged_signatures", table)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE touched_months AS "
        "SELECT DISTINCT source_id, date_trunc('month', published_on)::DATE AS month FROM ("
        "SELECT source_id, published_on FROM staged_signatures UNION ALL "
        "SELECT source_id, published_on FROM store.signatures SEMI JOIN moved USING (article_id))"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE former AS "
        "SELECT unnest(hashes) AS hash FROM store.signatures SEMI JOIN moved USING (article_id)"
    )
    connection.execute("DELETE FROM store.signatures WHERE article_id IN (FROM moved)")
    connection.execute("INSERT INTO store.signatures BY NAME SELECT * FROM staged_signatures")
    connection.unregister("staged_signatures")


def _refresh_boilerplate(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Count the shingles of the touched sources and months anew; returns the articles that this may concern."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE common AS
        SELECT source_id, month, hash FROM (
            SELECT s.source_id, date_trunc('month', s.published_on)::DATE AS month, unnest(s.hashes) AS hash
            FROM store.signatures s
            WHERE s.published_on >= (SELECT min(month) FROM touched_months)
              AND s.published_on < (SELECT max(month) + INTERVAL 1 MONTH FROM touched_months))
        SEMI JOIN touched_months USING (source_id, month)
        GROUP BY ALL HAVING count(*) > {SOURCE_CAP}
        """  # noqa: S608
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE flipped AS
        SELECT source_id, month, hash FROM common ANTI JOIN store.boilerplate USING (source_id, month, hash)
        UNION ALL
        SELECT source_id, month, hash FROM store.boilerplate SEMI JOIN touched_months USING (source_id, month)
        ANTI JOIN common USING (source_id, month, hash)
        """
    )
    found = connection.execute(
        """
        SELECT DISTINCT article_id FROM (
            SELECT article_id, source_id, date_trunc('month', published_on)::DATE AS month, unnest(hashes) AS hash
            FROM store.signatures
            SEMI JOIN flipped ON signatures.source_id = flipped.source_id
                              AND date_trunc('month', signatures.published_on) = flipped.month)
        SEMI JOIN flipped USING (source_id, month, hash)
        """
    ).fetchall()
    connection.execute(
        "DELETE FROM store.boilerplate WHERE (source_id, month) IN (SELECT (source_id, month) FROM touched_months)"
    )
    connection.execute("INSERT INTO store.boilerplate BY NAME SELECT * FROM common")
    for name in ("common", "flipped", "touched_months"):
        connection.execute(f"DROP TABLE {name}")
    return {row[0] for row in found}


def _gather(connection: duckdb.DuckDBPyConnection) -> None:
    """The sampled shingles of the judged articles, who else has them or had them before, and how many have each."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE probe AS
        SELECT no, published_on, size, hash FROM (
            SELECT rowid AS no, source_id, published_on, len(hashes) AS size, unnest(hashes) AS hash,
                   date_trunc('month', published_on)::DATE AS month
            FROM store.signatures SEMI JOIN judged USING (article_id))
        ANTI JOIN store.boilerplate USING (source_id, month, hash)
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE field AS
        SELECT no, source_id, month, published_on, size, hash FROM (
            SELECT rowid AS no, source_id, date_trunc('month', published_on)::DATE AS month, published_on,
                   len(hashes) AS size, unnest(hashes) AS hash FROM store.signatures)
        WHERE hash IN (SELECT hash FROM probe UNION SELECT hash FROM former UNION
                       SELECT unnest(hashes) FROM store.signatures SEMI JOIN moved USING (article_id))
        """
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE frequency AS SELECT hash, count(*) AS number FROM field GROUP BY hash"
    )


def _crossed(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Articles to be judged again since a shingle of theirs became too common for all, or is so no more.

    The first can only part pairs that stand; the second can make pairs of all who have it.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE crossing AS
        WITH gained AS (SELECT hash, count(*) AS gained FROM (
                            SELECT unnest(hashes) AS hash FROM store.signatures SEMI JOIN moved USING (article_id))
                        GROUP BY hash),
        lost AS (SELECT hash, count(*) AS lost FROM former GROUP BY hash),
        counted AS (SELECT hash, coalesce(number, 0) AS today,
                        coalesce(number, 0) - coalesce(gained, 0) + coalesce(lost, 0) AS before
                 FROM gained FULL JOIN lost USING (hash) LEFT JOIN frequency USING (hash))
        SELECT hash, today > {GLOBAL_CAP} AS common FROM counted
        WHERE (today > {GLOBAL_CAP}) <> (before > {GLOBAL_CAP})
        """  # noqa: S608
    )
    rows = connection.execute(
        """
        WITH holders AS MATERIALIZED (
            SELECT s.article_id, c.hash, c.common FROM crossing c JOIN field f USING (hash)
            JOIN store.signatures s ON s.rowid = f.no)
        SELECT DISTINCT article_id FROM holders WHERE NOT common
        UNION
        SELECT p.left_id FROM store.copy_pairs p JOIN holders l ON l.article_id = p.left_id
        JOIN holders r ON r.article_id = p.right_id AND r.hash = l.hash WHERE l.common
        """
    ).fetchall()
    connection.execute("DROP TABLE crossing")
    return {row[0] for row in rows}


def _candidates(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Pairs of a judged article and another of its window that share enough sampled shingles, or all their text."""
    pairs = connection.execute(
        f"""
        WITH usable AS MATERIALIZED (SELECT hash FROM frequency WHERE number BETWEEN 2 AND {GLOBAL_CAP}),
        theirs AS (
            SELECT * FROM (FROM field SEMI JOIN usable USING (hash))
            ANTI JOIN store.boilerplate USING (source_id, month, hash)),
        found AS (
            SELECT p.no AS one, f.no AS other FROM probe p JOIN theirs f ON p.hash = f.hash AND p.no <> f.no
                 AND abs(p.published_on - f.published_on) <= {WINDOW_DAYS}
            GROUP BY p.no, f.no
            HAVING count(*) >= greatest({MIN_SHARED}, 0.2 * least(any_value(p.size), any_value(f.size))))
        SELECT DISTINCT least(x.article_id, y.article_id), greatest(x.article_id, y.article_id)
        FROM found JOIN store.signatures x ON x.rowid = one JOIN store.signatures y ON y.rowid = other
        """  # noqa: S608
    ).fetchall()
    same = connection.execute(
        f"""
        WITH own AS (SELECT a.article_id, a.published_on, v.text_hash FROM store.articles a
                     JOIN store.article_versions v ON v.version_id = a.latest_version_id)
        SELECT DISTINCT least(x.article_id, y.article_id), greatest(x.article_id, y.article_id)
        FROM (SELECT * FROM own SEMI JOIN judged USING (article_id)) x
        JOIN own y ON x.text_hash = y.text_hash AND x.article_id <> y.article_id
             AND abs(x.published_on - y.published_on) <= {WINDOW_DAYS}
        """  # noqa: S608
    ).fetchall()
    return sorted({(left, right) for left, right in [*pairs, *same]})


def _sides(connection: duckdb.DuckDBPyConnection, articles: Iterable[str]) -> dict[str, Side]:
    """Texts, sampled hashes, boilerplate and organisations of some articles."""
    from warehouse.load import name_key

    _register_ids(connection, "wanted", articles)
    texts = {row[0]: row[4] for row in connection.execute(_TEXTS.format(wanted="wanted")).fetchall()}
    main: dict[str, set[str]] = {}
    named: dict[str, set[str]] = {}
    for article, name, aliases, mention in connection.execute(
        "SELECT m.article_id, m.name, m.aliases, m.mention FROM store.organisation_mentions m "
        "JOIN store.articles a ON a.latest_version_id = m.version_id "
        "WHERE m.article_id IN (FROM wanted)"
    ).fetchall():
        forms = {name_key(form) for form in [name, *(aliases or [])]}
        named.setdefault(article, set()).update(forms)
        if mention == "main":
            main.setdefault(article, set()).update(forms)
    boilerplate: dict[tuple[str, date], set[int]] = {}
    for source, month, value in connection.execute(
        "SELECT source_id, month, hash FROM store.boilerplate WHERE (source_id, month) IN "
        "(SELECT (source_id, date_trunc('month', published_on)::DATE) FROM store.signatures WHERE article_id IN "
        "(FROM wanted))"
    ).fetchall():
        boilerplate.setdefault((source, month), set()).add(value)
    frozen = {key: frozenset(values) for key, values in boilerplate.items()}
    sides = {}
    for article, source, on, words, hashes, text_hash, body_gone in connection.execute(
        "SELECT s.article_id, s.source_id, s.published_on, s.words, s.hashes, v.text_hash, "
        "v.text_expired_on IS NOT NULL FROM store.signatures s "
        "JOIN store.article_versions v USING (version_id) WHERE s.article_id IN (FROM wanted)"
    ).fetchall():
        sides[article] = Side(
            article,
            text_hash,
            words,
            tuple(hashes),
            None if body_gone else Text.of(texts[article]),
            # What stands in this text: another line of its source says nothing about it.
            frozen.get((source, on.replace(day=1)), frozenset()).intersection(hashes),
            frozenset(main.get(article, ())),
            frozenset(named.get(article, ())),
        )
    connection.unregister("wanted")
    return sides


def compare(left: Side, right: Side) -> tuple[float, float, str]:
    """Containment of left in right, of right in left, and the method: exact, text or sample.

    The lesser of two: with all shingles, and without those that touch boilerplate. The first tells notices made by one
    form apart, which without their form have only names and sums left; the second tells apart what shares nothing but
    the lines that a source puts under everything. Where fewer shingles than :data:`MIN_SHARED` are left beside
    boilerplate, only all but the same text proves a thing.
    """
    if left.text_hash == right.text_hash:
        return 1.0, 1.0, "exact"
    common = left.boilerplate | right.boilerplate
    if left.text is not None and right.text is not None:
        method, full = "text", (set(left.text.hashes), set(right.text.hashes))
        rest = (left.text.shingles(common), right.text.shingles(common))
    else:
        method = "sample"
        full = ({h for h in left.hashes if h % SAMPLE == 0}, {h for h in right.hashes if h % SAMPLE == 0})
        rest = (full[0] - common, full[1] - common)
    forth, back = _containments(*full)
    if min(len(side) for side in rest) >= MIN_SHARED:
        forth_rest, back_rest = _containments(*rest)
        return min(forth, forth_rest), min(back, back_rest), method
    if min(forth, back) >= SAME_TEXT and min(left.words, right.words) >= SAME_TEXT_WORDS:
        return forth, back, method
    return 0.0, 0.0, method


def _containments(left: set[int], right: set[int]) -> tuple[float, float]:
    shared = len(left & right)
    return (shared / len(left) if left else 0.0, shared / len(right) if right else 0.0)


def is_copy(left: Side, right: Side, left_in_right: float, right_in_left: float) -> bool:
    """Whether a pair tells the same text.

    Notices made by a form (court notices, appointments) share most of their words: two texts that are about
    different organisations are no copies unless nearly nothing else differs either.
    """
    if min(left.words, right.words) < MIN_WORDS:
        return False
    best = max(left_in_right, right_in_left)
    if best < CONTAINMENT_WITH_RUNS or (best < CONTAINMENT and not _in_runs(left, right)):
        return False
    about_others = bool(left.main and right.main) and not (left.main & right.named or right.main & left.named)
    about_others = about_others or _marked_apart(left, right)
    return not about_others or min(left_in_right, right_in_left) >= SAME_TEXT


def _marked_apart(left: Side, right: Side) -> bool:
    """Whether the shorter text names and counts mostly what the longer one does not."""
    if left.text is None or right.text is None:
        return False
    short, long = sorted((left.text, right.text), key=lambda text: len(text.words))
    return len(short.marks - long.marks) > MARKS_APART * len(short.marks)


def _in_runs(left: Side, right: Side) -> bool:
    """Whether half of the shorter text stands in the longer one passage by passage."""
    if left.text is None or right.text is None:
        return False
    short, long = sorted((left.text, right.text), key=lambda text: len(text.words))
    return short.cover(long, left.boilerplate | right.boilerplate) >= RUN_COVER


def _confirm(
    connection: duckdb.DuckDBPyConnection, candidates: Sequence[tuple[str, str]]
) -> list[tuple[str, str, float, float, str]]:
    """The candidates that are near-copies, with both containments and the method."""
    sides = _sides(connection, {ident for pair in candidates for ident in pair})
    found = []
    for left, right in candidates:
        forth, back, method = compare(sides[left], sides[right])
        if is_copy(sides[left], sides[right], forth, back):
            found.append((left, right, forth, back, method))
    return found


def _regroup(connection: duckdb.DuckDBPyConnection, touched: set[str]) -> set[str]:
    """Group the touched articles anew by their pairs; returns those whose row changed."""
    pairs: set[tuple[str, str, float, float]] = set()
    members, frontier = set(touched), set(touched)
    # A group may reach beyond the touched articles: follow its pairs, and what the old rows held together.
    while frontier:
        _register_ids(connection, "frontier", frontier)
        rows = connection.execute(
            "SELECT left_id, right_id, left_in_right, right_in_left FROM store.copy_pairs "
            "WHERE left_id IN (FROM frontier) OR right_id IN (FROM frontier)"
        ).fetchall()
        pairs.update(rows)
        held = connection.execute(
            "SELECT article_id, copy_of FROM store.near_copies "
            "WHERE article_id IN (FROM frontier) OR copy_of IN (FROM frontier)"
        ).fetchall()
        connection.unregister("frontier")
        frontier = {ident for row in [*rows, *held] for ident in row[:2]} - members
        members |= frontier
    _register_ids(connection, "members", members)
    before = {
        row[0]: row
        for row in connection.execute(
            "SELECT article_id, copy_of, similarity, relation FROM store.near_copies "
            "SEMI JOIN members USING (article_id)"
        ).fetchall()
    }
    rank = {
        row[0]: tuple(row[1:])
        for row in connection.execute(
            "SELECT a.article_id, coalesce(v.published_at, v.published_on::TIMESTAMPTZ), "
            "coalesce(v.access = 'teaser', false), -s.words, coalesce(a.url, ''), a.article_id "
            "FROM store.articles a JOIN store.article_versions v ON v.version_id = a.latest_version_id "
            "JOIN store.signatures s ON s.article_id = a.article_id "
            "SEMI JOIN members ON a.article_id = members.article_id"
        ).fetchall()
    }
    after = {row[0]: row for row in _rows_of_groups(connection, pairs, rank)}
    connection.execute("DELETE FROM store.near_copies WHERE article_id IN (FROM members)")
    connection.unregister("members")
    if after:
        names = ("article_id", "copy_of", "similarity", "relation")
        table = pa.Table.from_pylist([dict(zip(names, after[k], strict=True)) for k in sorted(after)])
        connection.register("grouped", table)
        connection.execute("INSERT INTO store.near_copies BY NAME SELECT * FROM grouped")
        connection.unregister("grouped")
    return {ident for ident in before.keys() | after.keys() if before.get(ident) != after.get(ident)}


def _links(pairs: Collection[tuple[str, str, float, float]]) -> set[tuple[str, str]]:
    """The pairs that hold a group together.

    A short text may stand in several long ones that are no copies of each other (two articles on one story, the teaser
    of one of them): it goes with the one that has the most of it.
    """
    best: dict[str, float] = {}
    for left, right, forth, back in pairs:
        short = left if forth >= back else right
        best[short] = max(best.get(short, 0.0), forth, back)
    kept = set()
    for left, right, forth, back in pairs:
        most, least, short = max(forth, back), min(forth, back), left if forth >= back else right
        if least >= CONTAINMENT or most >= best[short] - SHORTER_BY:
            kept.add((left, right))
    return kept


def _rows_of_groups(
    connection: duckdb.DuckDBPyConnection,
    pairs: Collection[tuple[str, str, float, float]],
    rank: dict[str, tuple[object, ...]],
) -> list[tuple[str, str, float, str]]:
    """Near-copies with the oldest of their group, similarity and relation to it."""
    parent: dict[str, str] = {}

    def find(ident: str) -> str:
        while parent.setdefault(ident, ident) != ident:
            parent[ident] = parent[parent[ident]]
            ident = parent[ident]
        return ident

    for left, right in sorted(_links(pairs)):
        parent[find(right)] = find(left)
    groups: dict[str, list[str]] = {}
    for ident in sorted(parent):
        groups.setdefault(find(ident), []).append(ident)
    sides = _sides(connection, parent)
    rows = []
    for group in groups.values():
        origin, *others = sorted(group, key=lambda ident: rank[ident])
        for ident in others:
            forth, back, _ = compare(sides[ident], sides[origin])
            rows.append((ident, origin, round(max(forth, back), 4), relation(sides[ident], sides[origin], forth)))
    return rows


def relation(copy: Side, origin: Side, copy_in_origin: float) -> str:
    """How a near-copy relates to the oldest text of its group.

    ``teaser``: much shorter and adds nothing; ``update``: states a number that the origin does not, or is much longer;
    else ``copy`` (also with another title or lead). The date of an agency's dateline is no such number.
    """
    if copy.words < SHORT * origin.words and copy_in_origin >= ADDS_NOTHING:
        return "teaser"
    if copy.text is not None and origin.text is not None:
        numbers = {word for word in copy.text.words[DATELINE_WORDS:] if word[0].isdigit()}
        if numbers - {word for word in origin.text.words if word[0].isdigit()}:
            return "update"
    return "update" if origin.words < SHORT * copy.words else "copy"
