"""What speaks for a name being an organisation's, a person's, a place's or a thing's: one vote a witness."""

from __future__ import annotations

import re
from collections import defaultdict

from nlp.components.lexicon import lexicon
from nlp.components.tokens import Tokens
from nlp.document import BlockSpan, Document, Name
from nlp.facts import OrganisationKind
from nlp.folding import plain
from nlp.gazetteer import demonyms, fold, foreign_towns, gazetteer

PLACE_BEFORE = re.compile(
    r"\b(?:a|au|aux|pres de|pres d'|pres du|proche de|autour de|entre|vers|depuis|dans le|dans la|dans les|dans l'|en|"
    r"jusqu'a|"
    r"communes? de|villes? de|villes? d'|departements? de la|departement du|departement de l'|departement des|region|"
    r"(?:sud|nord|est|ouest|portes|cote|loin|quartiers?|perimetre|agglomeration|usines?|sites?|ateliers?|hors) (?:de|"
    r"du|d'|des)|sur|de|du|des|d'|de la|de l') ?$",
    re.IGNORECASE,
)
WEAK_PLACE = re.compile(r"\b(?:de|du|des|d'|sur|de la|de l') ?$", re.IGNORECASE)
DEAL_BEFORE = re.compile(
    r"\b(?:filiales?|rachat|acquisition|reprise|propriete|actionnaires?|clients?|fournisseurs?|partenaires?|"
    r"concurrents?|capital|salaries|"
    r"dirigeants|effectifs|cession|aupres|giron|aux mains|compte|locaux|arrivee|ouverture de capital|adosse|soutien|"
    r"appui|"
    r"usines?|siege|equipes?|actifs|titres|parts|direction|collaborateurs|ouvriers|syndicats|prejudice|offre|troupes|"
    r"histoire|anciens|creanciers) "
    r"(?:de |d'|du )$|"
    r"\b(?:rachetee?s?|reprise?s?|cedee?s?|detenue?s?|controlee?s?|fournie?s?|portee?s?|exploitee?s?|geree?s?|"
    r"apportee?s?|lancee?s?|creee?s?|"
    r"soutenue?s?|financee?s?|accordee?s?|signee?s?|conclue?s?|vendue?s?|achetee?s?|accompagnee?s?|menee?s?|"
    r"realisee?s?|construite?s?|"
    r"developpee?s?|fabriquee?s?|concue?s?|pilotee?s?|commandee?s?|occupee?s?|dirigee?s?|fondee?s?|engagee?s?|"
    r"investie?s?|annoncee?s?|avancee?s?|"
    r"publiee?s?|consultee?s?|interrogee?s?|missionnee?s?|mandatee?s?|editee?s?|installee?s?|promise?s?|verse?e?s?) "
    r"par $|"
    r"\b(?:au profit de|au profit d'|aux cotes de|aux cotes d'|en partenariat avec|a la tete de|a la tete d'|au sein "
    r"de|au sein d'|"
    r"chez|alliee? a|associee? a|ceder a|cede a|vendue? a|cedee? a|confiee? a|loue a|louee? a|appartient a|"
    r"appartenant a|entre au capital de) $",
    re.IGNORECASE,
)
FACTS_BEHIND = re.compile(
    r"\s?\((?:CA\b|[^()]{0,80}(?:salarie|collaborateur|chiffre d'affaires|de CA\b|personnes|employe|M€|adherents|ETP))",
    re.IGNORECASE,
)
UNION_BEHIND = re.compile(
    r" \((?:CFDT|CGT|FO|CFTC|CFE-CGC|UNSA|Unsa|SUD|Sud|Solidaires|LR|PS|RN|EELV|DVD|DVG|PCF|LFI|UDI|MoDem|Renaissance|"
    r"Horizons)\b"
)
ROLE_OF = re.compile(
    r"(?:^|[ '(,])([a-z]+(?:-[a-z]+)*)((?: [a-z'-]+){0,5}?) (?:de la |de l'|des |du |de |d'|chez |chez l'|de chez )$",
    re.IGNORECASE,
)
ROLE_OF_FIRM = re.compile(
    r"\b(?:directeur|directrice|president|presidente|responsable|dirigeant|dirigeante|gerant|gerante|patron|patronne|fondateur|fondatrice|"
    r"cofondateur|cofondatrice|secretaire|delegue|deleguee|porte-parole|PDG|DG|maire|chef|cheffe)(?: [a-z'-]+){0,3} (?:de la |de l'|du |des |de |d')"
    r"(?:[a-z]+ )?[A-Z][\w'&-]*(?: [A-Z][\w'&-]*){0,2}, $"
)
CALLED = re.compile(
    r"\b(?:baptisee?s?|nommee?s?|denommee?s?|appelee?s?|intitulee?s?|rebaptisee?s?|surnommee?s?|sous le nom(?: "
    r"d[e'])?|sous la marque|sous l'enseigne)(?:,)? ?"
    r"(?:le |la |l')?$",
    re.IGNORECASE,
)
LOCAL_OFFICE = {
    "maire",
    "maire-adjoint",
    "prefet",
    "prefete",
    "sous-prefet",
    "adjoint",
    "adjointe",
    "depute",
    "deputee",
    "senateur",
    "senatrice",
    "procureur",
    "procureure",
    "eveque",
}
DETERMINERS = {
    "le",
    "la",
    "les",
    "l",
    "un",
    "une",
    "du",
    "des",
    "au",
    "aux",
    "son",
    "sa",
    "ses",
    "leur",
    "leurs",
    "ce",
    "cet",
    "cette",
    "notre",
    "nos",
    "de",
    "d",
    "deux",
    "trois",
    "premier",
    "premiere",
}
VERB_BEHIND = re.compile(
    r"(?: \([^()]{0,120}\))?(?:, [^.!?,;]{1,90}(?:, [^.!?,;]{1,60})?,)?"
    r"(?: (?:ne |n'|se |s'|en |y |l'|le |la |lui |ne s'|a ete |a |va |vient de |vient d'|veut |a d'ores et deja |a "
    r"deja |a egalement |a aussi |"
    r"a donc |a depuis |a finalement |a ainsi |prevoit de |prevoit d'|compte |doit |devrait |pourrait |souhaite |"
    r"entend |espere )*)([a-z]\w+)"
)
DESCRIBED = re.compile(
    r"(, |, ?\(| \(|, (?:c'est )?|,? qui est )(?:(?:aujourd'hui|desormais|alors|egalement|toujours|longtemps|par ailleurs) )?((?:le|la|l|les|un|une|son|sa|ses|leur|notre|actuel|actuelle|nouveau|"
    r"nouvelle|jeune|ancien|ancienne|premier|premiere|grand|petit|grande|petite|autre|ex)(?: |'))*"
    r"([a-z]+(?:-[a-z]+)*)"
)


