"""Proper names and what they name: organisation, person, place, or something else.

The names of an article are found by their shape and by the heads of the lexicon ("tribunal de commerce de ...");
then each witness votes for what a name is, wherever it stands: the words before and behind it, its own words, the
gazetteer, given names, spaCy's NER. The votes of all mentions are added up, so that one clear mention ("le groupe
Kestrava") settles the others.
"""

from __future__ import annotations

import csv
import re
import tomllib
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from nlp.components.segment import plain
from nlp.document import BlockSpan, Document, Mention, Name
from nlp.facts import OrganisationKind
from nlp.gazetteer import LEXICON, demonyms, fold, foreign_towns, gazetteer

KINDS: tuple[OrganisationKind, ...] = ("public_body", "association", "research_education", "media", "company")
# A capitalised word: no elided article, no number with its unit ("45M€", "12MW").
CAP = (
    r"(?<![\w&])(?!(?:[LDCJMNST]|Qu)'\w)(?!\d+(?:[KMGTkmgt]?[WLHGMTKVA]|Md|Mds|[MG]W[hc]|kWh|e|E|ER|EME|D)\b)"
    r"(?:[A-Z]\w*|[a-z]{1,2}[A-Z]\w*|\d+[A-Z]\w*)(?:[-'.&+]\w+)*"
)
DE = r"(?:de la |de l'|des |du |de |d')"
NAME = rf"{CAP}(?:(?: & | {DE}| (?:en|sur|les|lez|le|la|et de|sous) | ){CAP})*"
AND_NAME = rf"{CAP}(?:(?: & | {DE}| (?:en|sur|les|lez|le|la|et|sous) |, | ){CAP})*"
FIELD = r"[a-z'-]+(?: (?:et |de la |de l'|des |du |de |d')?[a-z][a-z'-]+){0,3}"
PLACEHOLDERS = {
    "<nom>": rf"(?-i: {DE}?{NAME})",
    "<nom?>": rf"(?-i: {DE}?{NAME})?",
    "<court>": rf"(?-i: {CAP}(?: {CAP})?)",
    "<court?>": rf"(?-i:[ -]{CAP}(?: {CAP})?)?",
    "<territoire>": rf"(?-i: {DE}?{AND_NAME})",
    "<direct>": rf"(?-i: {CAP}(?: {CAP})*)",
    "<etude>": rf"(?: ?{DE}?{FIELD})",
    "<etude?>": rf"(?: ?{DE}?{FIELD})?",
    "<demonyme>": r" (?:francais|allemand|italien|espagnol|britannique|belge)",
}
TAIL = re.compile(r" (?:&|et|und|and) (?:[Ff]ils|[Ff]reres|[Cc]ie|[Cc]o|[Aa]ssocies|[Ff]illes?|[Ss]ohne|[Ss]ons)\b")
PARTICLES = {
    "le",
    "la",
    "de",
    "du",
    "van",
    "von",
    "der",
    "den",
    "ben",
    "el",
    "al",
    "di",
    "da",
    "dos",
    "des",
    "bin",
    "mac",
}
BREAK = re.compile(r"(?:^|[.!?…:;«»“”\"•·|–—*\n]|^-) *[-–—•]* *[«“\"]? *$")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of ``lexicon/organisations.toml`` and ``lexicon/people.toml``, ready to use."""

    heads: tuple[tuple[OrganisationKind, re.Pattern[str]], ...]
    nouns: dict[str, tuple[str, ...]]
    suffixes: frozenset[str]
    legal: frozenset[str]
    roles: frozenset[str]
    court: frozenset[str]
    titles: frozenset[str]
    saying: frozenset[str]
    first_names: dict[str, str]


def _head(written: str) -> str:
    """One head of the lexicon as a regular expression over plain text."""
    pattern = re.sub(r" ?<(\w+\??)>", lambda m: PLACEHOLDERS[f"<{m[1]}>"], written)
    return f"(?i:{pattern})" if written[0].islower() or written[0] == "(" else pattern


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once a process."""
    with (LEXICON / "organisations.toml").open("rb") as file:
        org = tomllib.load(file)
    with (LEXICON / "people.toml").open("rb") as file:
        people = tomllib.load(file)
    heads = []
    for kind in KINDS:
        fixed = [re.escape(plain(name)) for name in sorted(org["names"].get(kind, []), key=len, reverse=True)]
        patterns = [_head(written) for written in org["patterns"].get(kind, [])] + fixed
        if patterns:
            heads.append((kind, re.compile(r"(?<![\w'-])(?:" + "|".join(patterns) + r")(?![\w]|-\w)")))
    nouns: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for kind, words in org["nouns"].items():
        for word in words.split():
            nouns[word] = (*nouns[word], kind)
    first: dict[str, str] = {}
    for table in ("first_names.csv", "regional_first_names.csv"):
        with (LEXICON / table).open(encoding="utf-8") as file:
            first.update((fold(row["name"]), row["sex"]) for row in csv.DictReader(file))
    return Lexicon(
        heads=tuple(heads),
        nouns=dict(nouns),
        suffixes=frozenset(org["suffixes"]["company"].split()),
        legal=frozenset(org["suffixes"]["legal"].split()),
        roles=frozenset(people["roles"].split()),
        court=frozenset(people["court"].split()),
        titles=frozenset(people["titles"].split()),
        saying=frozenset(people["saying"].split()),
        first_names=first,
    )


