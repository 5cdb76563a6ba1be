"""What a quantity measures, from the nouns and verbs that stand nearest to it.

The cues are in ``nlp/lexicon/figures.toml``. A noun tied to the number decides ("6,5 M€ d'aides"); else the nearest
cue of the clause; else the figure before it in the sentence ("dont 4 M€").
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from nlp.components.numbers import CURRENCIES, Quantity
from nlp.folding import fold

LEXICON = tomllib.loads((files("nlp.lexicon") / "figures.toml").read_text(encoding="utf-8"))
_MONEY, _STAFF, _RATES, _COUNTS = (LEXICON[name] for name in ("money", "staff", "rates", "counts"))


def _table(rows: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?P<{label}>\b(?:{words}))" for label, words in rows.items()))


_MONEY_DIRECT = re.compile(
    r"(?: +(?:ht|ttc|hors +taxes|hors +foncier|de plus|supplementaires?))?,?(?: +(?:de|en)(?: +(?:la"
    r"|nouvelles?|nouveaux|futurs?|futures?|gros|son|sa|ses))? +| +d')(?:l')?(?:"
    + "|".join(rf"(?P<{k}>(?:{v})\b)" for k, v in _MONEY["direct"].items())
    + ")"
)
_MONEY_NEAR = _table(_MONEY["near"])
_STAFF_NEAR = _table(_STAFF["near"])
_RATE = re.compile(rf"(?P<down>\b(?:{_RATES['down']})\b)|(?P<up>\b(?:{_RATES['up']})\b)")
_LEVEL = re.compile(rf"\b(?:{_RATES['level']})")
_GIVER = re.compile(rf"\b(?:{_MONEY['givers']['words']})\b")
_GIVES = re.compile(rf"\b(?:{_MONEY['givers']['verbs']})")
_GIVER_AFTER = re.compile(
    rf" +(?:de|du|par|venus? de|apportes? par|accordes? par"
    rf"|verses? par)(?: +l[ae]s?)? *(?:l')?(?:{_MONEY['givers']['words']})\b"
)
_PRODUCE = re.compile(rf"\b(?:{_COUNTS['produce']})")
_MAKE = re.compile(rf"\b(?:{_COUNTS['make']})\b(?: +[a-z'-]+){{0,3}} *$")
_PEOPLE = re.compile(
    r"(?:client|visiteur|habitant|personne|logement|etudiant|adherent|eleve|patient|projet|magasin"
    r"|site|pays|passager|voyageur|entreprise|dossier|demande|touriste|spectateur)"
)
_CONSUME = re.compile(rf"\b(?:{_COUNTS['consume']})")
_GOODS = re.compile(rf"(?:{_COUNTS['goods']})$")
_SMALL = re.compile(rf"(?:{_COUNTS['small']})$")
_NEVER = re.compile(rf"(?:{_COUNTS['never']})s?$")
_STAFF_NOUN = re.compile(
    rf"(?P<jobs_created>(?:{_STAFF['jobs_created']})\b)|(?P<jobs_cut>(?:{_STAFF['jobs_cut']})\b)"
    rf"|(?P<jobs_saved>(?:{_STAFF['jobs_saved']})\b)|(?P<jobs>(?:{_STAFF['jobs']})\b)"
    rf"|(?P<workforce>(?:{_STAFF['workforce']})\b)"
)
_PRE = (
    r"(?:(?:nouve(?:aux|lles)|futur\w*|autres?|jeunes|petite?s|grande?s|premiere?s|principa\w+"
    r"|derniere?s|ancienne?s|quelque|seule?s?|vraie?s|gros|grosses|deux|actuels|quelques|simples"
    r"|meilleure?s) +)*"
)
NOUN = re.compile(rf" *(?:de +|d')?(?P<pre>{_PRE})(?P<noun>[a-z]+(?:-[a-z]+)*)")
FUNCTION = frozenset(
    [
        "a",
        "au",
        "aux",
        "dans",
        "en",
        "des",
        "de",
        "du",
        "d",
        "le",
        "la",
        "les",
        "l",
        "un",
        "une",
        "et",
        "ou",
        "mais",
        "dont",
        "qui",
        "que",
        "qu",
        "selon",
        "contre",
        "sur",
        "sous",
        "se",
        "s",
        "ne",
        "n",
        "lors",
        "avant",
        "apres",
        "depuis",
        "cette",
        "cet",
        "ce",
        "ces",
        "il",
        "elle",
        "on",
        "ils",
        "elles",
        "pour",
        "par",
        "chez",
        "entre",
        "vers",
        "voire",
        "puis",
        "soit",
        "pendant",
        "durant",
        "lorsque",
        "quand",
        "comme",
        "si",
        "y",
        "sont",
        "sera",
        "seront",
        "seraient",
        "serait",
        "etaient",
        "etait",
        "ont",
        "avait",
        "avaient",
        "aura",
        "auront",
        "est",
        "sans",
        "avec",
        "hors",
        "dont",
        "seulement",
        "environ",
        "minimum",
        "maximum",
        "alors",
        "aujourd",
        "ici",
        "aupres",
        "parmi",
        "plus",
        "moins",
        "moyen",
        "eux",
        "ainsi",
        "tous",
        "toutes",
        "deja",
        "devraient",
        "pourraient",
        "doivent",
        "peuvent",
        "va",
        "vont",
        "dits",
        "chacun",
        "chacune",
        "prevus",
        "prevues",
        "directs",
        "indirects",
        "directes",
        "indirectes",
        "autres",
        "initialement",
        "precedemment",
        "actuellement",
        "supplementaires",
        "environ",
        "fin",
        "debut",
        "mi",
        "au-dela",
        "d'ici",
        "jusqu",
        "lesquels",
        "sinon",
        "ans",
    ]
)
_PER = (
    (re.compile(r"par +an\b|par +annee|/ ?an\b|l'an\b|chaque +annee|annuel\w*|a +l'annee|tous +les +ans"), "year"),
    (re.compile(r"par +mois|/ ?mois|mensuel\w*|chaque +mois|tous +les +mois"), "month"),
    (re.compile(r"par +jour\b|/ ?j(?:our)?\b|quotidien\w*|chaque +jour|journali\w+|tous +les +jours"), "day"),
    (re.compile(r"par +heure|/ ?h(?:eure)?\b|horaire\b|de +l'heure|l'heure\b"), "hour"),
)  # fmt: skip
_PER_ANY = re.compile("|".join(p.pattern for p, _ in _PER))
_PRICE = re.compile(r" *(?:/|le|la|par|du) *(?:m2|metre|mwh|kwh|tonne|kilo|kg|litre|part\b|action\b|megawatt|t\b|m3)")
_BATTERY = re.compile(r"\b(?:capacite|batteries?|cellules?|gigafactory|gigafactories|production annuelle)\b")
_MARKET = re.compile(r"\b(?:marche|filiere|secteur)\b(?! public)[^;:]*\b(?:pes|repres|attein|vau|val)\w+")
_COSTS_YEARLY = re.compile(r"\bcout(?:e|ent|ait|aient|era|erait)\b.*\bpar +an\b")
_DISTANCE = re.compile(
    r"\b(?<!longue )(?<!long )(?<!longueur )(?<!ligne )(?<!boucle )(?<!reseau )(?:a|de|distante?s? de"
    r"|situee?s? a|rayon de|dans un rayon de)(?: +(?:moins|plus|pres|peine|une|environ"
    r"|quelque))*(?: +d(?:e|'))? *$"
)
_COMES_FROM = re.compile(
    r",? +(?:vien|provien|eman|sont +apporte|est +apporte|sont +finance|est +finance|sont +pris"
    r"|est +pris)\w*(?: +en +charge)? +(?:de|du|des|par)(?: +l[ae]s?)? *(?:l')?(?:" + _MONEY["givers"]["words"] + r")\b"
)
_ASKED = re.compile(r" +(?:a|aupres de)(?: +l[ae]s?)? *(?:l')?(?:" + _MONEY["givers"]["words"] + r")\b")
_ASKS = re.compile(r"\b(?:demand|reclam|sollicit|attend|esper)\w*")
_TO_BUY = re.compile(
    r"[^.;:]{0,30}\b(?:pour|afin d(?:e|')|dans) *(?:racheter|acquerir|s'offrir|reprendre|acheter (?:le|la|l'|son|cette)"
    r"|l'acquisition|le rachat|la reprise)\b"
)
_TRANCHE = re.compile(r"\b(?:tranches?|versements?|acomptes?|quote-part)(?: +\w+)? +d(?:e +|')$")
#: "9 M€ financés à 70 % par le Feder", "65 M€, avec l'aide de l'État": the whole, not the aid
_PARTLY_AIDED = re.compile(
    r",? *(?:(?:qui +)?(?:est|sont|sera|seront|serait|seraient|etant) +)?(?:co)?(?:financ|subventionn|soutenu|aid|pris|couvert)\w*"
    r"(?: +en +charge)? +(?:(?:a +(?:hauteur|raison) +d(?:e +|'))?(?:a +|pour +|en +)?(?:environ +|pres +d(?:e +|'))?"
    r"(?:la +|une? +|de +)?(?:\d[\d,. ]*%|moitie|tiers|quart|partie|majorite|parts? egales?))"
    r"|,? *(?:le tout +)?(?:avec|grace +a|sans|hors|avant|auxquels?) +(?:(?:l[ae]s?|une?|des|toutes?) +|l')?(?:petite? +|gros\w* +)?"
    r"(?:aides?|soutiens?|appui|concours|coup de pouce|participation|subventions?|contribution)\b"
)
#: what follows is another sum's business: "900 000 €, en complément d'une levée de fonds"
_ASIDE = re.compile(
    r",? +(?:en (?:complement|plus|sus|marge|echange) d|apres (?:une?|avoir|le|la)\b|a la suite d|au-dela d|outre\b)|, dont\b|, avec\b"
)
#: a verb of raising right in front: "avait réuni 800 000 €"
_RAISES = re.compile(
    r"\b(?:a|avait|ont|avaient|aura|auront|vient de|viennent de|apres avoir|de) +(?:deja +|ainsi +|egalement +|aussi +)?"
    r"(?:reunir?|lev(?:e|er)|boucler?|collecter?|recolter?|securiser?)(?: +(?:un tour de table|une levee) +de)? *$"
)
_SOME_OF = re.compile(r" +d(?:e +|')[a-z]")
_GIFT = re.compile(r"\b(?:subvention\w*|aides?|avances? remboursables?|dotations?|prets?)\b")
#: verbs and nouns of buying that govern "pour 3,9 M€"
_BUYS = re.compile(
    r"\b(?:repri(?:s|se|ses)|repren(?:d|ds|ent|dre|dra|drait|ait|ant|nent)|rach(?:at|ete\w*|eter\w*)|acqui(?:s|se|ert|erent|erir|sition)"
    r"|ach(?:at|ete\w*|eter\w*)|vend(?:u|ue|us|ues|re|ra|ait|ent)?|ced(?:e|er|era|ant|ait|ee|es)|cession|s'(?:est |etait )?off(?:re|rir|ert|rait)"
    r"|adjuge\w*|emport\w+)\b"
)
_NOT_BOUGHT = re.compile(
    r"\b(?:investi\w*|construi\w+|travaux|renov\w+|moderni\w+|extension|agrandi\w+|machines?|presses?|robots?)\b"
)
_FOR_PRICE = re.compile(
    r"\b(?:pour|contre|moyennant|au prix de|pour un prix de|un cheque de)(?: +(?:environ|quelque|pres de|plus de|moins de))* *$"
)
_BIDS = re.compile(
    r"\b(?:offres?|repreneurs?|candidats?|liquidation|redressement judiciaire|barre du tribunal|reprise)\b"
)
_ON_THE_TABLE = re.compile(r"[^.;]{0,6}\bsur la table\b")
_ESTIMATED = re.compile(r"\b(?:estime|evalue|chiffre|budgete)e?s? +a(?: +(?:environ|quelque|pres de|plus de))* *$")
_ITS_SUBJECT = re.compile(r"\b(?:marche|contrat|transaction|prix|rachat|valeur|commande|cession|acquisition|offre)\b")
_VALUES = re.compile(r"\bvalori(?:se|sent|sait|sait|serait|sera|ser|sant)\b[^.;]{0,40}$")
_DEAL_WORDS = re.compile(
    r"\b(?:rachat|rachet\w+|acquisition|acquier\w*|cession|offre|operation|transaction|% (?:du|des) (?:capital|parts))\b"
)
_PROMISED = re.compile(
    r" +(?:(?:directs?|indirects?|supplementaires?|nouveaux) +)?(?:etaient +|sont +|etait +)?(?:initialement +|au depart +)?"
    r"(?:promis|prevus|annonces|esperes|attendus|envisages|a creer|a pourvoir|budgetes|crees|ouverts)\b"
)
_FEWER = re.compile(r" +(?:en +|de +)(?P<sign>moins|plus)\b(?! +de)")
_KEEPS = re.compile(
    r"\b(?:survi(?:vront|vra|vraient|vent|t|vraient)|sauve\w*|echapp\w+|repreneu\w+|repren(?:d|ds|dra|drait|dre|nent|draient)"
    r"|repri(?:s|se)|reprise|s'engage\w*|engagerait|conserv\w+|mieux-disant\w*)\b"
)
#: a group's answer to a survey: the verb behind the share
_ANSWERS = re.compile(
    r" +(?:n(?:e +|'))?(?:l'(?:ont|a)|ont|s'attendent|prevoient|signalent|pensent|jugent|anticipent|comptent|envisagent|esperent|craignent"
    r"|constatent|redoutent|disent|se disent|estiment|declarent|veulent|souhaitent)\b"
)
_CONCERNED = re.compile(
    r"[^.;]{0,60}\b(?:sont|seront|seraient|etaient|ont ete) +(?:\w+ +)?(?:concerne|touche|menace|licencie|vise|remercie)s?e?s?\b"
)
_RATE_PRICE = re.compile(
    r" *(?:ttc|ht)?,?(?: *(?:par|/|la|le|l')) *(?:jour|nuit|nuitee|personne|tete|habitant|foyer|client|eleve|visiteur|repas|heure|adherent)\b"
)
_STORED = re.compile(r"(?:palettes?|emplacements?-palettes?)$")
_WOULD_BE = re.compile(r"\bser(?:a|ait|ont|aient)(?: +(?:alors|ainsi|donc|de|d'|environ|a terme))* *$")
_OUT_OF_ALL = re.compile(
    r"\baucune? +(?:des|de +ses|de +leurs) *$|\bsur +(?:l[ae]s|ses|leurs|un +total +de|un +effectif +(?:total +)?de) *$"
)
_OUT_OF = re.compile(
    r"\b(?:sur(?: +(?:les|ses|leurs|un +total +de|un +effectif +de))?|des|de +(?:ses|leurs)|parmi +(?:les|ses)) *$"
)
_DIGIT = re.compile(r"\d(?!\d{3}\b)")
_BREAKS = re.compile(r"[,;:()]|\b(?:mais|tandis que|alors que|quand)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a quantity measures. ``end`` is where its evidence ends; ``strong`` tells a stated measure from a guess."""

    measure: str
    unit: str
    end: int
    of: str | None = None
    strong: bool = True
    sign: int = 0


