"""Projects: what someone announces, does or stops doing, one record for each announced thing.

Events (:mod:`nlp.components.projects_events`) that tell of the same thing are put together; the article's figures, dates
and places then go to the project that their sentence tells of.
"""  # noqa: E501

from __future__ import annotations

import re
from collections import Counter

from nlp.components import milestones, sector, status
from nlp.components.attach import Attachments
from nlp.components.carriers import Carriers
from nlp.components.projects_beliefs import Beliefs, family
from nlp.components.projects_cluster import Cluster, share, unique
from nlp.components.projects_events import SURVEYOR, Event, EventReader, Trigger
from nlp.components.projects_places import where
from nlp.components.projects_text import Sentence
from nlp.components.records import believable
from nlp.document import DateSpan, Document, Mention, OrganisationEntity, PlaceEntity
from nlp.facts import Evidence, Figure, Project, ProjectFigure, ProjectKind
from nlp.folding import fold

SITES = ("new_site", "expansion", "relocation", "infrastructure")
CUTS = ("closure", "restructuring")
OPINION = re.compile(
    r"^\W*(?:tribune|point de vue|opinion|[ée]ditorial|[ée]dito|chronique|libre propos|carte blanche|billet)\b", re.I
)
PROMOTER = re.compile(
    r"\b(?:promoteur|promotrice|foncier|fonciere|immobilier|immobiliere|bailleur|amenageur|lotisseur|investisseur)\b"
)
PROMOTER_NAME = re.compile(
    r"\b(?:immobilier|immobili[èe]re|promotion|fonci[èe]re|habitat|logement|am[ée]nagement|real estate|properties)\b",
    re.I,
)
MEASURES: dict[ProjectKind, frozenset[str]] = {
    "new_site": frozenset(
        [
            "investment",
            "grant",
            "jobs_created",
            "area",
            "power",
            "energy",
            "output",
            "jobs_saved",
            "deal_value",
            "count",
        ]
    ),
    "expansion": frozenset(
        [
            "investment",
            "grant",
            "jobs_created",
            "area",
            "power",
            "energy",
            "output",
            "jobs_saved",
            "workforce",
            "growth",
        ]
    ),
    "infrastructure": frozenset(["investment", "grant", "jobs_created", "area", "power", "energy", "output", "count"]),
    "relocation": frozenset(
        ["investment", "grant", "jobs_created", "area", "jobs_saved", "deal_value", "output", "share"]
    ),
    "closure": frozenset(["jobs_cut", "jobs_saved", "workforce"]),
    "restructuring": frozenset(["jobs_cut", "jobs_saved"]),
    "insolvency": frozenset(["workforce", "amount", "jobs_cut", "grant"]),
    "acquisition": frozenset(["deal_value", "jobs_saved", "investment", "grant", "share", "jobs_cut", "jobs_created"]),
    "funding_round": frozenset(["funding_round", "amount", "grant", "jobs_created"]),
    "recruitment": frozenset(["jobs_created"]),
    "partnership": frozenset(["deal_value", "output", "investment", "energy", "power"]),
    "programme": frozenset(["grant", "investment", "amount", "count"]),
}
PUBLIC_BUILDER = re.compile(
    (
        r"\b(?:CHU|CHRU|CHR|h[ôo]pita(?:l|ux)|centre hospitalier|universit[ée]|SNCF|RATP|a[ée]roport"
        r"|grand port|port de|d[ée]partement|r[ée]gion|m[ée]tropole|ville|commune|agglom[ée]ration|communaut[ée])\b"
    ),
    re.I,
)
SCHOOL = re.compile(r"(?<!\S)(?:ecole|cfa|centre de formation|incubateur|accelerateur|fonds|cluster|pepiniere) ")
FURTHER = re.compile(r"(?<!\S)(?:nouveau|second|deuxieme|troisieme|quatrieme|autre|supplementaire) $")
MONEY_VERB = (
    r"investir|investissement|injecter|consacrer|engager|mettre|debloquer|cheque|(?:annoncer|promettre|prevoir) #money"
)
SUPERSEDED = re.compile(
    r"\b(?:au lieu de|contre|et non plus|non plus|initialement prevu[es]*|a l'origine|auparavant"
    r"|jusqu'ici|plutot que)\s*(?:les? |l')?\W*$"
)


# What a public contract is for: works make it infrastructure.
WORKS = re.compile(
    r"(?<!\S)(?:construction|refection|rehabilitation|renovation|amenagement|travaux|extension"
    r"|demolition|reconstruction|restauration|modernisation) "
)
FUND = re.compile(
    r"(?<!\S)#money (?:\S+ ){0,6}(?:a|pour|dans) (?:un|le|son) (?:nouveau )?(?:programme|dispositif"
    r"|plan|fonds|operation|campagne) "
)
# Articles that measure an economy: what they count is nobody's project.
BAROMETER = re.compile(
    r"(?<!\S)(?:barometre|conjoncture|enquete|observatoire|panorama|indicateur|defaillances?"
    r"|palmares|classement|statistiques?|bilan)(?!\S)"
)
HUMAN = re.compile(
    r"(?<!\S)(?:cadre|salarie|couple|fils|fille|frere|soeur|associe|entrepreneur|repreneur|directeur"
    r"|directrice|neveu|gendre|enfant|ancien|heritier|employe|famille|ami|investisseur|moniteur|PERS) "
)
BEHIND = re.compile(
    r"(?<!\S)(?:derriere|a le manoeuvre|a le initiative|a le origine|porter par|porte par|imagine par|conduit par|emmene par|mene par|pilote par) "
)
# A plan that builds nothing: "a présenté un projet de réorganisation".
NO_WORKS = re.compile(
    r"projet de (?:le |un )?(?:reorganisation|restructuration|fermeture|cession|reprise|loi|budget|vente|fusion|rachat"
    r"|suppression|licenciement|rapprochement|transmission|acquisition|recrutement|delocalisation|deliberation) "
)
LINE = re.compile(r"(?<!\S)(?:ligne|four|machine|presse|equipe|poste|chaine) ")
ANNIVERSARY = re.compile(
    r"(?<!\S)(?:an|annee|mois|DATE|tard|lendemain) (?:\S+ )?(?:apres|depuis|de) (?:le |son |ce )?(?:\S+ )?$"
)
ORPHANS: dict[str, ProjectKind] = {
    "investment": "expansion",
    "funding_round": "funding_round",
    "jobs_created": "recruitment",
    "jobs_cut": "restructuring",
    "grant": "expansion",
    "area": "new_site",
}
BIDS = ("jobs_saved", "deal_value")
CHOSEN = re.compile(r"(?<!\S)(?:retenir|arreter|plan de cession|choisir|designer) ")
OFFER = re.compile(r"(?<!\S)(?:offre|reprise|repreneur|garder|conserv\S*|reprendre|tribunal|candidat) ")
OWN_USE = re.compile(
    r"(?:hotel|complexe hotelier|camping|village vacance|parc de loisir|parc de attraction|restaurant)"
)
EXTENDING = re.compile(
    r"(?<!\S)(?:extension|agrandir|agrandissement|moderniser|modernisation|capacite|doubler|renover|renovation) "
)
CUTS_AND_DEALS = ("closure", "restructuring", "insolvency", "partnership")
AFTERWARDS = re.compile(r"(?<!\S)(?:apres|depuis|faute de) (?:le |un |son )?$")
# The article that is part of a town's name (Le Mans, Les Herbiers).
ARTICLE = re.compile(r"(?<!\w)(?:L[ea]s? |L['’])$")
NEVER = re.compile(r"(?!)")
# How far the learned models are believed (tuned on gold articles that they had not seen).
FRESH, CERTAIN = 0.8, 0.7
RECORD = 0.2  # least probability of a record
DISBELIEF, OUTRIGHT, SURE, RIVAL, AHEAD = 0.08, 0.015, 0.42, 0.5, 0.25