class Tokens:
    """spaCy's tokens of a document, by block and character."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.starts = {b.index: [t.idx - b.char for t in document.doc[b.start : b.end]] for b in document.blocks}

    def at(self, block: BlockSpan, char: int) -> Token | None:
        """The token that holds a character of a block."""
        starts = self.starts[block.index]
        i = bisect_right(starts, char) - 1
        return self.document.doc[block.start + i] if i >= 0 else None


STOP = set("""le la les un une des du de l d ce cet cette ces son sa ses leur leurs mon ma mes notre nos votre vos il elle ils elles on nous vous je tu
qui que quoi dont ou quand comment pourquoi selon d'apres d apres chez avec pour dans par sur sous entre vers depuis pendant avant apres contre sans malgre
outre parmi hors voici voila si mais et donc or ni car puis ensuite enfin aussi ainsi alors cependant toutefois pourtant neanmoins reste
a au aux en y ne pas plus moins tres trop bien mal oui non ici la-bas lui eux moi toi celui celle ceux celles cela ceci ca c j m n s t qu
tout toute tous toutes autre autres meme memes certains certaines plusieurs quelques quelque chaque aucun aucune tel telle deux trois quatre cinq six sept
huit neuf dix onze douze cent mille premier premiere second seconde deuxieme troisieme dernier derniere aujourd'hui hier demain lundi mardi mercredi
jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre cote face grace quant lors lorsque
puisque comme afin pres loin jusque jusqu'a faute fort forte fondee fonde cree creee installe installee base basee contacte contactee interroge interrogee
presente presentee porte portee soutenu soutenue place placee implante implantee ne specialise specialisee filiale objectif resultat montant cout
m mme mlle me mm mmes maitre dr pr prof docteur professeur monsieur madame""".split())  # fmt: skip
ORG_VERBS = set("""investir annoncer recruter embaucher employer lever ouvrir fermer racheter reprendre acquerir ceder vendre construire batir implanter
installer inaugurer devoiler lancer prevoir boucler consacrer injecter supprimer licencier produire fabriquer concevoir developper commercialiser
exploiter realiser afficher generer peser compter doubler tripler quadrupler agrandir moderniser delocaliser relocaliser transferer regrouper signer
remporter decrocher obtenir livrer deposer demenager fusionner exporter financer apporter accorder subventionner attribuer soutenir accompagner
recevoir publier recenser etudier demander reclamer renoncer suspendre geler reporter decaler repousser confirmer dementir officialiser etendre
tabler viser ambitionner esperer vouloir devenir rejoindre detenir posseder controler proposer offrir beneficier echouer entrer passer gagner perdre
creer mettre placer former distribuer importer equiper assurer gerer fournir traiter transformer rassembler federer regrouper conserver sauver
mandater voter verser debloquer chiffrer dire invoquer fabriquer collaborer associer allier discuter negocier cesser arreter poursuivre choisir""".split())  # fmt: skip
PLACE_BEFORE = re.compile(
    r"\b(?:a|pres de|pres d'|proche de|autour de|entre|vers|depuis|dans le|dans la|dans les|dans l'|en|jusqu'a|commune de|ville de|"
    r"departement de la|departement du|departement de l'|departement des|region|communes de|villes de|au sud de|au nord de|a l'est de|"
    r"a l'ouest de|aux portes de|a cote de|non loin de|basee? a|installee? a|sur|quartier de|agglomeration de|usine de|site de|atelier de|"
    r"hors de|de|d') $",
    re.IGNORECASE,
)
DEAL_BEFORE = re.compile(
    r"\b(?:filiales?|rachat|acquisition|reprise|propriete|actionnaires?|clients?|fournisseurs?|partenaires?|concurrents?|capital|salaries|"
    r"dirigeants|effectifs|cession|aupres|giron|aux mains|compte|groupe|locaux|arrivee|ouverture de capital|adosse|soutien|appui|aide) "
    r"(?:de |d'|du |a )$|"
    r"\b(?:rachetee?s?|reprise?s?|cedee?s?|detenue?s?|controlee?s?|fournie?s?|portee?s?|exploitee?s?|geree?s?|apportee?s?|lancee?s?|creee?s?|"
    r"soutenue?s?|finance?e?s?|accordee?s?|signee?s?|conclue?s?|vendue?s?|achetee?s?|accompagnee?s?|menee?s?|realisee?s?|construite?s?) par $|"
    r"\b(?:au profit de|au profit d'|face a|aux cotes de|aux cotes d'|en partenariat avec|a la tete de|a la tete d'|au sein de|au sein d'|"
    r"passee? par|passe douze ans chez|chez|alliee? a|associee? a|face a) $",
    re.IGNORECASE,
)
FACTS_BEHIND = re.compile(
    r"\s?\((?:CA\b|[^()]{0,80}(?:salarie|collaborateur|chiffre d'affaires|de CA\b|personnes|employe|M€|adherents|ETP))",
    re.IGNORECASE,
)
UNION_BEHIND = re.compile(
    r" \((?:CFDT|CGT|FO|CFTC|CFE-CGC|UNSA|Unsa|SUD|Sud|Solidaires|LR|PS|RN|EELV|DVD|DVG|PCF|LFI|UDI|MoDem|Renaissance|Horizons)\b"
)
ROLE_OF = re.compile(
    r"(?:^|[ '’(])([a-z]+(?:-[a-z]+)*)((?: [a-z'-]+){0,5}?) (?:de la |de l'|des |du |de |d'|chez |chez l'|de chez )$",
    re.IGNORECASE,
)
NOUN_BEFORE = re.compile(r"(?:^|[ '(\"«])((?:[A-Za-z][a-z]+-?)+)((?: [a-z'-]+){0,3}) $")
CALLED = re.compile(
    r"\b(?:baptisee?s?|nommee?s?|denommee?s?|appelee?s?|intitulee?s?|rebaptisee?s?|surnommee?s?)(?:,)? (?:le |la |l')?$",
    re.IGNORECASE,
)


def find(document: Document) -> None:
    """Fill ``document.names`` with every name of the article and what it names."""
    if document.names:
        return
    tokens = Tokens(document)
    for block in document.blocks:
        text = plain(block.text)
        names = _heads(document, block, text)
        taken = [(n.mention.start, n.mention.end) for n in names]
        names += _chains(document, block, text, taken, tokens)
        names = [n for n in names if not document.is_furniture(n.mention)]
        document.names += sorted(names, key=lambda n: n.mention.start)
    _discover_lowercase(document, tokens)
    for block in document.blocks:
        text = plain(block.text)
        for name in document.names:
            if name.mention.block == block.index:
                _vote(document, block, text, name, tokens)
    _vote_ner(document)
    _settle(document)


def _heads(document: Document, block: BlockSpan, text: str) -> list[Name]:
    found: list[tuple[int, int, OrganisationKind]] = []
    for kind, pattern in lexicon().heads:
        found += [(m.start(), m.end(), kind) for m in pattern.finditer(text)]
    found.sort(key=lambda row: (row[0], -row[1]))
    names, end = [], -1
    for start, stop, kind in found:
        if start < end or stop == start:
            continue
        end = stop
        mention = Mention(block.index, start, stop)
        written = block.text[start:stop]
        name = Name(mention, written, fold(written), {"org": 6.0}, org_kind=kind)
        name.initial = bool(BREAK.search(text[:start]))
        names.append(name)
    return names


def _chains(
    document: Document, block: BlockSpan, text: str, taken: list[tuple[int, int]], tokens: Tokens
) -> list[Name]:
    """Runs of capitalised words that are no head's."""
    caps = [m.span() for m in re.finditer(CAP, text)]
    caps = [(s, e) for s, e in caps if not any(a < e and s < b for a, b in taken)]
    if _shouts(text):
        return _known_shouts(block, text, caps)
    names: list[Name] = []
    i = 0
    while i < len(caps):
        start, end = caps[i]
        initial = bool(BREAK.search(text[max(0, start - 12) : start])) or not text[:start].strip()
        first = text[start:end]
        if initial and _opens_sentence(document, block, text, start, end, tokens):
            i += 1
            continue
        j = i
        nominal = _nominal(document, first)
        while j + 1 < len(caps) and _joins(text[end : caps[j + 1][0]], nominal, text[caps[j][0] : caps[j][1]]):
            j += 1
            end = caps[j][1]
        if nominal and not initial:
            end = max(end, _institution(document, block, text, start, end, tokens))
            while j + 1 < len(caps) and caps[j + 1][0] < end:
                j += 1
        if tail := TAIL.match(text, end):
            end = tail.end()
            while j + 1 < len(caps) and caps[j + 1][0] < end:
                j += 1
        while text[start:end].endswith((".", "'", "-")) and not re.search(r"\b[A-Z]\.$", text[start:end]):
            end -= 1
        written = block.text[start:end]
        if end - start > 1 or written in ("X",):
            name = Name(Mention(block.index, start, end), written, fold(written), initial=initial)
            names.append(name)
        i = j + 1
    return names


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.8 * len(letters)


