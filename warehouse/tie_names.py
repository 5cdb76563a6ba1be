"""Names of organisations and projects compared: legal forms, acronyms, spelling, subsidiaries.

A name alone never decides that two are one: it gives a strength between 0 and 1 that :mod:`warehouse.tie_score` and
:mod:`warehouse.resolve` weigh together with places, sectors and figures.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import ratio

# How sure a way of agreeing is that one organisation is meant.
EQUAL, CONTAINED, ACRONYM, SPELLING, WEAK, SIBLINGS = 1.0, 0.8, 0.8, 0.75, 0.5, 0.4

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "’": "'", "‘": "'", "ʼ": "'"}
)
_ELISION = re.compile(r"\b(l|d|qu|s|n|j|m|t|c)'(?=\w)")
_WORD = re.compile(r"[a-z0-9]+")
_LEGAL_DOTS = re.compile(r"\b(?:[a-z]\.){2,}")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Lower case, no accents, ligatures opened, elisions opened, dots of abbreviations dropped.

    >>> fold("L’Émaillerie d'Œuvre S.A.S.")
    'l emaillerie d oeuvre sas'
    """
    low = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    low = "".join(c for c in low if not unicodedata.combining(c))
    low = _LEGAL_DOTS.sub(lambda found: found.group().replace(".", ""), low)
    low = _ELISION.sub(r"\1 ", low).replace("'", "")
    return " ".join(_WORD.findall(low))


@cache
def _lists() -> dict[str, frozenset[str]]:
    table = tomllib.loads((files("warehouse") / "names.toml").read_text(encoding="utf-8"))
    return {key: frozenset(text.split()) for key, text in table.items()}


def small_words() -> frozenset[str]:
    """Articles, prepositions and the like, folded (``names.toml``)."""
    return _lists()["small"]


@dataclass(frozen=True)
class NameForm:
    """A name taken apart.

    ``words``: all words, folded. ``core``: without legal forms, small words, descriptors and words of scope, in
    order. ``identity``: the same with words of scope, so that a parent and its subsidiary are two. ``telling``: the
    words of the core that tell organisations apart (no trade, no geography). ``acronyms``: the initials of a name of
    three words or more. ``is_acronym``: whether the name itself is written as one.
    """

    text: str
    words: tuple[str, ...]
    core: tuple[str, ...]
    identity: str
    telling: frozenset[str]
    acronyms: frozenset[str]
    is_acronym: bool

    @property
    def key(self) -> str:
        """The core as one string: equal keys are equal names."""
        return " ".join(self.core)


@lru_cache(maxsize=200_000)
def name_form(text: str) -> NameForm:
    """Take a name apart.

    >>> name_form("Groupe Morvenne & Fils SAS").core
    ('morvenne',)
    """
    lists = _lists()
    words = tuple(fold(text).split())
    content = [w for w in words if w not in lists["small"] and w not in lists["legal"]]
    named = [w for w in content if w not in lists["descriptors"]] or content or list(words)
    core = [w for w in named if w not in lists["scope"]] or named
    told = frozenset(
        w for w in core if w not in lists["trade"] and w not in lists["geography"] and (len(w) > 1 or w.isdigit())
    )
    # "Société mécanique Aure-Bigorre" goes by SMAB: descriptors count among the initials, small words do not.
    initials = [w[0] for w in words if w not in lists["small"] and w not in lists["legal"] or w == "societe"]
    acronyms = {"".join(initials), "".join(w[0] for w in words)}
    if len(initials) >= 3 and "societe" not in words:
        acronyms.add("s" + "".join(initials))  # papers drop "Société" from a name, never from its acronym
    letters = re.sub(r"[^\w]", "", text)
    return NameForm(
        text=text,
        words=words,
        core=tuple(core),
        identity=" ".join(named),
        telling=told,
        acronyms=frozenset(a for a in acronyms if len(a) >= 3),
        is_acronym=len(words) == 1 and 3 <= len(letters) <= 6 and letters.isupper(),
    )


@lru_cache(maxsize=500_000)
def compare(left: str, right: str) -> float:
    """How surely two names mean one organisation, by the names alone: 0 to 1.

    >>> compare("Vanneau Oy", "Vanneau France"), compare("Laiterie de la Sarre", "Laiterie du Cotentin")
    (1.0, 0.0)
    """
    a, b = name_form(left), name_form(right)
    one, other = frozenset(a.core), frozenset(b.core)
    if not one or not other:
        return 0.0
    if one == other or "".join(a.core) == "".join(b.core):
        return EQUAL if a.telling or len(one) >= 2 else WEAK
    if a.is_acronym and a.words[0] in b.acronyms or b.is_acronym and b.words[0] in a.acronyms:
        return ACRONYM
    small, large = (a, b) if len(one) <= len(other) else (b, a)
    if frozenset(small.core) < frozenset(large.core):
        told = small.telling
        if any(len(w) >= 4 or w.isdigit() or w == small.text.casefold() for w in told):
            return CONTAINED
        return WEAK if len(small.core) >= 2 or told else 0.0
    if _spelled_alike(a, b):
        return SPELLING
    if any(len(w) >= 4 for w in a.telling & b.telling):
        return SIBLINGS
    return 0.0


def _spelled_alike(a: NameForm, b: NameForm) -> bool:
    """The same words but for a slip: each within a letter or two of its partner, no digits, the first letters equal."""
    if len(a.core) != len(b.core) or not (a.telling and b.telling):
        return False
    for one, other in zip(a.core, b.core, strict=True):
        if one == other:
            continue
        if one.isdigit() or other.isdigit() or one[0] != other[0] or min(len(one), len(other)) < 5:
            return False
        if ratio(one, other) < 86 or JaroWinkler.similarity(one, other) < 0.92:
            return False
    return True


def best(left: frozenset[str] | tuple[str, ...], right: frozenset[str] | tuple[str, ...]) -> float:
    """The best agreement between two sets of names (full form and aliases)."""
    return max((compare(a, b) for a in left for b in right), default=0.0)


def blocking_words(name: str) -> frozenset[str]:
    """Words under which a name is looked up: those that tell, pairs of its words where none does, and acronyms.

    >>> sorted(blocking_words("Laiterie Vanneau SA"))
    ['vanneau']
    """
    form = name_form(name)
    if form.telling:
        words = set(form.telling)
    else:
        # Nothing but trade and geography ("Mécanique Rhin-Moselle"): two such words together still say who.
        words = {" ".join(pair) for pair in pairwise(form.core)} | ({form.key} if form.core else set())
    # A full name and its acronym have to meet in one block.
    words |= {a for a in form.acronyms if 3 <= len(a) <= 6}
    return frozenset(words)


def same_title(left: str, right: str) -> bool:
    """Whether two project names ("Campus Vanneau", "le campus Vanneau 2") are one: all told words of the shorter in
    the longer, and no number that differs."""
    one, other = set(fold(left).split()), set(fold(right).split())
    small = _lists()["small"]
    one, other = one - small, other - small
    if not one or not other:
        return False
    if {w for w in one if w.isdigit()} != {w for w in other if w.isdigit()}:
        return False
    shared = one & other
    short = min(one, other, key=len)
    if shared == short:
        return any(w not in _lists()["trade"] for w in short)
    joined = "".join(sorted(one)), "".join(sorted(other))
    return ratio(*joined) >= 90
