"""The word lists of ``lexicon/*.toml`` and ``*.txt``, read once and turned into patterns over plain text."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from nlp.facts import OrganisationKind
from nlp.folding import plain
from nlp.gazetteer import LEXICON, fold

KINDS: tuple[OrganisationKind, ...] = ("association", "research_education", "media", "public_body", "company")
# A capitalised word: no elided article, no number with its unit ("45M€", "12MW").
CAP = (
    r"(?<![\w&@/#_])(?!(?:[LDCJMNST]|Qu)'(?:[aeiouyhAEIOUYH]|\w\b))(?!\d+(?:[KMGTkmgt]?[WLHGMTKVA]|Md|Mds|[MG]W[hc]|kWh|e|E|ER|EME|D)\b)"
    r"(?:[A-Z]\w*|[a-z]{1,2}[A-Z]\w*|\d+[A-Z]\w*)(?:[-'.&+]\w+)*"
)
DE = r"(?:de la |de l'|des |du |de |d')"
DE_CAPS = r"(?:DE LA |DE L'|DES |DU |DE |D')"
NAME = rf"{CAP}(?:(?: & | {DE}| (?:en|sur|les|lez|le|la|sous) | ){CAP})*"
AND_NAME = rf"{CAP}(?:(?: & | {DE}| (?:en|sur|les|lez|le|la|et|sous) |, | ){CAP})*"
# A lower-case field of action: "de la concurrence", "des travaux publics et du paysage".
NO_FIELD = (
    r"(?!(?:a|au|aux|en|est|sont|ont|qui|que|dont|ne|n|se|s|pour|dans|sur|avec|par|il|elle|y|ou|mais|car|lors|vers|chez"
    r"|sans|plus)\b)"
)
FIELD = rf"{NO_FIELD}[a-z'-]+(?: (?:et |de la |de l'|des |du |de |d')?{NO_FIELD}[a-z][a-z'-]+){{0,3}}"
PLACEHOLDERS = {
    "<nom>": rf"(?-i: (?:{DE}|{DE_CAPS})?{NAME})",
    "<nom?>": rf"(?-i: (?:{DE}|{DE_CAPS})?{NAME})?",
    "<avant>": rf"(?-i:{CAP}(?:[ ]{CAP})*?)",
    "<avant de>": rf"(?-i:{CAP}(?:(?: | du | de la | d'| des | de l'){CAP})*?)",
    "<propre>": rf"(?-i:(?: |(?<=')){CAP}(?: {CAP})*)",
    "<champ>": (
        rf"(?: ?(?:des|de la|du|de l'|d'|pour l[ae']s?|de) ?{FIELD}(?: {DE}?{NO_FIELD}[a-z'-]+)*(?-i: {DE}?{NAME})?)"
    ),
    "<region>": (
        r"(?-i: (?:Centre-Val de Loire|Centre|Pays de la Loire|PAYS DE LA LOIRE|Val de Loire"
        r"|[A-Z]\w+(?:(?:-| |-de-|-d'|-Val de )[A-Z]\w+)*))"
    ),
    "<court>": rf"(?-i: {CAP}(?: {CAP})?)",
    "<court?>": rf"(?-i:[ -]{CAP}(?: {CAP})?)?",
    "<territoire>": rf"(?-i: {DE}?{AND_NAME}(?: aux? {CAP})?(?: (?!mais\b|jamais\b|desormais\b)[a-z]{{3,}}(?:ois|ais|iens?|ains?)\b)?)",
    "<direct>": rf"(?-i: {CAP}(?: {CAP})*)",
    "<etude>": rf"(?: ?{DE}?{FIELD})",
    "<etude?>": rf"(?: ?{DE}?{FIELD})?",
    "<demonyme>": r" (?:francais|allemand|italien|espagnol|britannique|belge)",
}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of ``lexicon/organisations.toml`` and ``lexicon/people.toml``, ready to use."""

    heads: tuple[tuple[OrganisationKind, re.Pattern[str]], ...]
    known: tuple[tuple[OrganisationKind, re.Pattern[str]], ...]
    triggers: tuple[tuple[OrganisationKind, re.Pattern[str]], ...]
    areas: re.Pattern[str]
    towns_stay: re.Pattern[str]
    named_areas: frozenset[str]
    programmes: frozenset[str]
    stop: frozenset[str]
    acronyms: frozenset[str]
    nouns: dict[str, tuple[str, ...]]
    suffixes: frozenset[str]
    legal: frozenset[str]
    roles: frozenset[str]
    court: frozenset[str]
    independent: frozenset[str]
    union: frozenset[str]
    offices: frozenset[str]
    generic: frozenset[str]
    describing: frozenset[str]
    organs: frozenset[str]
    powers: frozenset[str]
    titles: frozenset[str]
    saying: frozenset[str]
    verbs: frozenset[str]
    first_names: dict[str, str]