def _known_shouts(block: BlockSpan, text: str, caps: list[tuple[int, int]]) -> list[Name]:
    """In a line of capitals case says nothing; single words are offered, other blocks' votes decide."""
    return []


def _opens_sentence(document: Document, block: BlockSpan, text: str, start: int, end: int, tokens: Tokens) -> bool:
    """Whether a capitalised word at the head of a sentence is an ordinary word."""
    word = text[start:end]
    low = word.lower()
    if low in STOP:
        return True
    if not word[1:].islower() and word[1:]:
        return any(c.isdigit() for c in word) and not any(c.isalpha() for c in word[1:])
    token = tokens.at(block, start)
    nxt = re.match(rf" ({CAP})", text[end:])
    common = document.words.is_common(block.text[start:end]) or low in lexicon().nouns or low in lexicon().roles
    if token is not None and token.pos_ in {"VERB", "AUX", "ADV", "ADP", "DET", "PRON", "CCONJ", "SCONJ", "INTJ"}:
        return not (nxt and fold(word) in lexicon().first_names)
    if nxt:
        return low in lexicon().nouns or low in lexicon().roles
    if not common:
        return False
    if re.match(rf" {DE}", text[end:]) and gazetteer().find(word) == []:
        return True
    return not gazetteer().find(word) and fold(word) not in lexicon().first_names