def _add(votes: dict[str, float], kind: str, weight: float) -> None:
    votes[kind] = votes.get(kind, 0.0) + weight


def vote(document: Document, block: BlockSpan, text: str, name: Name, tokens: Tokens) -> None:
    """Add what a name's own words and its neighbours say to its votes."""
    if name.kind:
        return
    start, end = name.mention.start, name.mention.end
    own, before, behind = text[start:end], text[max(0, start - 90) : start], text[end : end + 220]
    _own_words(document, own, name)
    _before(document, own, before, name)
    _behind(own, behind, before, name)
    verb = VERB_BEHIND.match(behind)
    if verb:
        token = tokens.at(block, end + verb.start(1))
        if token is not None and token.pos_ in {"VERB", "AUX"} and plain(token.lemma_).lower() in lexicon().verbs:
            # "Vichy inaugure": a town acts through its council
            town = name.own.get("loc", 0) >= 1 or (name.own.get("loc", 0) > 0 and "-" in own)
            _add(name.votes, "org", 0.5 if name.own.get("per", 0) > 2 else 0.8 if town else 2)


def given_name(own: str) -> bool:
    """Whether a name begins with a given name."""
    first = own.split(" ")[0]
    known = lexicon().first_names
    if first.lower() in (
        "van",
        "von",
        "de",
        "du",
        "le",
        "la",
        "les",
        "saint",
        "sainte",
        "ben",
        "el",
        "al",
        "das",
        "der",
    ) or any(e.kind in ("country", "region") for e in gazetteer().find(first)):
        return False
    return fold(first) in known or ("-" in first and all(p in known for p in fold(first).split(" ")))