def _head(written: str) -> str:
    """One head of the lexicon as a regular expression over plain text."""
    pattern = re.sub(r" ?<([\w ]+\??)>", lambda m: PLACEHOLDERS[f"<{m[1]}>"], written)
    anycase = written[0].islower() or (written[0] == "(" and not written.startswith(("(?<", "(?-i")))
    return f"(?i:{pattern})" if anycase else pattern


def _words(name: str) -> frozenset[str]:
    """The words of a text file, one or more a line; lines that begin with # are comments."""
    with (LEXICON / name).open(encoding="utf-8") as file:
        return frozenset(word for line in file if not line.startswith("#") for word in line.split())


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once a process."""
    with (LEXICON / "organisations.toml").open("rb") as file:
        org = tomllib.load(file)
    with (LEXICON / "people.toml").open("rb") as file:
        people = tomllib.load(file)
    with (LEXICON / "places.toml").open("rb") as file:
        places = tomllib.load(file)
    heads, known, triggers = [], [], []
    edges = r"(?<![\w&-])(?:", r")(?![\w]|-\w)"
    for kind in KINDS:
        fixed = [re.escape(plain(name)) for name in sorted(org["names"].get(kind, []), key=len, reverse=True)]
        patterns = [_head(written) for written in org["patterns"].get(kind, [])]
        # in a line of capitals they stand in capitals
        fixed += [name.upper() for name in fixed if len(name) > 3 and not name.isupper()]
        if fixed:
            known.append((kind, re.compile("|".join(fixed).join(edges) + rf"(?! {CAP}| &)")))
        if patterns:
            heads.append((kind, re.compile("|".join(patterns).join(edges))))
        if org["triggers"].get(kind):
            triggers.append(
                (kind, re.compile(r"\b(?:" + "|".join(org["triggers"][kind]) + r")(?: [a-z]+)?$", re.IGNORECASE))
            )
    nouns: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for kind, words in org["nouns"].items():
        for word in words.split():
            nouns[word] = (*nouns[word], kind)
    first: dict[str, str] = {}
    for table in ("first_names.csv", "regional_first_names.csv"):
        with (LEXICON / table).open(encoding="utf-8") as file:
            first.update((fold(row["name"]), row["sex"]) for row in csv.DictReader(file))
    return Lexicon(
        heads=tuple(heads),
        known=tuple(known),
        triggers=tuple(triggers),
        areas=re.compile(
            r"(?<![\w&-])(?i:" + "|".join(sorted(places["areas"], key=len, reverse=True)) + rf") (?:{DE})?{NAME}"
        ),
        towns_stay=re.compile(r"(?:" + "|".join(places["transparent"]) + r")\b", re.IGNORECASE),
        named_areas=frozenset(map(fold, places["named"])),
        programmes=frozenset(map(fold, org["programmes"]["names"])),
        stop=_words("stopwords.txt"),
        acronyms=_words("acronyms.txt"),
        nouns=dict(nouns),
        suffixes=frozenset(org["suffixes"]["company"].split()),
        legal=frozenset(org["suffixes"]["legal"].split()),
        roles=frozenset(people["roles"].split()),
        court=frozenset(people["court"].split()),
        independent=frozenset(people["independent"].split()),
        union=frozenset(people["union"].split()),
        offices=frozenset(people["offices"].split()),
        generic=frozenset(people["generic"].split()),
        describing=frozenset(org["classes"]["describing"].split()),
        organs=frozenset(org["classes"]["organs"].split()),
        powers=frozenset(org["classes"]["powers"].split()),
        titles=frozenset(people["titles"].split()),
        verbs=frozenset(org["verbs"]["act"].split()),
        saying=frozenset(people["saying"].split()),
        first_names=first,
    )


@cache
def weight_table(name: str) -> dict[str, tuple[float, ...]]:
    """The learned weights of ``lexicon/<name>.tsv``: a feature's name and its weights a line; lines with # are comments."""
    lines = LEXICON.joinpath(f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {feature: tuple(map(float, values)) for feature, *values in rows}
