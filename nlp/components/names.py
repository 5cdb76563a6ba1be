"""Proper names and what they name: organisation, person, place, or something else.

The names of an article are found by their shape and by the heads of the lexicon ("tribunal de commerce de ...");
then each witness votes for what a name is, wherever it stands: the words before and behind it, its own words, the
gazetteer, given names, spaCy's NER. The votes of all mentions are added up, so that one clear mention ("le groupe
Kestrava") settles the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from nlp.components.lexicon import CAP, DE, lexicon
from nlp.components.numbers_words import cardinal
from nlp.components.tokens import Tokens
from nlp.components.witnesses import settle, vote, vote_ner, vote_quoted
from nlp.document import BlockSpan, Document, Mention, Name
from nlp.facts import OrganisationKind
from nlp.folding import plain
from nlp.gazetteer import demonyms, fold, gazetteer

TAIL = re.compile(r" (?:&|et|und|and) (?:[Ff]ils|[Ff]reres|[Cc]ie|[Cc]o|[Aa]ssocies|[Ff]illes?|[Ss]ohne|[Ss]ons)\b")
# What ends a sentence or opens a line: a capital behind it may be an ordinary word's.
BREAK = re.compile(r"(?:^|[.!?…«»“”\"*•·|\n\])]|(?:^|[.!?] )[-–—]) *[«“\"]? *$")
TITLES = re.compile(r"(?:M|MM|Mme|Mmes|Mlle|Me|Mes|Maitre|Dr|Pr|Mgr)\.?$")
LEGAL_HEAD = re.compile(r"(?:SASU?|SARL|SA|SCI|SCIC|SCOP|Scop|SEML?|Sem|SPL|SNC|EURL|GIE|GAEC|EARL|SCEA|Ets|ETS) ")
# "la ministre de la Santé Léa Roy": what is behind the office's field is a person.
OFFICE_OF = re.compile(r"\b(?:ministre|secretaire d'Etat|commissaire)\b[a-z' ]{0,40} $")
# "l'intersyndicale CGT-CFDT-FO" names three.
UNION = r"(?:CFE-CGC|CFDT|CFTC|CGT|FO|UNSA|Unsa|SUD|Sud|FSU|Solidaires)"
UNIONS = re.compile(rf"(?<![\w-]){UNION}(?:[-–/,] ?{UNION})+(?![\w-])")
# Capitals run on over their particles: "SCIERIES REUNIES DU PAYS D'OUCHE".
SHOUT = re.compile(
    r"[A-Z][A-Z&-]{2,}(?: (?:(?:DU|DE|DES|DE LA|LA|LE|LES|ET|EN|SUR|&) )?(?:[DL]')?[A-Z][A-Z&-]+)*(?: (?:DU|DE LA|DES|"
    r"DE|ET|D'|DE L') ?(?:[DL]')?[A-Z][A-Z-]+)*(?![a-z])"
)
# After these an association's name may be a phrase in lower case.
FREE_NAMED = re.compile(
    r"\b(?:association|collectif|mouvement|comite|federation|cooperative|cluster|reseau|club|pole|grappe|interprofession|filiere) $"
)
# "le SDE 22", "la FDSEA 35": the department's number is part of the name.
NUMBERED = re.compile(
    r" (?:0[1-9]|[1-8]\d|9[0-5]|2[AB])(?=[.,;:)»]| (?:a|est|se|va|et|ont|qui|dont|de|pour|vient|porte|lance|soutient)\b)"
)
RUBRIC = re.compile(r" ?(?::|[-–—] )")
UNIT = re.compile(r"(?:M|Md|Mds|[MGTk]?W[hc]{0,2}|GWh|MWh|MWc|K|T|CV|Mo|Go|To|Mbit|CDI|CDD|ETP|PME|ETI|TPE)\b")


def find(document: Document) -> None:
    """Fill ``document.names`` with every name of the article and what it names."""
    if document.names:
        return
    tokens = Tokens(document)
    texts = {block.index: plain(block.text) for block in document.blocks}
    inside = {m[0] for text in texts.values() for m in re.finditer(rf"(?<=[a-z,] ){CAP}|(?<= [ldLD]'){CAP}", text)}
    for block in document.blocks:
        text = texts[block.index]
        if _shouts(text):
            continue
        names = _heads(document, block, text, tokens)
        names += _areas(block, text, [(n.mention.start, n.mention.end) for n in names])
        taken = [(n.mention.start, n.mention.end) for n in names]
        names += _chains(document, block, text, taken, tokens, inside)
        document.names += sorted(names, key=lambda n: n.mention.start)
    agencies = {fold(document.evidence(m).text.strip("()")) for m in document.furniture if _in_dateline(document, m)}
    document.names = [n for n in document.names if not document.is_furniture(n.mention) and n.key not in agencies]
    _describe(document, texts)
    _discover_lowercase(document)
    for name in document.names:
        vote(document, document.block(name.mention.block), texts[name.mention.block], name, tokens)
    vote_quoted(document)
    vote_ner(document)
    settle(document)
    for block in document.blocks:
        if _shouts(texts[block.index]):
            _shouted(document, block, texts[block.index])


def _in_dateline(document: Document, mention: Mention) -> bool:
    """Whether a part without facts is the agency's name in a dateline: "SENS, 3 mars (AEP) -"."""
    return 0 < mention.start < 60 and mention.end - mention.start < 12 and document.evidence(mention).text.isupper()


