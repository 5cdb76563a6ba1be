"""Forms of French verbs, so that a lexicon needs infinitives only.

The statistical tagger errs just where it matters ("et ferme Pontivy" read as an adjective, "emploiera" as a present),
and it has no answer for text in capitals or without accents. The press reports in the third person, so that is what
is built: third persons, participles, infinitive. Source of the rules: the usual conjugation tables (Bescherelle).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Form(NamedTuple):
    """A verb form: its infinitive and ``tense``: pres, imp, past (passé simple), fut, cond, part, ger or inf."""

    lemma: str
    tense: str


Table = dict[str, list[str]]

IRREGULAR: dict[str, str] = {
    # lemma: present sg/pl, imperfect, simple past sg/pl, future stem, participle m f, gerund
    "être": "est sont était fut furent ser été - étant",
    "avoir": "a ont avait eut eurent aur eu eue ayant",
    "aller": "va vont allait alla allèrent ir allé allée allant",
    "pouvoir": "peut peuvent pouvait put purent pourr pu - pouvant",
    "devoir": "doit doivent devait dut durent devr dû due devant",
    "vouloir": "veut veulent voulait voulut voulurent voudr voulu voulue voulant",
    "savoir": "sait savent savait sut surent saur su sue sachant",
    "faire": "fait font faisait fit firent fer fait faite faisant",
    "envoyer": "envoie envoient envoyait envoya envoyèrent enverr envoyé envoyée envoyant",
    "voir": "voit voient voyait vit virent verr vu vue voyant",
    "prévoir": "prévoit prévoient prévoyait prévit prévirent prévoir prévu prévue prévoyant",
    "croire": "croit croient croyait crut crurent croir cru crue croyant",
    "naître": "naît naissent naissait naquit naquirent naîtr né née naissant",
    "tenir": "tient tiennent tenait tint tinrent tiendr tenu tenue tenant",
    "venir": "vient viennent venait vint vinrent viendr venu venue venant",
    "rompre": "rompt rompent rompait rompit rompirent rompr rompu rompue rompant",
    "rire": "rit rient riait rit rirent rir ri - riant",
    "conclure": "conclut concluent concluait conclut conclurent conclur conclu conclue concluant",
    "exclure": "exclut excluent excluait exclut exclurent exclur exclu exclue excluant",
    "falloir": "faut faut fallait fallut fallut faudr fallu - fallant",
    "valoir": "vaut valent valait valut valurent vaudr valu value valant",
}
# Families: ending of the infinitive -> the same endings as above.
FAMILIES: list[tuple[str, str]] = [
    ("tenir", "tient tiennent tenait tint tinrent tiendr tenu tenue tenant"),
    ("venir", "vient viennent venait vint vinrent viendr venu venue venant"),
    ("quérir", "quiert quièrent quérait quit quirent querr quis quise quérant"),
    ("ouvrir", "ouvre ouvrent ouvrait ouvrit ouvrirent ouvrir ouvert ouverte ouvrant"),
    ("offrir", "offre offrent offrait offrit offrirent offrir offert offerte offrant"),
    ("cueillir", "cueille cueillent cueillait cueillit cueillirent cueiller cueilli cueillie cueillant"),
    ("partir", "part partent partait partit partirent partir parti partie partant"),
    ("sortir", "sort sortent sortait sortit sortirent sortir sorti sortie sortant"),
    ("servir", "sert servent servait servit servirent servir servi servie servant"),
    ("sentir", "sent sentent sentait sentit sentirent sentir senti sentie sentant"),
    ("courir", "court courent courait courut coururent courr couru courue courant"),
    ("prendre", "prend prennent prenait prit prirent prendr pris prise prenant"),
    ("mettre", "met mettent mettait mit mirent mettr mis mise mettant"),
    ("battre", "bat battent battait battit battirent battr battu battue battant"),
    ("uire", "uit uisent uisait uisit uisirent uir uit uite uisant"),
    ("crire", "crit crivent crivait crivit crivirent crir crit crite crivant"),
    ("dire", "dit disent disait dit dirent dir dit dite disant"),
    ("faire", "fait font faisait fit firent fer fait faite faisant"),
    ("lire", "lit lisent lisait lut lurent lir lu lue lisant"),
    ("suivre", "suit suivent suivait suivit suivirent suivr suivi suivie suivant"),
    ("vivre", "vit vivent vivait vécut vécurent vivr vécu vécue vivant"),
    ("sourire", "sourit sourient souriait sourit sourirent sourir souri - souriant"),
    ("croître", "croît croissent croissait crut crurent croîtr crû crue croissant"),
    ("aître", "aît aissent aissait ut urent aîtr u ue aissant"),
    ("oindre", "oint oignent oignait oignit oignirent oindr oint ointe oignant"),
    ("aindre", "aint aignent aignait aignit aignirent aindr aint ainte aignant"),
    ("eindre", "eint eignent eignait eignit eignirent eindr eint einte eignant"),
    ("cevoir", "çoit çoivent cevait çut çurent cevr çu çue cevant"),
    ("revoir", "revoit revoient revoyait revit revirent reverr revu revue revoyant"),
    ("aincre", "ainc ainquent ainquait ainquit ainquirent aincr aincu aincue ainquant"),
    ("dre", "d dent dait dit dirent dr du due dant"),
]
GRAVE = {"acheter", "racheter", "geler", "dégeler", "congeler", "receler", "démanteler", "modeler", "haleter"}


def _table(parts: str, prefix: str = "") -> Table:
    sg, pl, imp, past_sg, past_pl, fut, masc, fem, ger = parts.split()
    participles = [masc] if fem == "-" else [masc, fem, masc if masc.endswith("s") else masc + "s", fem + "s"]
    table = {
        "pres": [sg, pl],
        "imp": [imp, imp[:-1] + "ent"],
        "past": [past_sg, past_pl],
        "fut": [fut + "a", fut + "ont"],
        "cond": [fut + "ait", fut + "aient"],
        "part": participles,
        "ger": [ger],
    }
    return {tense: [prefix + form for form in forms] for tense, forms in table.items()}


def _first_group(verb: str) -> Table:
    stem = verb[:-2]
    soft = stem[:-1] + "ç" if stem.endswith("c") else stem + "e" if stem.endswith("g") else stem
    strong = stem
    if verb in GRAVE:
        strong = stem[:-2] + "è" + stem[-1]
    elif re.search(r"e[lt]$", stem):
        strong = stem + stem[-1]
    elif re.search(r"e[^aeiouyéèl t]$", stem):
        strong = stem[:-2] + "è" + stem[-1]
    elif re.search(r"[ou]y$", stem):
        strong = stem[:-1] + "i"
    present = strong
    acute = re.search(r"é([^aeiouy]{1,2})$", stem)
    if acute:
        present = stem[: acute.start()] + "è" + acute[1]
    table = {
        "pres": [present + "e", present + "ent"],
        "imp": [soft + "ait", soft + "aient"],
        "past": [soft + "a", stem + "èrent"],
        "fut": [strong + "era", strong + "eront"],
        "cond": [strong + "erait", strong + "eraient"],
        "part": [stem + "é", stem + "ée", stem + "és", stem + "ées"],
        "ger": [soft + "ant"],
    }
    if acute:
        table["fut"] += [present + "era", present + "eront"]
        table["cond"] += [present + "erait", present + "eraient"]
    if stem.endswith("ay"):  # both spellings live: "il balaie", "il balaye"
        soft_stem = stem[:-1] + "i"
        table["pres"] += [soft_stem + "e", soft_stem + "ent"]
        table["fut"] += [soft_stem + "era", soft_stem + "eront"]
        table["cond"] += [soft_stem + "erait", soft_stem + "eraient"]
    return table


def conjugate(verb: str) -> Table:
    """Third-person forms of a verb by tense; ValueError for what is no infinitive.

    >>> conjugate("racheter")["pres"], conjugate("agrandir")["fut"], conjugate("obtenir")["part"][0]
    (['rachète', 'rachètent'], ['agrandira', 'agrandiront'], 'obtenu')
    """
    if verb in IRREGULAR:
        table = _table(IRREGULAR[verb])
    elif verb.endswith("er"):
        table = _first_group(verb)
    else:
        family = next(((end, parts) for end, parts in FAMILIES if verb.endswith(end)), None)
        if family:
            end, parts = family
            table = _table(parts, verb[: -len(end)])
        elif verb.endswith("ir"):
            s = verb[:-2]
            table = _table(f"{s}it {s}issent {s}issait {s}it {s}irent {s}ir {s}i {s}ie {s}issant")
        else:
            raise ValueError(f"no French infinitive: {verb!r}")
    return {tense: [*spellings, *_first_person(verb, tense, table)] for tense, spellings in table.items()} | {
        "inf": [verb]
    }


def _first_person(verb: str, tense: str, table: Table) -> list[str]:
    """What "nous" and "je" say in an interview: "nous ouvrirons", "nous avons", "j'ai"."""
    stem = table["ger"][0][:-3]
    if tense == "pres":
        return {"être": ["sommes", "suis"], "avoir": ["avons", "ai"], "aller": ["allons", "vais"]}.get(
            verb, [stem + "ons"]
        )
    if tense == "imp":
        return [re.sub(r"(?:ç|ge)$", lambda m: "c" if m[0] == "ç" else "g", stem) + "ions"]
    if tense in ("fut", "cond"):
        return [table["fut"][0][:-1] + ("ons" if tense == "fut" else "ions")]
    return []


def forms(verbs: Iterable[str]) -> dict[str, Form]:
    """Every form of the verbs -> its reading; where forms coincide the first listed verb and tense wins.

    >>> forms(["fermer"])["fermera"]
    Form(lemma='fermer', tense='fut')
    """
    table: dict[str, Form] = {}
    for verb in verbs:
        for tense, spellings in conjugate(verb).items():
            for spelling in spellings:
                table.setdefault(spelling, Form(verb, tense))
                table.setdefault(spelling.replace("î", "i"), Form(verb, tense))  # spelling of 1990
    return table
