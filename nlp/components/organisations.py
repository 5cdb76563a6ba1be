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
            known = [m.org_kind for m in mentions if m.org_kind]
            entity.kind = known[0] if known else _kind(mentions)
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
    if (
        kinds[1] - {None, "company"}
        and not long.startswith(short)
        and (" " in forms[short][0].text or gazetteer().find(short))
    ):
        return True
    for name in forms[short]:
        text = document.plain(name.mention.block)
        before = text[max(0, name.mention.start - 60) : name.mention.start]
        if re.search(r"\bfiliale[s]? (?:[a-z]+ )?(?:a \d+ ?% )?(?:du groupe |de |d'|du )(?:[\w'-]+ ){0,3}$", before):
            return True
    return False


def _kind(mentions: list[Name]) -> OrganisationKind:
    """The kind of an organisation by its own words, else a company."""
    first = plain(mentions[0].text).split(" ")[0].lower()
    kinds: tuple[OrganisationKind, ...] = ("association", "public_body", "research_education")
    return next((kind for kind in kinds if kind in lexicon().nouns.get(first, ())), "company")


SEATED = re.compile(
    rf"(?:(?:basee?s?|installee?s?|implantee?s?|etablie?s?|domiciliee?s?|dont le siege est|ayant son siege|sise?|"
    rf"siege(?: social)?(?: est)?(?: situe)?)"
    rf" (?:a|en|au|aux|dans l[ae']|pres de|pres d'|a proximite de) ?({CAP}(?:[ -]{CAP})*)|^,? a ({CAP}(?:[ "
    rf"-]{CAP})*)(?= ?[,(/.:]| [a-z]))"
)
# "Installee a Lens, Kelvor ...": before the name.
SEATED_AHEAD = re.compile(
    rf"(?:[Bb]asee?s?|[Ii]nstallee?s?|[Ii]mplantee?s?|[Nn]ee?s?|[Ff]ondee?s?|[Cc]reee?s?) (?:en \d{{4}} )?a "
    rf"({CAP}(?:[ -]{CAP})*)(?: en \d{{4}}| \([^()]*\))?, (?:le |la |l'|les )?(?:[a-z-]+ ){{0,2}}$"
)
# "un groupe napolitain", "un groupe d'Osnabruck", behind the name.
ORIGIN_BEHIND = re.compile(
    rf"^, (?P<det>(?:un|une|le|la|cette?) |l')?(?P<noun>[a-z-]+)(?: [a-z]+)? "
    rf"(?:(?P<origin>[a-z-]+)(?=[,.;:)]| [a-z(]|$)|(?:de |d'|(?P<du>du ))(?P<place>{CAP}(?:-{CAP}|-[a-z]+(?=-))*))"
)
# "Le charcutier de Loudeac, 310 salaries": a firm's noun with its town takes up the firm named last.
NOUN_OF_TOWN = re.compile(
    rf"\b(?:[Ll]e |[Ll]a |[Ll]'|du |[Cc]e |[Cc]et |[Cc]ette )([a-z-]+)(?: [a-z]+)? (?:de |d')({CAP}(?:-{CAP}|-[a-z]+)*)"
)

# "A Lannion (Cotes-d'Armor), la start-up Z", "Brest : Z double la mise": the town that opens the sentence.
IN_TOWN = re.compile(
    rf"(?:(?:^|[.!?] )[AÀ] ({CAP}(?:-{CAP}|-[a-z]+(?=-))*)(?: \([^()]*\))?, (?:le |la |l'|les )(?:[a-z-]+ ){{1,3}})$"
)
# "Le cognacais rejoint", "l'enseigne dijonnaise a compte": a demonym takes up the firm of the title.
TAKEN_UP = re.compile(
    rf"(?:^|[.!?] |, )(?:[Ll]e |[Ll]a |[Ll]')(?:([a-z-]+) )?([a-z-]+)(?! (?:{CAP}|de |d'|du ))(?= [a-z])"
)


def _named_within(document: Document, mention: Mention, length: int) -> bool:
    """Whether another organisation is named in the words behind a mention."""
    return any(
        name.kind == "org"
        and name.mention.block == mention.block
        and mention.end <= name.mention.start < mention.end + length
        for name in document.names
    )