class Cues:
    """The cues of one block, found once, with their offsets."""

    def __init__(self, folded: str) -> None:
        self.folded = folded

    @cached_property
    def money(self) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), m.lastgroup or "") for m in _MONEY_NEAR.finditer(self.folded)]

    @cached_property
    def staff(self) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), m.lastgroup or "") for m in _STAFF_NEAR.finditer(self.folded)]

    @cached_property
    def rates(self) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), m.lastgroup or "") for m in _RATE.finditer(self.folded)]

    @staticmethod
    def breaks(between: str) -> float:
        """What the marks and numbers between a cue and a figure cost."""
        return (
            22.0 * len(_BREAKS.findall(between)) + 34.0 * between.count(";") + (20.0 if _DIGIT.search(between) else 0.0)
        )

    def nearest(
        self, cues: list[tuple[int, int, str]], start: int, end: int, left: int, right: int, skip: str = ""
    ) -> tuple[str, float] | None:
        """The cheapest cue between ``left`` and ``right``: near, in the same clause, in front of the number."""
        best: tuple[str, float] | None = None
        first = bisect_left(cues, (left, 0, ""))
        for cue_start, cue_end, label in cues[first : first + 40]:
            if cue_start >= right:
                break
            if label == skip:
                continue
            if cue_end <= start:
                between = self.folded[cue_end:start]
                cost = len(between) + self.breaks(between)
            elif cue_start >= end:
                between = self.folded[end:cue_start]
                cost = 14 + 1.2 * len(between) + 1.3 * self.breaks(between)
            else:
                cost = 0.0
            if best is None or cost < best[1]:
                best = (label, cost)
        return best


