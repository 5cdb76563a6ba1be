"""Organisations: the names that are ones, tied together over their forms, with kind and seat."""

from __future__ import annotations

import re
from collections import defaultdict

from nlp.components import names
from nlp.components.lexicon import CAP, lexicon
from nlp.document import Document, Mention, Name, OrganisationEntity
from nlp.facts import OrganisationKind
from nlp.folding import plain
from nlp.gazetteer import Demonym, demonyms, fold, foreign_towns, gazetteer

LEGAL = re.compile(
    r"\b(?:sas|sasu|sa|sarl|eurl|sci|scop|snc|gmbh|ag|ltd|inc|plc|llc|bv|nv|spa|se|oy|ab|kg|co)\b", re.IGNORECASE
)
ARTICLE = re.compile(r"^(?:les|le|la|l'|the)\s*\b")
# Tails that make another firm of a name: "Kestrava France" beside "Kestrava".
BRANCH = re.compile(
    r"\b(?:france|europe|international|allemagne|belgique|espagne|italie|suisse|iberia|uk|usa|americas|asia|afrique)$"
)


def key_of(name: str) -> str:
    """The key under which two forms of an organisation's name are one: no case, accents, legal form, article."""
    whole = fold(name)
    return re.sub(r"\s+", " ", ARTICLE.sub("", LEGAL.sub(" ", whole))).strip() or whole


def organisations(document: Document) -> None:
    """Fill ``document.organisations``."""
    names.find(document)
    found: dict[str, OrganisationEntity] = {}
    forms: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        if name.kind == "org":
            forms[key_of(name.text)].append(name)
    aliases = _acronyms(document, forms)
    for short, long in _shortened(document, forms, aliases).items():
        aliases.setdefault(short, long)
    for council, body in (("conseil departemental", "departement"), ("conseil regional", "region")):
        owners = [key for key in forms if key.startswith(body + " ")]
        if council in forms and len(owners) == 1:
            aliases.setdefault(council, owners[0])
    for key, mentions in forms.items():
        target, seen = key, {key}
        while target in aliases and aliases[target] not in seen:
            target = aliases[target]
            seen.add(target)
        entity = found.setdefault(target, OrganisationEntity(name=""))
        entity.mentions += [m.mention for m in mentions]
        if target == key:
            entity.name = _fullest(mentions)
            entity.kind = next((m.org_kind for m in mentions if m.org_kind), None) or _kind(document, mentions)
        for m in mentions:
            if m.text not in entity.aliases:
                entity.aliases.append(m.text)
    for entity in found.values():
        entity.mentions.sort(key=lambda m: (m.block, m.start))
        entity.aliases = [a for a in entity.aliases if a != entity.name]
    document.organisations = sorted((e for e in found.values() if e.name), key=lambda e: _first(document, e))
    _seats(document)


def _first(document: Document, entity: OrganisationEntity) -> tuple[int, int]:
    return (entity.mentions[0].block, entity.mentions[0].start)


def _fullest(mentions: list[Name]) -> str:
    return max(mentions, key=lambda m: len(m.text)).text


def _acronyms(document: Document, forms: dict[str, list[Name]]) -> dict[str, str]:
    """ "communaute d'agglomeration ... (CABBALR)": the bracket is an alias of the name before it, or the other way."""
    found: dict[str, str] = {}
    by_place = {(n.mention.block, n.mention.start): n for n in document.names}
    for name in document.names:
        if name.kind != "org":
            continue
        text = document.plain(name.mention.block)
        match = re.match(rf" \\(({CAP})\\)".replace("\\\\", "\\"), text[name.mention.end : name.mention.end + 30])
        if match is None:
            match = re.match(
                rf",? (?:ou|dite?|alias) ({CAP})(?=[,. )])", text[name.mention.end : name.mention.end + 30]
            )
        if match is None:
            continue
        start = name.mention.end + match.start(1)
        other = by_place.get((name.mention.block, start))
        written = document.block(name.mention.block).text[start : start + len(match[1])]
        if not _abbreviates(match[1], name.text):
            continue
        if other is None:
            other = Name(Mention(name.mention.block, start, start + len(match[1])), written, fold(written))
        for same in document.names:
            if same.key == other.key and same.kind != "org":
                same.kind = "org"
                forms[key_of(same.text)].append(same)
        if key_of(other.text) not in forms:
            other.kind = "org"
            forms[key_of(other.text)].append(other)
        found[key_of(other.text)] = key_of(name.text)
    for short, shorts in forms.items():
        if short in found or not shorts[0].text.isupper() or not 3 <= len(shorts[0].text) <= 7:
            continue
        for long in forms:
            initials = "".join(word[0] for word in re.split(r"[ '-]", fold(forms[long][0].text)) if word not in SMALL)
            if initials == short and long != short:
                found[short] = long
    return found