def _nominal(document: Document, word: str) -> bool:
    """Whether a name's first word is a common noun ("Banque", "Cite"), so that "de ..." may belong to it."""
    if fold(word) in lexicon().first_names and not document.words.is_noun(word):
        return False
    return document.words.is_noun(word) and not any(e.kind != "commune" for e in gazetteer().find(word))


def _joins(between: str, nominal: bool, word: str) -> bool:
    if between == " " or between in (" & ", " + "):
        return True
    if between.endswith(("de ", "du ", "des ", "d'", "de la ", "de l'")) and re.fullmatch(rf" {DE}", between):
        return nominal
    return (
        bool(re.fullmatch(r" (?:Le|le|van|von|der|di|ben|el|de|da|dos|la|van der|von der|und|of|the|and) ", between))
        and not nominal
        and word != ""
        and between.strip() in PARTICLES - {"de", "la", "le"}
    )


def _institution(document: Document, block: BlockSpan, text: str, start: int, end: int, tokens: Tokens) -> int:
    """How far a capitalised noun's lower-case continuation goes: "Autorite| de la concurrence"."""
    at = end
    best = end
    for match in re.finditer(rf"(?: {DE}| )([\w'-]+)", text[end : end + 90]):
        if match.start() + end != at:
            break
        word = match[1]
        token = tokens.at(block, end + match.start(1))
        if token is None or word.lower() in STOP:
            break
        if word[0].isupper():
            best = at = end + match.end()
            continue
        if token.pos_ not in {"NOUN", "ADJ"} or not document.words.is_common(
            block.text[end + match.start(1) : end + match.end(1)]
        ):
            break
        if match[0][1:].startswith(("de", "du", "d'")) or token.pos_ == "ADJ":
            best = at = end + match.end()
            continue
        break
    return best