def person_shape(document: Document, own: str) -> bool:
    """Two or three capitalised words, none of them a common one or a place: "Idriss Benkirane"."""
    parts = own.split(" ")
    return 2 <= len(parts) <= 3 and all(
        part[:1].isupper()
        and not part.isupper()
        and not document.words.is_common(part)
        and not gazetteer().find(part)
        and plain(part).lower() not in lexicon().suffixes
        for part in parts
    )


def single_word(own: str) -> bool:
    """Whether a name is one word without hyphens."""
    return " " not in own and "-" not in own


def _own_words(document: Document, own: str, name: Name) -> None:
    lex = lexicon()
    parts = own.split(" ")
    first, last = fold(parts[0]), parts[-1].lower().strip(".")
    if len(parts) > 1:
        if last in lex.legal:
            _add(name.own, "org", 4)
        if last in lex.suffixes:
            _add(name.own, "org", 2.5)
        if parts[0].lower() in lex.suffixes or parts[0].lower() in lex.nouns:
            classes = lex.nouns.get(parts[0].lower(), ("company",))
            if not {"other", "place", "site"} & set(classes):
                _add(name.own, "org", 1.5)
                if name.org_kind is None and classes[0] not in ("company", "trade"):
                    name.org_kind = classes[0]  # type: ignore[assignment]
            elif "other" in classes:
                _add(name.own, "other", 1.5)
        given = given_name(own)
        if (
            given
            and len(parts) <= 5
            and last not in lex.suffixes
            and last not in lex.legal
            and "&" not in own
            and not own.isupper()
        ):
            surname_place = len(parts) == 2 and fold(own) in {fold(e.name) for e in gazetteer().find(own)}
            _add(name.own, "per", 0.5 if surname_place else 3)
        for part in parts[1:]:
            institution = set(lex.nouns.get(part.lower(), ())) & {"research_education"}
            if institution and part[0].isupper():
                # "Grenoble Ecole de Management"
                _add(name.own, "org", 3)
                name.org_kind = name.org_kind or "research_education"
    elif first in lex.first_names:
        _add(name.own, "per", 0.5)
    else:
        if own.isupper() and 2 <= len(own) <= 7:
            _add(name.own, "org", 1)
        if document.doc.vocab[own.lower()].is_oov and not gazetteer().find(own) and fold(own) not in foreign_towns():
            _add(name.own, "org", 0.95 if name.initial else 0.7)
    if re.search(
        r" [&+] | (?:und|and|et) (?:[Ff]ils|[Ff]reres|[Cc]ie|[Cc]o|[Aa]ssocies|[Ff]illes?|[Ss]ohne|[Ss]ons)$", own
    ):
        _add(name.own, "org", 5)
    if fold(own) in demonyms() and re.search(r"(?:o|a)is$|ien$|in$|ais$", own):
        _add(name.own, "loc", 1.2)
    if re.fullmatch(r"(?:[ADNE]|RN|RD|LGV|RER) ?-?\d+[a-z]?", own):
        _add(name.own, "loc", 5)
    if person_shape(document, name.text):
        _add(name.own, "per", 0.8)
    unusual = any(
        not document.words.is_common(p) and plain(p).lower() not in lex.stop for p in re.findall(r"\w+", name.text)
    )
    if len(parts) > 1 and own.isupper() and unusual and not gazetteer().find(own) and not given_name(own):
        # capitals in a running text are a brand's
        _add(name.own, "org", 1.5)
    if (
        not name.initial
        and not gazetteer().find(own)
        and not given_name(own)
        and not all(document.words.is_common(p) for p in re.findall(r"\w+", name.text))
    ):
        # an unknown name inside a sentence is most often a firm's
        _add(name.own, "org", 0.9)
    entries = gazetteer().find(own)
    if not entries and len(own) > 4 and fold(own) in foreign_towns():
        _add(name.own, "loc", 0.8)
    if re.search(r"eries?$", parts[0].lower()) and len(parts) > 1:
        # a manufacture: "Tolerie Blanchet"
        _add(name.own, "org", 2)
    if fold(own) in lex.named_areas:
        _add(name.own, "loc", 3)
    elif entries:
        people = max((e.population for e in entries if e.kind == "commune"), default=0)
        wide = any(e.kind != "commune" for e in entries)
        common = single_word(own) and document.words.is_common(name.text)
        _add(
            name.own, "loc", 3 if wide else 1.5 if people > 20000 else 0.3 if common else 1.0 if people > 2000 else 0.5
        )
    if re.search(r" 20\d\d$", own):
        _add(name.own, "other", 4)