DESCRIBES = re.compile(
    r"(?:agence|association|federation|syndicat|union|societe|etablissement|organisation|office|cooperative)\b"
)


def _describe(document: Document, texts: dict[int, str]) -> None:
    """A head in apposition says what the name before it is.

    Example: "Kelvor, l'agence de developpement des Pays de la Loire".
    """
    ends: dict[tuple[int, int], Name] = {(n.mention.block, n.mention.end): n for n in document.names}
    kept: list[Name] = []
    for name in document.names:
        text = texts[name.mention.block]
        lead = re.search(r", (?:l'|la |le )$", text[max(0, name.mention.start - 5) : name.mention.start])
        owner = ends.get((name.mention.block, name.mention.start - len(lead[0]))) if lead else None
        if owner is None or not name.org_kind or not DESCRIBES.match(name.text):
            kept.append(name)
            continue
        owner.votes["org"] = owner.votes.get("org", 0.0) + 4
        owner.org_kind = owner.org_kind or name.org_kind
        tail = re.search(rf"({CAP}(?:{CAP}| |{DE})*)$", text[name.mention.start : name.mention.end])
        if tail and gazetteer().find(tail[1]):
            start = name.mention.start + tail.start(1)
            written = document.block(name.mention.block).text[start : name.mention.end]
            kept.append(
                Name(Mention(name.mention.block, start, name.mention.end), written, fold(written), {"loc": 2.0})
            )
    document.names = kept


def _heads(document: Document, block: BlockSpan, text: str, tokens: Tokens) -> list[Name]:
    """Organisations that the lexicon knows by head or by name."""
    found: list[tuple[int, int, int, OrganisationKind]] = []
    unions = [match.span() for match in UNIONS.finditer(text)]
    for begin, stop in unions:
        found += [(m.start() + begin, m.end() + begin, 0, "association") for m in re.finditer(UNION, text[begin:stop])]
    for kind, pattern in lexicon().heads:
        for match in pattern.finditer(text):
            end = _without_verb(block, text, match.start(), _without_person(text, match.start(), match.end()), tokens)
            if any(a <= match.start() < b for a, b in unions):
                continue
            if kind == "company" and text[match.start()].islower() and _ends_in_place(text[match.start() : end]):
                continue
            found.append((match.start(), end, 0, kind))
    for kind, pattern in lexicon().known:
        for match in pattern.finditer(text):
            if not re.search(rf"(?<!\w)(?!L[ae]s? ){CAP} (?:& )?$", text[max(0, match.start() - 40) : match.start()]):
                found.append((match.start(), match.end(), 1, kind))
    found.sort(key=lambda row: (row[0], -row[1], -row[2]))
    names, last = [], -1
    for start, end, fixed, kind in found:
        if start < last or end == start:
            continue
        written = block.text[start:end]
        if fixed and kind in ("company", "media") and (_well_known_town(written) or document.words.is_noun(written)):
            # "Orange" and "Casino" are words and towns besides: their neighbours decide
            continue
        last = end
        if re.match(r"(?:metropole|agglomeration|agglo|intercommunalite)\b", text[start:end]) and re.search(
            r"\b(?:dans|sur|de toute) (?:l'|la )$", text[max(0, start - 14) : start]
        ):
            names.append(Name(Mention(block.index, start, end), written, fold(written), {"loc": 6.0}, kind="loc"))
            continue
        names.append(
            Name(Mention(block.index, start, end), written, fold(written), {"org": 6.0}, org_kind=kind, kind="org")
        )
    return names


