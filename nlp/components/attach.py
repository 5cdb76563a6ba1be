"""Which figures and places of an article belong to a project: models learned from gold articles weigh each one by where it
stands to the project's telling, by whose figure it is and by what the rules of :mod:`projects` would say.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlp.components.features import clauses
from nlp.components.linear import load
from nlp.components.projects_beliefs import family
from nlp.components.projects_cluster import Cluster, share
from nlp.components.projects_events import EventReader
from nlp.components.projects_places import home
from nlp.components.projects_text import Sentence
from nlp.document import OrganisationEntity, PlaceEntity
from nlp.facts import Figure
from nlp.folding import fold

OWN = 0.5  # least probability of belonging
REACH = 3  # sentences from a telling beyond which a figure that nothing else ties to it is not looked at
PLACE_KINDS = ("commune", "area")
HEADLINES = ("title", "heading", "standfirst")


class Attachments:
    """Weighs the figures and places of one document for each of its projects."""

    def __init__(self, reader: EventReader, clusters: Sequence[Cluster]) -> None:
        self.reader = reader
        self.clusters = clusters
        self.figures: list[tuple[Sentence, int, Figure]] = []
        self.places: dict[int, tuple[PlaceEntity, list[tuple[Sentence, int]]]] = {}
        for sentence in reader.sentences:
            if sentence.kind == "caption":
                continue
            for i, word in enumerate(sentence.words):
                if word.figure is not None:
                    self.figures.append((sentence, i, word.figure))
                elif isinstance(word.entity, PlaceEntity) and word.entity.kind in PLACE_KINDS:
                    self.places.setdefault(id(word.entity), (word.entity, []))[1].append((sentence, i))
        self.main = max(clusters, key=lambda c: c.weight, default=None)
        self.by_sentence: dict[int, list[Cluster]] = {}
        for cluster in clusters:
            for index in {e.sentence.index for e in cluster.events}:
                self.by_sentence.setdefault(index, []).append(cluster)
        self.named = {
            s.index: [w.entity for w in s.words if isinstance(w.entity, OrganisationEntity)] for s in reader.sentences
        }

    def _stand(self, cluster: Cluster, sentence: Sentence, i: int) -> dict[str, float]:
        """How a word stands to the telling of a project."""
        found: dict[str, float] = {}
        here = [e for e in cluster.events if e.sentence is sentence]
        others = [c for c in self.by_sentence.get(sentence.index, ()) if c is not cluster]
        if here:
            event = min(here, key=lambda e: abs(e.first - i))
            first, end = next((c for c in clauses(sentence) if c[0] <= event.first < c[1]), (0, 0))
            found["event here"] = 1.0
            found["event " + ("left" if event.first < i else "right") + f" {min(abs(event.first - i) // 5, 4)}"] = 1.0
            found["clause" if first <= i < end else "other clause"] = 1.0
            if others:
                rival = min(abs(e.first - i) for c in others for e in c.events if e.sentence is sentence)
                found["nearer" if abs(event.first - i) <= rival else "rival nearer"] = 1.0
        else:
            gap = min((abs(sentence.index - e.sentence.index) for e in cluster.events), default=9)
            found[f"gap {min(gap, 4)}"] = 1.0
            after = any(e.sentence.index < sentence.index for e in cluster.events)
            found["after" if after else "before"] = 1.0
            if others:
                found["another told here"] = 1.0
            last = max((e.sentence.index for c in self.clusters for e in c.events if e.sentence.index < sentence.index),
                       default=-1)  # fmt: skip
            if any(e.sentence.index == last for e in cluster.events):
                found["last told"] = 1.0
        if any(s is sentence for s in cluster.told):
            found["told"] = 1.0
        if any(e.sentence.block == sentence.block for e in cluster.events):
            found["same block"] = 1.0
        if all(e.sentence.section != sentence.section for e in cluster.events):
            found["other section"] = 1.0
        named = self.named[sentence.index]
        if named:
            found["carrier named" if share(named, cluster.organisations) else "only others named"] = 1.0
        if sentence.kind in HEADLINES:
            found["headline"] = 1.0
        if len(self.clusters) == 1:
            found["only project"] = 1.0
        if cluster is self.main:
            found["main project"] = 1.0
        if sentence.words[i].depth:
            found["bracketed"] = 1.0
        if sentence.words[i].quoted:
            found["quoted"] = 1.0
        return found

    def figure_features(
        self, cluster: Cluster, sentence: Sentence, i: int, figure: Figure, ruled: bool
    ) -> dict[str, float]:
        """A figure for a project; ``ruled``: the rules give it to it."""
        found = self._stand(cluster, sentence, i)
        kind, measure = cluster.kind, figure.measure
        found[f"m={measure} {kind}"] = 1.0
        found[f"m={measure} {min(family(kind))}"] = 1.0
        found["rule" if ruled else "no rule"] = 1.0
        found[f"rule {measure}" if ruled else f"no rule {measure}"] = 0.7
        if not ruled and any(any(f is figure for f in c.figures) for c in self.clusters):
            found["rule gives it to another"] = 1.0
        if figure.subject:
            subject = fold(figure.subject)
            own = {fold(n) for o in cluster.organisations for n in (o.name, *o.aliases)}
            found["subject own" if subject in own else "subject other"] = 1.0
            found[("subject own " if subject in own else "subject other ") + measure] = 0.7
        else:
            found["no subject"] = 1.0
        if figure.year is not None:
            published = self.reader.document.published
            late = published is not None and figure.year < published.year
            found["past year" if late else "year"] = 1.0
        found["per " + str(figure.per)] = 1.0
        around = sentence.words[max(0, i - 2) : i]
        for word in around:
            if word.canon.isalpha() and len(word.canon) < 12 and word.entity is None:
                found["before=" + word.canon] = 0.5
        return found

    def place_features(
        self, cluster: Cluster, place: PlaceEntity, spots: list[tuple[Sentence, int]], ruled: bool
    ) -> dict[str, float]:
        """A place for a project; ``ruled``: the rules give it to it."""
        lead = cluster.lead

        def rank(spot: tuple[Sentence, int]) -> tuple[int, int]:
            sentence, i = spot
            near = [abs(e.first - i) for e in cluster.events if e.sentence is sentence]
            gap = min((abs(sentence.index - e.sentence.index) for e in cluster.events), default=9)
            return (0, min(near)) if near else (1 + gap, 0)

        sentence, i = min(spots, key=rank)
        found = self._stand(cluster, sentence, i)
        kind = cluster.kind
        found["rule" if ruled else "no rule"] = 1.0
        found[f"rule {kind}" if ruled else f"no rule {kind}"] = 0.7
        found["kind=" + kind] = 0.5
        found["p=" + place.kind] = 1.0
        words = sentence.words
        before = next((w.canon for w in reversed(words[max(0, i - 2) : i]) if w.canon not in ("le", "(")), "<")
        found["before=" + (before if before.isalpha() and len(before) < 10 else "mark")] = 1.0
        found[f"before={before if before in ('a', 'de', 'en', 'sur', 'dans') else 'other'} {place.kind}"] = 1.0
        if i >= 2 and isinstance(words[i - 2].entity, OrganisationEntity):
            found["after a name"] = 1.0
        if any(s is lead.sentence for s, _ in spots):
            found["in lead"] = 1.0
        if any(s.kind == "title" for s, _ in spots):
            found["in title"] = 1.0
        if self.reader.place_of_section.get(lead.sentence.section) is place:
            found["head of section"] = 1.0
        nearer = [
            p for p, rows in self.places.values() if p is not place and min(map(rank, rows)) < rank((sentence, i))
        ]
        found[f"nearer places {min(len(nearer), 3)}"] = 1.0
        for n, entity in enumerate(cluster.organisations[:2]):
            if home(self.reader, entity) is place:
                found[f"home of carrier {n}"] = 1.0
                found[f"home of carrier {n} {kind}"] = 1.0
        if len(self.places) == 1:
            found["only place"] = 1.0
        found[f"spots {min(len(spots), 3)}"] = 1.0
        return found

    def figures_of(self, cluster: Cluster, ruled: Sequence[Figure]) -> list[Figure]:
        """The figures of a project, each value once."""
        model = load("attached_figures")
        kept: dict[tuple[object, ...], Figure] = {}
        told = {s.index for s in cluster.told}
        near = {e.sentence.index + n for e in cluster.events for n in range(-REACH, REACH + 1)}
        for sentence, i, figure in self.figures:
            given = any(f is figure for f in ruled)
            if not given and sentence.index not in told and sentence.index not in near:
                continue
            features = self.figure_features(cluster, sentence, i, figure, given)
            if model.probabilities(features)["own"] >= OWN:
                kept.setdefault((figure.measure, figure.low, figure.high, figure.unit), figure)
        return list(kept.values())

    def places_of(self, cluster: Cluster, ruled: Sequence[PlaceEntity]) -> list[PlaceEntity]:
        """The places of a project, the likeliest first."""
        model = load("attached_places")
        rows = [
            (model.probabilities(self.place_features(cluster, p, spots, any(p is r for r in ruled)))["own"], p)
            for p, spots in self.places.values()
        ]
        return [p for probability, p in sorted(rows, key=lambda row: -row[0]) if probability >= OWN]