def per(folded: str, end: int, right: int) -> str | None:
    """ "par an", "chaque année" … behind a figure, in its clause."""
    window = folded[end : min(right, end + 70)]
    stop = re.search(r"[;:(]|, |\b(?:et|contre|pour)\b +(?:\d|un)|\. ", window)
    found = _PER_ANY.search(window, 0, stop.start() if stop else len(window))
    if found is None:
        return None
    return next(name for pattern, name in _PER if pattern.fullmatch(found.group()))


def noun_phrase(text: str, folded: str, start: int, right: int) -> tuple[str, int]:
    """The noun phrase that begins at ``start``: its head with the adjectives and the "de …" that follow it.

    Returns the phrase as written and its end.
    """
    found = NOUN.match(folded, start)
    if found is None:
        return "", start
    end = found.end()
    while True:
        more = re.compile(
            r" +(?P<word>d'[a-z]+(?:-[a-z]+)*|de +(?:la +|l')?[a-z]+(?:-[a-z]+)*|[a-z]+(?:-[a-z]+)*)"
        ).match(folded, end)
        if more is None or more.end() > right or more.end() - found.start("noun") > 60:
            break
        word = more.group("word")
        if " " not in word and not word.startswith("d'"):
            if (
                word in FUNCTION
                or not re.search(r"(?:e|es|s|x|aux|elles|ees|iques?|els|ifs|ives)$", word)
                or len(word) < 4
            ):
                break
            if re.search(r"(?:ent|ront|ait|ez|ons)$", word):
                break
        end = more.end()
    return text[found.start("noun") if not found.group("pre") else found.start("pre") : end].strip(), end