def _before(document: Document, own: str, before: str, name: Name) -> None:
    lex = lexicon()
    single = " " not in own
    if re.search(r"(?<!\w)(?:M|MM|Mme|Mmes|Mlle|Me|Mes|Maitre|Dr|Pr)\.? $", before):
        _add(name.votes, "per", 8)
    origin = re.search(r"\b(?:[Ll]e |[Ll]a |[Ll]'|du |au |[Ll]es |aux |l'ex-)([a-z]+(?:-[a-z]+)?) $", before)
    if origin and fold(origin[1]) in demonyms():
        _add(name.votes, "org", 4)
        _add(name.votes, "loc", -2)
    _noun_before(document, before, name)
    for kind, trigger in lex.triggers:
        if trigger.search(before.rstrip()) and before.endswith((" ", "'")):
            _add(name.votes, "org", 3.5)
            name.org_kind = kind
    if own.isupper() and before.endswith("("):
        _explained(before[:-1].rstrip(), own, name)
    if called := CALLED.search(before):
        words = re.findall(r"[a-z-]+", before[: called.start()])[-5:]
        firm = any("company" in lex.nouns.get(word, ()) or word == "association" for word in words)
        _add(name.votes, "org" if firm else "other", 2)
    if DEAL_BEFORE.search(before):
        _add(name.votes, "org", 2.5 if not gazetteer().find(own) else 1.0)
    if ROLE_OF_FIRM.search(before) and person_shape(document, name.text) and not name.own.get("loc"):
        # "reconnait le directeur financier de Kelvor, Clovis Abadie"
        _add(name.votes, "per", 2)
    seat = re.search(r"([a-z-]+) ?([a-z-]*) (?:de |d')$", before)
    firm = seat is not None and any({"company", "trade"} & set(lex.nouns.get(word, ())) for word in seat.groups())
    known_place = fold(own) in foreign_towns() or bool(gazetteer().find(own))
    if firm and known_place and name.own.get("org", 0) < 2:
        # "la societe d'Austin"
        _add(name.votes, "loc", 4)
    if role := ROLE_OF.search(before):
        words = f"{role[1]}{role[2]}".lower().split()
        placed = bool(gazetteer().find(own))
        if any(word.startswith("ministre") for word in words):
            _add(name.votes, "other", 3)
        elif any(word in LOCAL_OFFICE for word in words):
            _add(name.votes, "loc", 3)
        elif any(word in lex.roles for word in words):
            _add(name.votes, "org", 1 if placed and words[-1] not in lex.roles else 3)
    if re.search(
        r"\b(?:m2|m²|ha|hectares|usines?|sites?|ateliers?|bases?|basee?s?|installee?s?|implantee?s?|situee?s?|etablie?s?) a $",
        before,
    ):
        _add(name.votes, "loc", 2.5)
    if re.search(r"\bentre (?:[A-Z][\w'-]+ ){1,3}et $", before):
        _add(name.votes, "loc", 2)
    if re.search(r"\b[Cc]ontacts?(?: [a-z]+)? ?: ?$", before) and person_shape(document, name.text):
        _add(name.votes, "per", 2.5)
    if re.search(r"[\w»)], a $", before):
        # "proprietaire d'Enolavor, a Verone (9 M€ ...)"
        _add(name.votes, "loc", 2)
    if PLACE_BEFORE.search(before):
        weak = bool(WEAK_PLACE.search(before))
        if gazetteer().find(own):
            _add(name.votes, "loc", 1 if weak else 2.5)
        elif fold(own) in foreign_towns():
            _add(name.votes, "loc", 1 if weak else 2)
        elif not weak or re.search(r"\b(?:quartier|perimetre|secteur) (?:de |d'|du )$", before):
            _add(name.votes, "loc", 0.8 if not weak else 2)
    verb = re.search(
        r"[»”\",?!] (?:[a-z' ]{0,40} )?([a-z]+)(?:-t-(?:il|elle))?,?(?: ainsi| encore| aussi| quant a lui| pour sa "
        r"part)?,? $",
        before,
    )
    if verb and verb[1] in lex.saying:
        _add(name.votes, "per", 0.5 if single else 1.5)
        _add(name.votes, "org", 1)
    if re.search(
        r"\b(?:selon|d'apres|assure-t-on chez|indique-t-on chez) (?:le |la |l'|les )?$", before, re.IGNORECASE
    ):
        _add(name.votes, "org", 1)


