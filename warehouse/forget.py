"""Forgetting a person, for good.

``forget`` takes a person out of every table and keeps a keyed hash of the name, so that re-reading an archive or
loading an old file again does not bring them back: each load looks for the name in what comes in, as hashes of runs of
words. Names are blanked in the text, letter for letter (offsets of other facts stay lawful). An address that holds the
name is dropped, the article stays: it is known again by the hash of its address. The list holds no name; without its
key it tells nothing.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import duckdb

from crawlers.items import Article, article_id, canonical_form
from nlp.facts import Evidence, Reading
from warehouse.store import WarehouseError, transaction

if TYPE_CHECKING:
    from warehouse.store import Warehouse

KEY_VARIABLE = "VEILLEUR_FORGET_KEY"
BLANK = "■"
MAX_WORDS = 5
# A word of a name: an initial, or letters with hyphens and apostrophes inside.
_WORD = re.compile(r"[^\W\d_]\.|[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Letters that are one without their accent, as French and its neighbours write names.
_ACCENTED = {
    "a": "àâäáãå", "c": "çčć", "e": "éèêëě", "i": "îïíì", "n": "ñń", "o": "ôöóòõø", "s": "šś", "u": "ùûüú", "y": "ÿý",
    "z": "žźż",
}  # fmt: skip
# A surname may begin with one of these.
_PARTICLES = frozenset({"de", "du", "des", "le", "la", "d", "l", "van", "von", "da", "di", "el", "ben"})


class ForgetError(WarehouseError):
    """The list of forgotten people cannot be used; the message says why."""


def read_key(warehouse: Path) -> bytes | None:
    """The key of the list: ``VEILLEUR_FORGET_KEY``, else the file ``<warehouse>.forget-key``, else None.

    Raises ForgetError where others may read the file.
    """
    if value := os.environ.get(KEY_VARIABLE):
        return value.encode()
    path = key_file(warehouse)
    if not path.exists():
        return None
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ForgetError(f"{path}: others may read the key of the forgotten; set its mode to 0600")
    return path.read_bytes().strip()


def key_file(warehouse: Path) -> Path:
    """Where the key lies unless the environment gives it: beside the warehouse, never in it."""
    return warehouse.with_name(warehouse.name + ".forget-key")


def make_key(warehouse: Path) -> bytes:
    """Make a key file that only its owner reads; returns the key."""
    key = secrets.token_hex(32).encode()
    handle = os.open(key_file(warehouse), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(key + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return key


def hash_name(name: str, key: bytes) -> str:
    """Keyed hash of a name; case, accents and hyphens do not count."""
    from warehouse.load import name_key

    return hmac.new(key, name_key(name).encode(), "sha256").hexdigest()


@dataclass(frozen=True)
class Redactor:
    """Takes forgotten people out of what comes in."""

    key: bytes
    hashes: frozenset[str]

    def names_in(self, texts: Iterable[str]) -> set[str]:
        """The forgotten names in some texts, as written: runs of two to five words are hashed and looked up."""
        found: set[str] = set()
        tried: set[str] = set()
        for text in texts:
            words = list(_WORD.finditer(text))
            for i, first in enumerate(words):
                if not first.group()[0].isupper():
                    continue
                for last in words[i + 1 : i + MAX_WORDS]:
                    run = text[first.start() : last.end()]
                    if len(run) > 80:
                        break
                    if run not in tried:
                        tried.add(run)
                        if hash_name(run, self.key) in self.hashes:
                            found.add(run)
        return found

    def names_in_address(self, address: str) -> set[str]:
        """The forgotten names among the words of an address or id, without accents and in lower case."""
        words = address_words(address).split()
        runs = (words[i : i + n] for i in range(len(words)) for n in range(2, MAX_WORDS + 1) if i + n <= len(words))
        return {name for run in runs if hash_name(name := " ".join(run), self.key) in self.hashes}

    def redact(self, ident: str, article: Article, reading: Reading) -> tuple[str, Article, Reading]:
        """The article and its facts without the forgotten people; what does not name them comes back as it is.

        An address that names them is dropped; an id that does gives way to the article's key.
        """
        names = self.names_in([text for _, _, text in article.texts()] + list(article.authors) + _names_of(reading))
        for address in filter(None, (ident, article.url)):
            names |= self.names_in_address(address)
        return redact(ident, article, reading, names) if names else (ident, article, reading)


def _names_of(reading: Reading) -> list[str]:
    facts = reading.facts
    people = [form for person in facts.people for form in (person.name, *person.aliases)]
    return [*people, *(q.speaker for q in facts.quotes if q.speaker), *(f.said_by for f in facts.figures if f.said_by)]


def redactor(connection: duckdb.DuckDBPyConnection, key: bytes | None) -> Redactor | None:
    """The redactor of a warehouse, or None where nobody was forgotten. Raises ForgetError where the key is missing."""
    hashes = frozenset(row[0] for row in connection.execute("SELECT name_hash FROM store.forgotten").fetchall())
    if not hashes:
        return None
    if key is None:
        raise ForgetError(f"people were forgotten, but their key is missing: set {KEY_VARIABLE} or put its file back")
    return Redactor(key, hashes)


def pattern_of(names: Iterable[str], *, surnames: bool = True) -> re.Pattern[str]:
    """Finds the names, with or without accents, and their surnames, since the press goes on by these ("M. Davy")."""
    from warehouse.load import name_key

    forms: set[str] = set()
    for name in names:
        forms.add(name)
        parts = name.split()
        if surnames and len(parts) > 1:
            start = next((i for i, p in enumerate(parts[1:], 1) if p.casefold() in _PARTICLES), len(parts) - 1)
            forms.update({" ".join(parts[start:]), parts[-1]})
    forms = {_unaccented(form).lower() for form in forms} | {name_key(form) for form in forms}
    longest_first = sorted((form for form in forms if len(form) > 1), key=lambda form: (-len(form), form))
    body = "|".join("".join(_as_written(letter) for letter in form) for form in longest_first)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)


def address_words(address: str) -> str:
    """The words of an address or id, as in a name's key: "/people/anne-sophie_M%C3%BCller" says who it is about.

    >>> address_words("https://www.x.example/people/anne-sophie_M%C3%BCller.html")
    'https www x example people anne sophie muller html'
    """
    from warehouse.load import name_key

    return name_key(unquote(address))


def _as_written(letter: str) -> str:
    """A pattern for a letter without accent as it may be written, for a space what may stand between two names."""
    if letter == " ":
        return r"[\s-]+"
    accented = _ACCENTED.get(letter)
    return f"[{letter}{accented}]" if accented else re.escape(letter)


def _unaccented(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """The text with the names blanked, letter for letter.

    >>> blank("Manuel Davy signe ; M. Davy sourit.", pattern_of(["Manuel Davy"]))
    '■■■■■■ ■■■■ signe ; M. ■■■■ sourit.'
    """
    return pattern.sub(lambda match: re.sub(r"\S", BLANK, match.group()), text)


def redact(ident: str, article: Article, reading: Reading, names: set[str]) -> tuple[str, Article, Reading]:
    """Blank ``names`` in the texts and evidence, drop the people themselves, leave their words without a speaker."""
    from warehouse.load import source_key

    pattern = pattern_of(names)

    def clean(text: str | None) -> str | None:
        return None if text is None else blank(text, pattern)

    def who(name: str | None) -> str | None:
        return None if name is not None and pattern.search(name) else name

    if pattern.search(address_words(ident)):
        ident = article_id(canonical_form(article.url), ident)
    if article.url and pattern.search(address_words(article.url)):
        # Its source may be known by the address alone.
        article = article.model_copy(update={"url": None, "source_id": source_key(article)})
    article = article.model_copy(
        update={
            "title": clean(article.title),
            "standfirst": clean(article.standfirst),
            "body": tuple(b.model_copy(update={"text": clean(b.text), "credit": who(b.credit)}) for b in article.body),
            "authors": tuple(a for a in article.authors if not pattern.search(a)),
            "tags": tuple(t for t in article.tags if not pattern.search(t)),
        }
    )
    facts = reading.facts

    def evident(fact: Any, **changes: Any) -> Any:
        evidence = fact.evidence
        if isinstance(evidence, Evidence):
            changes["evidence"] = evidence.model_copy(update={"text": clean(evidence.text)})
        return fact.model_copy(update=changes)

    facts = facts.model_copy(
        update={
            "organisations": tuple(
                evident(o, name=clean(o.name), aliases=tuple(clean(a) for a in o.aliases)) for o in facts.organisations
            ),
            "people": tuple(p for p in facts.people if not pattern.search(p.name)),
            "places": tuple(evident(p) for p in facts.places),
            "figures": tuple(
                evident(f, said_by=who(f.said_by), subject=who(f.subject), of=clean(f.of)) for f in facts.figures
            ),
            "projects": tuple(
                evident(
                    p,
                    name=clean(p.name),
                    said_by=who(p.said_by),
                    organisations=tuple(o for o in p.organisations if not pattern.search(o)),
                    figures=tuple(evident(f, said_by=who(f.said_by)) for f in p.figures),
                    milestones=tuple(evident(m) for m in p.milestones),
                )
                for p in facts.projects
            ),
            "quotes": tuple(evident(q, text=clean(q.text), speaker=who(q.speaker)) for q in facts.quotes),
            "conflicts": tuple(
                c.model_copy(
                    update={"evidence": tuple(e.model_copy(update={"text": clean(e.text)}) for e in c.evidence)}
                )
                for c in facts.conflicts
            ),
        }
    )
    return ident, article, reading.model_copy(update={"facts": facts})


@dataclass(frozen=True)
class Forgotten:
    """What forgetting a person did. The next publishing takes them out of the published copy."""

    articles: int
    mentions: int
    names: int


# Columns that hold a speaker or the like: empty where that was the person.
_WHO = ("said_by", "other_said_by", "speaker", "subject")
# Addresses are dropped as a whole, not blanked; settings stay.
_STAYS = ("url", "canonical_url", "ident", "homepage", "config", "archive_file")
_TABLES_APART = ("codes", "sirene", "migrations", "meta", "forgotten", "sources", "search_terms", "outbox")


def forget(warehouse: Warehouse, person: str, *, requested_by: str | None = None) -> Forgotten:
    """Take a person out of the warehouse and keep them out of every later load.

    ``person`` is first name and surname; longer forms that the facts know of the same person are forgotten, too. In
    the articles that name the person the surname alone is blanked as well. The file is written anew, so that freed
    pages keep nothing. An address whose words hold the name is dropped (of an article that names the person: the
    surname), as the link to a page about them; the article keeps its key, a hash. ``requested_by`` is a reference to
    the request, not a name. Not reached: the archive of pages, articles files, mails in other people's boxes. Raises
    ForgetError for a single word.
    """
    from warehouse.copies import judge_copies
    from warehouse.load import name_key, queue_for_tying
    from warehouse.search import refresh_index

    if len(name_key(person).split()) < 2:
        raise ForgetError(f"{person!r}: give first name and surname, a surname alone is too many people")
    if warehouse.forget_key is None:
        warehouse.forget_key = make_key(warehouse.path)
    connection = warehouse.connection
    names = _known_forms(connection, person)
    blanking = _Blanking(connection, names)
    with transaction(connection):
        articles, mentions = blanking.blank(blanking.versions())
        # Near-copies are judged by the text as it stands now: the same as when the article is loaded again.
        queue_for_tying(connection, judge_copies(connection, sorted(articles)))
        _drop_mails(connection, blanking.full)
        rows = [(hash_name(name, warehouse.forget_key), warehouse.now(), requested_by) for name in sorted(names)]
        connection.executemany("INSERT OR IGNORE INTO store.forgotten VALUES (?, ?, ?)", rows)
    blanking.close()
    refresh_index(connection)
    connection.execute(
        "DELETE FROM store.search_terms WHERE term_id NOT IN (SELECT DISTINCT term_id FROM store.search_postings)"
    )
    warehouse.rewrite()
    return Forgotten(len(articles), mentions, len(names))


def _known_forms(connection: duckdb.DuckDBPyConnection, person: str) -> set[str]:
    """The name and the longer forms under which the facts know the same person, spelled as there."""
    from warehouse.load import name_key

    wanted, names = name_key(person), {person}
    rows = connection.execute(
        "SELECT name, aliases FROM store.person_mentions UNION ALL SELECT name, aliases FROM store.people"
    ).fetchall()
    for name, aliases in rows:
        forms = {name, *(aliases or [])}
        if any(name_key(form) == wanted for form in forms):
            names |= {form for form in forms if len(name_key(form).split()) > 1}
    return names


def _text_columns(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, str], set[str]]]:
    """Every table of the store: its columns that can hold a name with their types, and all its columns."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = 'store' AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = kind
    for table, columns in tables.items():
        if table in _TABLES_APART:
            continue
        texts = {
            column: kind
            for column, kind in columns.items()
            if ("VARCHAR" in kind or kind == "JSON")
            and column not in _STAYS
            and not column.endswith(("_id", "_ids", "_hash", "_codes"))
        }
        if texts:
            yield table, texts, set(columns)


