"""Where a project is: at its trigger, at the home of the company that it is about, at the head of its section."""

from __future__ import annotations

import re

from nlp.components.projects_cluster import Cluster
from nlp.components.projects_events import EventReader
from nlp.components.projects_text import Sentence
from nlp.document import OrganisationEntity, PlaceEntity

SITE = re.compile(
    r"(?:salarie|poste|emploi|personne|atelier|site|usine|magasin|agence|#jobs|unite|entrepot) (?:de|a) (?:le )?$"
)
BASED = re.compile(
    r"(?:base|installe|implante|situe|siege|etabli|installer|implanter|baser|situer) (?:a|dan|pre de) (?:le )?$"
)


def communes(sentence: Sentence) -> list[tuple[int, PlaceEntity]]:
    """The communes of a sentence with their word."""
    return [
        (j, w.entity)
        for j, w in enumerate(sentence.words)
        if isinstance(w.entity, PlaceEntity) and w.entity.kind == "commune"
    ]


def home(reader: EventReader, entity: OrganisationEntity) -> PlaceEntity | None:
    """Where the text places a company: "X, à Loudéac", "installée à Illkirch, X …", "le charcutier de Loudéac"."""
    if id(entity) not in reader.homes:
        reader.homes[id(entity)] = _home(reader, entity)
    return reader.homes[id(entity)]


def _home(reader: EventReader, entity: OrganisationEntity) -> PlaceEntity | None:
    scores: dict[int, tuple[float, PlaceEntity]] = {}
    for sentence in reader.sentences:
        at = [j for j, w in enumerate(sentence.words) if w.entity is entity]
        for j, place in communes(sentence):
            left = sentence.canon[: sentence.at[j]]
            score = 0.0
            for i in at:
                between = [w for w in sentence.words[min(i, j) + 1 : max(i, j)] if not w.depth and w.canon != ")"]
                words = [w.canon for w in between]
                quiet = not any(w.verb is not None and w.verb.tense not in ("part",) for w in between)
                if j > i and quiet and len(words) <= 5 and words[-1:] in (["a"], ["de"]):
                    score = max(score, 3.0 if words[:1] == [","] or len(words) <= 2 else 2.0)
                elif j > i and not words and sentence.words[j].depth:
                    score = max(score, 2.5)
                elif j < i and quiet and len(words) <= 5 and (BASED.search(left) or words[:1] == [","]):
                    score = max(score, 3.0)
                elif j < i and quiet and len(words) <= 3:
                    score = max(score, 1.5)
            if (
                not at
                and re.search(r"(?<!\S)le (\S+) (?:\S+ )?de $", left)
                and sentence.section == _section(reader, entity)
            ):
                noun = left.split()[-2]
                if noun in reader.lexicon.organisation_nouns:
                    score = max(score, 1.5)
            if BASED.search(left) and sentence.section == _section(reader, entity):
                score += 1.0
            if score:
                known = scores.get(id(place), (0.0, place))[0]
                scores[id(place)] = (known + score, place)
    return max(scores.values(), key=lambda row: row[0])[1] if scores else None


def _section(reader: EventReader, entity: OrganisationEntity) -> int:
    blocks = {m.block for m in entity.mentions}
    return next((s.section for s in reader.sentences if s.block in blocks and s.kind == "paragraph"), 0)


def sites(cluster: Cluster) -> list[PlaceEntity]:
    """Communes of which the telling says that the company has a site or staff there."""
    found: list[PlaceEntity] = []
    for sentence in cluster.told:
        for j, place in communes(sentence):
            if (
                SITE.search(sentence.canon[: sentence.at[j]])
                and not sentence.words[j].quoted
                and not any(place is f for f in found)
            ):
                found.append(place)
    return found


def where(reader: EventReader, cluster: Cluster, past: bool) -> list[PlaceEntity]:
    """The places of a project. ``past``: an earlier attempt that the article only recalls."""
    own = [
        p for p in cluster.places if any(p is q for e in cluster.events if e.sentence.kind != "title" for q in e.places)
    ]
    if past or cluster.kind == "partnership":
        return cluster.places if past else []
    if cluster.kind in ("acquisition", "insolvency", "funding_round"):
        about = (cluster.targets if cluster.kind == "acquisition" else cluster.agents or cluster.targets)[:1]
        place = home(reader, about[0]) if about else None
        found = [place] if place is not None else list(own or cluster.places)
        if cluster.kind == "insolvency":
            found += [p for p in sites(cluster) if not any(p is f for f in found)]
        if found:
            return found
    if own and cluster.kind == "relocation" and len(own) == 1:
        old = reader.place_of_section.get(cluster.lead.sentence.section) or reader.place_of_section.get(0)
        return [old, *own] if old is not None and old is not own[0] else own
    if own or cluster.places:
        return own or cluster.places
    section = cluster.lead.sentence.section
    heading = reader.place_of_section.get(section)
    if heading is not None:
        return [heading]
    for sentence in cluster.told:
        for j, place in communes(sentence):
            if not sentence.words[j].depth:
                return [place]
    for entity in cluster.organisations[:1]:
        place = home(reader, entity)
        if place is not None:
            return [place]
    return []