def _discover_lowercase(document: Document, tokens: Tokens) -> None:
    """Names that a firm writes in lower case: an unknown word behind a noun for firms ("la medtech lilloise rythmeo")."""
    found: set[str] = set()
    vocab = document.doc.vocab
    for block in document.blocks:
        text = plain(block.text)
        for match in re.finditer(r"\b([a-z-]+)(?: [a-z-]+){0,1} ([a-z][a-z0-9]{3,})\b", text):
            nouns = lexicon().nouns.get(match[1], ())
            if "company" not in nouns:
                continue
            word = block.text[match.start(2) : match.end(2)]
            if vocab[word].is_oov and not document.words.is_common(word):
                found.add(word)
    for word in found:
        for block in document.blocks:
            for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", block.text):
                mention = Mention(block.index, match.start(), match.end())
                if not document.is_furniture(mention):
                    document.names.append(Name(mention, word, fold(word), {"org": 1.0}))


def _add(votes: dict[str, float], kind: str, weight: float) -> None:
    votes[kind] = votes.get(kind, 0.0) + weight


def _vote(document: Document, block: BlockSpan, text: str, name: Name, tokens: Tokens) -> None:
    """What the name's own words and its neighbours say."""
    lex = lexicon()
    start, end = name.mention.start, name.mention.end
    before, behind = text[max(0, start - 90) : start], text[end : end + 140]
    own = text[start:end]
    parts = re.split(r"[ ]", own)
    if "org" in name.votes and name.org_kind:
        return
    # its own words
    last = parts[-1].lower().strip(".")
    if last in lex.legal and (len(parts) > 1):
        _add(name.own, "org", 4)
    if last in lex.suffixes and len(parts) > 1:
        _add(name.own, "org", 2.5)
    if "&" in own:
        _add(name.own, "org", 3)
    if len(parts) > 1 and parts[0].lower() in lex.suffixes:
        _add(name.own, "org", 1.5)
    low = fold(own)
    first = fold(parts[0])
    hyphened = all(p in lex.first_names for p in first.split(" ")) and first
    if 2 <= len(parts) <= 5 and (first in lex.first_names or hyphened) and last not in lex.suffixes and "&" not in own:
        _add(name.own, "per", 3)
    if len(parts) == 1:
        if low in lex.first_names:
            _add(name.own, "per", 0.5)
        if own.isupper() and 2 <= len(own) <= 7:
            _add(name.own, "org", 1)
        if document.doc.vocab[own.lower()].is_oov:
            _add(name.own, "org", 0.7)
    entries = gazetteer().find(own)
    if entries:
        big = max((e.population for e in entries if e.kind == "commune"), default=0)
        wide = any(e.kind != "commune" for e in entries)
        _add(name.own, "loc", 3 if wide else 1.5 if big > 20000 else 1.0 if big > 2000 else 0.5)
    # before it
    if match := re.search(r"\b(M|MM|Mme|Mmes|Mlle|Me|Maitre|Dr|Pr)\.? $", before):
        _add(name.votes, "per", 8)
    if match := re.search(r"\b(?:le |la |l'|du |au |les |aux )([a-z]+(?:-[a-z]+)?) $", before, re.IGNORECASE):
        if fold(match[1]) in demonyms():
            _add(name.votes, "org", 4)
            _add(name.votes, "loc", -2)
    _noun_before(document, before, name)
    if CALLED.search(before):
        _add(name.votes, "other", 2)
    if DEAL_BEFORE.search(before):
        _add(name.votes, "org", 2.5)
    role = ROLE_OF.search(before)
    if role and role[1].lower() in lex.roles:
        if role[1].lower() in {
            "maire",
            "prefet",
            "prefete",
            "adjoint",
            "adjointe",
            "depute",
            "deputee",
            "senateur",
            "senatrice",
        }:
            _add(name.votes, "loc", 3)
        else:
            _add(name.votes, "org", 3)
    if PLACE_BEFORE.search(before):
        strong = not re.search(r"\b(?:de|d'|sur) $", before)
        if entries:
            _add(name.votes, "loc", 2.5 if strong else 1)
        elif low in foreign_towns():
            _add(name.votes, "loc", 2 if strong else 1)
        elif strong:
            _add(name.votes, "loc", 0.8)
    if re.search(r"[»”\",] (?:[a-z' ]+ )?([a-z]+)(?:-t-(?:il|elle))?,?(?: ainsi| encore| aussi)? $", before):
        verb = re.search(r"([a-z]+)(?:-t-(?:il|elle))?,?(?: ainsi| encore| aussi)? $", before)
        if verb and verb[1] in lex.saying:
            _add(name.votes, "per", 1.5 if len(parts) > 1 else 0.5)
            _add(name.votes, "org", 1)
    # behind it
    if FACTS_BEHIND.match(behind):
        _add(name.votes, "org", 4)
    if UNION_BEHIND.match(behind):
        _add(name.votes, "per", 3)
    if match := re.match(
        r",? \(?(?:le |la |l'|les |un |une |son |sa |ses |leur |notre |actuel |actuelle |nouveau |nouvelle |jeune |ancien |ancienne )*([a-z]+(?:-[a-z]+)*)",
        behind,
    ):
        word = match[1].lower()
        if "," in match[0] or "(" in match[0]:
            if word in lex.roles and len(parts) > 1:
                _add(name.votes, "per", 2.5)
            elif "company" in lex.nouns.get(word, ()) or "association" in lex.nouns.get(word, ()):
                _add(name.votes, "org", 2.5)
            elif "other" in lex.nouns.get(word, ()):
                _add(name.votes, "other", 2.5)
    if re.match(r" 20[2-9]\d\b", behind):
        _add(name.votes, "other", 3)
        _add(name.votes, "loc", -4)
    if entries and (match := re.match(r" \(([^()]{2,40})\)", behind)):
        inner = gazetteer().find(match[1]) or (
            [gazetteer().department(match[1])] if match[1].isalnum() and len(match[1]) < 4 else []
        )
        if any(e and e.kind != "commune" for e in inner):
            _add(name.votes, "loc", 4)
    if re.search(r"\($", before) and behind.startswith(")") and entries:
        _add(name.votes, "loc", 3)
    if verb := _verb_behind(block, text, end, tokens):
        if verb in ORG_VERBS:
            _add(name.votes, "org", 2 if len(parts) < 2 or first not in lex.first_names else 0.5)


