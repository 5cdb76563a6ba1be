"""People and their roles: "Nolwenn Tanguy, directrice générale d'Iroise", "le patron de X, M. Y", "Z (CGT)"."""

from __future__ import annotations

import re
from collections import defaultdict

from nlp.components import names
from nlp.components.lexicon import lexicon
from nlp.components.organisations import key_of
from nlp.components.segment import plain
from nlp.document import Document, Mention, Name, OrganisationEntity, PersonEntity
from nlp.facts import Role
from nlp.gazetteer import demonyms, fold

DETERMINER = r"(?:le |la |l'|les |un |une |son |sa |ses |leur |notre |actuel(?:le)? |nouve(?:au|lle) |ancien(?:ne)? |jeune |futur(?:e)? )*"
ROLE_WORD = r"[A-Za-z]+(?:-[A-Za-z]+)*"
LINK = re.compile(r" (?:de la |de l'|des |du |de |d'|chez |a la tete de |a la tete du |au sein de |au sein du |pour )")
LEADS = re.compile(
    r"^,? (?:\(?qui |embauchee? [a-z ]{0,20}pour |charge(?:e)? de |, )?(?:dirige|preside|pilote|diriger|presider|piloter|a fonde|a cree|a repris|a la tete|gere|"
    r"porte le dossier|en est le|codirige)\b"
)
UNIONS = re.compile(r"^ \((CFDT|CGT|FO|CFTC|CFE-CGC|UNSA|Unsa|SUD|Sud|Solidaires)[^)]*\)")


def people(document: Document) -> None:
    """Fill ``document.people`` and their roles; call it after ``organisations``."""
    names.find(document)
    byline = {fold(a) for a in document.article.authors}
    groups: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        if name.kind == "per":
            groups[name.key].append(name)
    full = [key for key in groups if " " in key or "-" in groups[key][0].text]
    target: dict[str, str] = {}
    for key in groups:
        longer = [
            f for f in full if f != key and (f.endswith(" " + key) or (f.startswith(key + " ") and " " not in key))
        ]
        target[key] = longer[0] if longer else key
    found: dict[str, PersonEntity] = {}
    for key, mentions in groups.items():
        entity = found.setdefault(target[key], PersonEntity(name=""))
        entity.mentions += [m.mention for m in mentions]
        if target[key] == key:
            entity.name = mentions[0].text
        elif mentions[0].text not in entity.aliases:
            entity.aliases.append(mentions[0].text)
    for key, entity in list(found.items()):
        entity.mentions.sort(key=lambda m: (m.block, m.start))
        entity.female = _female(document, entity)
        if key in byline and len(entity.mentions) == 1 and entity.mentions[0].block == len(document.article.body) - 1:
            del found[key]
    document.people = sorted(
        (p for p in found.values() if p.name), key=lambda p: (p.mentions[0].block, p.mentions[0].start)
    )
    for person in document.people:
        _roles(document, person)


def _female(document: Document, person: PersonEntity) -> bool | None:
    for mention in person.mentions:
        before = plain(document.block(mention.block).text[max(0, mention.start - 6) : mention.start])
        if re.search(r"\bMmes? $|\bMlle $", before):
            return True
        if re.search(r"\bMM?\. ?$", before):
            return False
    sex = lexicon().first_names.get(fold(person.name.split(" ")[0])) or lexicon().first_names.get(
        fold(re.split(r"[ -]", person.name)[0])
    )
    return {"f": True, "m": False}.get(sex or "")


def _org_at(document: Document, block: int, start: int) -> tuple[OrganisationEntity, Mention] | None:
    for entity in document.organisations:
        for mention in entity.mentions:
            if mention.block == block and mention.start == start:
                return entity, mention
    return None


