"""Digests for many: 500 subscribers with 20 rules each over 3,000 new projects, matched, ranked, rendered, composed.

    python -m benchmarks.digest [--subscribers 500] [--rules 20] [--stories 3000]

The stories are made up from a seed. Time and processor time are printed; the aim is under two minutes on two cores.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from flows.alerts import Alerts, Rule, Subscriber
from flows.digest import Chooser
from flows.mail import compose
from flows.matching import Matcher
from flows.settings import SmtpSettings
from flows.stories import Report, Step, Story
from flows.writing import Digest, render, subject_of
from nlp.facts import ProjectKind, Status

DAY = date(2026, 3, 10)
KINDS = get_args(ProjectKind)
STATUSES = get_args(Status)
WORDS = (
    "usine",
    "entrepôt",
    "laboratoire",
    "logiciel",
    "hydrogène",
    "aéronautique",
    "bois",
    "verre",
    "textile",
    "port",
    "céréales",
    "robot",
    "batterie",
    "tourisme",
    "formation",
    "chimie",
    "béton",
    "papier",
    "santé",
    "rail",
)
# Departments with their regions: enough for rules to differ.
DEPARTMENTS = {
    "59": "32",
    "62": "32",
    "80": "32",
    "29": "53",
    "35": "53",
    "56": "53",
    "57": "44",
    "67": "44",
    "88": "44",
    "31": "76",
    "34": "76",
    "65": "76",
    "33": "75",
    "64": "75",
    "40": "75",
    "69": "84",
    "38": "84",
}


@dataclass(frozen=True)
class Measured:
    """What a run of the benchmark took, in seconds, and what it made."""

    mails: int
    items: int
    bytes: int
    matching_s: float
    writing_s: float
    processor_s: float

    @property
    def total_s(self) -> float:
        """Matching, ranking and writing."""
        return self.matching_s + self.writing_s


def made_story(number: int, chance: random.Random) -> Story:
    """A project with a few articles, figures and steps."""
    ident, department = f"p{number:05}", chance.choice(list(DEPARTMENTS))
    kind, status, names = chance.choice(KINDS), chance.choice(STATUSES), [f"Firme {chance.randrange(4000)}"]
    reports = [
        Report(
            article_id=f"{ident}-{n}", article_url=f"https://presse{chance.randrange(60)}.example/{ident}/{n}",
            title=f"{names[0]} et son projet de {chance.choice(WORDS)}", source_id=f"s{chance.randrange(60)}",
            source_name=f"Titre {chance.randrange(60)}", published_at=DAY, access="full",
            evidence_text=" ".join(chance.choices(WORDS, k=30)),
        )
        for n in range(chance.randint(1, 4))
    ]  # fmt: skip
    euros, jobs = 10 ** chance.uniform(5, 8.5), float(round(10 ** chance.uniform(0.3, 2.8)))
    figures = [
        {"measure": measure, "low": value, "high": value, "unit": unit, "qualifier": "exact", "per": None,
         "said_by": None, "article_id": reports[0].article_id, "evidence_text": ""}
        for measure, value, unit in (("investment", euros, "EUR"), ("jobs_created", jobs, "person"))
        if chance.random() < 0.7
    ]  # fmt: skip
    top = {figure["measure"]: figure["high"] for figure in figures}
    project = {
        "project_id": ident, "name": None, "kind": kind, "status": status, "sector": f"{chance.randint(10, 88)}",
        "organisations": names, "places": ["Commune"], "commune_codes": [f"{department}{chance.randrange(400):03}"],
        "department_codes": [department], "region_codes": [DEPARTMENTS[department]], "communes": ["Commune"],
        "first_told_at": DAY, "last_told_at": DAY, "first_told_by": "s1", "sources": len(reports), "figures": figures,
        "investment_eur_low": top.get("investment"), "investment_eur_high": top.get("investment"),
        "jobs_created_low": top.get("jobs_created"), "jobs_created_high": top.get("jobs_created"),
        "jobs_cut_low": None, "jobs_cut_high": None, "milestones": [],
    }  # fmt: skip
    if chance.random() < 0.1:
        due = DAY + timedelta(days=chance.randint(1, 60))
        project["milestones"] = [
            {"milestone": "decision", "from": None, "to": due, "article_id": reports[0].article_id}
        ]
    first = reports[0].article_id
    steps = [Step(f"{ident}-0", ident, DAY, "told", None, kind, None, first),
             Step(f"{ident}-1", ident, DAY, "status", None, status, None, first)]  # fmt: skip
    return Story(project, steps, reports, [], {name.casefold(): "main" for name in names})


def made_subscriber(number: int, rules: int, chance: random.Random) -> Subscriber:
    """A subscriber whose rules differ from those of the others."""

    def rule() -> Rule:
        wanted: dict[str, object] = {}
        if chance.random() < 0.6:
            wanted["departments"] = tuple(chance.sample(list(DEPARTMENTS), 2))
        if chance.random() < 0.5:
            wanted["kinds"] = tuple(chance.sample(KINDS, 3))
        if chance.random() < 0.3:
            wanted["min_investment_eur"] = chance.choice((1e6, 5e6, 2e7))
        if chance.random() < 0.3:
            wanted["words"] = tuple(chance.sample(WORDS, 2))
        return Rule.model_validate(wanted or {"organisations": (f"Firme {chance.randrange(4000)}",)})

    return Subscriber(
        id=f"s{number}", email=f"s{number}@region.example", rules=tuple(rule() for _ in range(rules)),
        follow_organisations=tuple(f"Firme {chance.randrange(4000)}" for _ in range(5)),
    )  # fmt: skip


def measure(subscribers: int = 500, rules: int = 20, stories: int = 3000, seed: int = 1) -> Measured:
    """Match, rank and write for everybody; the encoder of ``like`` is left out, since it depends on the model."""
    chance = random.Random(seed)
    told = [made_story(number, chance) for number in range(stories)]
    people = tuple(made_subscriber(number, rules, chance) for number in range(subscribers))
    smtp = SmtpSettings(sender="Veilleur <veille@veilleur.example>")
    started, processor = time.perf_counter(), time.process_time()
    chooser = Chooser(told, Matcher(told, Alerts(subscribers=people), lambda code: frozenset()), DAY)
    digests = []
    for person in people:
        items, left, deadlines = chooser.choose(person, set(), set(), "daily")
        digests.append(Digest(person, DAY, "daily", items, left, deadlines, gaps={"read": ["Titre 1"]}))
    chosen = time.perf_counter()
    size = 0
    for digest in digests:
        html, text = render(digest)
        size += len(
            compose(
                smtp, to_name="", to_email=digest.subscriber.email, subject=subject_of(digest), html=html, text=text,
                ident=f"<{digest.subscriber.id}@veilleur.example>", at=datetime(2026, 3, 10, 6, tzinfo=UTC),
            )
        )  # fmt: skip
    done = time.perf_counter()
    return Measured(
        mails=len(digests), items=sum(len(d.items) for d in digests), bytes=size, matching_s=chosen - started,
        writing_s=done - chosen, processor_s=time.process_time() - processor,
    )  # fmt: skip


def main() -> None:
    """Run it and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("subscribers", 500), ("rules", 20), ("stories", 3000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    found = measure(given.subscribers, given.rules, given.stories)
    print(
        f"{given.subscribers} subscribers x {given.rules} rules over {given.stories} stories: {found.mails} mails, "
        f"{found.items} items, {found.bytes / 1e6:.0f} MB\n"
        f"matching and ranking {found.matching_s:.1f} s, writing {found.writing_s:.1f} s, "
        f"total {found.total_s:.1f} s (processor {found.processor_s:.1f} s)"
    )


if __name__ == "__main__":
    main()
