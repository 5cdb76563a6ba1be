"""Who is what where: "Nolwenn Tanguy, directrice générale d'Iroise", "la PME, que dirige Léa Roy", "Z (CGT)".

The rules are written over the block's plain text in which every mention of an organisation, person or place is
masked by signs of its own, of the same length, so that offsets stay and a rule can ask for "a person here".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from nlp.components.clauses import sentence_at, sentences
from nlp.components.discourse import Discourse
from nlp.components.lexicon import lexicon
from nlp.components.roles_told import LOC, ORG, PER, Found, is_role, successions, told, verb_title
from nlp.document import Document, Entity, OrganisationEntity, PersonEntity
from nlp.facts import Role
from nlp.folding import plain
from nlp.gazetteer import demonyms, fold

ORGS, PERS = f"{ORG}+", f"{PER}+"
PEOPLE = rf"{PERS}(?:(?:, | et |,? ainsi que |,? et (?:son|sa|leur) [a-z]+ ){PERS})*"
ASIDE = r"(?: \([^()]{0,60}\))?(?:, (?:Ph\. ?D\.?|PhD|M\.D\.|MD|MBA),?)?(?:, \d\d ans,?)?"
DET = (
    r"(?:(?:le|la|les|un|une|son|sa|ses|leurs?|notre|nos|l'une? des|actuel(?:le)?|nouve(?:au|l|lle)|ancien(?:ne)?s?|"
    r"jeunes?|future?s?|"
    r"tout(?:e)?|premier|premiere|ex|alors|egalement|aussi|longtemps|desormais|deux|trois|respectivement|autre|"
    r"grande?|celebre|emblematique|discrete?|simple|"
    r"jusqu'ici|depuis [a-z0-9]+|[aà] la fois) |l')*"
)
WORD = r"[A-Za-z]+(?:-[A-Za-z]+)*"
# "petit-fils du fondateur et gerant", "quatrieme du nom et patron": what somebody is besides.
KIN = (
    r"(?:(?:arriere-)?(?:petit-|petite-|beau-|belle-)?(?:fils|fille|neveu|niece|frere|soeur|pere|mere|gendre|bru|veuve|epouse|epoux|mari|femme|cousine?|compagne|"
    r"compagnon|conjointe?|heritier|heritiere|descendante?)|enfant|natif|native|originaire|diplomee?|issue?)"
)
KINSHIP = rf"(?:(?:le |la |l'|une? )?{KIN} (?:de |du |des |d')[^.,;:()]{{2,40}} et )?"
BEHIND = re.compile(
    rf"({PEOPLE}){ASIDE}(?:,| –| -| —| :|) ?(?:(?:agee? de )?\d\d ans(?:,| et) )?{KINSHIP}"
    rf"(?P<cop>(?:,? ?qui )?(?:est|etait|fut|reste|devient|demeure|etaient|sont)(?: aussi| egalement| par ailleurs| "
    rf"toujours)? )?{DET}(?P<role>{WORD})"
)
BEFORE = re.compile(
    rf"(?<![\w'-])(?P<role>{WORD})(?P<rest>[^.;:!?«»\"“”()\n]{{0,120}}?)(?P<comma>,? ?)(?:M\. |Mme |MM\. |Me |Dr |Pr "
    rf")?(?P<who>{PEOPLE})"
)
LED_BY = re.compile(
    rf"({ORGS}){ASIDE},? (?:et |aujourd'hui |desormais |alors |societe |entreprise |groupe |start-up |association |"
    rf"qui est |creee? et |fondee? et )*"
    rf"(?:(?P<what>dirige|preside|fonde|cree|pilote|emmene|gere|repris|rachete|lance|codirige|co-fonde|cofonde|"
    rf"represente|incarne|mene|porte|anime|tenue?)(?:ee?s?|s|e)?"
    rf"(?: (?:en|depuis|il y a|voila|a|au|par) (?!par\b)[^,.;{PER}{ORG}]{{1,40}}?)? par (?:l'[a-z]+ |le [a-z]+ |la "
    rf"[a-z]+ |les [a-z]+ |son [a-z]+ |M\. |Mme |MM\. )?"
    rf"|que (?P<rel>dirigent?|president?|pilotent?|gerent?|codirigent|a fondee?|a creee?|ont fondee?|ont creee?|ont "
    rf"lancee?|a reprise?) )({PEOPLE})"
)
LEADS = re.compile(
    rf"({PEOPLE}){ASIDE},? (?:qui |qu'il |(?:a ete |est )?(?:embauchee?|recrutee?|debauchee?|nommee?|choisie?|appelee?|rappelee?|arrivee?|venue?|revenue?|propulsee?|missionnee?|mandatee?|pressentie?)[a-z0-9' "
    rf"]{{0,40}} pour |chargee? de |, )?(?:[a-z]+ ?){{0,2}}?"
    rf"(?P<verb>dirige(?:nt|ait|r|ra)?|preside(?:nt|ait|r)?|pilote(?:nt|r)?|codirigent?|gerent?|gere|(?:a|ont|avait|"
    rf"avaient|vient de|viennent de)(?: egalement| aussi)? ?(?:co-?)?(?:fonder?|cofonder?|creer?|lancer?|reprendre|"
    rf"repris|rachete|cree|fonde|cofonde)"
    rf"|(?:est |prend |a pris |prendra |reprend |succede [^.;]{{0,40}})?(?:[aà] )?la (?:tete|direction(?: [a-z]+)?|"
    rf"presidence|barre) (?:de|d'|du)|(?:quitte|quittera|a quitte|prend|a pris|prendra|assure|assume|prendra) la "
    rf"(?:direction(?: [a-z]+)?|presidence|tete) (?:de|d'|du)|prend les renes (?:de|d'|du)|represente|porte le "
    rf"dossier|defend|incarne)"
    rf"(?P<gap>[^.;:!?«»\"“”]{{0,60}}?)(?:(?P<org>{ORGS})|(?:l'|la |le |du |de la |de l'|son |sa |cette |cet "
    rf"|ce )(?:jeune |petite )?(?P<noun>[A-Za-z][A-Za-z-]+)(?![\w'-]| (?:[a-z]+ )?{ORG}))"
)
FOUNDED = re.compile(
    rf"(?<![\w'-])(?P<what>[Ff]onde|[Cc]ree|[Dd]irige|[Ll]ance|[Pp]reside|[Rr]epris|[Pp]ilote|[Gg]ere|"
    rf"[Cc]o-?fonde)e?s? (?:[^.;:{PER}]{{0,60}} )?par (?P<who>[^.;:]{{0,60}}?{PERS}"
    rf"(?:[^.;:]{{0,80}}? et [^.;:,]{{0,30}}?{PERS})?)(?P<rest>[^.;:]{{0,60}}?)(?:, (?:(?:les |le |la |l')?(?:[a-z-]+ "
    rf"){{0,2}}(?P<org>{ORGS})|(?:l'|la |le |cette |ce )(?P<noun>[a-z-]+))|[.;])"
)
PASSIVE = re.compile(
    rf"(?:[Ll]'|[Ll]a |[Ll]e |[Cc]ette |[Ss]on |[Ss]a )(?:jeune |petite )?(?P<noun>[a-z-]+)(?: [a-z]+)?(?:,| "
    rf"d'administration| de surveillance)? (?:est |etait |sera |a ete |avait ete |,? )?"
    rf"(?P<what>fonde|cree|dirige|preside|pilote|gere|repris|lance|emmene|porte|cofonde)e?s? "
    rf"(?:[^.;:{PER}{ORG}]{{0,30}} )?par (?:M\. |Mme |MM\. |[^.;{PER}{ORG}]{{0,40}}?)({PEOPLE})|"
    rf"(?:[Ll]'|[Ll]a |[Ll]e )(?P<noun2>[a-z-]+)(?: [a-z]+)?(?: de {LOC}+| [a-z]+)?,? que (?P<what2>dirige|preside|"
    rf"pilote|gere|a fonde|a cree)e?(?:nt)? ({PEOPLE})"
)
HEADING = re.compile(
    rf"[ÀAaà] la (?:tete|direction|presidence) (?:de |d'|du |de la |de l')(?:[a-z-]+ "
    rf"){{0,2}}({ORGS})(?:[^.;:{PER}{ORG}]{{0,40}})?, ({PEOPLE})|"
    rf"({ORGS}) (?:a nomme|nomme|vient de nommer|recrute|a recrute|accueille|a choisi) ({PEOPLE})|"
    rf"({PERS}) (?:rejoint|a rejoint|vient de rejoindre|integre|quitte|a quitte) (?:le |la |l'|les )?(?:[a-z-]+ "
    rf"){{0,2}}({ORGS})"
)
TAKES = (
    r"(?:prend|prendra|a pris|reprend|quitte|quittera|a quitte|cede|cedera|a cede|transmet|a transmis|confie|a confie|laisse|"
    r"laissera|assure|assurera|assume|assumera|conserve|garde|abandonne|occupe|occupera)"
)
# "X cede la presidence a Y", "X assurera l'interim de la direction generale": the organisation is the one being talked of.
BARE_HELM = re.compile(
    rf"({PERS}){ASIDE}[^.;:!?«»{PER}{ORG}]{{0,30}}? {TAKES}(?: [a-z]+)? (?:l'interim de )?(?:la |les |le )(?P<office>presidence|"
    rf"direction generale|direction|gerance|tete|barre|commandes|renes|manettes)(?! (?:[a-z' -]{{0,40}})?{ORG})"
    rf"(?:[^.;:!?«»{PER}{ORG}]{{0,30}} [aà] (?:la |l'|le |son |sa )?(?:[A-Za-z-]+ ){{0,2}}?({PERS}))?"
)
# "assure X, aux commandes depuis dix ans": of the firm that is being talked of.
AT_THE_HELM = re.compile(
    rf"({PERS}){ASIDE},? (?:[aà] la (?P<office>tete|barre|presidence|direction)|aux (?:commandes|manettes|renes))(?! (?:[a-z' -]{{0,40}})?{ORG})(?= depuis|[,.;]| de l'(?:entreprise|affaire)| de la (?:maison|societe)| du groupe)"
)
FOUNDED_WITH = re.compile(
    rf"(?:co-?fonde|fonde|cree|lance|monte)e?s? (?:(?:l'|la |le |cette |sa |son )(?P<noun>[a-z-]+)|(?P<org>{ORGS}))"
    rf"[^.;:«»{PER}]{{0,40}}? (?:avec|aux cotes de|en compagnie de) (?:[^.;:,{PER}{ORG}]{{0,30}} )?({PERS})"
)
CONTACT_OF = re.compile(rf"(?i:contacts?)(?: [a-z]+)? ?: ?({PERS}) ?[–—,(-] ?(?:[a-z]+ )?({ORGS})")
WHOSE = re.compile(
    rf"({PERS})[^.;{PER}]{{0,80}}?({ORGS}), (?:l'|la |le |une? )[a-z-]+(?: [a-z]+)? qu(?:'il|'elle| il| elle)s? "
    r"(?P<verb>a fonde|a cree|dirige|preside|a repris|a rachete|a lance)"
)
LATER = re.compile(
    rf"({PERS}), qui [^.;«»\"“”{PER}]{{3,60}}? (?:reste|devient|demeure|redevient|est aussi) {DET}(?P<role>{WORD})"
)
RESUMED = re.compile(rf"({PERS})[»”\"]?\. (?:Le|La|L'|Cette?|Cet)(?: |(?<='))(?P<role>{WORD})")
CARD = re.compile(rf"^[–• -]*({ORGS}) ?: ({PERS})(?: ?[|–,-].*)?$")
CONTACT = re.compile(rf"(?i:contacts?)[^.{PER}{ORG}]{{0,20}}:? ?({ORGS})[ ,–—:-]{{1,4}}({PERS})")
IN_BRACKETS = re.compile(rf"({PERS}) \((?P<in>[^()]{{0,30}}?)({ORGS})[^()]{{0,30}}\)")
FROM = re.compile(
    rf"({PERS}),? (?:de chez |de la |de l'|du |de |d'|chez |pour la |pour l'|pour le |pour |au nom de |au nom de la "
    rf")(?:(?:syndicat|association|collectif|cabinet|groupe|federation|societe|start-up|fonds) )?({ORGS})"
)
NAMED = re.compile(
    rf"({PERS}){ASIDE},? (?:a ete |est |vient d'etre |etait |sera |avait ete )?(?:nommee?|elue?|reelue?|promue?|"
    rf"designee?|embauchee? comme|recrutee? comme|intronisee?)"
    rf" (?:au poste de |en tant que |comme |a la |{DET})(?P<role>{WORD})"
)
LINK = re.compile(
    r"(?: |^)(?:de la |de l'|des |du |de |d'|chez l'|chez |a la tete de |a la tete d'|au sein de |au sein d'|au sein "
    r"du |au |a la |a l'|pour la |pour |aupres de |aupres du |a )"
)
STOP = re.compile(
    rf"[,;:()«»\"“”!?{PER}]|\.(?: |$)| (?:ou|qui|dont|depuis|lors|apres|avant|estime|avec|est|sont|etait|avait|ont|va|"
    rf"vont|se|ne|lui|elle|il|qui|comme|tandis|face|quand|mais|"
    r"car|ce|cette|hier|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|dit|a|en|dans|sur|pour|parce)(?= )| (?:s'|"
    r"n'|qu')"
)
GENERIC = re.compile(
    rf"(?:de l'|de la |du |de son |de sa |de cette |de ce |de cet |d'une |d'un |de notre |de leur )(?:petite |jeune "
    rf")?(?P<noun>{WORD})(?: {WORD}| d'{WORD}| de {WORD})?$"
)


Mark = tuple[int, int, str, Entity]


class Masked:
    """One block with its mentions masked."""

    def __init__(self, document: Document, index: int, marks: list[Mark]) -> None:
        self.index = index
        self.raw = document.block(index).text
        chars = list(plain(self.raw))
        for match in re.finditer(r"(?<!\w)[àÀ](?!\w)", self.raw):
            chars[match.start()] = "à"
        self.orgs: dict[int, OrganisationEntity] = {}
        self.people: dict[int, PersonEntity] = {}
        for start, end, sign, entity in marks:
            chars[start:end] = sign * (end - start)
            if isinstance(entity, OrganisationEntity):
                self.orgs[start] = entity
            elif isinstance(entity, PersonEntity):
                self.people[start] = entity
        self.text = "".join(chars)

    def who(self, match: re.Match[str], group: int | str) -> list[PersonEntity]:
        """The people of a matched group."""
        begin = match.start(group)
        starts = [begin + m.start() for m in re.finditer(PERS, match[group])]
        return [self.people[s] for s in starts if s in self.people]

    def near(self, start: int) -> list[PersonEntity]:
        """The first person at or behind an offset, for roles that may stand on either side of the name."""
        later = [s for s in self.people if s >= start]
        return [self.people[min(later)]] if later and min(later) - start < 140 else []

    def org(self, start: int) -> OrganisationEntity | None:
        """The organisation whose mention starts here."""
        return self.orgs.get(start)


def roles(document: Document) -> None:
    """Give each person of the document its roles."""
    discourse = Discourse(document)
    found: dict[int, list[tuple[str, OrganisationEntity | None]]] = defaultdict(list)
    marks: dict[int, list[Mark]] = defaultdict(list)
    for sign, entities in ((LOC, document.places), (ORG, document.organisations), (PER, document.people)):
        for entity in entities:
            for mention in entity.mentions:
                marks[mention.block].append((mention.start, mention.end, sign, entity))
    for block in document.blocks:
        if not any(sign == PER for _, _, sign, _ in marks[block.index]):
            continue
        masked = Masked(document, block.index, marks[block.index])
        here: dict[int, list[tuple[str, OrganisationEntity | None]]] = defaultdict(list)
        for person, title, org in (
            *_titled(masked, discourse),
            *_led(masked, discourse),
            *_told(masked, discourse),
        ):
            found[id(person)].append((title, org))
            here[id(person)].append((title, org))
        for new, old in successions(masked, partial(discourse.person, block.index)):
            posts = [row for row in here[id(new)] if row[1] is not None and not FORMER.match(row[0])]
            if posts and not any(org is posts[0][1] for _, org in found[id(old)]):
                found[id(old)].append(posts[0])
    for person in document.people:
        person.roles = _merge(found[id(person)])
        if not person.roles and _pleads(document, person):
            person.roles = [Role(title="avocate" if person.female else "avocat", organisation=None)]


FORMER = re.compile(r"(?:ex-|anciens?\b|anciennes?\b)", re.IGNORECASE)


def _pleads(document: Document, person: PersonEntity) -> bool:
    """Whether a person is called "Me" and nothing else: a lawyer."""
    return any(
        re.search(r"(?<!\w)(?:Me|Mes|Maître) $", document.block(m.block).text[max(0, m.start - 8) : m.start])
        for m in person.mentions
    )


def _told(masked: Masked, discourse: Discourse) -> Iterator[Found]:
    def chain(start: int, person_at: int) -> list[tuple[str, OrganisationEntity | None]]:
        return _chain(masked, start, discourse, person_at)

    def last(at: int, female: bool) -> PersonEntity | None:
        return discourse.person(masked.index, at, female)

    yield from told(masked, chain, last)


def _merge(rows: list[tuple[str, OrganisationEntity | None]]) -> list[Role]:
    """Each organisation once a title; a role without one only where there is no other, or it is an office."""
    merged: list[Role] = []
    placed = {id(org) for _, org in rows if org is not None}
    seen: set[tuple[str, int]] = set()
    for title, org in rows:
        key = (fold(title).split(" ")[0] if title else "", id(org))
        if key in seen or not title:
            continue
        beside = _head(title) in lexicon().offices or OWN_TRADE.match(plain(title).lower())
        if org is None and placed and not beside:
            continue
        if org is not None and title in GIVEN_TITLES and any(o is org for t, o in rows if t not in GIVEN_TITLES):
            continue
        seen.add(key)
        merged.append(Role(title=title, organisation=org.name if org else None))
    return merged


COURT_OFFICERS = {"liquidateur", "liquidatrice", "mandataire", "notaire", "huissier", "procureur", "procureure", "juge"}
# "gerant de deux campings": of businesses that have no name here.
OWN_TRADE = re.compile(
    r"(?:gerante?|proprietaire|patronn?e?|exploitante?|directeur|directrice|dirigeante?) (?:de |d')(?:un|une|deux|"
    r"trois|quatre|cinq|plusieurs|quelques)\b"
)
GIVEN_TITLES = {
    "directeur",
    "directrice",
    "dirigeant",
    "dirigeante",
    "président",
    "présidente",
    "fondateur",
    "fondatrice",
    "représentant",
    "représentante",
    "syndicaliste",
    "repreneur",
    "repreneuse",
}


def _head(title: str) -> str:
    return plain(title).lower().split(" ")[0]


def _titled(masked: Masked, discourse: Discourse) -> Iterator[Found]:
    """Roles that stand in words beside a person."""
    done: set[int] = set()
    for pattern in (BEHIND, NAMED, LATER, RESUMED):
        for match in pattern.finditer(masked.text):
            start = match.start("role")
            if not is_role(match["role"]) or start in done:
                continue
            if re.match(r"elue? (?:[a-z-]+)", masked.text[start:]) and is_role(masked.text[start:].split(" ")[1]):
                continue
            between = masked.text[match.end(1) : start]
            if pattern is BEHIND and not match["cop"] and not re.search(r"[,–—:(-]|\)", between):
                continue
            people = masked.who(match, 1)
            if pattern is RESUMED and (match["role"].lower() in lexicon().independent or any(p.roles for p in people)):
                continue
            plural = match["role"].lower().endswith("s") and match["role"].lower()[:-1] in lexicon().roles
            if not plural:
                people = people[-1:]
            done.add(start)
            for title, org in _chain(masked, start, discourse, match.start(1)):
                for person in people:
                    yield person, title, org
    for match in PERS_RE.finditer(masked.text):
        begin = match.start()
        who = masked.people.get(begin)
        if who is None:
            continue
        for title, org in _role_before(masked, begin, discourse, done):
            following = re.match(rf"((?:, {PERS})*(?:,? et {PERS}))", masked.text[match.end() : match.end() + 400])
            group = [who]
            if _plural(title) and following:
                group += [
                    masked.people[match.end() + m.start()]
                    for m in re.finditer(PERS, following[1])
                    if match.end() + m.start() in masked.people
                ]
            for person in group:
                yield person, title, org


PERS_RE = re.compile(PERS)


def _plural(title: str) -> bool:
    head = _head(title)
    return head.endswith("s") and head[:-1] in lexicon().roles


def _role_before(
    masked: Masked, at: int, discourse: Discourse, done: set[int]
) -> list[tuple[str, OrganisationEntity | None]]:
    """A role that leads up to a person: "le directeur général de Vauthier, X", "la cardiologue X", "son gérant, X"."""
    before = masked.text[max(0, at - 140) : at]
    before = re.sub(r"(?<!\w)(?:M|MM|Mme|Mlle|Me|Mes|Maitre|Dr|Pr)\.? $", "", before)
    clause = re.split(rf"[.!?;:«»\"“”()]|{PER}", before)[-1]
    if not clause.strip() or not clause.endswith(" "):
        return []
    base = at - (len(masked.text[max(0, at - 140) : at]) - before.rindex(clause)) if clause else at
    base = max(0, at - 140) + before.rindex(clause)
    direct = not clause.rstrip(" ").endswith(",")
    body = clause.rstrip(" ,")
    best: re.Match[str] | None = None
    for match in re.finditer(rf"(?<![\w'-])(?:[ldLD]')?({WORD})", body):
        if is_role(match[1]):
            tail = body[match.end(1) :]
            if "," in tail or re.search(
                r" (?:que|qui|dont|est|a|ont|par)(?= )", re.sub(rf" a (?:la |l')?{ORG}", " ", tail)
            ):
                continue
            if (
                best is None
                or not re.fullmatch(
                    rf"(?: [a-z-]+){{0,3}} (?:de la |de l'|du |de |d')?(?:{WORD} )*", body[best.end(1) : match.start(1)]
                )
                or " et " in body[best.end(1) : match.start(1)]
            ):
                best = match
    if best is None:
        return []
    start = base + best.start(1)
    if start in done:
        return []
    phrase = masked.text[start : base + len(body)]
    if direct and ORG not in phrase and len(phrase.split()) > 6:
        return []
    if direct and ORG in phrase and not phrase.endswith(ORG):
        return []
    done.add(start)
    whose = re.search(
        rf"({ORGS})(?:[^.;:{ORG}]{{0,30}})?, dont (?:le |la |l'|les )$", masked.text[max(0, start - 160) : start]
    )
    found = _chain(masked, start, discourse, start, limit=base + len(body))
    if whose and found and (owner := masked.org(max(0, start - 160) + whose.start(1))):
        return [(title, owner) for title, _ in found]
    if found and found[0][1] is None:
        following = re.match(rf"{PERS}, (?:de |du |de la |de l'|des |d'|chez )({ORGS})", masked.text[at : at + 200])
        org = masked.org(at + following.start(1)) if following else None
        if org:
            return [(found[0][0], org)]
    return found


def _chain(
    masked: Masked, start: int, discourse: Discourse, person_at: int, limit: int | None = None
) -> list[tuple[str, OrganisationEntity | None]]:
    """Read "président de A et dirigeant de B" from its first word on; a shared organisation counts for both."""
    rows: list[tuple[str, OrganisationEntity | None, bool]] = []
    at: int | None = start
    while at is not None and len(rows) < 4:
        title, org, sure, end = _title(masked, at, discourse, person_at, limit)
        rows.append((title, org, sure))
        more = re.match(
            rf"(?: et|,| et aussi| ainsi que|, et) {DET}(?P<role>{WORD})", masked.text[end : limit or end + 200]
        )
        at = end + more.start("role") if more and is_role(more["role"]) and more["role"].lower() != "contact" else None
    shared: OrganisationEntity | None = None
    out: list[tuple[str, OrganisationEntity | None]] = []
    for title, org, sure in reversed(rows):
        if sure:
            shared = org
        elif shared is not None and _head(title) not in lexicon().independent:
            org = shared
        out.append((title, org))
    return out[::-1]


def _title(
    masked: Masked, start: int, discourse: Discourse, person_at: int, limit: int | None
) -> tuple[str, OrganisationEntity | None, bool, int]:
    """The title that starts here, its organisation, whether that stands beside it, and where the phrase ends."""
    text = masked.text if limit is None else masked.text[:limit]
    text = re.sub(r"(?<=[a-z]) \([A-Za-z]{2,12}\)(?= d)", lambda m: " " * len(m[0]), text[start : start + 200]).join(
        (text[:start], text[start + 200 :])
    )
    stop = _phrase_end(text, start)
    phrase = text[start:stop]
    hit = re.search(ORGS, phrase)
    if hit and (org := masked.org(start + hit.start())):
        between = phrase[: hit.start()]
        cut = len(between)
        for link in LINK.finditer(between):
            if all(_describes(word) for word in between[link.end() :].split()):
                cut = link.start()
                break
        if _head(between) in COURT_OFFICERS or (_head(between) in lexicon().court and "judiciaire" in between):
            return _clean(masked.raw[start : start + cut]), None, True, start + hit.end()
        if _head(between) in ("avocat", "avocate", "conseil"):
            return _clean(masked.raw[start : start + cut]), None, True, start + hit.end()
        return _clean(masked.raw[start : start + cut]), org, True, start + hit.end()
    if staff := re.search(
        r" (?:du |d'un |des )?(?:CSE|comite social et economique|comite d'entreprise|CHSCT|personnel|salaries)\b",
        phrase,
    ):
        org = _bearer(masked, discourse, person_at, masked.near(person_at), "entreprise")
        return _clean(masked.raw[start : start + staff.end()]), org, True, start + staff.end()
    written = _clean(masked.raw[start:stop])
    head = _head(written)
    if OWN_TRADE.match(phrase.lower()) or re.match(
        r"direct(?:eur|rice) (?:de|du) cabinet (?:du|de la|de l') ?(?:pref|minist|maire|president)", phrase.lower()
    ):
        return written, None, True, stop
    if (after := re.match(rf", ({ORGS})(?:$|[.)])", text[stop : stop + 120])) and (
        org := masked.org(stop + after.start(1))
    ):
        return written, org, True, stop + after.end(1)
    if generic := GENERIC.search(phrase):
        noun = generic["noun"].lower()
        if noun == "groupe" and re.search(
            r"groupe (?:ecologiste|socialiste|communiste|majoritaire|centriste|d'opposition|RN|LR|PS)", phrase
        ):
            public = [
                e
                for _, _, e in discourse.before(masked.index, person_at)
                if isinstance(e, OrganisationEntity) and e.kind == "public_body"
            ]
            return written_until(masked, start, generic.start()), public[0] if public else None, True, stop
        if noun in lexicon().generic or "trade" in lexicon().nouns.get(noun, ()):
            org = _bearer(masked, discourse, person_at, masked.near(person_at), noun)
            return _clean(masked.raw[start : start + generic.start()]), org, True, stop
    if (
        _possessed(masked.text, start)
        and head not in lexicon().court
        and head not in ("adjoint", "adjointe", "predecesseur")
    ):
        near = masked.near(person_at)
        owner = (_namesake(discourse.document, near[0]) if near else None) or _just_named(masked, discourse, start)
        if owner is not None:
            return written, owner, False, stop
    if head in ("representant", "representante") and "des creanciers" in plain(written).lower():
        return written, None, True, stop
    if head in ("president", "presidente", "ministre", "chancelier", "chanceliere", "roi", "reine", "premier") and any(
        fold(word) in demonyms() for word in written.split()[1:]
    ):
        return written, None, False, stop
    if head in ("adjoint", "adjointe") and re.search(r"(?<!\w)(?:son|sa) $", masked.text[max(0, start - 5) : start]):
        return written, _bearer(masked, discourse, person_at, []), False, stop
    if re.search(r"\bcharge|\bdelegue", plain(written).lower()) and head.startswith(
        ("vice-president", "conseiller", "adjoint")
    ):
        public = [
            e
            for _, _, e in discourse.before(masked.index, person_at)
            if isinstance(e, OrganisationEntity) and e.kind == "public_body"
        ]
        if public:
            return written, public[0], False, stop
    bare = not written[len(head) :].strip()
    officer = head not in ("administrateur", "administratrice") or bare or "judiciaire" in written
    court = (head in lexicon().court and officer) or head.removeprefix("ex-") in lexicon().independent
    if court and not (head in lexicon().union and "judiciaire" not in plain(written)):
        return written, None, False, stop
    if head in lexicon().union:
        union = _near_union(masked, discourse, person_at)
        if union or head in lexicon().independent:
            return written, union, False, stop
        if head.startswith("secretaire") and re.search(
            r"comite social|\bCSE\b|comite d'entreprise", masked.text[max(0, person_at - 1500) : person_at]
        ):
            return written, discourse.organisation(masked.index, person_at, "entreprise"), False, stop
    if head.startswith("vice-president") and not re.search(r" (?:de|du|des|d'|[A-Z])", written):
        body = _public_topic(masked, discourse, person_at)
        if body is not None:
            return written, body, False, stop
    return written, _bearer(masked, discourse, person_at, masked.near(person_at)), False, stop


def _public_topic(masked: Masked, discourse: Discourse, at: int) -> OrganisationEntity | None:
    """The council that the text is most about at a point: "le vice-président" alone is one of an assembly."""
    document = discourse.document
    bodies = [
        e
        for e in _candidates(document, discourse, masked.index, at)
        if e.kind == "public_body" and COUNCIL.match(plain(e.name).lower())
    ]
    return max(bodies, key=lambda e: _topic(document, discourse, e, masked.index, at), default=None)


COUNCIL = re.compile(
    r"(?:region|departement|conseil|communaute|metropole|agglo|intercom|eurometropole|grand |pays |chambre|cci|cma|syndicat|"
    r"collectivite|ville)|.*(?:metropole|agglo|agglomeration|communaute)$"
)


def _possessed(text: str, start: int) -> bool:
    """Whether "son", "sa" or "leur" stands before a role."""
    return re.search(r"(?<!\w)(?:[Ss]on|[Ss]a|[Ll]eur) (?:[a-z]+ |ex-)?$", text[max(0, start - 16) : start]) is not None


def _just_named(masked: Masked, discourse: Discourse, at: int) -> OrganisationEntity | None:
    """Whose "son président" is: what the nearest sentence of the block that names an organisation begins with."""
    given_away: OrganisationEntity | None = None
    for begin, end in reversed([span for span in sentences(masked.raw) if span[0] < at]):
        for start, end_of, entity in discourse.mentions(masked.index, begin, min(end, at)):
            if not isinstance(entity, OrganisationEntity) or entity.kind == "media":
                continue
            before = masked.text[max(begin, start - 60) : start]
            inner = start - begin > 40 and OBLIQUE.search(before)
            opens = start - begin <= 30 and masked.text.find(",", end_of, end_of + 3) >= 0
            if opens or (not GIVEN_AWAY.search(before) and not inner):
                return entity
            given_away = given_away or entity
    return given_away


OBLIQUE = re.compile(
    r"\b(?:de|du|des|par|avec|pour|chez|aupres|a|au|aux|contre|dans|sur)(?: l[ae'] ?|'| | les )?(?:[a-z]+ )?$|\b[dl]'$"
)


# "Chez Kelvor, a Lens, le gerant X", "A l'universite de Lille, X prend ...": whose role the sentence is about.
FRONTED = re.compile(
    rf"(?:[^{ORG}{PER}.;,]{{0,25}}, )?(?:[^{ORG}{PER}.;,]{{0,30}}:|▶|[–•-])? ?(?:[Cc]hez|[ÀAaà]|[Aa]ux?|[Dd]u cote de|[Cc]ote|[Pp]our|[Aa]u sein de|[Dd]u) "
    rf"(?:la |l'|le |les |du |de la |de l')?(?:[a-z-]+ ){{0,2}}({ORGS})(?:[^.;:{ORG}{PER}]{{0,50}}),"
)


def _fronted(masked: Masked, at: int) -> OrganisationEntity | None:
    """The organisation with which the sentence opens as its place: "Chez Z, à Lens, le gérant X ..."."""
    begin, _ = sentence_at(masked.raw, at)
    match = FRONTED.match(masked.text, begin, at)
    return masked.org(match.start(1)) if match else None


# "Z, filiale de Y et dirigee par X": X runs Z.
BORN_OF = re.compile(
    rf"({ORGS})[^.;:{PER}{ORG}]{{0,60}} (?:filiale|issue?|nee?|emanation|propriete|essaimage|spin-off|membre|locataire|"
    rf"fournisseur|sous-traitant|voisine?|partenaire|detenue?|controlee?)[^.;:{PER}{ORG}]{{0,25}}$"
)


def _parent_of(masked: Masked, match: re.Match[str]) -> OrganisationEntity | None:
    """The organisation before the one that a verb seems to speak of, where that is only its parent."""
    if not re.search(rf"{ORG}(?: \([^()]*\))?,? et (?!que)", masked.text[match.start() : match.end()]):
        return None
    before = BORN_OF.search(masked.text[: match.start(1)])
    return masked.org(before.start(1)) if before else None


LISTED = re.compile(
    r"(?:pour|fournit|fournisseurs?|clients?|concurrents?|comme|dont|parmi|chez|livre|equipe) [^.;]{0,50}$",
    re.IGNORECASE,
)
GIVEN_AWAY = re.compile(
    r"(?:filiale|propriete|proprietaire|actionnaire|rachat|acquisition|reprise|cession|client|fournisseur|concurrent|rival|partenaire|ancien|ex) [^.;,]{0,30}$|(?:appui|soutien|"
    r"aide|cote|cotes|aupres|avec|chez|par|contre|face a)"
    r" (?:de |d'|du |de la |de l'|la |le |l')?[^.;,]{0,20}$|\b(?:a|au|aux|pour) (?:la |l'|le |les )?[^.;,]{0,15}$",
    re.IGNORECASE,
)


def _bearer(
    masked: Masked, discourse: Discourse, at: int, people: list[PersonEntity], noun: str | None = None
) -> OrganisationEntity | None:
    """The organisation that a bare role or noun is about: one of the bearer's name, else the one being talked of."""
    document = discourse.document
    if noun is None or noun in BUSINESS:
        for person in people:
            if own := _namesake(document, person):
                return own
    if noun:
        stems = (plain(noun)[:7], "cci", "cma") if noun == "chambre" else (plain(noun)[:7],)
        for _, _, named in discourse.before(masked.index, at):
            if isinstance(named, OrganisationEntity) and any(
                stem in plain(f"{named.name} {' '.join(named.aliases)}").lower() for stem in stems
            ):
                return named
    if noun is None and (front := _fronted(masked, at)):
        return front
    if noun and (described := _described(document, masked.index, at, noun)):
        return described
    by_id = {id(e): e for e in document.organisations}
    scores: dict[int, float] = {}
    for entity in _candidates(document, discourse, masked.index, at):
        if entity.kind == "media" or (noun in BUSINESS and entity.kind != "company"):
            continue
        scores[id(entity)] = _topic(document, discourse, entity, masked.index, at)
    if not scores or max(scores.values()) <= 0:
        return None
    return by_id[max(scores, key=lambda key: scores[key])]


