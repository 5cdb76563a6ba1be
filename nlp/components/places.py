"""Places named in their own right, with their official codes."""

from __future__ import annotations

import re
from collections import defaultdict

from nlp.components import names
from nlp.document import Document, Mention, Name, PlaceEntity
from nlp.folding import plain
from nlp.gazetteer import Entry, gazetteer


def places(document: Document) -> None:
    """Fill ``document.places``; communes' homonyms are told apart last, with all other places known."""
    names.find(document)
    found: dict[tuple[str, str | None], PlaceEntity] = {}
    groups: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        if name.kind == "loc":
            groups[name.key].append(name)
    departments, regions = _context(document, groups)
    for same in groups.values():
        entry, kind = _resolve(document, same, departments, regions)
        first = same[0]
        key = (kind, entry.code if entry else first.key)
        place = found.setdefault(key, PlaceEntity(name=first.text, kind=kind))  # type: ignore[arg-type]
        place.mentions += [n.mention for n in same]
        if entry:
            place.code, place.department, place.region = entry.code, entry.department, entry.region
    _numbers(document, found)
    document.places = sorted(found.values(), key=lambda p: (p.mentions[0].block, p.mentions[0].start))


def _context(document: Document, groups: dict[str, list[Name]]) -> tuple[set[str], set[str]]:
    """Departments and regions that the article speaks of."""
    departments: set[str] = set()
    regions: set[str] = set()
    for same in groups.values():
        for entry in gazetteer().find(same[0].text):
            if entry.kind == "department":
                departments.add(entry.code)
            elif entry.kind == "region":
                regions.add(entry.code)
        entries = [e for e in gazetteer().find(same[0].text) if e.kind == "commune"]
        if len(entries) == 1 and entries[0].department:
            departments.add(entries[0].department)
    if document.article.region:
        regions.update(e.code for e in gazetteer().find(document.article.region) if e.kind == "region")
    return departments, regions


def _resolve(
    document: Document, same: list[Name], departments: set[str], regions: set[str]
) -> tuple[Entry | None, str]:
    entries = gazetteer().find(same[0].text, _article(document, same))
    wide = [e for e in entries if e.kind in ("region", "country")]
    communes = [e for e in entries if e.kind == "commune"]
    depts = [e for e in entries if e.kind == "department"]
    bracket = _bracket(document, same)
    if bracket and communes:
        inside = [e for e in communes if e.department == bracket]
        if inside:
            return inside[0], "commune"
    if depts and not wide:
        towns = max((e.population for e in communes), default=0)
        if not communes or (towns < 100_000 and not _as_town(document, same)):
            return depts[0], "department"
    if wide:
        return wide[0], wide[0].kind
    if not communes:
        cities = [e for e in gazetteer().compounds(same[0].key) if e.population > 20_000]
        return (cities[0], "commune") if len(cities) == 1 else (None, "area")
    if fuller := _shortened(document, same[0], communes, departments, regions):
        return fuller, "commune"
    if len(communes) == 1:
        return communes[0], "commune"
    exact = [
        e for e in communes if plain(e.name).lower().replace("-", " ") == plain(same[0].text).lower().replace("-", " ")
    ]
    communes = exact or communes
    for chosen in (
        [e for e in communes if e.department in departments],
        [e for e in communes if e.region in regions],
    ):
        inside = sorted(chosen, key=lambda e: -e.population)
        if inside and (len(inside) == 1 or inside[0].population > 4 * inside[1].population):
            return inside[0], "commune"
    ranked = sorted(communes, key=lambda e: -e.population)
    if len(ranked) == 1 or ranked[0].population > 15000 and ranked[0].population > 5 * ranked[1].population:
        return ranked[0], "commune"
    return None, "commune"


def _shortened(
    document: Document, name: Name, communes: list[Entry], departments: set[str], regions: set[str]
) -> Entry | None:
    """A town called by its first word: "Aix" for Aix-en-Provence where the article speaks of that region, "Charnay" for
    the Charnay-lès-Mâcon that it names elsewhere."""
    for other in document.names:
        if other.kind == "loc" and other.key.startswith(name.key + " "):
            found = [e for e in gazetteer().find(other.text) if e.kind == "commune"]
            if len(found) == 1:
                return found[0]
    if any(e.department in departments or (not departments and e.region in regions) for e in communes):
        return None
    if any(e.region in regions for e in communes) or max(e.population for e in communes) > 10_000:
        return None
    near = [e for e in gazetteer().compounds(name.key) if e.region in regions and e.population > 10_000]
    return max(near, key=lambda e: e.population) if near else None


def _article(document: Document, same: list[Name]) -> str:
    """The article that a contraction before the name holds: "au Port" -> "le"."""
    for name in same:
        before = plain(document.block(name.mention.block).text[max(0, name.mention.start - 8) : name.mention.start])
        if match := re.search(r"(?<!\w)(au|du|aux|des|(?:a|de) la|(?:a|de) l') ?$", before, re.IGNORECASE):
            word = match[1].lower()
            return (
                "le" if word in ("au", "du") else "les" if word in ("aux", "des") else word.split(" ")[-1].rstrip("'")
            )
    return ""


def _bracket(document: Document, same: list[Name]) -> str | None:
    for name in same:
        behind = document.block(name.mention.block).text[name.mention.end : name.mention.end + 40]
        if match := re.match(r"\s?[(/]([^()/]{1,35})[)/]", behind):
            inner = match[1].split(",")[0].strip()
            if number := gazetteer().department(inner):
                return number.code
            for entry in gazetteer().find(inner):
                if entry.kind == "department":
                    return entry.code
    return None


def _as_town(document: Document, same: list[Name]) -> bool:
    """Whether a name that is also a department's is used as a town's ("à Vienne", not "dans la Vienne")."""
    for name in same:
        before = plain(document.block(name.mention.block).text[max(0, name.mention.start - 6) : name.mention.start])
        if re.search(r"\ba $", before, re.IGNORECASE):
            return True
    return False


NUMBER = re.compile(r"(?<=[\w)] )\((\d{2,3}|2[AB])\)|(?<=\w)/(\d{2}|2[AB])\b(?=[ ,.)–-])")


def _numbers(document: Document, found: dict[tuple[str, str | None], PlaceEntity]) -> None:
    """A department given by its number: "Argentan (61)"."""
    for block in document.blocks:
        for match in NUMBER.finditer(block.text):
            number = match[1] or match[2]
            entry = gazetteer().department(number)
            start = match.start(1) if match[1] else match.start(2)
            if entry is None or not any(
                n.mention.block == block.index and n.mention.end in (start - 2, start - 1) and n.kind == "loc"
                for n in document.names
            ):
                continue
            key = ("department", entry.code)
            place = found.setdefault(
                key,
                PlaceEntity(
                    name=number, kind="department", code=entry.code, department=entry.code, region=entry.region
                ),
            )
            place.mentions.append(Mention(block.index, start, start + len(number)))