def _demonym_taken_up(document: Document) -> None:
    """The firm of the title without a seat gets that of the demonym by which the text takes it up."""
    titled = [
        e
        for e in document.organisations
        if e.kind == "company" and any(document.block(m.block).kind == "title" for m in e.mentions)
    ]
    if len(titled) != 1 or titled[0].based_in:
        return
    for block in document.blocks:
        if block.kind not in ("paragraph", "standfirst"):
            continue
        for match in TAKEN_UP.finditer(document.plain(block.index)):
            alone = match[1] and fold(match[1]) in demonyms()  # "Le cognacais rejoint ..."
            noun = set(lexicon().nouns.get(match[1], ())) if match[1] and not alone else {"company"}
            origin = demonyms().get(fold(match[1] if alone else match[2]))
            if origin and origin.kind == "commune" and noun & {"company", "trade"}:
                titled[0].based_in = origin.place
                return


def _seats(document: Document) -> None:
    """Where the article says that an organisation is based."""
    for entity in document.organisations:
        if entity.kind == "public_body":
            continue
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
            if match := re.match(r" ?\( ?([^(),;/]{2,40})[,;/)]", behind):
                first = block.text[mention.end + match.start(1) : mention.end + match.end(1)].strip()
                if gazetteer().find(first) or fold(first) in foreign_towns():
                    scores[first] += 4
            match = SEATED.search(behind)
            if (
                match
                and match.start() < 110
                and not re.search(r"[.;](?: |$)", behind[: match.start()])
                and not _named_within(document, mention, match.start())
            ):
                group = 1 if match[1] else 2
                scores[block.text[mention.end + match.start(group) : mention.end + match.end(group)]] += (
                    5 if match[1] else 3
                )
            if (match := IN_TOWN.search(before)) and gazetteer().find(match[1]):
                begin = max(0, mention.start - 70) + match.start(1)
                scores[block.text[begin : begin + len(match[1])]] += 2
            if match := SEATED_AHEAD.search(before):
                begin = max(0, mention.start - 70) + match.start(1)
                scores[block.text[begin : begin + len(match[1])]] += 4
            if match := re.match(rf"(?: \([^()]*\))?, ({CAP}(?:-{CAP}|-[a-z]+)*) \(", behind):
                known = bool(gazetteer().find(match[1]))
                scores[block.text[mention.end + match.start(1) : mention.end + match.end(1)]] += 3 if known else 0
            if match := ORIGIN_BEHIND.match(behind):
                origin = demonyms().get(fold(match["origin"])) if match["origin"] else None
                if origin:
                    scores[origin.place] += _weight(origin)
                elif match["place"] and (match["det"] or match["noun"] in lexicon().nouns):
                    place = block.text[mention.end + match.start("place") : mention.end + match.end("place")]
                    place = f"Le {place}" if match["du"] else place  # "le menuisier du Port": Le Port
                    if gazetteer().find(place) or fold(place) in foreign_towns():
                        scores[place] += 3
        if scores:
            entity.based_in = max(scores, key=lambda place: scores[place])
    _towns_taken_up(document)
    _demonym_taken_up(document)


def _towns_taken_up(document: Document) -> None:
    """ "Le mecanicien d'Albi" behind a firm's name tells where the firm is based."""
    for block in document.blocks:
        text = document.plain(block.index)
        for match in NOUN_OF_TOWN.finditer(text):
            classes = lexicon().nouns.get(match[1], ())
            if not {"company", "trade"} & set(classes) or match[1] in ("agence", "cabinet", "fonds", "filiale"):
                continue
            town = block.text[match.start(2) : match.end(2)]
            if not gazetteer().find(town) and fold(town) not in foreign_towns():
                continue
            ahead = [
                (m.block, m.start, e)
                for e in document.organisations
                if e.kind == "company"
                for m in e.mentions
                if m.block in (block.index, block.index - 1) and (m.block, m.start) < (block.index, match.start())
            ]
            if ahead:
                entity = max(ahead, key=lambda row: row[:2])[2]
                if entity.based_in is None or demonym_place(entity.based_in):
                    entity.based_in = town


def demonym_place(place: str) -> bool:
    """Whether a seat is as wide as a country or region, so that a town says more."""
    return any(e.kind in ("country", "region", "department") for e in gazetteer().find(place))


def _weight(origin: Demonym) -> float:
    return {"commune": 3.0, "department": 1.5, "region": 1.2}.get(origin.kind, 2.0)