def money(cues: Cues, q: Quantity, left: int, right: int, before: Reading | None, prior: str) -> Reading | None:
    """The measure of a sum of money."""
    folded = cues.folded
    if _PRICE.match(folded, q.end):
        return None
    direct = _MONEY_DIRECT.match(folded, q.end)
    if direct and direct.lastgroup:
        return Reading(direct.lastgroup, q.unit, direct.end())
    if _TO_BUY.match(folded, q.end):
        return Reading("deal_value", q.unit, q.end)
    if _RATE_PRICE.match(folded, q.end):
        return Reading("amount", q.unit, q.end)
    if prior == "grant" and re.search(r": *$", folded[max(left, q.start - 4) : q.start]):
        return Reading("grant", q.unit, q.end)
    if _PARTLY_AIDED.match(folded, q.end):
        return Reading("investment", q.unit, q.end)
    raised = before is not None and before.measure == "funding_round" and before.unit == q.unit
    if (
        raised
        and re.search(
            r"(?:,|\bet|\bdont|\bplus)(?: +(?:environ|pres de|quelque))* *$", folded[max(left, q.start - 24) : q.start]
        )
        and not _GIFT.search(folded, q.end, min(right, q.end + 25))
    ):
        return Reading("funding_round", q.unit, q.end)
    head = folded[max(left, q.start - 60) : q.start]
    if _RAISES.search(head) and not _SOME_OF.match(folded, q.end):
        return Reading("funding_round", q.unit, q.end)
    giver = _GIVER_AFTER.match(folded, q.end)
    if giver:
        return Reading("grant", q.unit, giver.end())
    if _COMES_FROM.match(folded, q.end):
        return Reading("grant", q.unit, q.end)
    if _ASKED.match(folded, q.end) and _ASKS.search(folded, left, q.start):
        return Reading("grant", q.unit, q.end)
    if before is not None and before.unit == q.unit and tranche(folded, left, q.start):
        return Reading(before.measure, q.unit, q.end, strong=before.strong)
    clause_start = max(left, q.start - 130)
    if _FOR_PRICE.search(head):
        bought = list(_BUYS.finditer(folded, clause_start, q.start))
        if bought and not _NOT_BOUGHT.search(folded, bought[-1].end(), q.start):
            return Reading("deal_value", q.unit, q.end)
    if _ON_THE_TABLE.match(folded, q.end) and _BIDS.search(folded, max(0, q.start - 900), q.start):
        return Reading("deal_value", q.unit, q.end)
    if _VALUES.search(folded[max(left, q.start - 70) : q.start]) and _DEAL_WORDS.search(folded, left, q.start):
        return Reading("deal_value", q.unit, q.end)
    aside = _ASIDE.search(folded, q.end, right)
    if aside:
        right = aside.start()
    bracket = folded.rfind("(", left, q.start)
    inside = bracket >= 0 and ")" not in folded[bracket : q.start]
    if inside:
        closing = folded.find(")", q.end, q.end + 120)
        found = cues.nearest(cues.money, q.start, q.end, bracket, closing if closing > 0 else right)
        if found:
            return Reading(found[0], q.unit, q.end)
        if q.start - bracket < 8:
            outside = cues.nearest(cues.money, bracket, bracket, max(left, bracket - 110), bracket)
            if outside and outside[1] < 110 and outside[0] in ("deal_value", "amount"):
                return Reading(outside[0], q.unit, q.end)
        if _GIVER.search(folded[max(left, bracket - 30) : bracket]) and q.start - bracket < 8:
            return Reading("grant", q.unit, q.end)
    if q.link in ("to", "list") and before is not None and before.unit == q.unit:
        return Reading(before.measure, q.unit, q.end, strong=before.strong)
    if (
        before is not None
        and before.unit == q.unit
        and re.search(
            r"\b(?:dont|soit|contre|puis|au lieu de|et non plus)(?: +\w+){0,3} *$",
            folded[max(left, q.start - 30) : q.start],
        )
    ):
        near = cues.nearest(cues.money, q.start, q.end, max(left, q.start - 4), right)
        if near is None or near[1] > 30:
            return Reading(before.measure, q.unit, q.end, strong=before.strong)
    found = cues.nearest(cues.money, q.start, q.end, left, right)
    givers = list(_GIVER.finditer(folded, max(left, q.start - 130), q.start))
    if givers:
        clause = folded[givers[-1].end() : q.start]
        gives = _GIVES.search(clause)
        own = found is not None and found[0] == "investment" and found[1] <= 12 and re.search(r"\binvesti", clause)
        given = (
            found is None
            or found[0] in ("investment", "amount", "funding_round", "grant")
            or found[1] > 40
            or (
                found[0] == "deal_value"
                and re.search(r"\b(?:attribu|accord|octroy)\w+", clause)
                and not _ITS_SUBJECT.search(clause)
            )
        )
        if gives and given and not own:
            return Reading("grant", q.unit, q.end)
    if (
        found
        and found[0] == "deal_value"
        and _ESTIMATED.search(head)
        and not _ITS_SUBJECT.search(folded, max(left, q.start - 90), q.start)
    ):
        return Reading("investment", q.unit, q.end)
    if found and found[0] == "revenue" and _MARKET.search(folded, left, q.start):
        return Reading("amount", q.unit, q.end)
    if (
        found
        and found[0] == "investment"
        and _COSTS_YEARLY.search(folded, max(left, q.start - 30), min(right, q.end + 20))
    ):
        return Reading("amount", q.unit, q.end)
    if found and found[1] < 150:
        return Reading(found[0], q.unit, q.end, strong=found[1] < 50)
    if before is not None and before.unit == q.unit:
        return Reading(before.measure, q.unit, q.end, strong=False)
    if found is None:
        # the sentence does not tell: what the one before speaks of
        found = cues.nearest(cues.money, q.start, q.end, max(0, q.start - 220), q.start, skip="revenue")
    return Reading(found[0] if found else prior, q.unit, q.end, strong=False)


