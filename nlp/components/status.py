"""How far a project is, from the words and the tense of its telling."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from nlp.components.clauses import word_list
from nlp.components.features import status_features
from nlp.components.linear import load
from nlp.components.projects_beliefs import Belief, Beliefs
from nlp.components.projects_events import Cue, Event, cue, lexicon
from nlp.components.projects_text import Sentence
from nlp.document import DateSpan, Document
from nlp.facts import ProjectKind, Status

DONE = word_list("done")
# Verbs that, done, leave a site that is there.
SITE_DONE = word_list("site_done")
SITES = ("new_site", "expansion", "infrastructure", "relocation")
DEALS = ("acquisition", "funding_round", "partnership")
ORDER: tuple[Status, ...] = ("cancelled", "delayed", "negotiating", "approved", "under_way", "considered")
WINDOW = 12
# How much the rules' answer weighs beside the model's probabilities, and a passing event's clause beside the others
# (tuned on gold articles that the model had not seen).
SAY, LEAST = 0.2, 0.2
HOPED = 0.3  # the rules know the words of plans and hopes well
RECENT = 250  # days within which a court's choice is news
BAR = re.compile(
    r"(?<!\S)(?:a le barre|plan de cession|(?:tribunal|juge|justice) (?:\S+ ){0,6}(?:retenir|choisir|designer|confier|attribuer|valider)) "
)


@lru_cache(maxsize=1)
def cues() -> dict[Status, list[Cue]]:
    """Cue patterns of ``lexicon/status.toml`` by status."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/status.toml").read_text(encoding="utf-8"))
    return {status: [cue(lexicon().canoniser, p) for p in phrases] for status, phrases in data["cues"].items()}


def found_cues(sentence: Sentence, first: int, last: int) -> list[tuple[Status, int]]:
    """Statuses cued in a stretch of words, with where."""
    start = sentence.at[max(0, first)]
    end = sentence.at[last + 1] if last + 1 < len(sentence.at) else len(sentence.canon)
    words = {w.canon for w in sentence.words}
    rows: list[tuple[Status, int]] = []
    for status in ORDER:
        for pattern in cues().get(status, ()):
            for match in pattern.finditer(sentence, words, start, end):
                at = sentence.word_at(match.start())
                if not _denied(sentence, at, match.group()):
                    rows.append((status, at))
                    break
    return rows


def _denied(sentence: Sentence, at: int, cue: str) -> bool:
    if re.match(r"(?:ne|pas) ", cue):
        return False
    left = [w.canon for w in sentence.words[max(0, at - 5) : at]]
    right = [w.canon for w in sentence.words[at : at + 4]]
    return ("ne" in left and any(w in ("pas", "plus", "jamais", "aucun") for w in left + right)) or any(
        w in ("aucun", "sans", "dementir") for w in left[-3:]
    )


def event_status(event: Event, kind: ProjectKind) -> Status:
    """The status that one event tells."""
    sentence = event.sentence
    first = max(0, event.first - WINDOW)
    for j in range(event.first - 1, first, -1):
        if sentence.words[j].canon == ";":
            first = j + 1
            break
    cued = [status for status, _ in found_cues(sentence, first, min(len(sentence.words) - 1, event.last + WINDOW))]
    if event.given_up:
        return "cancelled"
    verb = event.verb or sentence.words[event.first].canon
    for status in ("cancelled", "delayed"):
        if status in cued:
            return status
    if (
        "negotiating" in cued
        and kind in ("acquisition", "partnership", "funding_round")
        and not (event.tense == "perf" and verb in DONE)
    ):
        return "negotiating"
    if event.tense == "cond" or ("considered" in cued and kind == "acquisition" and event.trigger.noun):
        return "considered"
    if "approved" in cued and kind not in ("funding_round", "partnership"):
        return "approved"
    if event.tense == "perf" and verb in (SITE_DONE if kind in SITES else DONE):
        return "completed"
    if event.tense == "pres" and kind == "acquisition" and not event.trigger.noun and "considered" not in cued:
        return "completed"
    if event.tense == "pres" and kind == "funding_round" and not event.trigger.noun and "considered" not in cued:
        return "completed"
    if event.tense == "pres" and verb in (
        "racheter",
        "lever",
        "acquerir",
        "boucler",
        "finaliser",
        "absorber",
        "offrir",
        "inaugurer",
        "signer",
        "fusionner",
        "emparer",
        "decrocher",
        "remporter",
    ):
        return "completed"
    if event.tense == "plup" and verb in DONE:
        return "completed"
    if event.tense == "part" and kind in DEALS and not event.quoted:
        return "completed"
    if "under_way" in cued and _begun(sentence):
        return "under_way"
    if kind == "insolvency":
        return (
            "completed"
            if re.search(r"liquidation|liquider", sentence.canon)
            and not re.search(r"redressement|frole|eviter", sentence.canon)
            else "under_way"
        )
    if "considered" in cued or event.tense in (
        "modal:pouvoir",
        "modal:envisager",
        "modal:etudier",
        "modal:esperer",
        "modal:souhaiter",
        "modal:songer",
    ):
        return "considered"
    if kind in DEALS and event.trigger.noun and kind == "funding_round" and event.tense == "noun":
        return "completed"
    return "announced"