def _verb_behind(block: BlockSpan, text: str, end: int, tokens: Tokens) -> str | None:
    """The lemma of the verb of which a name may be the subject: directly behind, or behind a bracket or apposition."""
    rest = text[end : end + 220]
    match = re.match(
        r"(?: \([^()]{0,120}\))?(?:, [^.!?,;]{1,90}(?:, [^.!?,;]{1,60})?,)?(?: (?:ne |n'|se |s'|en |y |l'|le |la |lui |ne s'|a ete |a |va |vient |vient de |vient d'|veut |a d'ores et deja |a deja |a egalement |a aussi |prevoit de |compte |doit |devrait |pourrait |souhaite )*)([a-z]\w+)",
        rest,
    )
    if match is None:
        return None
    token = tokens.at(block, end + match.start(1))
    if token is None or token.pos_ not in {"VERB", "AUX"}:
        return None
    return plain(token.lemma_).lower()


def _noun_before(document: Document, before: str, name: Name) -> None:
    """ "la start-up lilloise Vekia", "le projet Hydrobearn", "la cardiologue Anne-Sophie Muller"."""
    lex = lexicon()
    words = re.findall(r"[\w'-]+|[^\w\s]", before)
    if not words or not re.match(r"[\w'-]+$", words[-1]) or not before.endswith(" "):
        return
    steps = 0
    for word in reversed(words[-4:]):
        bare = re.sub(r"^(?:[ldcn]|qu)'", "", word.lower())
        if not re.match(r"\w", bare):
            return
        if bare in STOP and bare not in ("second", "premier"):
            return
        classes = lex.nouns.get(bare, ())
        if bare in lex.roles and bare not in ("cofondateurs",):
            _add(name.votes, "per", 2.5)
            if not classes:
                return
        for kind in classes:
            if kind == "other":
                _add(name.votes, "other", 3)
            else:
                _add(name.votes, "org", 3)
                if name.org_kind is None and kind != "company":
                    name.org_kind = kind  # type: ignore[assignment]
        if classes:
            return
        if fold(bare) not in demonyms() and not document.words.is_adjective(bare):
            if steps == 0 and document.words.is_noun(bare):
                _add(name.votes, "org", 0.8)
            return
        steps += 1