def _namesake(document: Document, person: PersonEntity) -> OrganisationEntity | None:
    """The firm that bears a person's name: "Valmeyrat Hôtels" for Côme Valmeyrat."""
    surname = fold(person.name.split(" ", 1)[-1])
    for part in (surname, *surname.split(" ")):
        for entity in document.organisations if len(part) > 3 else ():
            if re.search(rf"(?:^| ){re.escape(part)}(?:$| )", fold(entity.name)) and part not in PARTICLES:
                return entity
    return None


PARTICLES = {"saint", "sainte", "petit", "grand", "vieux", "jean", "pierre", "france"}


def _described(document: Document, index: int, at: int, noun: str) -> OrganisationEntity | None:
    """The organisation that the text has called by a trade's noun: "associé du promoteur", after "son promoteur, Z"."""
    stem = plain(noun).lower()
    if stem in BUSINESS or "trade" not in lexicon().nouns.get(stem, ()):
        return None
    pattern = re.compile(rf"\b{re.escape(stem)}(?: [a-z'-]+){{0,5}},? (?:l'|le |la )?(?:[a-z-]+ )?$")
    behind = re.compile(rf"(?: \([^()]*\))?, (?:l'|le |la |un |une )?(?:[a-z]+ )?{re.escape(stem)}\b")
    for entity in document.organisations:
        for mention in entity.mentions:
            text = document.plain(mention.block)
            if (mention.block, mention.start) < (index, at) and (
                pattern.search(text[max(0, mention.start - 60) : mention.start])
                or behind.match(text[mention.end : mention.end + 90])
            ):
                return entity
    return None