def _well_known_town(written: str) -> bool:
    """Whether a name is also that of a place which an article may well speak of."""
    return any(e.kind != "commune" or e.population > 3000 for e in gazetteer().find(written))


def _without_verb(block: BlockSpan, text: str, start: int, end: int, tokens: Tokens) -> int:
    """A head's lower-case field ends before a verb: "l'Autorite de la concurrence| examine"."""
    for match in re.finditer(r" ([a-z][a-z'-]*)", text[start:end]):
        token = tokens.at(block, start + match.start(1))
        if (
            token is not None
            and token.pos_ in {"VERB", "AUX", "PRON", "SCONJ"}
            and not match[1].startswith(("l'", "d'"))
            and match[1] not in ("de", "des", "du", "la", "l'", "d'")
        ):
            end = start + match.start()
            break
    while tail := re.search(r" (?:de la|de l'|des|du|de|d'|et|la|le|les|au|aux) ?$", text[start:end]):
        end = start + tail.start()
    return end


def _ends_in_place(head: str) -> bool:
    tail = re.split(r" (?:des|du|de la|de l') ?", head, maxsplit=1)[-1]
    return bool(gazetteer().find(tail)) or fold(tail) in lexicon().named_areas


def _without_person(text: str, start: int, stop: int) -> int:
    """ "CCI Hauts-de-France Philippe ..." never runs into a person: cut before a given name with a surname."""
    for match in re.finditer(rf" ({CAP}) {CAP}$", text[start:stop]):
        given, surname = fold(match[1]), match[0].split(" ")[-1]
        placed = gazetteer().find(surname) or fold(surname) in lexicon().named_areas or given in lexicon().named_areas
        joined = re.search(rf"{CAP}$", text[start : start + match.start()])
        if joined and given in lexicon().first_names and not gazetteer().find(match[1]) and not placed:
            return start + match.start()
    return stop


def _areas(block: BlockSpan, text: str, taken: list[tuple[int, int]]) -> list[Name]:
    """ "le bassin de Lacq", "la ZAC de la Courrouze": areas, which are no commune."""
    names: list[Name] = []
    for match in lexicon().areas.finditer(text):
        start, end = match.span()
        if any(a < end and start < b for a, b in taken) or lexicon().towns_stay.match(match[0]):
            continue
        if (
            match[0][0].isupper()
            and not BREAK.search(text[max(0, start - 12) : start])
            and match[0].split(" ")[0].lower() not in ("zac", "zi", "za", "zae", "zip", "parc", "port")
        ):
            continue
        written = block.text[start:end]
        names.append(Name(Mention(block.index, start, end), written, fold(written), {"loc": 6.0}, kind="loc"))
        taken = [*taken, (start, end)]
    return names