def _explained(before: str, own: str, name: Name) -> None:
    """An abbreviation of common nouns is no organisation unless its head is one's: "crédit d'impôt recherche (CIR)"."""
    words = re.findall(r"[\w]+", before)[-9:]
    initials = [
        (w[0].lower(), w)
        for w in words
        if w.lower() not in ("de", "du", "des", "d", "l", "la", "le", "les", "et", "a", "en", "pour")
    ]
    tail = initials[-len(own) :]
    if len(tail) == len(own) and all(a == b.lower() for (a, _), b in zip(tail, own, strict=True)):
        head = tail[0][1]
        if head[0].islower():
            classes = lexicon().nouns.get(head, ())
            org = head in lexicon().generic or (classes and not {"other", "site", "place"} & set(classes))
            _add(name.votes, "org" if org else "other", 3)


def _behind(own: str, behind: str, before: str, name: Name) -> None:
    lex = lexicon()
    parts = own.split(" ")
    if FACTS_BEHIND.match(behind) and not (
        (gazetteer().find(own) or fold(own) in foreign_towns())
        and (PLACE_BEFORE.search(before) or _in_department(behind))
    ):
        _add(name.votes, "org", 4)
    if re.match(
        r",? (?:ne )?(?:verra|devrait voir|a vu|voit|sortira|sort|sera mise? en service|doit voir)(?: pas)? (?:le "
        r"jour|de terre|en)",
        behind,
    ):
        _add(name.votes, "other", 2.5)
    if UNION_BEHIND.match(behind):
        _add(name.votes, "per", 3)
    if match := DESCRIBED.match(behind):
        word = match[3].lower()
        classes = lex.nouns.get(word, ())
        if word in lex.roles and len(parts) > 1:
            _add(name.votes, "per", 2.5)
        elif "other" in classes or "site" in classes and match[2]:
            _add(name.votes, "other", 2.5)
        elif classes and "place" not in classes:
            _add(name.votes, "org", 2.5)
            if word == "syndicat" and re.match(r" (?:mixte|intercommunal)", behind[match.end() :]):
                name.org_kind = "public_body"
            if word == "laboratoire" and re.match(r"[^,.;]{0,40}\bcommun", behind[match.end() :]):
                name.org_kind = "research_education"
            if name.org_kind is None and classes[0] in ("association", "research_education", "media", "public_body"):
                name.org_kind = classes[0]  # type: ignore[assignment]
    found = gazetteer().find(own)
    if found and _in_department(behind):
        _add(name.votes, "loc", 4)
    if found and name.initial and re.match(r" ?: ", behind):
        _add(name.votes, "loc", 2)
    if found and not before and re.match(r", (?:\d|[a-z])", behind):
        # "Tours, centre de congres, 18 heures"
        _add(name.votes, "loc", 2)
    if fold(own) in lex.programmes:
        _add(name.votes, "other", 6)
    if re.match(r" \d{1,2}(?![\d ]*(?:%|€|M€|millions|salaries))\b", behind):
        _add(name.votes, "other", 1.5)
    if before.endswith("(") and behind.startswith((")", ",")) and (found or fold(own) in foreign_towns()):
        _add(name.votes, "loc", 3)
    if re.search(r"\blabellisee?s? $|\blabel $", before):
        _add(name.votes, "other", 3)