def _begun(sentence: Sentence) -> bool:
    """Whether the works of a sentence have begun: no future, conditional or hope in it."""
    for i, word in enumerate(sentence.words):
        ahead = word.verb is not None and word.verb.tense in ("fut", "cond")
        going = word.canon == "aller" and any(w.verb and w.verb.tense == "inf" for w in sentence.words[i + 1 : i + 4])
        if ahead or going or word.canon in ("devoir", "prevoir", "pouvoir"):
            return any(
                c in sentence.canon
                for c in (
                    "avoir demarrer",
                    "avoir debuter",
                    "avoir commencer",
                    "avoir etre lancer",
                    "etre en cour",
                    "en construction",
                )
            )
    return True


# Somebody hands in an offer.
BID = re.compile(
    r"(?<!\S)(?:remettre|deposer|transmettre|presenter|formuler|adresser) (?:\S+ ){0,10}?(?:offre|candidature) "
)


def project_status(events: list[Event], told: list[Sentence], kind: ProjectKind, beliefs: Beliefs) -> Status:
    """The status of a project: the mean of what the model sees in the clauses of its events, each as heavy as its event,
    with a say for the rules' own answer."""
    statuses = [event_status(e, kind) for e in events]
    ruled = rules_status(events, statuses, told, kind)
    clauses: dict[tuple[int, int], tuple[Belief, list[tuple[Event, Status]]]] = {}
    for event, own in zip(events, statuses, strict=True):
        belief = beliefs.at(event)
        if belief is not None:
            clauses.setdefault((event.sentence.index, belief.first), (belief, []))[1].append((event, own))
    if not clauses:
        return ruled
    votes: dict[str, float] = {ruled: HOPED if ruled == "considered" else SAY}
    total = sum(max(LEAST, *(e.weight for e, _ in mine)) for _, mine in clauses.values())
    for belief, mine in clauses.values():
        weight = max(LEAST, *(e.weight for e, _ in mine)) / total
        seen = status_features(belief.words, kind, [own for _, own in mine])
        for status, probability in load("status").probabilities(seen).items():
            votes[status] = votes.get(status, 0.0) + weight * probability
    if all(e.tense in ("fut", "cond") or e.tense.startswith("modal:") for e in events):
        votes.pop("completed", None)  # what one will, would or wants to do is not done
    if kind == "acquisition" and ruled != "completed" and any(BID.search(e.sentence.canon) for e in events):
        votes.pop("completed", None)  # nor is what one offers
    best = max(votes, key=lambda s: votes[s], default=ruled)
    if best == "completed" and kind == "acquisition" and any(_at_the_bar(e, beliefs.document) for e in events):
        return "approved"  # a court's choice of a buyer, which the deed follows
    return best  # type: ignore[return-value]


def _at_the_bar(event: Event, document: Document) -> bool:
    """Whether a recent event is a takeover by judgment: "a été repris mardi, à la barre"."""
    sentence = event.sentence
    ends = [w.entity.to for w in sentence.words if isinstance(w.entity, DateSpan) and w.entity.to]
    old = document.published is not None and bool(ends) and (document.published - max(ends)).days > RECENT
    return not old and bool(BAR.search(sentence.canon))


def rules_status(events: list[Event], statuses: list[Status], told: list[Sentence], kind: ProjectKind) -> Status:
    """The status that cue words and tenses give, from all events of a project with theirs (``statuses``) and the sentences
    that tell of it."""
    votes: dict[Status, float] = {}
    for event, status in zip(events, statuses, strict=True):
        weight = max(0.2, event.weight)
        votes[status] = votes.get(status, 0.0) + weight
    total = sum(votes.values()) or 1.0
    for status in ("cancelled", "delayed"):
        if votes.get(status, 0.0) >= 0.34 * total:
            return status
    if kind in ("new_site", "expansion", "infrastructure", "relocation") and "completed" not in votes:
        for sentence in told:
            cued = [status for status, _ in found_cues(sentence, 0, len(sentence.words) - 1)]
            if "under_way" in cued and _begun(sentence):
                return "under_way"
    for status in ("completed", "under_way", "approved", "negotiating"):
        if votes.get(status, 0.0) >= (0.12 if status in ("approved", "under_way") else 0.25) * total:
            return status
    if votes.get("considered", 0.0) > votes.get("announced", 0.0):
        return "considered"
    return "announced"