def _vote_ner(document: Document) -> None:
    labels = {"ORG": "org", "PER": "per", "LOC": "loc", "MISC": "other"}
    by_block: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for ent in document.doc.ents:
        block = document.block_of(ent.start)
        by_block[block.index].append((ent.start_char - block.char, ent.end_char - block.char, labels[ent.label_]))
    for name in document.names:
        if name.org_kind and name.votes.get("org", 0) >= 6:
            continue
        for start, end, kind in by_block[name.mention.block]:
            if start < name.mention.end and name.mention.start < end:
                exact = abs(start - name.mention.start) <= 3 and abs(end - name.mention.end) <= 1
                weight = {"org": 1.5, "per": 1.5, "loc": 1.0, "other": 0.5}[kind]
                if kind == "per" and " " not in name.text:
                    weight = 0.7
                _add(name.ner, kind, weight if exact else weight / 3)


def _settle(document: Document) -> None:
    """Add the votes of all mentions of a name up and give each name its class."""
    names: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        names[name.key].append(name)
    for same in names.values():
        votes: dict[str, float] = defaultdict(float, same[0].own)
        ner: dict[str, float] = defaultdict(float)
        for name in same:
            for kind, weight in name.votes.items():
                votes[kind] += weight
            for kind, weight in name.ner.items():
                ner[kind] += weight
        for kind, weight in ner.items():
            votes[kind] += min(weight, 2.5)
        best = max(("per", "org", "loc", "other"), key=lambda k: votes.get(k, 0.0))
        score = votes.get(best, 0.0)
        settled = best if score >= (1.0 if best in ("loc", "other") else 1.9) else ""
        org_kind = next((name.org_kind for name in same if name.org_kind), None)
        for name in same:
            name.kind = settled
            name.org_kind = org_kind
            # a place named as such stays one, whatever a firm of that name does elsewhere
            if name.votes.get("loc", 0) >= 2.5 and settled == "org" and name.votes.get("org", 0) < name.votes["loc"]:
                name.kind = "loc"