def _chains(
    document: Document, block: BlockSpan, text: str, taken: list[tuple[int, int]], tokens: Tokens, inside: set[str]
) -> list[Name]:
    """Runs of capitalised words that are no head's."""
    caps = [m.span() for m in re.finditer(CAP, text)]
    starts = [a for a, _ in sorted(taken)]
    ends = [b for _, b in sorted(taken)]
    # a capital is free where the last span that begins before its end stops before it
    caps = [(s, e) for s, e in caps if not (i := bisect_left(starts, e)) or ends[i - 1] <= s]
    names: list[Name] = []
    i = 0
    while i < len(caps):
        start, end = caps[i]
        word = text[start:end]
        initial = bool(BREAK.search(text[max(0, start - 12) : start]))
        if (
            TITLES.match(word)
            or (re.search(r"\d $", text[max(0, start - 2) : start]) and UNIT.match(word))
            or (
                word.lower() in lexicon().acronyms
                and not (word.lower() in lexicon().legal and re.match(rf" {CAP}", text[end:]))
            )
            or (_common_alone(document, block.text[start:end], text[end : end + 4]))
            or (initial and cardinal(word.lower()) is not None and not re.match(rf" {CAP}", text[end:]))
            or (initial and _opens_sentence(document, block, text, start, end, tokens, inside))
            or (word == "A" and re.match(rf" {CAP}", text[end:]))
            or (not initial and word.lower() in lexicon().stop and not re.match(rf" {CAP}", text[end:]))
            or (
                fold(word) in demonyms()
                and (re.match(rf" {DE}|[ ,.]+[a-z]", text[end:]) or _compatriot(text, start, end))
                and word not in inside - {word}
                and not gazetteer().find(word)
            )
        ):
            i += 1
            continue
        if not initial and _is_title(word):
            # "Directeur General France", "Chief Executive Officer": a title in capitals to its last word
            i += 1
            while (
                i < len(caps)
                and text[caps[i - 1][1] : caps[i][0]] == " "
                and fold(text[slice(*caps[i])]) not in lexicon().first_names
            ):
                i += 1
            continue
        j = i
        if placed := _official(text, caps, i):
            end = caps[placed][1]
            written = block.text[start:end]
            names.append(Name(Mention(block.index, start, end), written, fold(written), {"loc": 2.0}, initial=initial))
            i = placed + 1
            continue
        if shout := SHOUT.match(text, start):
            end = shout.end()
            if (
                RUBRIC.match(text, end)
                and not text[:start].strip(" •–-")
                and _ordinary(document, block.text[start:end])
                and not _well_known_town(block.text[start:end])
            ):
                while i < len(caps) and caps[i][0] < end:
                    i += 1
                continue
            while j + 1 < len(caps) and caps[j + 1][0] < end:
                j += 1
        nominal = _nominal(document, word)
        lead = text[max(0, start - 60) : start]
        office = OFFICE_OF.search(lead) or _role_leads(lead)
        while j + 1 < len(caps) and _joins(document, text, caps[j], caps[j + 1], nominal or _institutes(text, caps[j])):
            surname = j + 2 < len(caps) and text[caps[j + 1][1] : caps[j + 2][0]] == " "
            if office and surname and fold(text[slice(*caps[j + 1])]) in lexicon().first_names:
                break
            j += 1
            end = caps[j][1]
        if nominal and not initial:
            free = next((a for a in starts if a >= end), len(text))
            end = max(end, _institution(document, block, text[:free], end, tokens))
        if FREE_NAMED.search(lead) and document.words.is_common(block.text[caps[j][0] : caps[j][1]]):
            end = max(end, _motto(block, text, end, tokens))
        if number := NUMBERED.match(text[end:]):
            end += number.end() if word.isupper() and j == i and word.lower() not in lexicon().acronyms else 0
        if tail := TAIL.match(text, end):
            end = tail.end()
        while j + 1 < len(caps) and caps[j + 1][0] < end:
            j += 1
        if year := re.match(r" 20[1-9]\d\b", text[end:]):
            country = any(e.kind == "country" for e in gazetteer().find(text[start:end]))
            end += year.end() if nominal or country else 0
        legal = LEGAL_HEAD.match(text[start:end])
        if legal:
            start += legal.end()
        while text[start:end].endswith((".", "'", "-")) and not re.search(r"\b[A-Z]\.$", text[start:end]):
            end -= 1
        written = block.text[start:end]
        if end - start > 1:
            names.append(Name(Mention(block.index, start, end), written, fold(written), initial=initial))
            if legal:
                names[-1].votes["org"] = 5.0
        i = j + 1
    return names


def _official(text: str, caps: list[tuple[int, int]], i: int) -> int:
    """The last capital of an official name that begins here ("Autrans-Meaudre en Vercors"), or 0."""
    best = 0
    for j in range(i + 1, min(i + 4, len(caps))):
        between = text[caps[j - 1][1] : caps[j][0]]
        if len(between) > 8 or not re.fullmatch(
            r"[ -](?:(?:en|sur|sous|les|lez|le|la|de|du|des|et|de la|d'|l'|de l') ?)?", between
        ):
            break
        found = gazetteer().find(text[caps[i][0] : caps[j][1]])
        if found and (between != " " or any(e.kind != "commune" for e in found)):
            best = j
    return best


def _ordinary(document: Document, written: str) -> bool:
    """Whether all words are ordinary ones: a rubric ("TRAVAUX PUBLICS"), no name."""
    words = re.findall(r"[^\W\d_]{3,}", written)
    return bool(words) and all(document.words.is_common(w) or plain(w).lower() in lexicon().stop for w in words)


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.8 * len(letters)


