"""People of the article: names with their forms and sex. Their roles are read by ``roles``."""

from __future__ import annotations

import re
from collections import defaultdict

from nlp.components import names
from nlp.components.lexicon import lexicon
from nlp.components.roles import roles
from nlp.document import Document, Mention, Name, PersonEntity
from nlp.folding import plain
from nlp.gazetteer import fold


def people(document: Document) -> None:
    """Fill ``document.people`` and their roles; call it after ``organisations``."""
    names.find(document)
    byline = {fold(a) for a in document.article.authors}
    groups: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        if name.kind == "per":
            groups[name.key].append(name)
    by_part: dict[str, list[str]] = defaultdict(list)
    for key in groups:
        words = key.split(" ")
        for i in range(1, len(words)):
            by_part[" ".join(words[i:])].append(key)
        if len(words) > 1:
            by_part[words[0]].append(key)
    target: dict[str, str] = {}
    for key in groups:
        longer = by_part[key]
        target[key] = longer[0] if longer else key
    found: dict[str, PersonEntity] = {}
    for key, mentions in groups.items():
        entity = found.setdefault(target[key], PersonEntity(name=""))
        entity.mentions += [m.mention for m in mentions]
        if target[key] == key:
            entity.name = mentions[0].text
        elif mentions[0].text not in entity.aliases:
            entity.aliases.append(mentions[0].text)
    _shared_surnames(document, found)
    for key, entity in list(found.items()):
        entity.mentions.sort(key=lambda m: (m.block, m.start))
        entity.female = _female(document, entity)
        if key in byline and len(entity.mentions) == 1 and entity.mentions[0].block == len(document.article.body) - 1:
            del found[key]
    document.people = sorted(
        (p for p in found.values() if p.name), key=lambda p: (p.mentions[0].block, p.mentions[0].start)
    )
    roles(document)


def _shared_surnames(document: Document, found: dict[str, PersonEntity]) -> None:
    """ "les freres Marc et Didier QUESNEL" are two people; the first one's words are his given name alone."""
    for entity in list(found.values()):
        for mention in entity.mentions:
            text = document.plain(mention.block)
            match = re.search(
                r"(?<![\w-])([A-Z][a-z]+(?:-[A-Z][a-z]+)?) et $", text[max(0, mention.start - 30) : mention.start]
            )
            if not match or fold(match[1]) not in lexicon().first_names or " " not in entity.name:
                continue
            start = max(0, mention.start - 30) + match.start(1)
            if re.search(r"[A-Z][\w-]+ $", text[max(0, start - 30) : start]):
                continue
            given = document.block(mention.block).text[start : start + len(match[1])]
            name = f"{given} {entity.name.split(' ', 1)[1]}"
            other = found.setdefault(fold(name), PersonEntity(name=name))
            other.mentions.append(Mention(mention.block, start, start + len(given)))
            if given not in other.aliases:
                other.aliases.append(given)


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