def _roles(document: Document, person: PersonEntity) -> None:
    """Collect the roles that stand beside each mention."""
    roles: list[tuple[str, str | None]] = []
    for mention in person.mentions:
        block = document.block(mention.block)
        text = plain(block.text)
        found = _behind(document, block.text, text, mention, person) or _before(
            document, block.text, text, mention, person
        )
        roles += [r for r in found if r not in roles]
    seen: set[str] = set()
    for title, organisation in roles:
        key = key_of(organisation or "")
        if key in seen and organisation is None:
            continue
        if organisation is None and any(o for _, o in roles) and not _court(title):
            continue
        seen.add(key)
        person.roles.append(Role(title=title, organisation=organisation))


def _court(title: str) -> bool:
    return plain(title).lower().split(" ")[0] in lexicon().court and (
        "judiciaire" in plain(title).lower()
        or plain(title).lower().split()[0] not in ("commissaire", "administrateur", "administratrice")
    )


def _is_role(word: str) -> bool:
    low = word.lower()
    return low in lexicon().roles or low.removeprefix("ex-") in lexicon().roles or low.split("-")[0] in lexicon().roles


def _behind(
    document: Document, raw: str, text: str, mention: Mention, person: PersonEntity
) -> list[tuple[str, str | None]]:
    behind = text[mention.end : mention.end + 200]
    if match := UNIONS.match(behind):
        return [("syndicaliste", _full(document, raw[mention.end + 2 : mention.end + 2 + len(match[1])]))]
    if match := re.match(rf",? ?[(,]? ?(?:qui est |est |reste |devient |, )?({DETERMINER})({ROLE_WORD})", behind):
        if _is_role(match[2]) and (match[0][0] in ",(" or "est" in match[0] or " (" in match[0] or "reste" in match[0]):
            return _chain(document, raw, text, mention.block, mention.end + match.start(2), person, mention)
    if match := LEADS.match(behind):
        org = _next_org(document, mention.block, mention.end, 90)
        if org:
            title = "directrice" if person.female else "directeur"
            if "presid" in match[0]:
                title = "présidente" if person.female else "président"
            if "fonde" in match[0] or "cree" in match[0]:
                title = "fondatrice" if person.female else "fondateur"
            return [(title, org.name)]
    if match := re.match(r", a la tete (?:de la |de l'|du |de |d')", behind):
        org = _next_org(document, mention.block, mention.end, 60)
        if org:
            return [("dirigeante" if person.female else "dirigeant", org.name)]
    return []


def _chain(
    document: Document, raw: str, text: str, block: int, start: int, person: PersonEntity, mention: Mention
) -> list[tuple[str, str | None]]:
    """Read "président de A et dirigeant de B" from its first word on."""
    found: list[tuple[str, str | None]] = []
    at = start
    for _ in range(4):
        title, org, end = _title(document, raw, text, block, at)
        found.append((title, org))
        match = re.match(rf"(?: et|,| et aussi| ainsi que) {DETERMINER}({ROLE_WORD})", text[end:])
        if not match or not _is_role(match[1]):
            break
        at = end + match.start(1)
    if all(org is None for _, org in found):
        fallback = None if _court(found[0][0]) else _nearest_org(document, block, mention.start, person)
        return [(title, None if _court(title) else fallback) for title, _ in found]
    last: str | None = None
    out: list[tuple[str, str | None]] = []
    for title, org in reversed(found):
        last = org or last
        out.append((title, None if _court(title) else last))
    return out[::-1]


def _title(document: Document, raw: str, text: str, block: int, start: int) -> tuple[str, str | None, int]:
    """The title that starts here, its organisation and where the phrase ends."""
    stop = re.search(
        r"[,;:.()«»\"“”!?]| (?:et|qui|dont|a|est|sont|depuis|avait|ont|va|se|ne|lors|dans|apres|pour qui|estime|avec|n'|en) ",
        text[start : start + 140],
    )
    limit = start + (stop.start() if stop else min(140, len(text) - start))
    org: OrganisationEntity | None = None
    org_start = org_end = limit
    for entity in document.organisations:
        for m in entity.mentions:
            if m.block == block and start < m.start < org_start + (0 if org else 1) and m.start <= limit:
                org, org_start, org_end = entity, m.start, m.end
    if org is None:
        written = raw[start:limit].strip()
        return _clean(written), None, limit
    between = text[start:org_start]
    cut = None
    for match in LINK.finditer(between):
        tail = between[match.end() :].split()
        if all(_org_word(document, word) for word in tail):
            cut = match.start()
            break
    if cut is None:
        links = list(LINK.finditer(between))
        cut = links[-1].start() if links else len(between)
    return _clean(raw[start : start + cut]), org.name, org_end