def _shouted(document: Document, block: BlockSpan, text: str) -> None:
    """In a line of capitals case tells nothing: there only names known from the other blocks are found."""
    known = {name.key: name for name in document.names if name.kind}
    words = [m.span() for m in re.finditer(r"[\w&]+(?:[-'.&]\w+)*", re.sub(r"\b([LDCJMNST]|QU)'", r"\1 ", text))]
    i = 0
    while i < len(words):
        for j in range(min(len(words), i + 9), i, -1):
            start, end = words[i][0], words[j - 1][1]
            key = fold(block.text[start:end])
            like = known.get(key)
            town = (
                like is None
                and j == i + 1
                and len(key) > 3
                and bool(re.match(r" ?:", text[end:]))
                and gazetteer().find(key)
            )
            if like is not None or town:
                kind = like.kind if like else "loc"
                name = Name(Mention(block.index, start, end), block.text[start:end], key, kind=kind)
                name.org_kind = like.org_kind if like else None
                document.names.append(name)
                i = j - 1
                break
        i += 1


def _opens_sentence(
    document: Document, block: BlockSpan, text: str, start: int, end: int, tokens: Tokens, inside: set[str]
) -> bool:
    """Whether a capitalised word at the head of a sentence is an ordinary word."""
    word = text[start:end]
    low = word.lower()
    lex = lexicon()
    if low in lex.stop or re.search(r"-(?:vous|nous|il|elle|ils|elles|on|je|tu|ce|y|en|moi|les|la|le|leur|lui)$", low):
        return True
    parts = block.text[start:end].split("-")
    if len(parts) > 1 and all(p[:1].islower() for p in parts[1:]) and all(document.words.is_common(p) for p in parts):
        return not gazetteer().find(word)
    if start == 0 and re.match(r", (?:\d|[a-z])", text[end:]) and _well_known_town(word):
        # an agenda's "Tours, centre de congres, 18 heures"
        return False
    placed = gazetteer().find(word)
    towns = [e for e in placed if e.kind != "commune" or e.population > 1000 or not document.words.is_common(word)]
    if towns and (re.match(r" ?: ", text[end:]) or (start == 0 and end == len(text))):
        return False
    if "-" in word and any(e.kind != "commune" for e in placed):
        return False
    if len(word) > 1 and not word[1:].islower() and not ("-" in word or "'" in word):
        return False
    follows = re.match(rf" (?:& )?{CAP}", text[end:])
    if re.match(r" ?:", text[end:]) and word not in inside and not gazetteer().find(word):
        # a heading's subject: "Horlogerie : ..."
        return not document.doc.vocab[block.text[start:end].lower()].is_oov or document.words.is_common(word)
    if fold(word) in lex.first_names and follows:
        return False
    if low in lex.roles:
        return True
    if (low in lex.nouns) and (follows or word not in inside):
        house = "company" in lex.nouns[low] and low not in lex.describing
        return not (follows and (low in lex.suffixes or (house and not _own_name_follows(text, end))))
    if word in inside and low not in lex.nouns:
        return False
    token = tokens.at(block, start)
    if token is not None and token.pos_ in {"VERB", "AUX", "ADV", "ADP", "DET", "PRON", "CCONJ", "SCONJ", "INTJ"}:
        return not document.doc.vocab[block.text[start:end].lower()].is_oov
    if gazetteer().find(word) and not document.words.is_common(block.text[start:end]):
        return False
    if follows:
        return False
    return document.words.is_common(block.text[start:end])


def _compatriot(text: str, start: int, end: int) -> bool:
    """Whether a person's name follows a people's name: "la Norvegienne Ingrid Hansen"."""
    given = re.match(rf" ({CAP}) {CAP}", text[end:])
    article = re.search(r"(?<!\w)(?:[Ll]e |[Ll]a |[Ll]'|au |du |une? )$", text[max(0, start - 5) : start])
    return bool(given and article and fold(given[1]) in lexicon().first_names)


def _own_name_follows(text: str, end: int) -> bool:
    """Whether what follows a noun at the head of a sentence is a person: "Maison Anne Roy" stays open, so no."""
    match = re.match(rf" ({CAP}) {CAP}(?![\w-]| {CAP}| &)", text[end:])
    return match is not None and fold(match[1]) in lexicon().first_names


