"""Made articles of the regional business press with their facts, as many as wanted, and made copies of them.

Everything is invented but the communes. The articles are put together from clauses of the trade with names, places and
figures of their own, so that two articles share phrases, as real ones do, and no more. Each fact's evidence is a slice
of the text. The same seed gives the same corpus.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from crawlers.items import Article, Block
from nlp.facts import (
    Evidence,
    Facts,
    Figure,
    Milestone,
    Organisation,
    Person,
    Place,
    Project,
    ProjectFigure,
    Quote,
    Reading,
    Role,
)

Line = tuple[str, Article, Reading]
CopyKind = Literal["copy", "retitled", "teaser", "update", "cut"]

_SYLLABLES = [
    "al",
    "an",
    "ar",
    "au",
    "bel",
    "ber",
    "bri",
    "ca",
    "cen",
    "cor",
    "dal",
    "del",
    "dor",
    "du",
    "el",
    "er",
    "fa",
    "fer",
    "fi",
    "ga",
    "gan",
    "gi",
    "hel",
    "in",
    "jo",
    "kal",
    "ker",
    "la",
    "lan",
    "len",
    "lo",
    "lu",
    "ma",
    "mar",
    "mé",
    "mi",
    "mon",
    "na",
    "nel",
    "ni",
    "no",
    "ob",
    "or",
    "os",
    "pa",
    "per",
    "pi",
    "pol",
    "qui",
    "ra",
    "ren",
    "ri",
    "ro",
    "sa",
    "sel",
    "si",
    "sol",
    "ta",
    "tel",
    "ti",
    "tor",
    "tri",
    "ul",
    "va",
    "ven",
    "vi",
    "vol",
    "ya",
    "zan",
    "zé",
]
_SUFFIXES = (
    "Industries", "Énergies", "Logistique", "Composites", "Matériaux", "Systèmes", "Agro", "Santé", "Technologies",
    "Mécanique", "Bois", "Chimie", "Emballages", "Distribution", "Ingénierie", "Solutions",
)  # fmt: skip
_FIRST = [
    "Anne",
    "Bruno",
    "Claire",
    "David",
    "Élise",
    "Fabien",
    "Gaëlle",
    "Hugo",
    "Inès",
    "Julien",
    "Karine",
    "Louis",
    "Manon",
    "Nicolas",
    "Odile",
    "Pierre",
    "Rachel",
    "Simon",
    "Thierry",
    "Ugo",
    "Valérie",
    "William",
    "Xavier",
    "Yann",
    "Zoé",
    "Amélie",
    "Benoît",
    "Cécile",
    "Damien",
    "Estelle",
]
_ROLES = (
    "président", "directrice générale", "directeur du site", "maire", "préfète", "vice-présidente", "secrétaire du CSE",
    "déléguée syndicale", "directeur industriel", "porte-parole",
)  # fmt: skip
# kind of project, sector, what it is called, verbs by status
_KINDS: dict[str, tuple[str, tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    "new_site": ("28", ("une usine de {good}", "un atelier de {good}", "un centre de production de {good}"),
                 {"announced": ("va construire", "annonce", "installera", "projette d'ouvrir"),
                  "under_way": ("a lancé le chantier d'", "bâtit"),
                  "completed": ("vient d'inaugurer", "a mis en service"),
                  "delayed": ("repousse d'un an", "reporte")}),
    "expansion": ("25", ("l'extension de son site de {good}", "la modernisation de ses lignes de {good}"),
                  {"announced": ("programme", "annonce"), "under_way": ("engage", "mène"),
                   "completed": ("a achevé", "vient de terminer")}),
    "closure": ("22", ("la fermeture de son usine de {good}", "l'arrêt de son site de {good}"),
                {"considered": ("envisage", "étudie"), "announced": ("annonce", "confirme"),
                 "completed": ("a achevé",)}),
    "recruitment": ("62", ("une campagne de recrutement pour son activité de {good}",),
                    {"announced": ("lance", "ouvre"), "under_way": ("poursuit",)}),
    "infrastructure": ("35", ("un parc de {good}", "une plateforme de {good}"),
                       {"announced": ("prévoit", "porte"), "approved": ("a obtenu le permis pour",),
                        "cancelled": ("renonce à", "abandonne")}),
}  # fmt: skip
_GOODS = (
    "roulements", "batteries", "biscuits", "câbles", "vannes industrielles", "cartons ondulés", "pièces forgées",
    "menuiseries", "compléments alimentaires", "cosmétiques", "essieux", "turbines", "panneaux isolants", "drones",
    "dispositifs médicaux", "conserves", "aimants", "verre plat", "textiles techniques", "moules", "pompes à chaleur",
    "semences", "fromages", "engrais", "cuves inox", "capteurs", "vélos cargo", "outillage", "encres", "peintures",
)  # fmt: skip
_OPENINGS = (
    "C'est désormais officiel : {org} {verb} {thing} à {town}.",
    "{org} {verb} {thing} à {town}, a appris notre rédaction mardi.",
    "Le groupe {org} {verb} {thing} à {town}, selon un communiqué diffusé dans la soirée.",
    "À {town}, {org} {verb} {thing}.",
    "Nouvelle étape pour {org}, qui {verb} {thing} à {town}.",
    "La rumeur courait depuis l'été : {org} {verb} {thing} à {town}.",
)
_MONEY = (
    "L'opération représente un investissement de {money}.",
    "Le montant atteint {money}, financé pour moitié par emprunt.",
    "L'entreprise met {money} sur la table.",
    "{money} seront engagés d'ici deux ans.",
    "Le budget, de {money}, a été validé par le conseil de surveillance.",
)
_JOBS = (
    "Le projet doit créer {jobs} emplois.", "{jobs} postes seront ouverts, dont la moitié en production.",
    "La direction table sur {jobs} embauches.", "À terme, {jobs} personnes seront recrutées sur place.",
)  # fmt: skip
_CUTS = (
    "{jobs} postes sont menacés.", "Au total, {jobs} suppressions de postes sont envisagées.",
    "Les {jobs} salariés concernés ont été prévenus vendredi.",
)  # fmt: skip
_BACKGROUND = (
    "Fondée en {year}, {org} réalise un chiffre d'affaires de {sales} et emploie {staff} personnes.",
    "L'entreprise, qui compte {staff} salariés, a réalisé {sales} de ventes l'an dernier.",
    "Le marché a reculé de {share} % sur un an, d'après la fédération professionnelle.",
    "Le carnet de commandes progresse de {share} %, assure la direction.",
    "Le terrain de {area} hectares, ancienne friche ferroviaire, appartient à l'agglomération.",
    "Le bâtiment couvrira {m2} m² et sera alimenté en partie par des panneaux solaires.",
    "Trois sites étaient en concurrence, dont un en Belgique et un en Espagne.",
    "Les collectivités apporteront {grant} d'aides, sous réserve d'un vote en commission.",
    "Les premiers essais auront lieu au printemps, avant une montée en cadence progressive.",
    "La desserte par la route départementale a pesé dans le choix du terrain.",
    "Un comité de suivi réunira chaque trimestre élus, riverains et représentants du personnel.",
    "Le permis de construire a été déposé en mairie à la fin du mois dernier.",
    "Les riverains s'inquiètent du trafic de poids lourds aux heures d'école.",
    "L'énergie pèse désormais {share} % des coûts de fabrication.",
    "Le groupe a perdu {share} % de ses volumes depuis la crise sanitaire.",
    "La chambre de commerce accompagne le dossier depuis près de deux ans.",
    "Une convention a été signée avec le lycée professionnel voisin pour former les opérateurs.",
    "La production alimentera surtout les marchés allemand et italien.",
    "L'appel d'offres pour le gros œuvre sera publié dans les prochaines semaines.",
    "Le tribunal avait validé en {year} le plan de continuation de la société.",
)
_QUOTES = (
    "« {said} », explique {person}, {role} de {org}.", "« {said} », se félicite {person}, {role} de {org}.",
    "« {said} », regrette {person}, {role} de {org}.",
)  # fmt: skip
_SAID = (
    "Nous avons regardé dix terrains avant de choisir celui-ci",
    "Ce choix nous engage pour les vingt prochaines années",
    "Nos clients veulent des pièces fabriquées près de chez eux",
    "Nous avons besoin de bras autant que de machines",
    "Le prix de l'énergie ne nous laisse plus le choix",
    "Personne ne nous a consultés avant l'annonce",
    "Il fallait un terrain plat, une gare et de l'eau",
    "Nous tiendrons le calendrier malgré les recours",
    "La formation sera la clé de la réussite",
    "C'est une page qui se tourne pour la vallée",
)
_MILESTONES = (
    ("Les travaux doivent commencer en {month} {when}.", "start"),
    ("L'ouverture est prévue en {month} {when}.", "opening"),
    ("La mise en service est attendue en {month} {when}.", "completion"),
)  # fmt: skip
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_SOURCES = tuple(f"gazette-{i:03}" for i in range(120))


@cache
def communes() -> tuple[tuple[str, str], ...]:
    """Names and codes of the communes of more than 5,000 inhabitants whose name is theirs alone."""
    data = gzip.decompress((files("nlp") / "lexicon" / "cog" / "communes.csv.gz").read_bytes()).decode()
    rows = [row for row in csv.DictReader(data.splitlines()) if row["former"] != "1"]
    names: dict[str, int] = {}
    for row in rows:
        names[row["name"]] = names.get(row["name"], 0) + 1
    return tuple((r["name"], r["code"]) for r in rows if names[r["name"]] == 1 and int(r["population"]) > 5000)


class _Writer:
    """An article in the making: its paragraphs, and slices of them as evidence."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []

    def add(self, sentence: str, new: bool = True) -> int:
        """Add a sentence, in a paragraph of its own or at the end of the last; returns the block."""
        if new or not self.paragraphs:
            self.paragraphs.append(sentence)
        else:
            self.paragraphs[-1] += " " + sentence
        return len(self.paragraphs) - 1

    def slice(self, block: int, words: str) -> Evidence:
        start = self.paragraphs[block].rindex(words)
        return Evidence(block=block, start=start, end=start + len(words), text=words)