def staff(cues: Cues, q: Quantity, noun: re.Match[str], left: int, right: int, cutting: bool) -> Reading:
    """The measure of a number of people at work; ``noun`` is a match of the staff nouns."""
    folded, kind = cues.folded, noun.lastgroup or "workforce"
    if kind in ("jobs_created", "jobs_cut", "jobs_saved"):
        return Reading(kind, "person", noun.end())
    fewer = _FEWER.match(folded, noun.end())
    if fewer:
        return Reading("jobs_cut" if fewer["sign"] == "moins" else "jobs_created", "person", fewer.end())
    found = cues.nearest(cues.staff, q.start, noun.end(), left, right)
    if kind == "jobs":
        if _PROMISED.match(folded, noun.end()):
            return Reading("jobs_created", "person", noun.end())
        if found and found[1] < 90:
            return Reading(found[0], "person", noun.end())
        if _CONCERNED.match(folded, noun.end()):
            return Reading("jobs_cut", "person", noun.end())
        if cutting and _KEEPS.search(folded, left, right):
            return Reading("jobs_saved", "person", noun.end(), strong=False)
        return Reading("jobs_cut" if cutting else "jobs_created", "person", noun.end(), strong=False)
    if _CONCERNED.match(folded, noun.end()):
        return Reading("jobs_cut", "person", noun.end())
    bracket = folded.rfind("(", left, q.start)
    closing = folded.find(")", noun.end(), noun.end() + 60)
    if bracket >= 0 and q.start - bracket < 60 and ")" not in folded[bracket : q.start] and closing >= 0:
        inner = cues.nearest(cues.staff, q.start, noun.end(), bracket, closing)
        return Reading(inner[0] if inner and inner[1] < 40 else "workforce", "person", noun.end())
    if _WOULD_BE.search(folded[max(left, q.start - 30) : q.start]):
        return Reading("jobs_created", "person", noun.end(), strong=False)
    if found and found[1] < (75 if found[0] in ("jobs_cut", "jobs_saved") else 45):
        return Reading(found[0], "person", noun.end(), strong=found[0] != "workforce")
    return Reading("workforce", "person", noun.end(), strong=False)


