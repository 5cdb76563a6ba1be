"""Which stories hold for which rules: every condition is one array over all stories, computed once for all subscribers.

Five hundred subscribers with twenty rules over thousands of stories are ten thousand rules; most share their
conditions (a region, a kind, a threshold), so that each distinct one is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from flows.alerts import Alerts, Rule, named
from flows.french import TEMPLATES, fold
from flows.stories import Story

Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating[Any]]

# NAF rev. 2: the divisions of a section (INSEE, Nomenclature d'activités française).
SECTIONS = {"A": (1, 3), "B": (5, 9), "C": (10, 33), "D": (35, 35), "E": (36, 39), "F": (41, 43), "G": (45, 47),
            "H": (49, 53), "I": (55, 56), "J": (58, 63), "K": (64, 66), "L": (68, 68), "M": (69, 75), "N": (77, 82),
            "O": (84, 84), "P": (85, 85), "Q": (86, 88), "R": (90, 93), "S": (94, 96), "T": (97, 98),
            "U": (99, 99)}  # fmt: skip


class Matcher:
    """Matches rules over one set of stories. ``epci`` gives the communes of an intercommunal body; ``encoder`` is
    needed only where a rule has ``like``."""

    def __init__(
        self, stories: Sequence[Story], alerts: Alerts, epci: Callable[[str], frozenset[str]], encoder: Any = None
    ) -> None:
        self.stories = stories
        self.alerts = alerts
        self.epci = epci
        self.encoder = encoder
        self._masks: dict[tuple[str, Any], Mask] = {}
        self._by_name: dict[str, list[int]] = {}
        for number, story in enumerate(stories):
            for name in story.carriers | story.mentions.keys():
                self._by_name.setdefault(name, []).append(number)
        self._texts = [fold(story.searchable) for story in stories]
        self._vectors: Scores | None = None
        self._usual: Scores = np.empty(0)
        self._likes: dict[str, Scores] = {}
        self._investment = np.array([_top(s.project, "investment_eur") for s in stories], dtype=float)
        self._jobs = np.array(
            [np.nanmax([_top(s.project, "jobs_created"), _top(s.project, "jobs_cut"), -1.0]) for s in stories],
            dtype=float,
        )

    def _mask(self, key: str, value: Any, holds: Callable[[Story], bool]) -> Mask:
        mask = self._masks.get((key, value))
        if mask is None:
            mask = np.fromiter((holds(story) for story in self.stories), dtype=bool, count=len(self.stories))
            self._masks[key, value] = mask
        return mask

    def _any(self, key: str, values: Sequence[Any], holds: Callable[[Story, Any], bool]) -> Mask:
        mask = np.zeros(len(self.stories), dtype=bool)
        for value in values:
            mask |= self._mask(key, value, lambda story, v=value: holds(story, v))  # type: ignore[misc]
        return mask

    def match(self, rule: Rule, followed: Mask) -> Mask:
        """Stories for which a rule holds; ``followed`` marks those that the subscriber follows."""
        mask = np.ones(len(self.stories), dtype=bool)
        for _, holds in self.conditions(rule, followed):
            mask &= holds
        return mask

    def conditions(self, rule: Rule, followed: Mask) -> Iterator[tuple[str, Mask]]:
        """A rule's conditions, each by its keys with the stories for which it holds; the rule holds where all do."""
        if rule.regions + rule.departments + rule.communes + rule.epci + rule.zones:
            where = self._any("region", rule.regions, lambda s, c: c in s.project["region_codes"])
            where |= self._any("department", rule.departments, lambda s, c: c in s.project["department_codes"])
            where |= self._any("commune", rule.communes, lambda s, c: c in s.project["commune_codes"])
            where |= self._any("epci", rule.epci, self._in_epci)
            where |= self._any("zone", rule.zones, self._in_zone)
            yield "regions, departments, communes, epci, zones", where
        if rule.kinds:
            yield "kinds", self._any("kind", rule.kinds, lambda s, k: s.project["kind"] == k)
        if rule.statuses:
            yield "statuses", self._any("status", rule.statuses, lambda s, v: s.project["status"] == v)
        if rule.sectors:
            yield "sectors", self._any("sector", rule.sectors, lambda s, v: in_sector(s.project["sector"], v))
        if rule.organisations:
            yield "organisations", self._named(rule.organisations, rule.salience)
        if rule.sources:
            yield "sources", self._any("source", rule.sources, lambda s, v: any(r.source_id == v for r in s.reports))
        if rule.min_investment_eur is not None or rule.min_jobs is not None:
            # Either threshold makes a project big enough.
            big = np.zeros(len(self.stories), dtype=bool)
            if rule.min_investment_eur is not None:
                big |= self._investment >= rule.min_investment_eur
            if rule.min_jobs is not None:
                big |= self._jobs >= rule.min_jobs
            if rule.unknown_figures:
                big |= np.isnan(self._investment) & (self._jobs < 0)
            yield "min_investment_eur, min_jobs", big
        if rule.words or rule.like:
            about = np.zeros(len(self.stories), dtype=bool)
            for word in rule.words:
                about |= self._word(word)
            if rule.like:
                about |= self._scores(rule.like) >= rule.like_at_least
            yield "words, like", about
        if rule.followed:
            yield "followed", followed

    def followed(self, projects: Sequence[str], organisations: Sequence[str]) -> Mask:
        """Stories of followed projects, or in which a followed organisation takes part."""
        mask = self._any("project", projects, lambda s, v: s.project["project_id"] == v)
        return mask | self._named(organisations, ("main", "party"))

    def _named(self, organisations: Sequence[str], salience: Sequence[str]) -> Mask:
        """Stories in which one of these (names or SIREN) takes part: looked up by name, not story by story."""
        mask = np.zeros(len(self.stories), dtype=bool)
        for name in (fold(named(organisation)) for organisation in organisations):
            for number in self._by_name.get(name, ()):
                mask[number] |= self.stories[number].names(name, salience)
        return mask

    def _in_epci(self, story: Story, code: str) -> bool:
        return not self.epci(code).isdisjoint(story.project["commune_codes"])

    def _in_zone(self, story: Story, zone: str) -> bool:
        for code in self.alerts.zones[zone]:
            level, _, value = code.rpartition(":")
            found = {
                "": lambda v: v in story.project["commune_codes"],
                "dep": lambda v: v in story.project["department_codes"],
                "reg": lambda v: v in story.project["region_codes"],
                "epci": lambda v: self._in_epci(story, v),
            }[level](value)
            if found:
                return True
        return False

    def _word(self, word: str) -> Mask:
        mask = self._masks.get(("word", word))
        if mask is None:
            # A word begins at a word's edge and may be inflected behind: "usine" finds "usines".
            pattern = re.compile(r"(?<!\w)" + re.escape(fold(word)))
            mask = np.array([bool(pattern.search(text)) for text in self._texts], dtype=bool)
            self._masks["word", word] = mask
        return mask

    def _scores(self, phrase: str) -> Scores:
        """How near each story is to a phrase: how far its cosine lies above those of sentences about anything else, in
        their standard deviations. Cosines themselves mean nothing across models, nor across phrases of one model."""
        if self.encoder is None or not self.stories:
            return np.full(len(self.stories), -np.inf)
        scores = self._likes.get(phrase)
        if scores is None:
            if self._vectors is None:
                texts = [story.searchable[:1000] for story in self.stories]
                self._vectors = np.asarray(self.encoder.encode(texts, kind="passage"))
                self._usual = np.asarray(self.encoder.encode(background(), kind="passage"))
            query = np.asarray(self.encoder.encode([phrase], kind="query"))[0]
            usual = self._usual @ query
            scores = (self._vectors @ query - usual.mean()) / (usual.std() or 1.0)
            self._likes[phrase] = scores
        return scores


@cache
def background() -> list[str]:
    """Sentences about anything in the trade: what a phrase is usually near to."""
    lines = (TEMPLATES / "background.fr.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def in_sector(division: str | None, wanted: str) -> bool:
    """Whether a NAF division is the wanted one or lies in the wanted section.

    >>> in_sector("27", "C"), in_sector("27", "27"), in_sector(None, "C")
    (True, True, False)
    """
    if division is None:
        return False
    if wanted in SECTIONS:
        low, high = SECTIONS[wanted]
        return low <= int(division) <= high
    return division == wanted


def _top(project: dict[str, Any], measure: str) -> float:
    """The largest value that a project states for a measure; NaN where it states none."""
    values = [project[f"{measure}_{end}"] for end in ("low", "high")]
    known = [float(value) for value in values if value is not None]
    return max(known) if known else float("nan")