def _candidates(document: Document, discourse: Discourse, index: int, at: int) -> list[OrganisationEntity]:
    """Those named lately or in the title; in a text of ordinary length, all."""
    if len(document.organisations) <= 60:
        return document.organisations
    near = [row[2] for row in discourse.named[index] if row[0] < at][-40:]
    chosen = {id(e): e for e in near if isinstance(e, OrganisationEntity)}
    chosen.update((id(e), e) for e in document.organisations[:20])
    return list(chosen.values())


BUSINESS = {
    "entreprise",
    "societe",
    "groupe",
    "start-up",
    "startup",
    "pousse",
    "pme",
    "eti",
    "affaire",
    "boite",
    "usine",
    "site",
}


# How much less an organisation inside a sentence is talked of than one that opens it.
INNER = 0.5


def _topic(document: Document, discourse: Discourse, entity: OrganisationEntity, index: int, at: int) -> float:
    """How much an organisation is what the text is about at a point: named often, ahead, near, and in its own right."""
    score = min(len(entity.mentions), 5) * 0.35 + (0.7 if entity.kind == "company" else 0.0)
    if any(document.block(m.block).kind == "title" for m in entity.mentions):
        score += 1.2
    near = -1.5
    for mention in entity.mentions:
        block = document.block(mention.block)
        distance = discourse.order[index] - discourse.order[mention.block]
        if distance < 0 or (distance == 0 and mention.start >= at) or (block.kind == "caption" and distance):
            continue
        text = document.plain(block.index)
        value = {0: 2.5, 1: 1.6, 2: 0.8}.get(distance, 0.2)
        if block.kind == "heading" and distance < 3:
            value += 0.8
        if distance == 0:
            value -= 0.001 * (at - mention.start)
        if mention.start - sentence_at(block.text, mention.start)[0] > 40:
            value -= INNER
        before = text[max(0, mention.start - 60) : mention.start]
        if GIVEN_AWAY.search(before) or LISTED.search(before):
            value -= 1.8
        elif re.match(
            r"(?: \([^()]*\))?(?:, [^,.;]{3,60},)? (?:[a-z']+ )?[a-z]{2,}", text[mention.end : mention.end + 90]
        ):
            value += 0.3
        near = max(near, value)
    return score + near