SMALL = {"de", "du", "des", "d", "l", "la", "le", "les", "et", "en", "pour", "sur", "a", "aux", "au", ""}


def _abbreviates(short: str, long: str) -> bool:
    """Whether capitals are an abbreviation of a name: its letters come in the name in their order."""
    letters = [c for c in plain(short).lower() if c.isalpha()]
    if not 2 <= len(letters) <= 10 or sum(c.isupper() for c in short) < 2 and len(short) > 4:
        return False
    rest = plain(long).lower()
    if letters[0] not in {word[0] for word in re.findall(r"\w+", rest)}:
        return False
    at = 0
    for letter in letters:
        at = rest.find(letter, at) + 1
        if at == 0:
            return False
    return True


def _shortened(document: Document, forms: dict[str, list[Name]], aliases: dict[str, str]) -> dict[str, str]:
    """Later short forms: "Trameo" for "Trameo Logistique", "Hartwig" for "Hartwig & Sohne"."""
    found: dict[str, str] = {}
    by_word: dict[str, list[str]] = defaultdict(list)
    for key in forms:
        for word in set(key.split(" ")):
            by_word[word].append(key)
    for short in forms:
        if short in aliases:
            continue
        candidates = []
        for long in by_word[short.split(" ")[0]]:
            if len(long) <= len(short) or f" {short} " not in f" {long} ":
                continue
            rest = f" {long} ".replace(f" {short} ", " ", 1).strip()
            if not _own_firm(document, short, long, rest, forms):
                candidates.append(long)
        if len(candidates) == 1 or (candidates and all(c.startswith(short) or candidates[0] in c for c in candidates)):
            found[short] = max(candidates, key=len)
    return found


def _own_firm(document: Document, short: str, long: str, rest: str, forms: dict[str, list[Name]]) -> bool:
    """Whether the shorter name is another organisation than the longer one."""
    kinds = {m.org_kind for m in forms[short]}, {m.org_kind for m in forms[long]}
    if BRANCH.fullmatch(rest) and kinds[1] <= {None, "company"}:
        return True
    if kinds[0] - {None} and kinds[1] - {None} and not kinds[0] & kinds[1]:
        return True
    if kinds[1] - {None, "company"} and not long.startswith(short) and (" " in short or gazetteer().find(short)):
        return True
    for name in forms[short]:
        text = document.plain(name.mention.block)
        before = text[max(0, name.mention.start - 60) : name.mention.start]
        if re.search(r"\bfiliale[s]? (?:[a-z]+ )?(?:a \d+ ?% )?(?:du groupe |de |d'|du )(?:[\w'-]+ ){0,3}$", before):
            return True
    return False


def _kind(document: Document, mentions: list[Name]) -> OrganisationKind:
    """The kind of an organisation by its own words, else a company."""
    first = plain(mentions[0].text).split(" ")[0].lower()
    for kind in ("association", "public_body", "research_education"):
        if kind in lexicon().nouns.get(first, ()):
            return kind  # type: ignore[return-value]
    return "company"


SEATED = re.compile(
    rf"(?:,? (?:est |sont )?(?:basee?s?|installee?s?|implantee?s?|etablie?s?|domiciliee?s?|situee?s?|dont le siege est|sis[e]?)"
    rf" (?:a|en|au|dans l[ae']|pres de|pres d'|a proximite de) ?({CAP}(?:[ -]{CAP})*))"
)


def _seats(document: Document) -> None:
    """Where the article says that an organisation is based."""
    for entity in document.organisations:
        scores: dict[str, float] = defaultdict(float)
        for mention in entity.mentions:
            block = document.block(mention.block)
            text = document.plain(block.index)
            before, behind = text[max(0, mention.start - 70) : mention.start], text[mention.end : mention.end + 160]
            for word in reversed(re.findall(r"[a-zA-Z-]+", before)[-3:]):
                origin = demonyms().get(fold(word))
                if origin and re.search(rf"{word}[ ](?:[\w-]+ )?$", before):
                    scores[origin.place] += _weight(origin)
                    break
            if match := re.match(r" \(([^()]{2,40})\)", behind):
                inner = block.text[mention.end + match.start(1) : mention.end + match.end(1)]
                first = re.split(r"[,;/]", inner)[0].strip()
                if gazetteer().find(first) or fold(first) in foreign_towns():
                    scores[first] += 4
            if match := SEATED.search(behind[:120]):
                if "." not in behind[: match.start()] and ";" not in behind[: match.start()]:
                    scores[block.text[mention.end + match.start(1) : mention.end + match.end(1)]] += 5
        if scores:
            entity.based_in = max(scores, key=lambda place: scores[place])


def _weight(origin: Demonym) -> float:
    return {"commune": 3.0, "department": 1.5, "region": 1.2}.get(origin.kind, 2.0)