def _role_leads(before: str) -> bool:
    """Whether a role's "de" stands before: in "le patron de Kelvor Denis Roy" the firm ends before the given name."""
    match = re.search(r"((?:[a-z'-]+ ){1,4})(?:de la |de l'|du |de |d')$", before)
    return match is not None and any(word in lexicon().roles for word in match[1].split())


def _is_title(word: str) -> bool:
    """A role written with a capital ("Directrice generale") begins no name."""
    low = word.lower()
    return low in lexicon().roles and low not in lexicon().suffixes and not gazetteer().find(word)


def _common_alone(document: Document, word: str, behind: str) -> bool:
    """ "le Groupe", "la Societe": a noun for firms with a capital and nothing behind it is still that noun."""
    low = plain(word).lower()
    alone = not re.match(r" [A-Z&d]|[-']", plain(behind))
    return alone and (low in lexicon().organs or (low in lexicon().legal and len(low) > 2))


def _nominal(document: Document, word: str) -> bool:
    """Whether a name's first word is a common noun ("Banque", "Cite"), so that "de ..." may belong to it."""
    if fold(word) in lexicon().first_names or fold(word) in demonyms():
        return False
    if "company" in lexicon().nouns.get(plain(word).lower(), ()):
        return True
    return document.words.is_common(word) and not any(
        e.kind != "commune" or e.population > 5000 for e in gazetteer().find(word)
    )


def _institutes(text: str, span: tuple[int, int]) -> bool:
    """Whether a capitalised word inside a name makes it an institution's: "Grenoble Ecole| de Management"."""
    classes = lexicon().nouns.get(text[slice(*span)].lower(), ())
    return bool({"research_education", "association", "public_body"} & set(classes))


def _motto(block: BlockSpan, text: str, end: int, tokens: Tokens) -> int:
    """How far the words of an association's name run on: "l'association Vent debout| en pays de Caux|, qui"."""
    best = end
    at = end
    for match in re.finditer(r" ([\w'-]+)", text[end : end + 70]):
        if match.start() + end != at or re.search(r"\d", match[1]):
            break
        at = end + match.end()
        token = tokens.at(block, end + match.start(1))
        word = re.sub(r"^[ld]'", "", match[1])
        if token is None or (word[0].islower() and token.pos_ not in {"NOUN", "ADJ", "ADV", "ADP", "DET", "PROPN"}):
            return (
                best
                if word.lower() in lexicon().stop or token is None or token.pos_ in {"VERB", "AUX", "PRON"}
                else end
            )
        if word.lower() not in lexicon().stop and token.pos_ != "ADP":
            best = at
        elif word in ("a", "dans", "avec", "chez", "par"):
            return best
    return best if re.match(r" ?[,.;:!?»\")]|$", text[at:]) else end


def _joins(document: Document, text: str, here: tuple[int, int], there: tuple[int, int], nominal: bool) -> bool:
    """Whether two capitalised words belong to one name, by what stands between them."""
    between = text[here[1] : there[0]]
    if TITLES.match(text[there[0] : there[1]]):
        return False
    if between in (" ", " & ", " + "):
        return True
    first, second = text[slice(*here)], text[slice(*there)]
    if re.fullmatch(rf" {DE}", between):
        whole = f"{first}{between}{second}"
        if any(e.kind != "commune" for e in gazetteer().find(whole)) or fold(whole) in lexicon().named_areas:
            # "GTM Val de Loire"
            return True
        # "Philippe de Gonneval", but not "DRH France de Kelvor"
        named = fold(first) in lexicon().first_names and not _well_known_town(first) and not gazetteer().find(second)
        if between != " de " and not named and _common_noun(document, second):
            # "AgriGaz du Plateau"
            return True
        return nominal or (named and between in (" de ", " d'", " du ", " de la "))
    return between in (
        " van ",
        " von ",
        " der ",
        " ben ",
        " und ",
        " of ",
        " the ",
        " and ",
        " van der ",
        " von der ",
        " di ",
        " del ",
        " dos ",
    )