def written_until(masked: Masked, start: int, length: int) -> str:
    """The title's own words."""
    return _clean(masked.raw[start : start + length])


def _near_union(masked: Masked, discourse: Discourse, at: int) -> OrganisationEntity | None:
    for _, _, entity in discourse.before(masked.index, at)[:6]:
        if isinstance(entity, OrganisationEntity) and entity.kind == "association":
            return entity
    return None


def _phrase_end(text: str, start: int) -> int:
    """Where a title's phrase ends: at punctuation, a verb, or "et" with another role."""
    at = start
    while match := STOP.search(text, at):
        rest = text[match.end() :]
        if match[0] in (" en", " sur", " pour") and re.match(
            rf" [a-z]+(?: [a-z]+)? ?(?:de |du |d'|de la |de l'|chez )?{ORG}", rest
        ):
            at = match.end()
            continue
        break
    end = match.start() if match else len(text)
    end = min(end, start + 140)
    for joint in re.finditer(rf" et {DET}({WORD})", text[start:end]):
        if re.fullmatch(KIN, joint[1].lower()):
            return start + joint.start()
        if is_role(joint[1]) or ORG in text[start : start + joint.start()]:
            return start + joint.start()
        if not re.match(r" et (?:de|du|des|d'|a|au|aux|l'|la|le|les|[a-z-]+) ?", joint[0]):
            return start + joint.start()
    return end