def out_of(folded: str, left: int, start: int, part: bool) -> bool:
    """Whether a number is the whole of which another is a part ("64 des 108 postes", "42 sur 160", "Sur les 78
    salariés, 60 …"); ``part`` tells whether the part stands right in front."""
    return (_OUT_OF if part else _OUT_OF_ALL).search(folded[max(left, start - 24) : start]) is not None


_SHARE_OF = re.compile(
    r" +(?:seulement +|environ +)?(?:des?|du|d'|de +la|de +l'|de +ses|de +son|de +sa|de +leurs?)(?<!') *(?:\d[\d ]* )?"
)


def percent(cues: Cues, q: Quantity, left: int, right: int, text: str) -> Reading:
    """A share or a change; a decline is negative."""
    folded = cues.folded
    after = re.compile(
        r" *(?:de +|d'|en +)?(?:(?P<down>baisse|recul|repli|moins|chute|reduction|diminution)"
        r"|(?P<up>hausse|croissance|plus|mieux|augmentation|progression))\b(?! +d)"
    ).match(folded, q.end)
    if q.sign:
        return Reading("growth", "%", q.end, sign=q.sign)
    if after:
        return Reading("growth", "%", after.end(), sign=-1 if after.group("down") else 1)
    window = max(left, q.start - 70)
    found = cues.nearest(cues.rates, q.start, q.end, window, q.start)
    level = re.search(
        r"(?:\ba|\ba +(?:pres|plus|moins) +d(?:e|'))(?: +quelque| +environ)? *$",
        folded[max(left, q.start - 14) : q.start],
    )
    if level and re.search(r"[aA]$", text[max(left, q.start - 14) : q.start].rstrip()[-1:]):
        level = None if folded[max(0, q.start - 2) : q.start].strip() == "a" and text[q.start - 2] == "a" else level
    if _ANSWERS.match(folded, q.end) and not re.search(r"\bde *$", folded[max(left, q.start - 4) : q.start]):
        return Reading("share", "%", q.end)
    whole = re.match(
        r" +(?:seulement +)?(?:des?|du|d'|de la|de l'|sont|estiment|declarent|se disent)\b", folded[q.end : q.end + 30]
    )
    if found and found[1] < 45 and not level and not (whole and found[1] > 25):
        return Reading("growth", "%", q.end, sign=-1 if found[0] == "down" else 1)
    of = _SHARE_OF.match(folded, q.end)
    phrase = noun_phrase(text, folded, of.end(), right)[0] if of else None
    return Reading("share", "%", q.end, of=phrase or None, strong=bool(whole or level))


