"""The NAF rev. 2 division of a project's activity, from the words by which the article describes it.

Three witnesses, in this order: how the article introduces the company whose activity it is ("le fabricant de câbles X",
"X, spécialiste du recyclage"), what the project makes or houses, and the words of the sentences that tell it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nlp.components.projects_events import Event, EventReader, lexicon
from nlp.components.projects_text import Sentence
from nlp.document import OrganisationEntity
from nlp.facts import ProjectKind

DESCRIBED, PRODUCT, NAMED, HEADLINE, TOLD = 4.0, 3.0, 2.5, 1.5, 0.6
MAKER = re.compile(
    r"(?<!\S)(?:fabricant|fabriquer|produire|producteur|specialiste|specialise|constructeur|concepteur|concevoir|transformateur|transformer"
    r"|leader|numero un|editeur|editer|developper|developpeur|operateur|exploitant|distributeur|commercialiser|vendre|usiner|traiter|expert"  # noqa: E501
    r"|gerer|equipementier|sous-traitant|activite|metier|fournisseur|fournir) "
)
# Divisions that a project of this kind is rarely about, whatever its words say: money and advice only pass by.
BYSTANDERS = {"64": 0.25, "66": 0.3, "69": 0.3, "70": 0.3, "73": 0.4, "78": 0.3, "84": 0.5, "94": 0.2, "85": 0.6}
BACKGROUND = 0.5
THRESHOLD = 1.2


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase of a division, as canonical words."""

    words: tuple[str, ...]
    division: str
    weight: float


@lru_cache(maxsize=1)
def entries() -> dict[str, list[Entry]]:
    """The phrases of ``lexicon/sector.toml`` by their first canonical word, longest first."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/sector.toml").read_text(encoding="utf-8"))
    canoniser = lexicon().canoniser
    table: dict[str, list[Entry]] = {}
    for division, row in data.items():
        for name, weight in (("strong", 1.0), ("weak", 0.35)):
            for phrase in row.get(name, ()):
                words = tuple(canoniser.phrase(phrase, True).split())
                # a longer phrase says more than its words
                entry = Entry(words, division, weight * (1 + 0.35 * (len(words) - 1)))
                table.setdefault(words[0], []).append(entry)
    for rows in table.values():
        rows.sort(key=lambda e: -len(e.words))
    return table


def hits(words: list[str]) -> list[tuple[Entry, float]]:
    """The phrases found in canonical words, the longest at each place, each with how much it counts.

    A phrase may stand in several divisions and is then shared out. In "recyclage d'aimants" or "négoce de bois" the
    first word is the activity and its complement counts little.
    """
    found: list[tuple[Entry, float]] = []
    i, last = 0, -9
    while i < len(words):
        here = [e for e in entries().get(words[i], ()) if tuple(words[i : i + len(e.words)]) == e.words]
        if here:
            longest = len(here[0].words)
            same = [e for e in here if len(e.words) == longest]
            complement = i - last <= 3 and words[i - 1] in ("de", "le", "pour", "a", "en") and "et" not in words[last:i]
            found += [(e, (0.3 if complement else 1.0) / len(same)) for e in same]
            last = i + longest - 1
            i += longest
        else:
            i += 1
    return found


class Scores(dict[str, float]):
    """Divisions and how much speaks for each."""

    def add(self, found: Iterable[tuple[Entry, float]], weight: float) -> None:
        """Count phrases."""
        for entry, share in found:
            self[entry.division] = self.get(entry.division, 0.0) + entry.weight * weight * share

    def best(self) -> str | None:
        """The first division, if anything says so loudly enough."""
        weighed = {division: score * BYSTANDERS.get(division, 1.0) for division, score in self.items()}
        if not weighed:
            return None
        division = max(sorted(weighed), key=lambda d: weighed[d])
        return division if weighed[division] >= THRESHOLD else None


def described(reader: EventReader, entity: OrganisationEntity) -> list[list[str]]:
    """The canonical words by which the text introduces an organisation: before its name, in apposition, as its subject."""  # noqa: E501
    found: list[list[str]] = []
    for sentence in reader.sentences:
        for j, word in enumerate(sentence.words):
            if word.entity is not entity:
                continue
            left: list[str] = []
            for k in range(j - 1, max(-1, j - 8), -1):
                other = sentence.words[k]
                if (
                    other.entity is not None
                    or other.canon in (",", ";", ":", ".", "que", "qui", "(", ")", "«", "»")
                    or other.verb is not None
                ):
                    break
                left.insert(0, other.canon)
            if left and left[-1] not in ("de", "a", "par", "chez", "avec"):
                found.append(left)
            right = sentence.words[j + 1 : j + 24]
            if right and right[0].canon == "(":
                closing = next((n for n, w in enumerate(right) if w.canon == ")"), -1)
                right = right[closing + 1 :] if closing >= 0 else right
            if right and (right[0].canon == "," or right[0].verb is not None and MAKER.match(right[0].canon + " ")):
                clause: list[str] = []
                for n, other in enumerate(right[1:] if right[0].canon == "," else right):
                    if n and other.canon in (".", ";", "«", ":") or (n > 3 and other.canon == ","):
                        break
                    clause.append(other.canon)
                if MAKER.search(" ".join(clause) + " ") or right[0].canon == ",":
                    found.append(clause)
    return found


def division(
    reader: EventReader, carriers: list[OrganisationEntity], targets: list[OrganisationEntity],
    told: list[Sentence], lead: Event, kind: ProjectKind,
) -> str | None:  # fmt: skip
    """The NAF division of a project, two digits, or None where the article does not tell.

    ``carriers`` and ``targets`` are its organisations; for a deal, an insolvency or a closure the target's activity
    counts, for real estate and energy what is built.
    """
    scores = Scores()
    owners = (
        (targets or carriers) if kind in ("acquisition", "insolvency", "closure") else [*carriers[:2], *targets[:1]]
    )
    built = kind == "infrastructure"
    for n, entity in enumerate(owners[:3]):
        factor = (0.3 if built else 1.0) * (1.0 if n == 0 else 0.5)
        for words in described(reader, entity):
            scores.add(hits(words), DESCRIBED * factor)
        scores.add(hits(_name(entity)), NAMED * factor)
    window = [w.canon for w in lead.sentence.words[lead.first : lead.last + 14]]
    scores.add(hits(window), PRODUCT * (1.6 if built else 1.0))
    for sentence in told:
        canon = [w.canon for w in sentence.words if not w.quoted]
        weight = HEADLINE if sentence.kind in ("title", "standfirst", "heading") else TOLD
        scores.add(hits(canon), weight)
        if MAKER.search(sentence.canon):
            made = MAKER.search(sentence.canon)
            at = sentence.word_at(made.start()) if made else 0
            scores.add(hits([w.canon for w in sentence.words[at : at + 12]]), TOLD)
    if scores.best() is None:
        for entity in reader.document.organisations:
            if entity.kind == "company":
                scores.add(hits(_name(entity)), BACKGROUND)
        for sentence in reader.sentences:
            scores.add(hits([w.canon for w in sentence.words if not w.quoted]), BACKGROUND)
    return scores.best()


def _name(entity: OrganisationEntity) -> list[str]:
    """The canonical words of an organisation's name ("Salaisons X" is in meat)."""
    canoniser = lexicon().canoniser
    return [canoniser.word(piece, None, False)[0] for piece in re.findall(r"[^\W\d_]+", entity.name)]