@dataclass(frozen=True)
class Story:
    """A made project that several articles may tell."""

    org: str
    town: tuple[str, str]
    kind: str
    good: str
    money: int
    jobs: int
    person: str
    role: str


class Corpus:
    """Made articles from one seed."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)

    def _name(self) -> str:
        return "".join(self.random.choices(_SYLLABLES, k=self.random.randint(2, 4))).capitalize()

    def story(self) -> Story:
        """Another project."""
        pick = self.random.choice
        return Story(
            org=f"{self._name()} {pick(_SUFFIXES)}" if self.random.random() < 0.7 else self._name(),
            town=pick(communes()),
            kind=pick(tuple(_KINDS)),
            good=pick(_GOODS),
            money=pick((2, 3, 4, 5, 6, 8, 12, 15, 18, 22, 25, 30, 45, 60, 85, 120)),
            jobs=pick((10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 220, 300)),
            person=f"{pick(_FIRST)} {self._name()}",
            role=pick(_ROLES),
        )

    def article(self, ident: str, day: date, story: Story | None = None, source: str | None = None) -> Line:
        """One article of a day; it tells ``story``, or one of its own."""
        pick, story = self.random.choice, story or self.story()
        sector, things, verbs = _KINDS[story.kind]
        status = pick(tuple(verbs))
        verb, thing = pick(verbs[status]), pick(things).format(good=story.good)
        money, jobs = f"{story.money} millions d'euros", str(story.jobs)
        slots: dict[str, Any] = {
            "org": story.org, "verb": verb, "thing": thing, "town": story.town[0], "money": money, "jobs": jobs,
            "person": story.person, "role": story.role, "good": story.good,
        }  # fmt: skip
        text, figures, mine = _Writer(), [], []
        opening = text.add(pick(_OPENINGS).format(**slots).replace("d' ", "d'"))
        clause = text.slice(opening, f"{verb} {thing}".replace("d' ", "d'"))

        def figure(block: int, words: str, measure: str, value: float, unit: str, project: bool, **more: Any) -> None:
            evidence = text.slice(block, words)
            figures.append(
                Figure.model_validate(
                    {"measure": measure, "low": value, "high": value, "qualifier": "exact", "unit": unit,
                     "subject": story.org, "evidence": evidence, **more}
                )
            )  # fmt: skip
            if project:
                mine.append(
                    ProjectFigure.model_validate(
                        {"measure": measure, "low": value, "high": value, "unit": unit, "evidence": evidence}
                    )
                )

        cuts = story.kind == "closure"
        if not cuts:
            figure(text.add(pick(_MONEY).format(**slots)), money, "investment", story.money * 1e6, "EUR", True)
        block = text.add(pick(_CUTS if cuts else _JOBS).format(**slots), new=False)
        figure(block, jobs, "jobs_cut" if cuts else "jobs_created", story.jobs, "person", True)
        milestones = []
        if self.random.random() < 0.6 and status not in ("completed", "cancelled"):
            sentence, milestone = pick(_MILESTONES)
            month, when = self.random.randint(1, 12), day.year + self.random.randint(0, 3)
            block = text.add(sentence.format(month=_MONTHS[month - 1], when=when))
            first = date(when, month, 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            milestones.append(
                Milestone(milestone=milestone, from_=first, to=last, evidence=text.slice(block, str(when)))  # type: ignore[arg-type]
            )
        said = pick(_SAID)
        quoted = text.add(pick(_QUOTES).format(said=said, **slots))
        for sentence in self.random.sample(_BACKGROUND, self.random.randint(5, 9)):
            values: dict[str, Any] = {
                "year": self.random.randint(1950, 2020), "staff": self.random.randint(20, 4000),
                "sales": f"{self.random.randint(3, 900)} millions d'euros", "share": self.random.randint(2, 60),
                "area": self.random.randint(2, 90), "m2": self.random.randint(12, 99) * 100,
                "grant": f"{self.random.randint(100, 900)}.000 euros",
            }  # fmt: skip
            block = text.add(sentence.format(**slots, **values), new=self.random.random() < 0.5)
            for key, measure, unit, scale in (
                ("staff", "workforce", "person", 1), ("sales", "revenue", "EUR", 1e6), ("share", "growth", "%", 1),
                ("area", "area", "ha", 1), ("m2", "area", "m2", 1), ("grant", "grant", "EUR", 1),
            ):  # fmt: skip
                if "{" + key + "}" in sentence:
                    value = float(str(values[key]).split(" ")[0].replace(".", "")) * scale
                    figure(block, str(values[key]), measure, value, unit, False)
        facts = Facts(
            organisations=(
                Organisation(name=story.org, kind="company", mention="main", evidence=text.slice(opening, story.org)),
            ),
            people=(
                Person(name=story.person, roles=(Role(title=story.role, organisation=story.org),),
                       evidence=text.slice(quoted, story.person)),
            ),
            places=(Place(name=story.town[0], kind="commune", code=story.town[1],
                          evidence=text.slice(opening, story.town[0])),),
            figures=tuple(figures),
            projects=(
                Project.model_validate(
                    {"kind": story.kind, "sector": sector, "status": status, "organisations": [story.org],
                     "places": [story.town[0]], "figures": mine, "milestones": milestones, "evidence": clause}
                ),
            ),
            quotes=(Quote(text=said, speaker=story.person, evidence=text.slice(quoted, said)),),
        )  # fmt: skip
        source = source or pick(_SOURCES)
        article = Article(
            url=f"https://www.{source}.example/{day:%Y/%m/%d}/{ident}",
            source=source,
            source_id=source,
            title=f"{story.town[0]} : {story.org} {verb} {thing}".replace("d' ", "d'"),
            standfirst=None,
            published=day,
            body=tuple(Block(kind="paragraph", text=paragraph) for paragraph in text.paragraphs),
        )
        return ident, article, Reading(id=ident, language="fr", facts=facts, rules="made", model="made")

    def articles(self, count: int, day: date, prefix: str, told_again: float = 0.3) -> Iterator[Line]:
        """Articles of one day; a share of them tells a story that another one of the day has told."""
        stories: list[Story] = []
        for number in range(count):
            again = bool(stories) and self.random.random() < told_again
            story = self.random.choice(stories[-50:]) if again else self.story()
            stories.append(story)
            yield self.article(f"{prefix}-{number}", day, story)

    def copy(self, line: Line, kind: CopyKind, ident: str, day: date) -> Line:
        """A near-copy of an article under another address: whole, retitled, shortened, cut, brought up to date."""
        _, article, _ = line
        blocks = [b.text for b in article.body]
        source = self.random.choice([s for s in _SOURCES if s != article.source_id])
        title = article.title
        if kind == "retitled":
            title = f"Économie : ce que l'on sait du dossier {self._name()}"
            blocks[0] = (
                f"{source.upper()}, le {day.day} {_MONTHS[day.month - 1]} – Du nouveau dans le département. "
                + blocks[0]
            )
            blocks.append("Avec agence.")
        elif kind == "teaser":
            words = " ".join(blocks).split()
            blocks = [" ".join(words[: self.random.randint(35, 60)]) + "…"]
        elif kind == "cut":
            blocks = blocks[: max(2, len(blocks) * 2 // 3)]
        elif kind == "update":
            spot = self.random.randrange(len(blocks))
            blocks[spot] = self.random.choice(_BACKGROUND).format(
                org=self._name(), year=self.random.randint(1950, 2020), staff=self.random.randint(20, 4000),
                sales="77 millions d'euros", share=self.random.randint(2, 60), area=self.random.randint(2, 90),
                m2=self.random.randint(12, 99) * 100, grant="310.000 euros",
            )  # fmt: skip
        copied = article.model_copy(
            update={
                "url": f"https://www.{source}.example/{day:%Y/%m/%d}/{ident}", "source": source, "source_id": source,
                "title": title, "published": day, "access": "teaser" if kind == "teaser" else None,
                "body": tuple(Block(kind="paragraph", text=t) for t in blocks),
            }
        )  # fmt: skip
        return ident, copied, Reading(id=ident, language="fr", rules="made", model="made")
