"""How central an organisation is to the article: main, party or passing.

Main: it carries a project of the article or is its target, or the title is about it. Party: it acts, pays, judges,
owns or is quoted. Passing: customers, competitors, former employers, comparisons, lists.
"""

from __future__ import annotations

import re

from nlp.components.lexicon import CAP, lexicon
from nlp.document import Document, Mention, OrganisationEntity
from nlp.facts import Salience
from nlp.folding import plain

# What stands before an organisation that is merely mentioned.
PASSING = re.compile(
    r"(?:\b(?:clients?|clientes?|concurrent[es]*|rivales?|rivaux|fournit|fournissent|travaille pour|travaillent pour|"
    r"fournisseurs? de|sous-traitant de|donneurs? d'ordres?|"
    r"comme|ancien(?:ne)?s? (?:de|du|chez|d[a-z]+ de)|anciens? (?:siege|usine|site|salarie|cadre)s? (?:de|d'|du)|"
    r"depart de|issue?s? (?:de|du|d')|passee?s? (?:par|chez)|ex-[a-z]+ (?:de|du|d')|transfuges? de|parmi lesquels?|"
    r"parmi lesquelles|tels? que|telles? que|a l'image de|a l'instar de|aux cotes de|a cote de|voisin[es]* de|proche "
    r"de|pas de|retour (?:de|d')|cadence (?:de|d')|comparable a|"
    r"modele de|derriere|devant|travaux de|normes? de|passe [a-z]+ ans (?:chez|a)|references?|face a|concurrence de|"
    r"entre autres|notamment|figurent|exposants|enseignes?)"
    r" [^.;!?]{0,70}|\b(?:chez|a deux pas de l'usine d[e']|montee en [a-z]+ d[e']|rachete[a-z ]{0,30} a) ?)$",
    re.IGNORECASE,
)
# What stands before one that takes part.
PARTY = re.compile(
    r"\b(?:selon|d'apres|par|avec|confiee?s? a|aupres de|soutien de|appui de|aide de|accompagne[a-z]* par|cedee?s? "
    r"(?:par|a)|vendue?s? (?:par|a)|filiale (?:a [^,]{0,10} )?(?:de|du|d')|"
    r"proprietaire|contrat avec|partenariat avec|accord avec|en lien avec|cabinet|fonds|banque|bureau d'etudes|"
    r"mandate|investisseurs?|actionnaires?|capital de|marque de|groupe)"
    r" [^.;!?,]{0,40}$",
    re.IGNORECASE,
)
# What stands before one that puts money into another's project.
INVESTS = re.compile(
    r"\b(?:(?:apporte|souscrit|injecte|fourni|finance|abonde|octroye|accorde|garanti|prete|mis sur la table)e?s?"
    r" (?:a (?:hauteur de )?[\d,]+ ?%? )?par|actionnaires?(?: historiques?| minoritaires?)?) [^.;]{0,70}$",
    re.IGNORECASE,
)
# What stands before one that carries a project of the article.
CARRIES = re.compile(
    r"\b(?:projet|parc|centrale|chantier|programme|usine|campus|site|complexe|operation|initiative|ensemble)\b[^.;]{0,60}"
    r" (?:porte|developpe|imagine|initie|promu|concu|mene|pilote)e?s? (?:[^.;]{0,30} )?par (?:[^.;]{0,60} et [^.;]{0,20} par )?"
    r"(?:le |la |l'|les )?(?:[a-z-]+ ){0,2}$",
    re.IGNORECASE,
)
OBLIQUE = re.compile(
    r"\b(?:aupres|siege|site|usine|activite|ex-[a-z]+|ancien [a-z]+|ancienne [a-z]+|agence|avec|de|d'|chez|par|selon) "
    r"(?:de |d'|du |l')?(?:[a-z]+ (?:de |d'))?$",
    re.IGNORECASE,
)
FINANCE = re.compile(
    r"\b(?:ventures|capital|partners|invest(?:issements?)?|banque|bank|credit|caisse|assurances?|fonds|finance|"
    r"business angels|participations|mutuelle|conseil|consulting|avocats?)\b"
)


def salience(document: Document) -> None:
    """Fill ``salience`` of each organisation; reads ``document.projects`` where they are known."""
    carriers = {name for project in document.projects for name in project.organisations}
    speakers = {quote.speaker for quote in document.quotes} | {figure.said_by for figure in document.figures}
    voices = {role.organisation for p in document.people if p.name in speakers for role in p.roles} | speakers
    for entity in document.organisations:
        entity.salience = _rank(document, entity, carriers, voices)


def _context(document: Document, mention: Mention) -> tuple[str, str]:
    text = document.plain(mention.block)
    return text[max(0, mention.start - 110) : mention.start], text[mention.end : mention.end + 60]


def _rank(document: Document, entity: OrganisationEntity, carriers: set[str], voices: set[str | None]) -> Salience:
    contexts = [_context(document, m) for m in entity.mentions]
    passing = all(PASSING.search(before) or _listed(before, behind) for before, behind in contexts)
    if entity.kind == "company":
        return _company(document, entity, contexts, passing, entity.name in carriers, entity.name in voices)
    if entity.name in carriers and not re.match(r"tribunal|cour |prefecture|etat$|parquet", plain(entity.name).lower()):
        return "main"
    if entity.name in voices:
        return "party"
    return "passing" if passing else "party"


def _company(
    document: Document,
    entity: OrganisationEntity,
    contexts: list[tuple[str, str]],
    passing: bool,
    carries: bool,
    speaks: bool,
) -> Salience:
    titled = any(
        m.block == -2 and not OBLIQUE.search(before) for m, (before, _) in zip(entity.mentions, contexts, strict=True)
    )
    backer = bool(FINANCE.search(plain(entity.name).lower())) or any(
        re.search(r"\b(?:cabinet|fonds|banque|agence)(?: [a-z-]+){0,2} $", before) or INVESTS.search(before)
        for before, _ in contexts
    )
    if not backer and any(CARRIES.search(before) for before, _ in contexts):
        return "main"
    if carries and not (backer and not titled) and not passing:
        return "main"
    if titled and not backer:
        return "main"
    if carries and titled:
        return "main"
    count = len(entity.mentions)
    if passing and count < 3 and not speaks:
        return "passing"
    if count >= 4 and not backer:
        return "main"
    if speaks or backer or count > 1 or any(PARTY.search(before) for before, _ in contexts):
        return "party"
    return "party" if entity.based_in or any(_acts(behind) for _, behind in contexts) else "passing"


def _acts(behind: str) -> bool:
    match = re.match(r"(?: \([^()]*\))?,? (?:[a-z']+ )?([a-z]{3,})", behind)
    return bool(match and match[1] not in lexicon().stop and not match[1].endswith(("ment", "ion")))


def _listed(before: str, behind: str) -> bool:
    """In the middle of a list of names: "X, Y et Z"."""
    ahead = re.match(rf"(?:, | et | ou )(?:le |la |l'|les )?{CAP}", behind)
    back = re.search(rf"{CAP}(?:, | et | ou )(?:le |la |l'|les )?$", before)
    return bool(ahead and back)
