"""Forgetting a person, for good.

``forget`` takes a person out of every table and keeps a keyed hash of the name, so that re-reading an archive or
loading an old file again does not bring them back: each load looks for the name in what comes in, as hashes of runs of
words. Names are blanked in the text, letter for letter (offsets of other facts stay lawful). The list holds no name;
without its key it tells nothing.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from crawlers.items import Article
from nlp.facts import Evidence, Reading

KEY_VARIABLE = "VEILLEUR_FORGET_KEY"
BLANK = "■"
MAX_WORDS = 5
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
# Where a name stands in facts: a field that holds nothing but a name.
_PARTICLES = frozenset({"de", "du", "des", "le", "la", "d", "l", "van", "von", "da", "di", "el", "ben"})


class ForgetError(RuntimeError):
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

    def redact(self, article: Article, reading: Reading) -> tuple[Article, Reading]:
        """The article and its facts without the forgotten people; what does not name them comes back as it is."""
        names = self.names_in([text for _, _, text in article.texts()] + list(article.authors) + _names_of(reading))
        return redact(article, reading, names) if names else (article, reading)


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


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Finds the names and, since the press goes on by surname alone, their last parts ("M. Davy")."""
    forms: set[str] = set()
    for name in names:
        forms.add(name)
        parts = name.split()
        if len(parts) > 1:
            start = next((i for i, p in enumerate(parts[1:], 1) if p.casefold() in _PARTICLES), len(parts) - 1)
            surname = " ".join(parts[start:])
            forms.update({surname, parts[-1]})
    forms = {form for form in forms if len(form) > 1}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    body = "|".join(re.escape(form).replace(r"\ ", r"[\s-]+") for form in longest_first)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """The text with the names blanked, as long as before.

    >>> blank("Manuel Davy signe ; M. Davy sourit.", pattern_of(["Manuel Davy"]))
    '■■■■■■■■■■■ signe ; M. ■■■■ sourit.'
    """
    return pattern.sub(lambda match: BLANK * len(match.group()), text)


def redact(article: Article, reading: Reading, names: set[str]) -> tuple[Article, Reading]:
    """Blank ``names`` in the texts and evidence, drop the people themselves, leave their words without a speaker."""
    pattern = pattern_of(names)

    def clean(text: str | None) -> str | None:
        return None if text is None else blank(text, pattern)

    def who(name: str | None) -> str | None:
        return None if name is not None and pattern.search(name) else name

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
    return article, reading.model_copy(update={"facts": facts})
