"""Roles told in a sentence rather than in an apposition: "X succède à Y à la tête de Z", "Z est confiée à X".

The patterns read a block in which organisations, people and places are masked by signs (see ``roles.Masked``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from nlp.components.lexicon import lexicon
from nlp.document import OrganisationEntity, PersonEntity

ORG, PER, LOC = "\ue000", "\ue001", "\ue002"
Found = tuple[PersonEntity, str, OrganisationEntity | None]
Rows = list[tuple[str, OrganisationEntity | None]]


class Block(Protocol):
    """What is needed of a masked block."""

    index: int
    text: str
    orgs: dict[int, OrganisationEntity]
    people: dict[int, PersonEntity]


P = rf"{PER}+(?:(?:, | et |,? ainsi que ){PER}+)*"
ASIDE = r"(?: \([^()]{0,60}\))?(?:, (?:agee? de )?\d\d ans,?)?"
# A noun phrase that ends in an organisation: "la jeune pousse bretonne Z", "l'antenne regionale du groupe Z".
PLAIN = r"(?!(?:qui|que|et|ou|par|pour|avec|dans|contre|chez|comme|est|a|ont|se|ne|avant|apres|sur|entre|depuis)\b)"
NP = rf"(?:(?:de la |de l'|du |des |de |d'|la |le |les |l'|son |sa |{PLAIN}[a-z-]+ |{PLAIN}[dl]'[a-z-]+ )){{0,7}}?"
WHEN = r"(?: (?:depuis|en|avec|desormais|aujourd'hui|toujours|aussi|egalement|seule?|par ailleurs|entre)(?: [^.,;:]{1,28}?)?)?"
RUN = (
    r"dirig(?:e|ent|eait|era|ea)|codirig(?:e|ent)|presid(?:e|ent|ait|era)|copresid(?:e|ent)|pilot(?:e|ent|ait)|ger(?:e|ent|ait)|"
    r"men(?:e|ait)|condui(?:t|sait)|administre|chapeaute|manage|coiffe|anime|represente(?:nt)?|incarne|exploite(?:nt)?|"
    r"possede(?:nt)?|detien(?:t|nent)|tient"
)
MADE = r"(?:co-?)?fond|cre|lanc|mont|rachet|imagin|batit?"
MADE_PAST = (
    r"(?:(?:co-?)?fonde|cree|lance|monte|rachete|repris|imagine|bati)(?:es?|s)?|(?:co-?)?fonder|creer|lancer|monter|racheter|reprendre|"
    r"dirige|preside|pilote|gere"
)
HELM = r"(?:(?:[aà] la|la|de la) (?:tete|barre|presidence|gerance|main|direction)(?: [a-z]+){0,2}?|(?:aux|les|des) (?:commandes|renes|manettes|destinees))"
OFFICE = (
    rf"(?:{HELM}|(?:comme|en tant que|en qualite de|au poste de|aux fonctions de|dans les fonctions de|[aà] la fonction de)"
    r" (?P<role>[a-z-]+)(?: [a-z-]+){0,4}?)"
)
WORDS = r"[^.;:!?«»“”]"

RUNS = re.compile(
    rf"(?P<who>{P}){ASIDE},? (?:qui |et qui |, )?(?:(?P<run>{RUN})|(?:a|ont|avait|avaient|vient de|viennent de|aura)"
    rf"(?: egalement| aussi| lui-meme| elle-meme)? (?P<made>{MADE_PAST})){WHEN} {NP}(?P<org>{ORG}+)"
)
AT_HELM = re.compile(
    rf"(?P<who>{P}){ASIDE},? (?:qui )?(?:(?:est|etait|se trouve|reste|arrive|figure|a ete nommee?|est nommee?|etait|sera) )?"
    rf"(?:(?:a pris|prend|prendra|reprend|a repris|reprendra|assure|assurera|assume|occupe|quitte|quittera|a quitte|laisse|laissera|cede|"
    rf"cedera|a cede|abandonne|conserve|garde|transmet|a transmis|confie|a confie|lache|tient|partage|vient de prendre|vient de quitter)"
    rf"(?: egalement| aussi| par ailleurs)? )?{HELM} {NP}(?P<org>{ORG}+)(?:{WORDS}{{0,25}} [aà] (?:son |sa |ses )?(?:[a-z]+ ){{0,2}}(?P<heir>{P}))?"
)
HELM_AHEAD = re.compile(
    rf"(?:[ÀAaà] la (?:tete|barre|direction|presidence|gerance)(?: [a-z]+)?|[Aa]ux (?:commandes|manettes|renes|destinees)) {NP}(?P<org>{ORG}+)"
    rf"(?:[^.;:!?{PER}{ORG}]{{0,50}})?, (?P<who>{P})"
)
FOLLOWS = re.compile(
    rf"(?P<who>{P}){ASIDE},? (?:qui )?(?:(?:va |doit |vient de |devrait )?(?:succed|remplac|relev|relay|relaie|suppl)[a-z]*|a (?:succede|remplace)|"
    rf"(?:prend|a pris|prendra) (?:la suite|le relais|la succession|la place)|(?:passe|a passe|passera|transmet|cede) (?:la main|le relais|le temoin|le flambeau|sa place))"
    rf"(?: (?:[aà]|de|d'))? ?(?:feu |son [a-z]+ |sa [a-z]+ |M\. |Mme )?(?:pere |mere )?(?P<other>{PER}+){WORDS}{{0,40}}?,? {OFFICE} ?{NP}(?P<org>{ORG}+)"
)
BECOMES = re.compile(
    rf"(?P<who>{PER}+){ASIDE},? (?:(?:qui|y|en|va|vient de|doit|pourrait) )*(?:devien[a-z]+|est devenue?|deviendra|devenir|redevient|occupe(?:ra)? (?:le poste|la fonction|les fonctions) de|"
    rf"prend(?:ra)? (?:le poste|les fonctions) de|exerce (?:le metier|les fonctions|la fonction) de|quitte(?:ra)? (?:son poste|ses fonctions) de|"
    rf"a ete (?:nommee?|promue?|elue?|reconduite?|confirmee?|designee?)(?: au poste de| comme| en tant que)?)"
    rf" (?:le |la |l'|son |sa |nouve(?:au|lle) |premi(?:er|ere) |un |une )*(?P<role>[a-z-]+)"
)
JOINS = re.compile(
    rf"(?:(?P<who>{PER}+){WORDS}{{0,20}}?|(?<![\w'-])(?P<pronoun>[Ii]l|[Ee]lle)) (?:rejoint|rejoindra|a rejoint|vient de rejoindre|integre|a integre|arrive chez|entre chez|prend ses fonctions chez|est embauchee? par|est recrutee? par)"
    rf"(?: (?:comme|en tant que|en qualite de|au poste de) (?P<as>[a-z-]+)(?: [a-z-]+)?)? {NP}(?P<org>{ORG}+)(?: (?:comme|en tant que|en qualite de|au poste de|pour en devenir|dans le role de) (?:le |la |l'|un |une )?(?P<role>[a-z-]+(?: [a-z-]+)?))?"
)
GIVEN = re.compile(
    rf"(?P<what>[Ll]a (?:direction|presidence|gerance|tete|responsabilite)(?: [a-z]+)?|[Ll]es renes|[Ll]es commandes|(?:poste|fonctions?|role) de (?:la )?(?P<role>[a-z-]+)(?: [a-z-]+){{0,3}}?)"
    rf" ?{NP}(?P<org>{ORG}+){WORDS}{{0,40}}? (?:echoi[a-z]+|revien[a-z]+|reviendra|incombe|(?:est|a ete|sera|etait|ont ete|sont) (?:desormais )?(?:confiee?s?|devolue?s?|assuree?s?|attribuee?s?|occupee?s?|exercee?s?|tenue?s?))"
    rf" (?:[aà]|par) (?:M\. |Mme |son |sa |[a-z-]+ ){{0,3}}?(?P<who>{P})"
)
NEW_HEAD = re.compile(
    rf"(?P<org>{ORG}+)[^.;!?{PER}{ORG}]{{0,50}}? (?:nouve(?:au|l|lle)|futur|future|prochaine?) (?P<role>[a-z-]+)(?: [a-z-]+){{0,3}}?,? ?(?::|est|sera|en la personne de|en)? ?(?:M\. |Mme )?(?P<who>{PER}+)"
)
WHICH = re.compile(
    rf"(?P<org>{ORG}+)(?: \([^()]*\))?,? (?:[^.,;:{PER}{ORG}]{{0,40}},? )?qu(?:e |'){NP}(?P<who>{P}) (?:(?:a|ont|avait|avaient) (?P<made>{MADE_PAST})|(?P<run>{RUN}))"
)
WORKS = re.compile(
    rf"(?P<who>{PER}+){ASIDE},? (?:qui )?(?:(?:y )?(?:travaille|travaillait|officie|exerce|oeuvre)|(?:est |etait )?(?:employee?|embauchee?|salariee?))"
    rf"{WHEN} (?:chez|[aà]|au|pour|par|dans) {NP}(?P<org>{ORG}+)"
)
FORMERLY = re.compile(
    rf"(?P<who>{PER}+){ASIDE}(?:,| \()[^.;:()«»{PER}]{{0,50}}?(?:(?<=[ (])(?:ex-|anciennement )|passee? (?:par|chez) |venue? de (?:chez )?|transfuge de |debauchee? chez ){NP}(?P<org>{ORG}+)"
)
FOR = re.compile(
    rf"(?P<who>{PER}+){ASIDE}, (?:au nom d[eu]|pour le compte d[eu]|representante? |porteur du dossier |porteuse du dossier |mandatee? par |envoyee? par ) ?{NP}(?P<org>{ORG}+)"
)
HE_RUNS = re.compile(
    rf"(?<![\w'-])(?P<pronoun>[Ii]l|[Ee]lle) (?:y |en )?(?P<run>{RUN})(?: aussi| egalement| par ailleurs| toujours| jusqu'ici| jusqu'alors|"
    rf" jusque-la| auparavant| desormais| alors| depuis [^.,;:]{{1,20}}?){{0,2}} {NP}(?P<org>{ORG}+)"
)
HE_IS = re.compile(
    rf"(?:(?<![\w'-])(?P<pronoun>[Ii]l|[Ee]lle) (?:est|etait|reste|devient)(?: aussi| egalement| par ailleurs| toujours){{0,2}}|"
    rf"(?:[Aa]gee? de |[AaÀà] )\d\d ans,) (?:le |la |l')?(?P<role>[a-z-]+)(?: [a-z-]+){{0,3}}? {NP}(?P<org>{ORG}+)"
)
BRACKET = re.compile(rf"(?P<who>{PER}+),? \((?:\d\d ans, )?(?:le |la |l'|son |sa )?(?P<role>[A-Za-z-]+)")
# "Ancien d'Hermes, il ...", "PDG de 1971 a 2003 des Ateliers Z, elle ...": the sentence opens with what its pronoun is.
OPENS = re.compile(
    rf"(?:(?:^|[.!?»”] |▶ ?)(?P<role>[A-Z][A-Za-z-]+)|(?:^|[.!?»”] )[^.;:!?{PER}{ORG}]{{0,40}} [aà] (?P<run>presider|diriger|piloter|gerer|mener))"
    rf"(?: (?:de|en|depuis) \d{{4}}(?: [aà] \d{{4}})?)?(?: [a-z'-]+){{0,4}}? {NP}(?P<org>{ORG}+)[^.;:!?{PER}]{{0,60}}, (?P<pronoun>il|elle) "
)
# "La cofondatrice de Z remplace ...": the person named last, taken up by another role.
TAKEN_UP = re.compile(
    rf"(?:(?<=[.!?»”] )|^)(?P<article>Le |La )(?:nouvelle |nouveau |jeune |futur |future |actuelle? )?(?P<role>[a-z-]+)(?: [a-z-]+){{0,3}}? "
    rf"(?:de la |de l'|du |des |de |d')(?:[a-z-]+ ){{0,2}}?(?P<org>{ORG}+)(?! ?(?:\([^()]*\))?,? ?(?:M\. |Mme )?{PER})"
)
# "X succede a Y", "apres le depart de Y": Y had the post that X gets.
SUCCEEDS = re.compile(
    rf"(?:(?P<who>{PER}+)[^.;:!?«»{PER}]{{0,60}}?|(?<![\w'-])(?P<pronoun>[Ii]l|[Ee]lle) (?:y )?|(?:^|(?<=[.!?»”] ))(?P<article>La |Le )[a-z-]+ [^.;:!?«»{PER}]{{0,60}}? )(?:succede(?:ra)? [aà]|a succede [aà]|remplace(?:ra)?|a remplace|"
    r"prend(?:ra)? la (?:suite|succession|place|releve) d[eu']|en remplacement d[eu']|en lieu et place d[eu']|apres le depart d[eu']|pour remplacer|pour succeder [aà])"
    rf" ?(?:feu |M\. |Mme |[a-z-]+ ){{0,3}}(?P<other>{PER}+)"
)
# "X passera le temoin a Y".
HANDS_OVER = re.compile(
    rf"(?P<who>{PER}+){ASIDE},? (?:[a-z]+ )?(?:passe(?:ra)?|a passe|transmet(?:tra)?|a transmis|cede(?:ra)?|a cede|remet(?:tra)?|confie(?:ra)?|a confie)"
    rf" (?:le temoin|le relais|la main|le flambeau|les renes|les cles|les commandes|la barre|le tablier|sa place|son fauteuil|son poste) [aà] "
    rf"(?:M\. |Mme |son |sa |[a-z-]+ ){{0,3}}(?P<heir>{PER}+)"
)
PATTERNS = (
    OPENS,
    RUNS,
    AT_HELM,
    HELM_AHEAD,
    FOLLOWS,
    JOINS,
    GIVEN,
    NEW_HEAD,
    WHICH,
    WORKS,
    FORMERLY,
    FOR,
    HE_RUNS,
    HE_IS,
)


def is_role(word: str) -> bool:
    """Whether a word is the head of a role, alone or in a compound ("président-fondateur")."""
    low = word.lower()
    known = lexicon().roles
    return (
        low in known
        or low.removeprefix("ex-") in known
        or (
            low.endswith("s")
            and low[:-1] in known
            and low not in ("ouvriers", "salaries", "operateurs", "ingenieurs", "chercheurs", "agriculteurs")
        )
        or ("-" in low and low.split("-")[0] in known)
    )


def verb_title(verb: str, person: PersonEntity) -> str:
    """The title that a verb (or an office's noun) gives a person: "préside" -> "présidente"."""
    female = bool(person.female)
    if "presid" in verb:
        return "présidente" if female else "président"
    if "geran" in verb or verb.startswith("ger"):
        return "gérante" if female else "gérant"
    if "fond" in verb or "cre" in verb or "lanc" in verb:
        return "fondatrice" if female else "fondateur"
    if "repris" in verb or "repren" in verb or "rachet" in verb:
        return "repreneuse" if female else "repreneur"
    if "represent" in verb or "dossier" in verb or "defend" in verb:
        return "représentante" if female else "représentant"
    return "directrice" if female else "directeur"


def told(
    masked: Block, chain: Callable[[int, int], Rows], last: Callable[[int, bool], PersonEntity | None]
) -> Iterator[Found]:
    """Roles of a block told by a verb or an office.

    ``chain`` reads a title at an offset with its organisation, ``last`` finds the person that a pronoun at an offset
    means (its second argument: whether it is feminine).
    """

    def named(match: re.Match[str], group: str) -> list[PersonEntity]:
        if group not in match.re.groupindex or match[group] is None:
            return []
        at = match.start(group)
        starts = [at + m.start() for m in re.finditer(rf"{PER}+", match[group])]
        return [masked.people[s] for s in starts if s in masked.people]

    for pattern in PATTERNS:
        for match in pattern.finditer(masked.text):
            groups = match.groupdict()
            org = masked.orgs.get(match.start("org"))
            role = groups.get("role") or groups.get("as")
            if org is None or (role and not is_role(role.split(" ")[0]) and role not in ("Ancien", "Ancienne")):
                continue
            if pattern is OPENS and org.kind == "research_education" and role and role.lower().startswith("ingenieur"):
                continue  # a school that one has been to
            people = [person for group in ("who", "other", "heir") for person in named(match, group)]
            if not people and (pattern is HE_IS or pattern is HE_RUNS or groups.get("pronoun")):
                word = groups.get("pronoun")
                female = (
                    word.lower() == "elle" if word else match[0].lower().startswith("agee") or " la " in match[0][:16]
                )
                person = last(match.start(), female)
                people = [person] if person else []
            verb = groups.get("run") or groups.get("made") or match[0]
            for person in people:
                if role in ("Ancien", "Ancienne"):
                    title = "ancienne salariée" if person.female else "ancien salarié"
                elif role:
                    title = masked_words(masked, match, "role" if groups.get("role") else "as")
                elif pattern is WORKS:
                    title = "salariée" if person.female else "salarié"
                elif pattern is FORMERLY:
                    title = "ex-salariée" if person.female else "ex-salarié"
                elif pattern is FOR:
                    title = verb_title("represente", person)
                else:
                    title = verb_title(verb, person)
                yield person, title, org
    for match in TAKEN_UP.finditer(masked.text):
        org = masked.orgs.get(match.start("org"))
        if org is None or not is_role(match["role"]) or match["role"] in lexicon().independent:
            continue
        female = match["article"] == "La "
        person = last(match.start(), female)
        if person and person.female is female and _spoken_of(masked, person, match.start()):
            yield person, masked_words(masked, match, "role"), org
    for pattern in (BECOMES, BRACKET):
        for match in pattern.finditer(masked.text):
            if not is_role(match["role"]):
                continue
            for person in named(match, "who"):
                for title, org in chain(match.start("role"), match.start("who")):
                    yield person, title, org


def _spoken_of(masked: Block, person: PersonEntity, at: int) -> bool:
    """Whether a person is named in the sentence before an offset of the block."""
    before = re.split(r"(?<=[.!?»”]) ", masked.text[:at].rstrip())
    begin = at - len(before[-1]) - 1
    return any(begin - 2 <= start < at and who is person for start, who in masked.people.items())


def successions(
    masked: Block, last: Callable[[int, bool], PersonEntity | None]
) -> Iterator[tuple[PersonEntity, PersonEntity]]:
    """Who shares the posts of whom because one follows the other, as (who has them, who has or had them too)."""
    for match in HANDS_OVER.finditer(masked.text):
        giver, heir = masked.people.get(match.start("who")), masked.people.get(match.start("heir"))
        if giver is not None and heir is not None and giver is not heir:
            yield giver, heir
    for match in SUCCEEDS.finditer(masked.text):
        old = masked.people.get(match.start("other"))
        if match["who"]:
            new = masked.people.get(match.start("who"))
        else:
            new = last(match.start(), (match["pronoun"] or match["article"]).strip().lower() in ("elle", "la"))
        if new is not None and old is not None and new is not old:
            yield new, old


def masked_words(masked: Block, match: re.Match[str], group: str) -> str:
    """The matched words as the article writes them."""
    raw: str = getattr(masked, "raw", masked.text)
    return raw[match.start(group) : match.end(group)]