def _as_text(column: str, kind: str) -> str:
    """A column's value as one text: lists and structures as JSON."""
    return f'"{column}"' if kind == "VARCHAR" else f'CAST(to_json("{column}") AS VARCHAR)'


def _from_text(expression: str, kind: str) -> str:
    """A text as made by :func:`_as_text`, back in its type."""
    return expression if kind == "VARCHAR" else f"CAST(CAST({expression} AS JSON) AS {kind})"


class _Blanking:
    """One person's blanking of all tables, in the caller's transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, names: set[str]) -> None:
        from warehouse.load import name_key

        self.connection = connection
        self.full, self.any = pattern_of(names, surnames=False), pattern_of(names)
        # A quick test in SQL, before Python looks at a text: the longest word of each name.
        self.hints = sorted({max(name_key(name).split(), key=len) for name in names})
        for name, function, result in (
            ("names_person", lambda text: bool(self.full.search(text)), "BOOLEAN"),
            ("blank_full", lambda text: self._blank(text, self.full), "VARCHAR"),
            ("blank_any", lambda text: self._blank(text, self.any), "VARCHAR"),
            ("address_full", lambda address: bool(self.full.search(address_words(address))), "BOOLEAN"),
            ("address_any", lambda address: bool(self.any.search(address_words(address))), "BOOLEAN"),
        ):
            connection.create_function(name, function, ["VARCHAR"], result)

    def close(self) -> None:
        """Take the functions out of the connection."""
        for name in ("names_person", "blank_full", "blank_any", "address_full", "address_any"):
            self.connection.remove_function(name)

    @staticmethod
    def _blank(text: str, pattern: re.Pattern[str]) -> str:
        # In structures a speaker becomes null, a list loses what was blanked as a whole.
        text = blank(text, pattern)
        text = re.sub(rf'"({"|".join(_WHO)})":"[^"]*{BLANK}[^"]*"', r'"\1":null', text)
        return re.sub(rf',"{BLANK}[{BLANK} -]*"(?=[,\]])|(?<=\[)"{BLANK}[{BLANK} -]*"(?:,|(?=\]))', "", text)

    def _hinted(self, column: str, kind: str) -> str:
        plain = f"lower(strip_accents({_as_text(column, kind)}))"
        return "(" + " OR ".join(f"contains({plain}, '{hint}')" for hint in self.hints) + ")"

    def versions(self) -> set[str]:
        """Versions whose texts, facts or address name the person in full."""
        found = self._ids(
            "SELECT version_id FROM store.article_versions JOIN store.articles a USING (article_id) "
            "WHERE address_full(article_versions.url) OR address_full(a.url) OR address_full(a.ident)"
        )
        for table, texts, columns in _text_columns(self.connection):
            if "version_id" in columns:
                tests = [
                    f"({self._hinted(c, kind)} AND names_person({_as_text(c, kind)}))" for c, kind in texts.items()
                ]
                where = " OR ".join(tests)
                found |= self._ids(f"SELECT DISTINCT version_id FROM store.{table} WHERE {where}")  # noqa: S608
        return found

    def _ids(self, statement: str) -> set[str]:
        return {row[0] for row in self.connection.execute(statement).fetchall()}

    def blank(self, versions: set[str]) -> tuple[set[str], int]:
        """Blank everything; returns the articles of those versions and the number of mentions taken out."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE gone_versions AS SELECT unnest(?::VARCHAR[]) AS version_id",
            [sorted(versions)],
        )
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE gone_articles AS SELECT DISTINCT article_id "
            "FROM store.article_versions SEMI JOIN gone_versions USING (version_id)"
        )
        mentions = self._people()
        self._addresses()
        for table, texts, columns in _text_columns(self.connection):
            scope = next((key for key in ("version_id", "article_id") if key in columns), None)
            for column, kind in texts.items():
                self._blank_column(table, column, kind, scope)
        articles = self._ids("SELECT article_id FROM gone_articles")
        self.connection.execute(
            "INSERT INTO store.tie_queue SELECT version_id, article_id FROM store.article_versions "
            "SEMI JOIN gone_versions USING (version_id) ANTI JOIN store.tie_queue USING (version_id)"
        )
        self.connection.execute(
            "DELETE FROM store.embeddings WHERE owner_id IN (SELECT article_id FROM gone_articles) OR owner_id IN "
            "(SELECT telling_id FROM store.project_tellings SEMI JOIN gone_versions USING (version_id))"
        )
        self.connection.execute(
            "UPDATE store.search_documents SET state = '' WHERE article_id IN (SELECT article_id FROM gone_articles)"
        )
        for name in ("gone_versions", "gone_articles"):
            self.connection.execute(f"DROP TABLE {name}")
        return articles, mentions

    def _people(self) -> int:
        """Delete the person's mentions, links and own rows."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE gone_mentions AS SELECT mention_id FROM store.person_mentions "
            "SEMI JOIN gone_versions USING (version_id) WHERE blank_any(name) <> name"
        )
        self.connection.execute(
            "DELETE FROM store.people WHERE names_person(name) OR person_id IN "
            "(SELECT person_id FROM store.person_links SEMI JOIN gone_mentions USING (mention_id))"
        )
        self.connection.execute(
            "DELETE FROM store.person_links WHERE mention_id IN (SELECT mention_id FROM gone_mentions) "
            "OR person_id NOT IN (SELECT person_id FROM store.people)"
        )
        self.connection.execute(
            "DELETE FROM store.person_mentions WHERE mention_id IN (SELECT mention_id FROM gone_mentions)"
        )
        row = self.connection.execute("SELECT count(*) FROM gone_mentions").fetchone()
        self.connection.execute("DROP TABLE gone_mentions")
        return int(row[0]) if row else 0

    def _addresses(self) -> None:
        """Drop the addresses that name the person, and their ids where these do."""
        mine = "(address_full({0}) OR address_any({0}) AND article_id IN (SELECT article_id FROM gone_articles))"
        # What was reported of such an article's page goes by the same address.
        self.connection.execute(
            "UPDATE store.issues SET url = NULL WHERE address_full(url) OR address_any(url) AND url IN "  # noqa: S608
            "(SELECT unnest([url, canonical_url, ident]) FROM store.articles "
            "SEMI JOIN gone_articles USING (article_id))"
        )
        for table, column, value in (
            ("article_versions", "url", "NULL"), ("articles", "url", "NULL"), ("articles", "canonical_url", "NULL"),
            ("articles", "ident", "article_id"),
        ):  # fmt: skip
            self.connection.execute(
                f"UPDATE store.{table} SET {column} = {value} WHERE {mine.format(column)}"  # noqa: S608
            )

    def _blank_column(self, table: str, column: str, kind: str, scope: str | None) -> None:
        """Blank one column: surnames, too, in what belongs to the articles that name the person, else full names."""
        text = _as_text(column, kind)
        steps = [("blank_full", "true")]
        if scope is not None:
            gone = "gone_versions" if scope == "version_id" else "gone_articles"
            steps.insert(0, ("blank_any", f"{scope} IN (SELECT {scope} FROM {gone})"))  # noqa: S608
        for function, where in steps:
            value = _from_text(f"{function}({text})", kind)
            if column in _WHO and kind == "VARCHAR":
                value = "NULL"
            self.connection.execute(
                f'UPDATE store.{table} SET "{column}" = {value} '  # noqa: S608
                f"WHERE {where} AND {self._hinted(column, kind)} AND {function}({text}) <> {text}"
            )


def _drop_mails(connection: duckdb.DuckDBPyConnection, full: re.Pattern[str]) -> None:
    """Empty the mails that name the person; one that still waits is given up, the next digest tells what it told."""
    for message_id, raw in connection.execute("SELECT message_id, message FROM store.outbox").fetchall():
        mail = message_from_bytes(raw, policy=policy.default)
        parts = [str(mail["subject"] or "")]
        parts += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        if any(full.search(part) for part in parts):
            connection.execute(
                "UPDATE store.outbox SET message = ''::BLOB, subject = '', "
                "state = if(state = 'waiting', 'given_up', state) WHERE message_id = ?",
                [message_id],
            )