def _org_word(document: Document, word: str) -> bool:
    bare = re.sub(r"^(?:[ld])'", "", word.lower())
    return (
        bare in lexicon().nouns
        or fold(bare) in demonyms()
        or bare in ("la", "le", "les", "l'", "")
        or document.words.is_adjective(bare)
    )


def _clean(title: str) -> str:
    return re.sub(r"\s+", " ", title).strip(" ,.'’-")


def _before(
    document: Document, raw: str, text: str, mention: Mention, person: PersonEntity
) -> list[tuple[str, str | None]]:
    """A role that stands before the name: "le directeur général de Vauthier, Neil Abernathy"."""
    begin = max(0, mention.start - 150)
    before = text[begin : mention.start]
    before = re.sub(r"(?:M\.|MM\.|Mme|Me|Maitre|Dr|Pr)\.? $", "", before)
    if not before or (not before.endswith((", ", " "))):
        return []
    if re.search(r"[.!?:;»”\"] ?$", before):
        return []
    direct = not before.endswith(", ")
    clause = re.split(r"[.!?;:«»\"“”()]", before)[-1]
    offset = mention.start - (len(text[begin : mention.start]) - before.rfind(clause)) if clause else 0
    best = None
    for match in re.finditer(ROLE_WORD, clause):
        if _is_role(match[0]):
            best = match
            break_after = clause[match.end() :]
            if "," in break_after.rstrip(", "):
                best = None
    if best is None:
        return []
    start = begin + before.rfind(clause) + best.start()
    if direct and len(clause[best.end() :].split()) > 5:
        return []
    _ = offset
    title, org, end = _title(document, raw, text[: mention.start].rstrip(", "), mention.block, start)
    if org is None:
        title = raw[start : mention.start].strip(" ,")
        title = re.sub(r"\s*(?:M\.|Me|Mme|Dr|Pr)$", "", title).strip(" ,")
        if _court(title):
            return [(title, None)]
        after = re.match(r", (?:de |du |de la |de l'|des |d')", text[mention.end : mention.end + 12])
        hit = after and _org_at(document, mention.block, mention.end + after.end())
        if hit:
            return [(title, hit[0].name)]
        return [(title, _nearest_org(document, mention.block, start, person))]
    return [(title, org)]


def _next_org(document: Document, block: int, at: int, reach: int) -> OrganisationEntity | None:
    best: tuple[int, OrganisationEntity] | None = None
    for entity in document.organisations:
        for m in entity.mentions:
            if m.block == block and at <= m.start <= at + reach and (best is None or m.start < best[0]):
                best = (m.start, entity)
    return best[1] if best else None


def _nearest_org(document: Document, block: int, at: int, person: PersonEntity) -> str | None:
    """The organisation that a bare role is about: the last one named before, in this block or an earlier one."""
    best: tuple[tuple[int, int], OrganisationEntity] | None = None
    for entity in document.organisations:
        if entity.kind in ("media",):
            continue
        for m in entity.mentions:
            if (m.block, m.start) < (block, at) and m.block >= -2 and (best is None or (m.block, m.start) > best[0]):
                weight = (m.block, m.start)
                best = (weight, entity)
    return best[1].name if best else None


def _full(document: Document, written: str) -> str:
    key = key_of(written)
    for entity in document.organisations:
        if key in (key_of(entity.name), *map(key_of, entity.aliases)):
            return entity.name
    return written