def _in_department(behind: str) -> bool:
    """Whether a department or country in brackets follows: "(Landes ; 64 salaries)", "/50"."""
    match = re.match(r" ?[(/]([^()/,;]{1,40})", behind)
    if match is None:
        return False
    inner = match[1].strip()
    return (
        any(e.kind != "commune" for e in gazetteer().find(inner))
        or gazetteer().department(inner[:3].strip()) is not None
    )


def _noun_before(document: Document, before: str, name: Name) -> None:
    """The noun that a name stands beside: "la start-up lilloise Vekia", "le projet Hydrobearn", "l'ingenieur X Y"."""
    lex = lexicon()
    before = re.sub(r"[«“\"] ?$", "", before)
    before = re.sub(r"\btours? de table ?$", "", before)
    if not before.endswith(" "):
        return
    weight = 1.0
    if before.endswith(", "):
        # "une societe commune, Affinage des Bauges,"
        before, weight = before[:-2] + " ", 0.5
    phrase: list[str] = []
    for word in reversed(re.findall(r"[\w'-]+|[^\w\s]", before)):
        if not re.match(r"\w", word):
            break
        elided = re.match(r"^(?:[ldLD]|qu)'(.+)", word)
        bare = (elided[1] if elided else word).lower()
        if word[0].isupper() and not elided and phrase and bare not in lex.nouns and bare not in lex.roles:
            break
        if bare in DETERMINERS - {"de"}:
            break
        phrase.append(bare)
        if (elided and word[0] in "lL") or len(phrase) > 5:
            break
    if not phrase or phrase[0] in lex.stop or phrase[0] == "de":
        return
    # from the head of the phrase on: "complexe hotelier" is a complex, not a hotel keeper
    words = phrase[::-1]
    for at, word in enumerate(words):
        rest = words[at + 1 :]
        if any(w in lex.stop and w != "de" for w in rest) or not all(
            w == "de" or fold(w) in demonyms() or document.words.is_adjective(w) or document.words.is_noun(w)
            for w in rest
        ):
            continue
        if "de" in words[:at]:
            continue
        classes = lex.nouns.get(word, ())
        person = name.own.get("per", 0) >= 3
        if word in lex.roles or (person and "trade" in classes) or (not rest and _calling(document, word, name)):
            _add(name.votes, "per", 2.5 * weight)
        if "other" in classes:
            _add(name.votes, "other", 3 * weight)
        elif "site" in classes:
            _add(name.votes, "other", 1.5)
            _add(name.votes, "org", 0.7)
        elif "place" in classes:
            _add(name.votes, "loc", 2 * weight)
        elif classes and not ((person or (not rest and _calling(document, word, name))) and set(classes) <= {"trade"}):
            _add(name.votes, "org", (3 if word not in lex.roles else 2.5) * weight)
            if name.org_kind is None and classes[0] not in ("company", "trade"):
                name.org_kind = classes[0]  # type: ignore[assignment]
            if word == "agence" and any(
                gazetteer().find(part) or fold(part) in lex.named_areas for part in name.text.split(" ")
            ):
                name.org_kind = "public_body"
        if classes or word in lex.roles:
            return
    if weight == 1.0 and len(phrase) == 1 and document.words.is_noun(phrase[0]):
        _add(name.votes, "org", 0.8)