def _describes(word: str) -> bool:
    bare = re.sub(r"^(?:[ld])'", "", word.lower())
    known = lexicon().nouns
    return (
        bare in known
        or (bare.endswith("s") and bare[:-1] in known)
        or bare
        in (
            "la",
            "le",
            "les",
            "l'",
            "",
            "son",
            "sa",
            "jeune",
            "petite",
            "petit",
            "familial",
            "familiale",
            "regional",
            "regionale",
            "local",
            "locale",
            "francais",
            "naval",
            "nouvelle",
            "nouveau",
        )
        or fold(bare) in demonyms()
        or word[0].isupper()
    )


def _clean(title: str) -> str:
    title = re.sub(r"\s+", " ", title)
    title = re.sub(r" (?:M\.|Me|Mme|Dr|Pr)$", "", title)
    return title.strip(" ,.'’-–(")


def _led(masked: Masked, discourse: Discourse) -> Iterator[Found]:
    """Roles told by a verb, a bracket or "de": "la PME, fondée par X", "X, qui dirige Y", "X (CGT)"."""
    for match in FOUNDED.finditer(masked.text):
        people = masked.who(match, "who")
        if match["org"]:
            org = masked.org(match.start("org"))
        else:
            org = _bearer(
                masked, discourse, match.start(), people, match["noun"] if match["noun"] in lexicon().generic else None
            )
        before = masked.text[max(0, match.start() - 3) : match.start()]
        if before.rstrip(" ,").endswith(ORG):
            continue
        for person in people:
            yield person, verb_title(match["what"].lower(), person), org
    for match in WHOSE.finditer(masked.text):
        for person in masked.who(match, 1):
            yield person, verb_title(match["verb"], person), masked.org(match.start(2))
    for match in HEADING.finditer(masked.text):
        org_group, who_group = (1, 2) if match[1] else (3, 4) if match[3] else (6, 5)
        for person in masked.who(match, who_group):
            yield person, "directrice" if person.female else "directeur", masked.org(match.start(org_group))
    for match in PASSIVE.finditer(masked.text):
        noun = match["noun"] or match["noun2"]
        if noun not in lexicon().generic and noun not in ("conseil", "affaire", "directoire"):
            continue
        people = masked.who(match, 3 if match["what"] else 6)
        org = _bearer(masked, discourse, match.start(), people, noun if noun in lexicon().generic else "entreprise")
        for person in people:
            yield person, verb_title(match["what"] or match["what2"], person), org
    for match in BARE_HELM.finditer(masked.text):
        for group in (1, 3):
            for person in masked.who(match, group) if match[group] else ():
                org = _bearer(masked, discourse, match.start(1), [person])
                yield person, verb_title(match["office"], person), org
    for match in AT_THE_HELM.finditer(masked.text):
        for person in masked.who(match, 1)[-1:]:
            org = _bearer(masked, discourse, match.start(1), [person])
            yield person, verb_title(match["office"] or "dirige", person), org
    for match in FOUNDED_WITH.finditer(masked.text):
        org = masked.org(match.start("org")) if match["org"] else None
        if match["noun"] in lexicon().generic:
            org = _bearer(masked, discourse, match.start(), masked.who(match, 3), match["noun"])
        for person in masked.who(match, 3):
            if org is not None:
                yield person, verb_title("fonde", person), org
    for match in CONTACT_OF.finditer(masked.text):
        for person in masked.who(match, 1):
            yield person, "contact presse", masked.org(match.start(2))
    for match in CONTACT.finditer(masked.text):
        org = masked.org(match.start(1))
        for person in masked.who(match, 2):
            yield person, "contact presse", org
    if card := CARD.match(masked.text):
        for person in masked.who(card, 2):
            yield person, "contact presse", masked.org(card.start(1))
    for match in LED_BY.finditer(masked.text):
        org = masked.org(match.start(1))
        if owner := _parent_of(masked, match):
            org = owner
        verb = match["what"] or match["rel"]
        for person in masked.who(match, match.re.groups):
            yield person, verb_title(verb, person), org
    for match in LEADS.finditer(masked.text):
        if match["org"]:
            org = masked.org(match.start("org"))
        elif match["noun"].lower() in lexicon().generic or match["noun"] in ("affaire", "boite"):
            org = _bearer(masked, discourse, match.start(1), masked.who(match, 1), match["noun"].lower())
        else:
            org = None
        if org is None or not all(
            _describes(w) or w in ("la", "le", "les", "de", "du", "des", "d'", "en", "avec", "chez") or w.isdigit()
            for w in match["gap"].split()
        ):
            continue
        for person in masked.who(match, 1):
            yield person, verb_title(match["verb"], person), org
    for match in IN_BRACKETS.finditer(masked.text):
        org = masked.org(match.start(3))
        if org is not None:
            title = (
                "syndicaliste"
                if org.kind == "association"
                else "représentante"
                if masked.people[match.start(1)].female
                else "représentant"
            )
            inner = match["in"].strip(" ,")
            if inner and is_role(inner.split(" ")[0]):
                title = masked.raw[match.start("in") : match.start("in") + len(match["in"])].strip(" ,")
            yield masked.people[match.start(1)], title, org
    for match in FROM.finditer(masked.text):
        org = masked.org(match.start(2))
        person = masked.people[match.start(1)]
        if org is not None and "," in masked.text[match.end(1) : match.start(2)]:
            yield person, "représentante" if person.female else "représentant", org