def _involves(cluster: Cluster, owner: OrganisationEntity) -> bool:
    return any(owner is o for o in cluster.organisations)


class ProjectReader:
    """Reads the projects of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reader = EventReader(document)
        self.events: list[Event] = []
        self.clusters: list[Cluster] = []
        self.attachments: Attachments | None = None
        self.proposed: dict[int, tuple[list[Figure], list[PlaceEntity]]] = {}
        self.relations: set[frozenset[int]] = set()
        self.measures = False
        self.beliefs = Beliefs(document, self.kind)
        self.sectors = sector.SectorReader(self.reader)

    def judge(self, sentence: Sentence, events: list[Event]) -> list[Event]:
        """The events of a sentence as the learned models see them: without those that they do not believe, with those
        that no trigger told."""
        kept: list[Event] = []
        for belief in self.beliefs.of(sentence, events):
            mine: list[Event] = []
            for event in events:
                if not belief.first <= event.first < belief.end:
                    continue
                kind = None if event.trigger.kind == "stage" else self.kind(event)
                if kind is not None:
                    event.belief = belief.kinds[kind]
                    rival = max(family(kind), key=lambda k: belief.kinds[k])
                    if belief.kinds[rival] >= RIVAL and belief.kinds[rival] > event.belief + AHEAD:
                        event.learned, event.belief = rival, belief.kinds[rival]
                    elif event.belief < (DISBELIEF if event.trigger.noun or event.anaphoric else OUTRIGHT):
                        continue
                mine.append(event)
            told = {k for e in mine if e.trigger.kind != "stage" for k in family(self.kind(e) or "")}
            measures = {w.figure.measure for w in sentence.words[belief.first : belief.end] if w.figure is not None}
            kept_jobs = "jobs_saved" in measures and "jobs_cut" not in measures
            for name, probability in belief.kinds.items():
                least = CERTAIN if kept_jobs and name in CUTS else SURE  # who keeps jobs hardly closes
                if probability >= least and name not in told:
                    event = self.beliefs.event(sentence, belief, name)
                    event.belief = probability
                    mine.append(event)
                    told |= family(name)
            fresh = belief.fresh() if mine else 0.0
            for event in mine:
                event.fresh = fresh
            kept += mine
        return kept

    def read(self) -> list[Project]:
        """All projects, in the order in which they are told."""
        document = self.document
        if OPINION.match(document.article.standfirst or "") or OPINION.match(document.article.section or ""):
            return []
        self.measures = bool(BAROMETER.search(fold(document.article.title) + " "))
        self.events = self.reader.read(self.judge)
        carriers = Carriers(self.reader)
        for event in self.events:
            kind = None if event.trigger.kind == "stage" else self.kind(event)
            if kind is not None:
                event.learned = kind
                carriers.choose(event, kind)
        self.relations = self._relations()
        clusters: list[Cluster] = []
        for event in self.events:
            if event.trigger.kind == "stage":
                continue
            kind = self.kind(event)
            if kind is None:
                continue
            sure = event.belief is not None and event.belief >= SURE
            if not sure and (self.is_background(event) or not self.plausible(event, kind)):
                continue
            self.place(clusters, event, kind)
        clusters = self.join(clusters)
        clusters = self.settle(clusters)
        self.bids(clusters)
        clusters += self.orphans(clusters)
        self.clusters = clusters
        clusters = [c for c in clusters if believable(c, clusters, MEASURES[c.kind]) >= RECORD]
        self.tell(clusters)
        for cluster in clusters:
            if cluster.kind == "funding_round":
                self.invest(cluster)
        self.attach(clusters)
        return self.agree([self.write(cluster) for cluster in clusters])

    def attach(self, clusters: list[Cluster]) -> None:
        """Give each project its figures and places: the rules propose, learned models decide."""
        self.attachments = Attachments(self.reader, clusters)
        for cluster in clusters:
            past = any(self._past_attempt(e) for e in cluster.events)
            self.proposed[id(cluster)] = (list(cluster.figures), where(self.reader, cluster, past=past))
        self.attachments.figures = [row for row in self.attachments.figures if not self._superseded(row[0], row[1])]
        chosen = [
            (self.attachments.figures_of(c, figures), self.attachments.places_of(c, places))
            for c in clusters
            for figures, places in [self.proposed[id(c)]]
        ]
        for cluster, (figures, places) in zip(clusters, chosen, strict=True):
            cluster.figures, cluster.where = figures, places

    def fullest(self, place: PlaceEntity) -> str:
        """The longest form in which the article names a place."""
        forms = []
        for mention in place.mentions:
            text = self.reader.discourse.texts[mention.block]
            article = ARTICLE.search(text[: mention.start])
            forms.append((article[0] if article else "") + text[mention.start : mention.end])
        return max(forms, key=len, default=place.name)

    def agree(self, projects: list[Project]) -> list[Project]:
        """Let the records of one article agree: a court that chooses a buyer ends the insolvency, a carrier has one
        activity."""
        court = any(re.search(r"(?<!\S)(?:tribunal|cession|juge|justice) ", s.canon) for s in self.reader.sentences)
        failing = {o for p in projects if p.kind == "insolvency" for o in p.organisations}
        bought = {
            p.organisations[-1]
            for p in projects
            if p.kind == "acquisition" and p.organisations and p.status in ("approved", "completed")
        }
        result: list[Project] = []
        for project in projects:
            changes: dict[str, object] = {}
            if (
                project.kind == "acquisition"
                and court
                and project.status == "completed"
                and failing & set(project.organisations[1:])
            ):
                changes["status"] = "approved"
            if project.kind == "insolvency" and set(project.organisations) & bought:
                changes["status"] = "completed"
            if project.sector is None:
                kin = [p.sector for p in projects if p.sector and set(p.organisations) & set(project.organisations)]
                changes["sector"] = kin[0] if kin else None
            result.append(project.model_copy(update=changes) if changes else project)
        return result

    # -- kinds -------------------------------------------------------------------------------------------------------

    def kind(self, event: Event) -> ProjectKind | None:
        """The kind of project that an event tells of, from its trigger and its object.

        ``event.vague`` is set where nothing told the object.
        """
        if event.learned is not None:
            return event.learned  # type: ignore[return-value]
        raw = event.trigger.kind
        if raw == "programme":
            return self._programme(event)
        if raw == "expansion" and FUND.match(self._after(event)) and not any(o.kind == "company" for o in event.agents):
            return "programme"
        if raw == "partnership" and WORKS.search(self._after(event)) and self._public(event):
            return "infrastructure"
        if raw not in ("build", "expansion"):
            return raw  # type: ignore[return-value]
        if event.trigger.roles == "settle":
            return "new_site"
        window, found = self._object(event)
        infra, site, part, energy = found["infra"], found["site"], found["part"], found["energy"]
        located = site and re.search(r"(?<!\S)(?:sur|dans|a|de) (?:le|son) $", window[: site.start()])
        if (
            raw == "build"
            and event.trigger.roles == "agent"
            and site
            and located
            and part
            and part.start() > site.start()
        ):
            site = None  # "installe sur son site une ligne"
        event.vague = raw == "build" and not (infra or site or part or energy)
        public = any(PUBLIC_BUILDER.search(o.name) or o.kind != "company" for o in event.agents)
        if raw == "expansion":
            kind = self._expansion(window, infra, site, part, public)
            event.vague = bool(re.match(MONEY_VERB, window)) and not (infra or site or part)
            return kind
        if energy and (infra or site or not part):
            return "infrastructure"
        if infra and not (site and site.start() < infra.start()) and not (part and part.start() < infra.start()):
            return "infrastructure"
        called = event.anaphoric and PROMOTER.search(event.sentence.canon[: event.sentence.at[event.first]])
        if public or called or any(self.promoter(o) for o in event.agents):
            return "infrastructure"
        if SCHOOL.search(window) and re.match(r"(?:ouvrir|creer|lancer) ", window):
            return "programme"
        further = part and FURTHER.search(window[: part.start()])
        if part and (not site or part.start() <= site.start()) and (further or not site or " " in part.group()):
            return "expansion"
        return "new_site"

    @staticmethod
    def _after(event: Event) -> str:
        """Canonical text of an event and what follows it, as far as the next stop; from the sum on, if there is one."""
        sentence = event.sentence
        text = sentence.canon[sentence.at[event.first] : sentence.at[min(len(sentence.at) - 1, event.last + 12)]]
        return text[max(0, text.find("#money ")) :]

    def _public(self, event: Event) -> bool:
        return any(PUBLIC_BUILDER.search(o.name) or self.promoter(o) for o in event.agents)

    def _object(self, event: Event) -> tuple[str, dict[str, re.Match[str] | None]]:
        """The words that hold an event's object, and the first noun of each class among them."""
        classes = self.reader.lexicon.classes
        sentence = event.sentence
        start = sentence.at[event.first]
        if event.trigger.roles == "theme":
            start = sentence.at[max(0, event.first - 16)]
        stop = min(len(sentence.at) - 1, event.last + 9)
        window = sentence.canon[start : sentence.at[stop] + len(sentence.words[stop].canon) + 1]
        cut = re.search(r" (?:[.;:]|, (?:qui|dont|en|et) )", window)
        if cut and cut.start() > 12:
            window = window[: cut.start() + 1]
        for text in (window, sentence.canon[start:], sentence.canon):
            found = {name: classes[name].search(text) for name in ("infra", "site", "part", "energy")}
            if any(found.values()):
                return text, found
        return window, found

    def _programme(self, event: Event) -> ProjectKind | None:
        """A programme of a public body or an association; of a company only where it is a school, a fund or the like."""  # noqa: E501
        firms = bool(event.agents) and all(o.kind == "company" for o in event.agents)
        window = " ".join(w.canon for w in event.sentence.words[event.first : event.last + 9]) + " "
        return None if firms and not SCHOOL.search(window) else "programme"

    @staticmethod
    def _expansion(
        window: str, infra: re.Match[str] | None, site: re.Match[str] | None, part: re.Match[str] | None, public: bool
    ) -> ProjectKind | None:
        """What money or works go into: "dans une usine" is a new site, "la gare" infrastructure, "son usine" neither."""  # noqa: E501
        if public:
            return "infrastructure" if infra or site or part or re.match(MONEY_VERB, window) else None
        if infra and re.match(
            r"(?:moderniser|renover|etendre|agrandir|prolonger|modernisation de|renovation de) (?:un|le) ", window
        ):
            return "infrastructure"
        if not re.match(MONEY_VERB, window):
            return "expansion"
        first = min((m for m in (infra, site, part) if m), key=lambda m: m.start(), default=None)
        if first is None:
            return "expansion"
        if first is infra:
            return "infrastructure"
        new = re.search(r"(?<!\S)(?:un|nouveau|futur|premier) (?:\S+ )?$", window[: first.start()])
        return "new_site" if site and first.start() == site.start() and new else "expansion"

    def plausible(self, event: Event, kind: ProjectKind) -> bool:
        """Whether these carriers can have this kind of project."""
        carriers = event.agents or event.targets
        if kind == "acquisition" and event.anaphoric and event.trigger.roles == "sale":
            return False
        words = [w.canon for w in event.sentence.words[: event.first]]
        if "si" in words and event.tense == "imp" and not any(w == "," for w in words[words.index("si") :]):
            return False
        if (
            event.trigger.noun
            and kind in ("closure", "insolvency", "restructuring", "acquisition")
            and ANNIVERSARY.search(event.sentence.canon[: event.sentence.at[event.first]])
        ):
            return False
        if event.trigger.phrase == "passer de #jobs":
            numbers = [
                w.figure.low or 0.0 for w in event.sentence.words[event.first :] if w.canon == "#jobs" and w.figure
            ]
            if len(numbers) > 1 and numbers[1] >= numbers[0]:
                return False
        after = event.sentence.canon[event.sentence.at[event.last] :]
        if event.trigger.kind == "build" and NO_WORKS.match(after):
            return False
        if event.quoted and event.trigger.roles == "theme" and not any(w.canon == "ORG" for w in event.sentence.words):
            return False
        if self.measures and event.anaphoric and kind not in ("programme", "partnership", "infrastructure"):
            return False
        if (
            carriers
            and all(o.kind == "association" for o in carriers)
            and kind not in ("programme", "partnership", "recruitment")
        ):
            return False
        if event.trigger.phrase.startswith("#jobs") and event.anaphoric:
            focus = self.reader.focus_at.get(event.sentence.index)
            if focus is None or not any(m.block in (-2, event.sentence.block) for m in focus.mentions):
                return False
        public = bool(carriers) and all(o.kind == "public_body" for o in carriers)
        if public and kind in ("restructuring", "insolvency", "funding_round", "recruitment"):
            return False
        if (
            event.trigger.noun
            and kind in CUTS_AND_DEALS
            and AFTERWARDS.search(event.sentence.canon[: event.sentence.at[event.first]])
        ):
            return False
        if kind == "closure" and event.anaphoric and not event.trigger.noun:
            told = {w.canon for w in event.sentence.words}
            if not (told & {"LIEU", "ORG"} or self.reader.lexicon.classes["site"].search(event.sentence.canon)):
                return False
        if kind == "restructuring" and event.quoted and not any(w.canon == "#jobs" for w in event.sentence.words):
            return False
        if kind == "recruitment":
            if event.tense == "plup" or (event.anaphoric and words[-2:-1] in (["ils"], ["elles"])):
                return False
            if event.quoted and not any(w.canon == "#jobs" for w in event.sentence.words):
                return False
            counted = any(w.canon == "#share" for w in event.sentence.words[: event.first])
            return not counted and any(o.kind != "public_body" or not event.anaphoric for o in carriers)
        return True

    def promoter(self, entity: OrganisationEntity) -> bool:
        """Whether an organisation builds for others: promoters, landlords, local authorities."""
        if entity.kind == "public_body" or PROMOTER_NAME.search(entity.name):
            return True
        for mention in entity.mentions:
            text = self.reader.discourse.texts.get(mention.block)
            if text and PROMOTER.search(
                fold(text[max(0, mention.start - 40) : mention.start]).split(",")[-1].split(".")[-1]
            ):
                return True
        return False

    def is_background(self, event: Event) -> bool:
        """Old facts: a bare participle, a pluperfect or a past tense with a date more than a year old."""
        published = self.document.published
        sentence = event.sentence
        if self._past_attempt(event):
            return False
        span, before = None, None
        for word in sentence.words[event.last + 1 : event.last + 7]:
            if word.verb is not None or word.canon in ("que", "qui", "dont"):
                break
            span = span or (word.entity if isinstance(word.entity, DateSpan) else None)
        for word in sentence.words[max(0, event.first - 6) : event.first]:
            before = word.entity if isinstance(word.entity, DateSpan) else before
        old = False
        deal = event.trigger.roles in ("deal", "sale") and event.passive and event.agents and event.targets
        for found in (span, before):
            if published and found is not None and found.to is not None:
                old = old or (published - found.to).days > (1100 if deal else 400)
        figures = [w for w in sentence.words if w.figure is not None]
        headline = sentence.kind in ("title", "heading")
        if event.tense == "plup" and old and figures and not event.trigger.noun:
            return False
        if event.tense in ("perf", "part", "plup", "imp", "noun") and old:
            event.background = not (figures and event.kind in ("funding_round", "acquisition", "build"))
            return event.background and event.tense != "plup"
        verb = sentence.words[event.first].canon
        if event.tense == "part" and event.first <= 1 and verb in ("presenter", "devoiler", "annoncer", "inaugurer"):
            return False
        if event.tense == "part" and not headline and event.kind != "insolvency":
            return event.trigger.roles not in ("deal", "sale") or not event.agents or bool(old)
        return False

    # -- putting events together ---------------------------------------------------------------------------------------

    def place(self, clusters: list[Cluster], event: Event, kind: ProjectKind) -> None:
        """Add an event to the project that it tells of, or begin a new one."""
        best: Cluster | None = None
        for cluster in reversed(clusters):
            if self.fits(cluster, event, kind) and not self._another(cluster, event):
                best = cluster
                break
        if best is None:
            if event.weight <= 0:
                return
            clusters.append(Cluster(kind, [event], list(event.agents), list(event.targets), list(event.places)))
            return
        best.events.append(event)
        if event.anaphoric and best.agents:
            pass
        elif kind == best.kind or not best.organisations:
            fresh = [a for a in event.agents if not any(a is t for t in best.targets)]
            best.agents = unique([*best.agents, *fresh]) if kind != "acquisition" or not best.agents else best.agents
            best.targets = [t for t in unique([*best.targets, *event.targets]) if not any(t is a for a in best.agents)]
        if not best.places:
            best.places = list(event.places)

    @staticmethod
    def _another(cluster: Cluster, event: Event) -> bool:
        """Whether the body tells a second project where it already told the first: both clauses read as first tellings.
        Two parties have one deal in one place."""
        parties = {id(o) for o in event.organisations}
        apart = event.places and cluster.places and not any(p is q for p in event.places for q in cluster.places)
        same = len(parties) > 1 and parties == {id(o) for o in cluster.organisations}
        if event.learned == "acquisition" and same and not apart:
            return False
        body = event.sentence.kind == "paragraph" and event.fresh >= FRESH
        return body and any(
            e.sentence.kind == "paragraph" and e.fresh >= FRESH and e.sentence is not event.sentence
            for e in cluster.events
        )

    def fits(self, cluster: Cluster, event: Event, kind: ProjectKind) -> bool:
        """Whether an event can tell of the same project as a cluster."""
        same_section = (
            cluster.events[-1].sentence.section == event.sentence.section
            or event.sentence.section == 0
            or cluster.events[0].sentence.section == 0
        )
        if kind != cluster.kind and not (kind in SITES and cluster.kind in SITES):
            return False
        if self._past_attempt(event) != any(self._past_attempt(e) for e in cluster.events):
            return False
        orgs = event.organisations
        if orgs and cluster.organisations and not self._related(orgs, cluster.organisations):  # noqa: SIM102
            if not (event.anaphoric and same_section and not event.targets):
                return False
        if kind in SITES:
            if event.places and cluster.places and not any(p is q for p in event.places for q in cluster.places):
                return False
            if kind != cluster.kind and not (same_section and self._same_works(cluster, event, kind)):
                return False
            return same_section or bool(orgs)
        if kind == "acquisition":
            a, b = event.agents, cluster.agents
            roles = {e.trigger.roles for e in cluster.events}
            if event.trigger.roles == "deal" and roles == {"sale"} and event.targets and not cluster.targets:
                return False
            if a and b and not share(a, b) and not event.anaphoric:
                return share(a, cluster.targets) and (not event.targets or share(event.targets, b))
            return not (
                event.targets
                and cluster.targets
                and not share(event.targets, cluster.targets)
                and not share(event.targets, b)
            )
        if (
            kind == "closure"
            and event.places
            and cluster.places
            and not any(p is q for p in event.places for q in cluster.places)
        ):
            return False
        if kind == "funding_round":
            mine, theirs = self._amounts(event), {x for e in cluster.events for x in self._amounts(e)}
            return not (mine and theirs and not mine & theirs)
        if kind == "programme" and event.sentence.block != cluster.lead.sentence.block:
            heads = {e.sentence.words[e.last].canon for e in cluster.events}
            return event.sentence.words[event.last].canon in heads or event.sentence.section == 0 or event.anaphoric
        return True

    def _past_attempt(self, event: Event) -> bool:
        """An attempt of an earlier year that fell through."""
        if event.trigger.kind in ("restructuring", "closure", "insolvency", "recruitment"):
            return False
        sentence = event.sentence
        published = self.document.published
        years = [w.entity.to.year for w in sentence.words if isinstance(w.entity, DateSpan) and w.entity.to is not None]
        failed = re.search(
            r"(?<!\S)(?:avoir|etre) (?:\S+ ){0,3}(?:echouer|renoncer|capoter|avorter|abandonner|annuler|retirer) ",
            sentence.canon,
        )
        if not failed or published is None:
            return False
        auxiliary = sentence.words[sentence.word_at(failed.start())].verb
        earlier = auxiliary is not None and auxiliary.tense == "imp"  # "avait renoncé": before what is told now
        return earlier or any(year < published.year for year in years)

    def _related(self, a: list[OrganisationEntity], b: list[OrganisationEntity]) -> bool:
        """Whether two sets of carriers overlap, a parent and its subsidiary taken together."""
        return share(a, b) or any(frozenset((id(x), id(y))) in self.relations for x in a for y in b)

    def _relations(self) -> set[frozenset[int]]:
        """Pairs of organisations of which the text or their names say that one belongs to the other."""
        pairs: set[frozenset[int]] = set()
        for x in self.document.organisations:
            for y in self.document.organisations:
                if x is not y and x.name.startswith(y.name + " "):
                    pairs.add(frozenset((id(x), id(y))))
        for sentence in self.reader.sentences:
            rows = [(j, w.entity) for j, w in enumerate(sentence.words) if isinstance(w.entity, OrganisationEntity)]
            for (i, x), (j, y) in zip(rows, rows[1:], strict=False):
                between = sentence.canon[sentence.at[i] : sentence.at[j]]
                if j - i <= 9 and re.search(
                    (
                        r"(?<!\S)(?:proprietaire|filiale|actionnaire|maison mere|detenir|controler|giron|maison-mere"
                        r"|branche|division) "
                    ),
                    between,
                ):
                    pairs.add(frozenset((id(x), id(y))))
                if (
                    j - i <= 4
                    and i
                    and sentence.words[max(0, i - 3)].canon == "filiale"
                    or sentence.canon[: sentence.at[i]].endswith(("filiale de ", "filiale de le "))
                ):
                    pairs.add(frozenset((id(x), id(y))))
        return pairs

    def _same_works(self, cluster: Cluster, event: Event, kind: ProjectKind) -> bool:
        """Whether works of one kind and of another are the same ones: nothing told the object of one, a plant that is
        also energy, or two sentences that follow each other."""
        pair = {kind, cluster.kind}
        if event.vague or all(e.vague for e in cluster.events) or pair == {"new_site", "infrastructure"}:
            return True
        if pair == {"relocation", "expansion"}:
            return any(e.sentence is event.sentence for e in cluster.events)
        return self._close(cluster, event)

    @staticmethod
    def _close(cluster: Cluster, event: Event) -> bool:
        """Whether an event of another kind still speaks of the cluster: a headline, or the next sentence."""
        sentence = event.sentence
        if any(
            w.canon in ("aussi", "egalement", "autre", "ailleurs", "outre") for w in sentence.words[: event.first + 1]
        ):
            return False
        for known in cluster.events:
            headline = {known.sentence.kind, sentence.kind} & {"title", "heading", "standfirst"}
            if headline or (known.sentence.block == sentence.block and abs(known.sentence.index - sentence.index) <= 1):
                return True
        return False

    @staticmethod
    def _amounts(event: Event) -> set[float]:
        words = event.sentence.words[event.first : event.last + 5]
        return {
            w.figure.low or w.figure.high or 0.0
            for w in words
            if w.figure is not None and w.figure.measure == "funding_round"
        }

    def join(self, clusters: list[Cluster]) -> list[Cluster]:
        """Put together the two halves of a deal told in two sentences: who is sold ("X change de mains"), who buys ("Y
        reprend l'ensemble des titres")."""
        kept: list[Cluster] = []
        for cluster in clusters:
            half = next(
                (
                    c
                    for c in kept
                    if c.kind == cluster.kind == "acquisition"
                    and bool(c.agents) != bool(cluster.agents)
                    and bool(c.targets) != bool(cluster.targets)
                    and c.events[-1].sentence.section == cluster.events[0].sentence.section
                    and 0 <= cluster.events[0].sentence.index - c.events[-1].sentence.index <= 2
                ),
                None,
            )
            if half is None:
                kept.append(cluster)
                continue
            half.events += cluster.events
            half.agents, half.targets = half.agents or cluster.agents, half.targets or cluster.targets
            half.places = half.places or cluster.places
        return kept

    def settle(self, clusters: list[Cluster]) -> list[Cluster]:
        """Final kinds; drop what is part of another project, has no carrier or is only hinted at."""
        for cluster in clusters:
            votes: Counter[ProjectKind] = Counter()
            for event in cluster.events:
                kind = self.kind(event)
                if kind is not None:
                    weight = max(0.1, event.weight) * (0.2 if event.vague else 1.0)
                    votes[kind] += weight  # type: ignore[assignment]
            if votes.get("relocation") and any(e.kind == "relocation" and not e.negated for e in cluster.events):
                votes["relocation"] += 1
            cluster.kind = votes.most_common(1)[0][0]
        failing = [o for c in clusters if c.kind == "insolvency" for o in c.organisations]
        for cluster in clusters:
            if cluster.kind == "acquisition" and cluster.agents and not cluster.targets:
                cluster.targets = self.sold(cluster, clusters)
                if not cluster.targets and share(cluster.agents, failing):
                    cluster.agents = []
        kept: list[Cluster] = []
        for cluster in clusters:
            if not cluster.organisations and cluster.kind in (*SITES, "closure"):
                cluster.agents = self._only_company(cluster)
            if not cluster.organisations or self.absorbed(cluster, clusters) or self.thin(cluster):
                continue
            kept.append(cluster)
        return kept

    def _only_company(self, cluster: Cluster) -> list[OrganisationEntity]:
        """Who carries what a section tells without a subject ("l'hôtel ouvre enfin"): who is said to stand behind it, else
        its only company."""
        found: list[OrganisationEntity] = []
        for sentence in self.reader.sentences:
            behind = BEHIND.search(sentence.canon)
            if behind is not None and sentence.block == cluster.lead.sentence.block:
                found += [
                    w.entity
                    for j, w in enumerate(sentence.words)
                    if isinstance(w.entity, OrganisationEntity)
                    and w.entity.kind == "company"
                    and not w.depth
                    and sentence.at[j] >= behind.start()
                ]
        if found:
            return unique(found)[:3]
        for sentence in self.reader.sentences:
            if sentence.section != cluster.lead.sentence.section or sentence.kind == "caption" or not sentence.section:
                continue
            for j, word in enumerate(sentence.words):
                entity = word.entity
                if isinstance(entity, OrganisationEntity) and entity.kind == "company" and self.reader.carrier(entity):  # noqa: SIM102
                    if not word.depth and not SURVEYOR.search(sentence.canon[: sentence.at[j]][-90:]):
                        found.append(entity)
        found = unique(found)
        return found if len(found) == 1 else []

    def bids(self, clusters: list[Cluster]) -> None:
        """Bids before a court: what a candidate would invest or keep is its offer for the insolvent company."""
        insolvent = self.before_court(clusters)
        if insolvent is None:
            return
        for cluster in clusters:
            money = all(e.vague for e in cluster.events) or cluster.kind == "recruitment"
            if (
                cluster.kind in ("expansion", "recruitment")
                and money
                and not share(cluster.organisations, insolvent.organisations)
            ) and any(OFFER.search(s.canon) for s in self.reader.sentences if s.block == cluster.lead.sentence.block):
                cluster.kind, cluster.status = "acquisition", "considered"
                cluster.targets = insolvent.organisations[:1]

    def orphans(self, clusters: list[Cluster]) -> list[Cluster]:
        """Projects of which no trigger tells but a figure does: an investment, a round, jobs of a company that the
        paragraph names and that has no project yet."""
        found: list[Cluster] = []
        for sentence in self.reader.sentences:
            if sentence.kind != "paragraph" or self.measures or self._old(sentence):
                continue
            for i, word in enumerate(sentence.words):
                figure = word.figure
                if (
                    figure is None
                    or not self._tells(figure, sentence, clusters)
                    or word.depth
                    or word.quoted
                    or self._superseded(sentence, i)
                ):
                    continue
                owner = self._owner(sentence, i, figure)
                told = [c for c in (*clusters, *found) if owner is not None and _involves(c, owner)]
                apart = sentence.block in self.reader.items and not any(
                    e.sentence.section == sentence.section for c in told for e in c.events
                )
                if owner is None or (told and not apart):
                    continue
                level = "sentence" if figure.measure == "funding_round" else "block"
                if any(self._beside(c, sentence, level) and figure.measure in MEASURES[c.kind] for c in clusters):
                    continue
                insolvent = self.before_court(clusters)
                bid = insolvent is not None and figure.measure in BIDS
                if not bid and figure.measure not in ORPHANS:
                    continue
                kind = "acquisition" if bid else self._orphan_kind(sentence, figure, owner)
                trigger = Trigger(kind, "agent", NEVER, True, "")
                event = Event(trigger, sentence, i, i, kind, "noun", agents=[owner])
                event.places = self.reader.places(event)
                cluster = Cluster(kind, [event], [owner], [], list(event.places))
                if bid and insolvent is not None:
                    cluster.targets, cluster.status = insolvent.organisations[:1], "considered"
                found.append(cluster)
        return found

    @staticmethod
    def _tells(figure: Figure, sentence: Sentence, clusters: list[Cluster]) -> bool:
        """Whether a figure alone can stand for a project: a sum or jobs; in a list also aid and surface; before a court
        what a bidder pays or keeps."""
        if figure.measure in ORPHANS:
            return figure.measure not in ("grant", "area") or bool(
                sentence.words and sentence.words[0].canon in ("-", "–", "•")
            )
        return figure.measure in BIDS and any(c.kind == "insolvency" for c in clusters)

    @staticmethod
    def before_court(clusters: list[Cluster]) -> Cluster | None:
        """The insolvency whose buyer is still sought; None once one is chosen (bids that lost are no projects)."""
        found = next((c for c in clusters if c.kind == "insolvency"), None)
        if found is None:
            return None
        for cluster in clusters:
            if cluster.kind == "acquisition" and cluster.agents and share(cluster.targets, found.organisations):  # noqa: SIM102
                if any(e.tense in ("perf", "part") or CHOSEN.search(e.sentence.canon) for e in cluster.events):
                    return None
        return found

    @staticmethod
    def _beside(cluster: Cluster, sentence: Sentence, level: str) -> bool:
        """Whether a cluster has an event in the same sentence or block."""
        if level == "sentence":
            return any(e.sentence is sentence for e in cluster.events)
        return any(e.sentence.block == sentence.block for e in cluster.events)

    def _old(self, sentence: Sentence) -> bool:
        """Whether a sentence tells of another year than the article's: only dates more than a year before it."""
        published = self.document.published
        dates = [w.entity for w in sentence.words if isinstance(w.entity, DateSpan)]
        ends = [d.to for d in dates if d.to is not None]
        past = re.search(r"(?<!\S)(?:avoir (?:\S+ ){0,2}(?:etre )?\S+|depuis le \S+) ", sentence.canon) is not None
        return bool(published and ends and past and all((published - end).days > 365 for end in ends))

    def _owner(self, sentence: Sentence, i: int, figure: Figure) -> OrganisationEntity | None:
        """The company that a figure is about: the sentence's subject, else who is being talked of in the paragraph."""
        named = [row[2] for row in self.reader.candidates(sentence, 0, i) if row[1] >= 2 and row[2].kind == "company"]
        if named:
            return named[0]
        focus = self.reader.focus_at.get(sentence.index)
        if (
            focus is None
            or focus.kind != "company"
            or any(isinstance(w.entity, OrganisationEntity) for w in sentence.words)
        ):
            return None
        return focus if any(m.block == sentence.block for m in focus.mentions) else None

    def _orphan_kind(self, sentence: Sentence, figure: Figure, owner: OrganisationEntity) -> ProjectKind:
        """The kind of a project of which only a figure tells: for money, by the nouns of its sentence, then its block."""  # noqa: E501
        kind = ORPHANS[figure.measure]
        if figure.measure not in ("investment", "grant", "area"):
            return kind
        classes = self.reader.lexicon.classes
        block = " ".join(
            s.canon for s in self.reader.sentences if s.block == sentence.block and s.index <= sentence.index
        )
        for text in (sentence.canon, block):
            found = {name: classes[name].search(text) for name in ("infra", "site", "part", "energy")}
            infra, site, part = found["infra"], found["site"], found["part"]
            found["energy"] = found["energy"] or classes["energy"].search(block)
            if EXTENDING.search(text):
                return "expansion"
            if infra and not (site and site.start() < infra.start()) or (found["energy"] and (infra or site)):
                return "infrastructure"
            if site or part:
                if self.promoter(owner) or owner.kind == "public_body":
                    return "infrastructure"
                new = site and re.search(r"(?<!\S)(?:un|nouveau|futur|premier) (?:\S+ )?$", text[: site.start()])
                return "new_site" if new else "expansion"
        return "infrastructure" if self.promoter(owner) or PUBLIC_BUILDER.search(owner.name) else kind

    def sold(self, cluster: Cluster, clusters: list[Cluster]) -> list[OrganisationEntity]:
        """The target of a deal that the sentence calls "the workshop" or "the company": whose closure or insolvency the
        article tells, where the object is definite."""
        event = cluster.lead
        window = " ".join(w.canon for w in event.sentence.words[event.first + 1 : event.last + 6])
        if not re.search(r"(?:^| )(?:le|ce|son) ", window + " "):
            return []
        for other in clusters:
            if other.kind in ("closure", "insolvency", "restructuring") and not share(
                other.organisations, cluster.agents
            ):
                return other.targets[:1] or other.agents[-1:]
        return []

    def absorbed(self, cluster: Cluster, clusters: list[Cluster]) -> bool:
        """Whether a cluster only tells a part of another one: hirings of a new site, lay-offs of a closure …"""
        for other in clusters:
            if other is cluster or not self._related(cluster.organisations, other.organisations):
                continue
            if cluster.belief >= CERTAIN and cluster.kind != "recruitment":
                continue
            near = any(e.sentence.section == f.sentence.section for e in cluster.events for f in other.events)
            if cluster.kind == "acquisition" and not cluster.targets and other.kind == "insolvency":  # noqa: SIM102
                if all(any(a is o for o in other.organisations) for a in cluster.agents):
                    return True
            if cluster.kind == "closure" and other.kind == "restructuring" and near:  # noqa: SIM102
                if all(LINE.search(e.sentence.canon) and not e.targets for e in cluster.events):
                    return True
            if cluster.kind == "recruitment" and other.kind == "partnership" and near:  # noqa: SIM102
                if not any(e.sentence.kind in ("title", "heading", "standfirst") for e in cluster.events):
                    return True
            if cluster.kind == "recruitment" and other.kind in (*SITES, "funding_round", "acquisition") and near:
                headline = any(e.sentence.kind in ("title", "heading") for e in cluster.events)
                if not (headline and cluster.weight > other.weight):
                    return True
            if cluster.kind == "restructuring" and other.kind in ("closure", "insolvency", "acquisition") and near:
                told = [
                    e
                    for e in cluster.events
                    if not e.trigger.noun and any(w.canon == "#jobs" for w in e.sentence.words)
                ]
                apart = not any(e.sentence.block == f.sentence.block for e in told for f in other.events)
                if not (told and apart and other.kind == "closure"):
                    return True
            if (
                cluster.kind == "acquisition"
                and not cluster.targets
                and other.kind in SITES
                and near
                and other.weight >= cluster.weight
            ):
                return True
            if (
                cluster.kind == "expansion"
                and all(e.vague for e in cluster.events)
                and other.kind in (*SITES, "acquisition")
                and near
            ):
                return True
            moves = cluster.kind == "expansion" and other.kind == "relocation" and near
            if moves and all(e.anaphoric for e in cluster.events):
                return True
            if cluster.kind == "expansion" and other.kind in ("acquisition", "funding_round") and near:  # noqa: SIM102
                if all(e.trigger.noun and e.anaphoric for e in cluster.events):
                    return True
            if (
                cluster.kind == "programme"
                and other.kind in SITES
                and near
                and cluster.weight < other.weight
                and not cluster.places
            ):
                return False
        return False

    def thin(self, cluster: Cluster) -> bool:
        """Whether nothing but a passing word speaks for a cluster."""
        if cluster.kind == "acquisition" and not cluster.agents:
            sold = any(
                e.tense in ("perf", "pres")
                and (e.trigger.roles == "sale" or e.passive or bool(e.targets))
                and not e.trigger.noun
                and not e.anaphoric
                for e in cluster.events
            ) or any(
                e.trigger.roles == "deal"
                and not e.trigger.noun
                and e.targets
                and not e.anaphoric
                and HUMAN.search(e.sentence.canon[: e.sentence.at[e.first]])
                for e in cluster.events
            )
            if not sold:
                return True
        if all((e.quoted and not e.concrete) or (e.negated and not e.given_up) for e in cluster.events):
            return True
        if cluster.weight >= 1.5:
            return False
        event = cluster.lead
        if (
            event.weight >= 1.0
            and not event.anaphoric
            and cluster.kind in ("restructuring", "closure", "insolvency", "funding_round", "acquisition")
        ):
            return False
        block = [s for s in self.reader.sentences if s.block == event.sentence.block]
        return not any(w.figure is not None or isinstance(w.entity, DateSpan) for s in block for w in s.words)

    # -- figures, dates, places -----------------------------------------------------------------------------------------  # noqa: E501

    def tell(self, clusters: list[Cluster]) -> None:
        """Give each sentence, with its figures and dates, to the project that it tells of."""
        if not clusters:
            return
        main = max(clusters, key=lambda c: c.weight)
        by_sentence: dict[int, list[Cluster]] = {}
        for cluster in clusters:
            for event in cluster.events:
                rows = by_sentence.setdefault(event.sentence.index, [])
                if not any(cluster is r for r in rows):
                    rows.append(cluster)
        current: Cluster | None = None
        block, section = None, -1
        for sentence in self.reader.sentences:
            here = by_sentence.get(sentence.index, [])
            if sentence.kind in ("caption", "title", "standfirst") and not here:
                named = self._named(sentence, clusters)
                lonely = len(clusters) <= 2 or main.weight > 0.5 * sum(c.weight for c in clusters)
                here = [named] if named is not None else [main] if lonely else []
            elif not here:
                if sentence.section != section:
                    current = None
                named = self._named(sentence, clusters)
                inside = [c for c in clusters if any(e.sentence.section == sentence.section for e in c.events)]
                if sentence.block != block and named is not None and (not inside or any(named is c for c in inside)):
                    current = named
                if current is None:
                    current = inside[0] if inside else (main if len(clusters) == 1 or not self._roundup() else None)
                here = [current] if current is not None else []
            if here and sentence.kind not in ("caption", "title", "standfirst"):
                current = here[-1]
            block, section = sentence.block, sentence.section
            for cluster in here:
                cluster.told.append(sentence)
            if here:
                self._figures(sentence, here, clusters)
                self._dates(sentence, here, clusters)

    def _roundup(self) -> bool:
        return len({s.section for s in self.reader.sentences}) > 3

    def _named(self, sentence: Sentence, clusters: list[Cluster]) -> Cluster | None:
        orgs = [w.entity for w in sentence.words if isinstance(w.entity, OrganisationEntity)]
        for entity in orgs:
            mine = [c for c in clusters if any(entity is o for o in c.organisations)]
            if mine:
                return max(mine, key=lambda c: c.weight)
        return None

    def _figures(self, sentence: Sentence, here: list[Cluster], clusters: list[Cluster]) -> None:
        for i, word in enumerate(sentence.words):
            figure = word.figure
            if (
                figure is None
                or self._superseded(sentence, i)
                or (word.depth and figure.measure in ("workforce", "revenue"))
            ):
                continue
            fitting = [c for c in here if figure.measure in MEASURES[c.kind]]
            if not fitting:
                near = [c for c in clusters if figure.measure in MEASURES[c.kind] and figure.measure in ("jobs_cut", "jobs_saved", "funding_round", "deal_value")  # noqa: E501
                        and any(e.sentence.section == sentence.section for e in c.events) and any(share(c.organisations, h.organisations) for h in here)]  # fmt: skip  # noqa: E501
                fitting = near[:1]
            fitting = [c for c in fitting if self._wanted(sentence, i, figure, c)]
            if not fitting:
                continue
            cluster = min(
                fitting, key=lambda c: min((abs(e.first - i) for e in c.events if e.sentence is sentence), default=99)
            )
            key = (figure.measure, figure.low, figure.high, figure.unit)
            if not any((f.measure, f.low, f.high, f.unit) == key for f in cluster.figures):
                cluster.figures.append(figure)

    def _superseded(self, sentence: Sentence, i: int) -> bool:
        text = self.reader.discourse.texts[sentence.block]
        before = fold(text[sentence.start : sentence.words[i].start])
        if SUPERSEDED.search(before):
            return True
        after = fold(text[sentence.words[i].end : sentence.words[i].end + 30])
        return bool(re.search(r"\bde\s*$", before)) and bool(re.match(r"(?: \w+)?(?: d'euros)? a \d", after)) and bool(
            re.search((r"\b(?:pass|glisse|port|bondi|grimp|recul|tomb|mont|hausse|reduc"
 r"|doubl)\w*\b"), before))  # fmt: skip

    def _wanted(self, sentence: Sentence, i: int, figure: Figure, cluster: Cluster) -> bool:
        """Whether a figure belongs to a project of this kind: own subject, own stage, no stock of staff but a target."""  # noqa: E501
        names = {fold(n) for o in cluster.organisations for n in (o.name, *o.aliases)}
        here = {
            fold(n)
            for w in sentence.words
            if isinstance(w.entity, OrganisationEntity)
            for n in (w.entity.name, *w.entity.aliases)
        }
        if figure.subject and fold(figure.subject) in here - names and cluster.kind != "programme":
            strangers = [
                o for o in self.document.organisations if fold(figure.subject) in (fold(o.name), *map(fold, o.aliases))
            ]
            if strangers and strangers[0].kind == "company":
                return False
        canon = sentence.canon
        if figure.measure == "workforce" and cluster.kind in SITES:
            before = canon[: sentence.at[i]][-60:]
            return bool(
                re.search(r"(?:porter|passer|atteindre|monter|grimper|arriver)\b", before)
                or re.search(r" a (?:\S+ ){0,2}$", before)
                and "passer" in before
            )
        if figure.measure in ("growth",):
            return bool(re.search(r"(?:capacite|production|soit)", canon[: sentence.at[i]][-60:]))
        if figure.measure == "share" and cluster.kind == "acquisition":
            return "capital" in canon or "participation" in canon
        if figure.measure == "amount" and cluster.kind == "insolvency":
            return bool(re.search(r"passif|dette|creance|perte", canon))
        if figure.measure == "count" and cluster.kind in SITES:
            return bool(figure.of) and bool(
                re.search(
                    (
                        r"chambre|logement|lit|place|lot|appartement|cellule|magasin|quai|eolienne|panneau|borne"
                        r"|commerce|boutique|bureau|poste de travail|siege|berceau"
                    ),
                    fold(figure.of or ""),
                )
            )
        return True

    def _dates(self, sentence: Sentence, here: list[Cluster], clusters: list[Cluster]) -> None:
        text = self.reader.discourse.texts[sentence.block]
        dates = [
            i
            for i, w in enumerate(sentence.words)
            if isinstance(w.entity, DateSpan) and not text[: w.start].endswith("France ")  # the plan France 2030
        ]
        if not dates:
            return
        spots = milestones.spots(sentence)
        for i in dates:
            rows = [
                (min((abs(e.first - i) for e in c.events if e.sentence is sentence), default=99), n)
                for n, c in enumerate(here)
            ]
            for cluster in self._dated(sentence, here[min(rows)[1]], clusters):
                self._date(sentence, i, spots, cluster)

    def _dated(self, sentence: Sentence, cluster: Cluster, clusters: list[Cluster]) -> list[Cluster]:
        """Whose dates a sentence gives: works and opening of a building are those of who builds it, not of its tenant;
        the opening is the tenant's too."""
        tenant = cluster.kind == "new_site" and any(e.trigger.roles == "settle" for e in cluster.events)
        if not tenant or not re.search(
            r"(?<!\S)(?:chantier|travaux|livraison|livrer|ouverture|batiment) ", sentence.canon
        ):
            return [cluster]
        hosts = [
            c
            for c in clusters
            if c.kind == "infrastructure" and c.lead.sentence.section == cluster.lead.sentence.section
        ]
        return [*hosts[:1], cluster]

    def _date(self, sentence: Sentence, i: int, spots: list[tuple[str, int, int]], cluster: Cluster) -> None:
        near = [e for e in cluster.events if e.sentence is sentence]
        event = min(near, key=lambda e: abs(e.first - i)) if near else None
        rivals = [
            (e.first, other)
            for e in self.events
            if e.sentence is sentence and e.trigger.kind != "stage" and (other := self.kind(e)) is not None
            if other not in family(cluster.kind)
        ]
        view = milestones.date_view(self.document, sentence, i, cluster.kind, event, spots, rivals)
        role = milestones.step(view, cluster.kind, beside=event is None)
        if role is None or self._superseded(sentence, i) or self._outdated(sentence, i):
            return
        tenant = cluster.kind == "new_site" and all(
            e.trigger.roles == "settle" for e in cluster.events if not e.trigger.noun
        )
        if tenant and role in ("start", "completion"):
            return
        found = milestones.milestone(self.document, sentence, i, role)
        known = {(m.milestone, m.from_, m.to) for m in cluster.milestones}
        if found is None or (found.milestone, found.from_, found.to) in known:
            return
        if role == "announcement":
            beside = event is not None or any(e.sentence.block == sentence.block for e in cluster.events)
            if not beside or any(m.milestone == role for m in cluster.milestones):
                return
        cluster.milestones.append(found)

    @staticmethod
    def _outdated(sentence: Sentence, i: int) -> bool:
        """A date that no longer holds: "qui devait débuter en mars", "prévue au premier trimestre, la pose attendra"."""  # noqa: E501
        left = sentence.canon[: sentence.at[i]][-60:]
        planned = r"(?<!\S)(?:initialement|(?:dans un|d'|de) abord|(?:a le|a|en) (?:depart|origine)) (?:\S+ ){0,4}$"
        if re.search(planned, left) and any(isinstance(w.entity, DateSpan) for w in sentence.words[i + 1 :]):
            return True
        return bool(re.search(r"(?:qui|que) (?:\S+ ){0,2}devoir (?:\S+ ){1,5}$", left)) and bool(
            re.search(r"(?<!\S)(?:avoir etre|finalement|desormais|attendre|ne) ", sentence.canon[sentence.at[i] :])
        )

    def invest(self, cluster: Cluster) -> None:
        """Add those who put money in a round, where its sentences name them."""
        for sentence in cluster.told:
            if not re.search(
                (
                    r"(?<!\S)(?:tour|capital|fonds?|investisseur|apporter|souscrire|lever|levee|actionnaire|amorcage"
                    r"|convain\S*|sedui\S*|embarqu\S*) "
                ),
                sentence.canon,
            ):
                continue
            for j, word in enumerate(sentence.words):
                entity = word.entity
                if not isinstance(entity, OrganisationEntity) or not self.reader.carrier(entity) or word.quoted:
                    continue
                left = sentence.canon[: sentence.at[j]][-70:]
                if re.search(
                    r"(?<!\S)(?:par|aupres|investisseur|fonds?|mene|avec|actionnaire) ", left
                ) and entity.kind in ("company", "public_body"):
                    cluster.targets = [
                        t for t in unique([*cluster.targets, entity]) if not any(t is a for a in cluster.agents)
                    ]

    def name(self, cluster: Cluster) -> str | None:
        """The coined name that the project goes by."""
        if cluster.kind in (
            "acquisition",
            "insolvency",
            "funding_round",
            "closure",
            "restructuring",
            "recruitment",
            "partnership",
        ):
            return None
        counts: Counter[str] = Counter()
        for sentence in cluster.told:
            text = self.reader.discourse.texts[sentence.block]
            for word in sentence.words:
                if word.canon == "NOM":
                    counts[text[word.start : word.end]] += 1
        return counts.most_common(1)[0][0] if counts else None

    # -- the record ------------------------------------------------------------------------------------------------------  # noqa: E501

    def write(self, cluster: Cluster) -> Project:
        """The record of a cluster."""
        organisations = tuple(o.name for o in cluster.organisations)
        lead = cluster.lead
        figures = tuple(
            ProjectFigure(
                measure=f.measure,
                low=f.low,
                high=f.high,
                unit=f.unit,
                qualifier=f.qualifier,
                per=f.per,
                said_by=f.said_by,
                evidence=f.evidence,
            )
            for f in cluster.figures
        )
        return Project(
            name=self.name(cluster),
            kind=cluster.kind,
            sector=self.sectors.division(cluster.agents, cluster.targets, cluster.told, lead, cluster.kind),
            status=cluster.status or status.project_status(cluster.events, cluster.told, cluster.kind, self.beliefs),
            organisations=organisations,
            places=tuple(dict.fromkeys(self.fullest(p) for p in cluster.where)),
            figures=figures,
            milestones=tuple(milestones.distinct(cluster.milestones)),
            evidence=self.evidence(lead),
        )

    def evidence(self, event: Event) -> Evidence:
        """The clause that announces the project, at most 400 characters."""
        sentence = event.sentence
        start, end = sentence.start, sentence.end
        if end - start > 400:
            first, last = sentence.words[event.first].start, sentence.words[event.last].end
            start = max(start, min(first - 150, last - 390))
            end = min(end, start + 390)
            text = self.reader.discourse.texts[sentence.block]
            while start < first and text[start - 1 : start].strip():
                start += 1
            while end > last and end < len(text) and text[end : end + 1].strip():
                end -= 1
        return self.document.evidence(Mention(sentence.block, start, end))


def component(document: Document) -> None:
    """Fill ``document.projects``; needs organisations, people, places, dates and figures."""
    document.projects = ProjectReader(document).read()