# Callings by their ending: "la chimiste", "l'oenologue", "la logisticienne".
CALLING = re.compile(r"(?:iste|logue|graphe|icienne?|nome|atre|euse|trice|iere|ologue)$")


def _calling(document: Document, word: str, name: Name) -> bool:
    """Whether a noun before a name that looks like a person's is a calling: "la chimiste Yun-Seo Park"."""
    return bool(CALLING.search(word)) and person_shape(document, name.text) and not name.own.get("loc")


def vote_ner(document: Document) -> None:
    """Add what spaCy's NER says; it tells less than its labels promise."""
    labels = {"ORG": "org", "PER": "per", "LOC": "loc", "MISC": "other"}
    weights = {"org": 1.5, "per": 1.5, "loc": 1.0, "other": 0.5}
    by_block: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for ent in document.doc.ents:
        block = document.block_of(ent.start)
        by_block[block.index].append((ent.start_char - block.char, ent.end_char - block.char, labels[ent.label_]))
    for name in document.names:
        for start, end, kind in by_block[name.mention.block]:
            if start < name.mention.end and name.mention.start < end:
                exact = abs(start - name.mention.start) <= 3 and abs(end - name.mention.end) <= 1
                weight = 0.7 if kind == "per" and " " not in name.text else weights[kind]
                if kind == "loc" and not gazetteer().find(name.text) and fold(name.text) not in foreign_towns():
                    weight = 0.5
                _add(name.ner, kind, weight if exact else weight / 3)


QUOTED_THING = re.compile(r"((?:\w+ ){1,3})[«“\"] ?([^«»“”\"]{2,70}?) ?[»”\"]")


def vote_quoted(document: Document) -> None:
    """A name in quotation marks behind "plan", "programme", "projet" is what is called so, all its words with it."""
    nouns = lexicon().nouns
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for block in document.blocks:
        for match in QUOTED_THING.finditer(document.plain(block.index)):
            if any("other" in nouns.get(word, ()) for word in match[1].lower().split()):
                spans[block.index].append(match.span(2))
    for name in document.names:
        for start, end in spans[name.mention.block]:
            if start <= name.mention.start and name.mention.end <= end and not name.kind:
                _add(name.votes, "other", 4)


def settle(document: Document) -> None:
    """Add the votes of all mentions of a name up and give each name its class."""
    names: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        names[name.key].append(name)
    for same in names.values():
        votes: dict[str, float] = defaultdict(float)
        for name in same:
            for kind, weight in name.own.items():
                votes[kind] = max(votes[kind], weight)
        ner: dict[str, float] = defaultdict(float)
        for name in same:
            for kind, weight in name.votes.items():
                votes[kind] += weight
            for kind, weight in name.ner.items():
                ner[kind] += weight
        for kind, weight in ner.items():
            votes[kind] += min(weight, 0.6 if kind == "other" else 2.5)
        best = max(("per", "org", "loc", "other"), key=lambda k: votes.get(k, 0.0))
        score = votes.get(best, 0.0)
        alone = score - max((v for k, v in votes.items() if k != best), default=0.0) >= 0.3
        settled = best if score >= {"loc": 1.0, "other": 1.0, "org": 0.9 if alone else 1.5, "per": 1.9}[best] else ""
        if best == "per" and not settled and votes.get("org", 0.0) >= 0.9 and "per" not in same[0].own:
            settled = "org"
        org_kind = next((name.org_kind for name in same if name.org_kind), None) or _kind_of_parts(same[0])
        for name in same:
            name.kind = settled
            name.org_kind = org_kind
            # a place named as such stays one, whatever a firm of that name does elsewhere
            if name.votes.get("loc", 0) >= 2.5 and settled == "org" and name.votes.get("org", 0) < name.votes["loc"]:
                name.kind = "loc"
    _relatives(document)
    _enumerations(document)
    _parties(document)