def _common_noun(document: Document, word: str) -> bool:
    """Whether a capitalised word is an ordinary noun that names no place, person or kind of organisation."""
    low = plain(word).lower()
    return (
        document.words.is_noun(word)
        and not gazetteer().find(word)
        and not {"company", "association", "public_body", "research_education", "media"}
        & set(lexicon().nouns.get(low, ()))
        and low not in lexicon().named_areas
        and low not in lexicon().generic
        and low not in lexicon().first_names
        and low not in lexicon().roles
        and low not in lexicon().stop
        and low not in lexicon().organs
        and low not in lexicon().powers
    )


def _institution(document: Document, block: BlockSpan, text: str, end: int, tokens: Tokens) -> int:
    """How far a capitalised noun's lower-case continuation goes: "Autorite| de la concurrence"."""
    at = best = end
    for match in re.finditer(rf" (?:{DE})?([\w-]+)", text[end : end + 90]):
        if match.start() + end != at:
            break
        word = match[1]
        token = tokens.at(block, end + match.start(1))
        if token is None or word.lower() in lexicon().stop:
            break
        linked = match.end(0) - match.start(0) > len(word) + 1
        if not word[0].isupper():
            if token.pos_ not in {"NOUN", "ADJ"} or not document.words.is_common(
                block.text[end + match.start(1) : end + match.end(1)]
            ):
                break
            if not linked and token.pos_ != "ADJ":
                break
        best = at = end + match.end()
    return best


# Where a word in lower case without an article can only be a name: at the head of a line or sentence, behind "chez", in a
# list with a name.
BARE_WORD = re.compile(
    rf"(?:(?:^|[.!?] |[–—:] )|\b(?:[Cc]hez|aupres de|pour|par|avec) )(?=([a-z][a-z0-9]{{3,}})(?![\w@'-]|\.\w))"
    rf"|{CAP}(?:, | et )(?=([a-z][a-z0-9]{{3,}})(?:,| et) {CAP})"
    r"|\b(?:[Ll]e|[Ll]a|[Ll]'|du|au) ?[a-z]{4,}(?:ois|oise|ais|aise|ien|ienne|ain|aine) (?=([a-z][a-z0-9]{3,}) [a-z])"
)
INFLECTED = re.compile(
    r"(?:ments?|ee?s?|ons|ez|ent|er|ir|iste?s?|ales?|aux|ies?|ois|oises?|ais|aises?|iens?|iennes?|aines?|ites?|ans?|ins?|ards?|ois|otes?|asques?)$"
)


LOWER = re.compile(r"(?<![\w'@.-])[a-z][a-z0-9]{3,}(?![\w@'-]|\.\w)")


def _unknown(document: Document, word: str) -> bool:
    """Whether a word is in no dictionary and no adjective of origin."""
    return document.doc.vocab[word].is_oov and not document.words.is_common(word) and fold(word) not in demonyms()


def _discover_lowercase(document: Document) -> None:
    """Names in lower case: an unknown word behind a noun for firms ("la medtech lilloise kelvor"), or where no ordinary
    word could stand ("chez kelvor")."""
    found: set[str] = set()
    for block in document.blocks:
        text = document.plain(block.index)
        unknown = {m.start(): m for m in LOWER.finditer(text) if _unknown(document, block.text[m.start() : m.end()])}
        for match in unknown.values():
            before = re.findall(r"[a-z'-]+", text[max(0, match.start() - 50) : match.start()])
            if not re.search(r"[a-z] $", text[max(0, match.start() - 2) : match.start()]):
                continue
            classes = [set(lexicon().nouns.get(word.split("'")[-1], ())) for word in before[-5:]]
            named = text[match.end() :][:2] == " (" and not INFLECTED.search(match[0])
            if any("company" in c for c in classes[-2:-1]) or (
                named and any({"company", "trade"} & c for c in classes[:-1])
            ):
                found.add(block.text[match.start() : match.end()])
        for match in BARE_WORD.finditer(text) if unknown else ():
            start, end = match.span(match.lastindex or 1)
            if start not in unknown:
                continue
            if not INFLECTED.search(text[start:end]) or re.search(r"(?i:chez) $", match[0]):
                found.add(block.text[start:end])
    for word in found:
        for block in document.blocks:
            for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", block.text):
                mention = Mention(block.index, match.start(), match.end())
                if not document.is_furniture(mention):
                    document.names.append(Name(mention, word, fold(word), {"org": 1.0}))