def counted(cues: Cues, q: Quantity, noun: str, end: int, left: int, right: int, rate: str | None) -> Reading | None:
    """Things counted: output where they are made, else a count."""
    folded = cues.folded
    clause = folded[max(left, q.start - 80) : min(right, end + 40)]
    head = fold(noun).split(" ")[0]
    made = bool(_GOODS.match(head)) and bool(rate or _PRODUCE.search(clause))
    stored = (
        _STORED.match(head) is not None
        and re.search(r"\b(?:entrepot|plateforme|capacite|stock)\w*", clause) is not None
    )
    able = re.search(r"\b(?:capacite|production|cadence)\b[^.;,]{0,18}$", folded[max(left, q.start - 40) : q.start])
    made = made or stored or bool(able and rate and not _PEOPLE.match(head))
    makes = _MAKE.search(folded[max(left, q.start - 40) : q.start])
    made = made or bool(makes and not _PEOPLE.match(head))
    return Reading("output" if made else "count", "unit", end, of=noun)


def physical(cues: Cues, q: Quantity, left: int, right: int) -> Reading | None:
    """Areas, power, energy, weights, volumes, lengths."""
    folded, unit = cues.folded, q.unit
    measures = {"m2": "area", "ha": "area", "MW": "power", "GW": "power", "MWh": "energy", "GWh": "energy"}
    if unit in measures:
        return Reading(measures[unit], unit, q.end)
    clause = folded[max(left, q.start - 90) : min(right, q.end + 70)]
    if unit == "km":
        if _DISTANCE.search(folded[max(left, q.start - 30) : q.start]) or re.match(
            r" *(?:de|d'|du|plus|a la ronde|au|les uns|l'une?)\b(?! (?:cables?|lignes?|fibre|pistes?"
            r"|reseau\w*|voies?|canalisations?|tuyaux|conduites|routes?))",
            folded[q.end : q.end + 20],
        ):
            return None
        return Reading(
            "output" if re.search(r"\bcables?|fils?\b", clause) and _PRODUCE.search(clause) else "count", unit, q.end
        )
    return Reading("count" if _CONSUME.search(clause) else "output", unit, q.end)