def _kind_of_parts(name: Name) -> OrganisationKind | None:
    """The kind that a part of a name tells: "Laas-CNRS", "CNRS-Thales"."""
    for part in re.split(r"[ -]", name.text):
        for kind, pattern in lexicon().known:
            if kind == "research_education" and pattern.fullmatch(plain(part)):
                return kind
    return None


def _parties(document: Document) -> None:
    """The letters in brackets behind a person are a party's or a union's; only a known body is an organisation."""
    ends = {(n.mention.block, n.mention.end + 2) for n in document.names if n.kind == "per"}
    for name in document.names:
        if (name.mention.block, name.mention.start) not in ends or name.kind != "org" or name.org_kind is not None:
            continue
        if name.text.isupper() and sum(n.key == name.key for n in document.names) == 1:
            name.kind = ""


def _relatives(document: Document) -> None:
    """Names known through longer or shorter ones: a firm's branch, the tail of an area's name."""
    firms = {name.key for name in document.names if name.kind == "org"}
    in_firms: dict[str, set[str]] = defaultdict(set)
    for key in firms:
        for word in key.split(" "):
            in_firms[word].add(key)
    people = {name.key for name in document.names if name.kind == "per"}
    surnames = _tails(people) | {key.partition(" ")[0] for key in people if " " in key and given_name(key)}
    area_tails = _tails({n.key for n in document.names if n.kind == "loc" and n.votes.get("loc", 0) >= 6})
    for name in document.names:
        head, _, tail = name.key.rpartition(" ")
        if name.kind in ("", "per", "other") and not given_name(name.text) and name.key.partition(" ")[0] in firms:
            name.kind = "org" if " " in name.key else name.kind
        if name.kind in ("", "loc") and head in firms and any(e.kind == "country" for e in gazetteer().find(tail)):
            name.kind = "org"
        if (
            name.kind in ("", "per")
            and " " in name.key
            and not given_name(name.text)
            and any(firm.endswith(" " + name.key) for firm in in_firms[name.key.partition(" ")[0]])
        ):
            name.kind = "org"
        unknown = " " not in name.text and name.kind == "per" and name.votes.get("per", 0) < 2
        if unknown and name.key not in surnames and name.key not in lexicon().first_names:
            # nobody of the article bears it: "Orfeuil va embouteiller"
            name.kind = "org" if name.votes.get("org", 0) + name.own.get("org", 0) >= 0.5 else ""
        single = " " not in name.text and name.kind in ("", "org") and name.votes.get("org", 0) < 2.5
        if single and name.key in surnames and not in_firms[name.key] - {name.key}:
            name.kind = "per"
        if name.kind in ("", "org", "other") and name.key in area_tails and not gazetteer().find(name.text):
            name.kind = "loc"


def _tails(keys: set[str]) -> set[str]:
    """The endings of names of several words: "roy" and "le roy" of "lea le roy"."""
    split = [key.split(" ") for key in keys]
    return {" ".join(words[i:]) for words in split for i in range(1, len(words))}


def _enumerations(document: Document) -> None:
    """In a list of names what one is tells what the unknown ones are: "Sanofi, Servier et Kelvra"."""
    rows: dict[int, list[Name]] = defaultdict(list)
    by_key: dict[str, list[Name]] = defaultdict(list)
    for name in document.names:
        by_key[name.key].append(name)
        rows[name.mention.block].append(name)
    for index, names in rows.items():
        text = document.plain(index)
        names.sort(key=lambda n: n.mention.start)
        for _ in range(2):
            for left, right in zip(names, names[1:], strict=False):
                between = text[left.mention.end : right.mention.start]
                if not re.fullmatch(
                    r"(?:,| et| ou|, et|, ou| ainsi que|, puis)(?: chez| de| a| d')? ?(?:le |la |l'|les )?", between
                ):
                    continue
                for known, unknown in ((left, right), (right, left)):
                    weak = unknown.kind == "" or (
                        unknown.kind == "per" and not unknown.own.get("per", 0) >= 2 and not unknown.votes.get("per", 0)
                    )
                    if known.kind == "org" and weak:
                        for same in by_key[unknown.key]:
                            same.kind = "org"