def tranche(folded: str, left: int, start: int) -> bool:
    """Whether a sum is a part of one told before ("une première tranche de")."""
    return _TRANCHE.search(folded[max(left, start - 40) : start]) is not None


def is_money(unit: str) -> bool:
    """Whether a unit is a currency."""
    return unit in CURRENCIES


def battery(folded: str, left: int, right: int) -> bool:
    """Whether a sentence speaks of a plant's yearly capacity in batteries."""
    return _BATTERY.search(folded, left, right) is not None


def promised(folded: str, end: int) -> bool:
    """Whether jobs are only promised or planned ("600 emplois promis")."""
    return _PROMISED.match(folded, end) is not None


def staff_noun(folded: str, start: int) -> re.Match[str] | None:
    """The staff noun behind a number ("(de) nouveaux emplois"), if that is what stands there."""
    noun = NOUN.match(folded, start)
    return (
        _STAFF_NOUN.match(folded, noun.start("noun")) or _STAFF_NOUN.match(folded, noun.start("pre")) if noun else None
    )


_AFTER_NOUN = re.compile(
    r"(?:[(:]|\b(?:a|de|atteint|atteindra\w*|est|sera|serait|etait|ne +depass\w+))(?: +\w+){0,2} *$"
)


def staff_before(folded: str, left: int, start: int) -> re.Match[str] | None:
    """A staff noun in front of a bare number: "emplois à la clé (4 650)", "effectif : 35", "l'effectif passe à 75"."""
    window = max(left, start - 45)
    if not _AFTER_NOUN.search(folded[window:start]):
        return None
    nouns = list(_STAFF_NOUN.finditer(folded, window, start))
    return nouns[-1] if nouns else None


def counts_small(noun: str) -> bool:
    """Whether a number word below ten before this noun is a figure."""
    return _SMALL.match(noun) is not None


def never(noun: str) -> bool:
    """Whether a noun is no economic count ("deux sources", "trois raisons")."""
    return _NEVER.match(noun) is not None
