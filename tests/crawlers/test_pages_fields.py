# ruff: noqa: E501  (pages and lines as they come)
"""Each field of a page by itself: spellings, languages of mark-up, character sets, addresses, access."""

from __future__ import annotations

import doctest
import importlib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawlers.items import Article
from crawlers.pages.decode import clean, decode, repair_mojibake
from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract
from crawlers.pages.structured import load_json_ld, truth

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TEXT = (
    "<p>La fromagerie Combelle construit à Aurillac une cave d’affinage de 2 000 m², qui emploiera douze personnes.</p>"
    "<p>« Nous manquons de place depuis cinq ans », dit sa présidente, Lucie Combelle, devant le chantier.</p>"
    "<p>L’ouverture est prévue au printemps 2027, pour un coût de 3,4 millions d’euros.</p>"
)


def read(head: str = "", body: str = TEXT, url: str = "https://cantal-eco.example/cave", **options: Any) -> Article:
    html = f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"
    return extract(html.encode(), url, fetched_at=NOW, **options)


@pytest.mark.parametrize("module", ["decode", "structured", "dates", "captions", "head", "pdf", "furniture"])
def test_examples_of_the_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"crawlers.pages.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("script", "headline"),
    [
        ('{"@type":"NewsArticle","headline":"Combelle bâtit une cave à Aurillac"}', "direct"),
        ('[{"@type":"WebSite","name":"X"},{"@type":["Article","NewsArticle"],"headline":"Combelle bâtit une cave à Aurillac"}]', "list"),
        ('{"@graph":[{"@type":"Organization","name":"X"},{"@type":"http://schema.org/Article","headline":"Combelle bâtit une cave à Aurillac"}]}', "graph"),
        ('{"@type":"WebPage","mainEntity":{"@type":"Report","headline":"Combelle bâtit une cave à Aurillac"}}', "main entity"),
        ('<!-- {"@type":"Article","headline":"Combelle bâtit\n une cave à Aurillac",} -->', "comment, break, comma"),
        ('/* a */ {"@type":"Article", // b\n "headline":"Combelle bâtit une cave à Aurillac"};', "comments"),
        ('{"@type":"Article","headline":"Combelle bâtit une cave \\à Aurillac"}', "bad escape"),
        ('{"@type":"Article","headline":"Combelle bâtit une cave à Aurillac","description":"dit "oui" hier","x":', "broken"),
        ('{&quot;@type&quot;:&quot;Article&quot;,&quot;headline&quot;:&quot;Combelle bâtit une cave à Aurillac&quot;}', "entities"),
    ],
)  # fmt: skip
def test_json_ld_in_all_spellings(script: str, headline: str) -> None:
    article = read(f'<title>Autre chose</title><script type="application/ld+json">{script}</script>')
    assert article.title.replace("\\", "") == "Combelle bâtit une cave à Aurillac", headline


def test_json_ld_that_is_no_json_at_all() -> None:
    assert load_json_ld("window.x = 3;") is None
    assert load_json_ld("[" * 100_000) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("True", True), ("true ", True), ("http://schema.org/True", True), ("https://schema.org/False", False),
     ("False", False), (False, False), (0, False), ("0", False), (["False"], False), ({"@id": "schema:False"}, False),
     ("No", False), ("", None), (None, None), ("peut-être", None)],
)  # fmt: skip
def test_truth_in_all_spellings(value: object, expected: bool | None) -> None:
    assert truth(value) is expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ('<meta property="article:content_tier" content="locked">', TEXT, "teaser"),
        ('<meta property="article:content_tier" content="free">', TEXT, "full"),
        ('<script type="application/ld+json">{"@type":"Article","headline":"h","isAccessibleForFree":"http://schema.org/False"}</script>', TEXT, "teaser"),
        ('<script type="application/ld+json">{"@type":"Article","headline":"h","isAccessibleForFree":true}</script>', TEXT, "full"),
        ('<script type="application/ld+json">{"@type":"Article","headline":"h","hasPart":[{"isAccessibleForFree":false,"cssSelector":".p"}]}</script>', TEXT, "teaser"),
        ("", TEXT + "<div class='x'>Il vous reste 62,5 % de cet article à lire.</div>", "teaser"),
        ("", TEXT + "<p>Cet article est réservé aux abonnés.</p>", "teaser"),
        ("", TEXT + "<p>Pour lire la suite de cet article, abonnez-vous à partir de 1 €.</p>", "teaser"),
        ("", TEXT + "<p>L’accès au site du chantier est réservé aux salariés jusqu’au 3 juin.</p>", None),
        ("", "<p>La fromagerie ouvre lundi.</p>", None),
        ("", TEXT + "<p>Il reste 40 % du terrain à vendre, a précisé la mairie en marge de la visite du chantier.</p>", "full"),
    ],
)  # fmt: skip
def test_access(head: str, body: str, expected: str | None) -> None:
    assert read(head, f"<article><h1>Combelle bâtit une cave à Aurillac</h1>{body}</article>").access == expected


def test_a_part_called_closed_but_delivered_is_full() -> None:
    script = (
        '<script type="application/ld+json">{"@type":"Article","headline":"h","isAccessibleForFree":false,'
        '"hasPart":{"isAccessibleForFree":"False","cssSelector":".reserve"}}</script>'
    )
    long = "".join(
        f"<p>Paragraphe numéro {n} du texte, avec de quoi remplir une ligne entière du journal.</p>" for n in range(12)
    )
    assert read(script, f"<article>{TEXT}<div class='reserve'>{long}</div></article>").access == "full"
    assert read(script, f"<article>{TEXT}<div class='reserve'></div></article>").access == "teaser"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("<p>L’été à Liévin : 12 € – cœur</p>".encode(), "text/html; charset=iso-8859-1"),
        ("<p>L’été à Liévin : 12 € – cœur</p>".encode("cp1252"), "text/html; charset=utf-8"),
        ("<p>L’été à Liévin : 12 € – cœur</p>".encode("cp1252"), None),
        ("<p>L’été à Liévin : 12 € – cœur</p>".encode("utf-16"), None),
        ("\ufeff<p>L’été à Liévin : 12 € – cœur</p>".encode(), "text/html; charset=windows-1252"),
        ("<p>L’été à Liévin : 12 € – cœur</p>".encode().decode("cp1252").encode(), "text/html"),
        ("<p>L'été à Liévin : 12 € - cœur</p>".encode("iso-8859-15"), "text/html; charset=ISO-8859-15"),
        ("<p>L’été à Li\0évin : 12 € – c\0œur</p>".encode(), None),
    ],
)  # fmt: skip
def test_character_sets(data: bytes, content_type: str | None) -> None:
    text = clean(decode(data, content_type))
    assert "été à Liévin : 12" in text
    assert "cœur" in text


def test_sets_mixed_in_one_page() -> None:
    data = "<p>Crédit Agricole, société générale ; ".encode() * 5 + "préfecture".encode("cp1252")
    assert decode(data, "text/html; charset=utf-8").endswith("préfecture")


def test_mojibake_is_not_seen_in_sound_text() -> None:
    assert (
        repair_mojibake("À l’Île-Saint-Denis, Â comme Âge, prix : 30 €")
        == "À l’Île-Saint-Denis, Â comme Âge, prix : 30 €"
    )


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        ('<link rel="canonical" href="/eco/cave">', "https://www.a.example/amp/eco/cave", "https://www.a.example/eco/cave"),
        ('<link rel="canonical" href="https://a.example/eco/cave">', "https://amp.a.example/eco/cave", "https://a.example/eco/cave"),
        ('<link rel="canonical" href="https://autre.example/eco/cave">', "https://a.example/eco/cave", "https://a.example/eco/cave"),
        ('<link rel="canonical" href="https://a.example/">', "https://a.example/eco/cave", "https://a.example/eco/cave"),
        ('<link rel="canonical" href="http://[bad">', "https://a.example/eco/cave", "https://a.example/eco/cave"),
        ("", "https://a.example/eco/cave/amp/", "https://a.example/eco/cave"),
        ("", "https://a.example/eco/cave.amp.html", "https://a.example/eco/cave.html"),
        ("", "https://a.example/eco/cave?outputType=amp&id=3", "https://a.example/eco/cave?id=3"),
        ("", "https://a.example/spip.php?article12&imprimer=1", "https://a.example/spip.php?article12="),
    ],
)  # fmt: skip
def test_address(head: str, url: str, expected: str) -> None:
    assert read(head, url=url).url == expected


@pytest.mark.parametrize(
    ("head", "body", "published", "modified"),
    [
        ("", "<p>Publié le 3 mars 2026 à 18h05 | Mis à jour le 4 mars 2026 à 7h</p>", "2026-03-03T18:05:00+01:00", "2026-03-04T07:00:00+01:00"),
        ('<meta property="article:published_time" content="2026-03-03T18:05:00Z">', "", "2026-03-03T18:05:00+00:00", None),
        ("", "<h1>t</h1><time datetime='2026-03-03'>hier</time>", "2026-03-03", None),
        ("", "<p>Aurillac, le 1er avril 2026</p>", "2026-04-01", None),
        ('<meta name="date" content="2031-01-01">', "<p>Publié le 03/04/2026</p>", "2026-04-03", None),
        ('<meta name="date" content="0000-00-00">', "", None, None),
    ],
)  # fmt: skip
def test_dates(head: str, body: str, published: str | None, modified: str | None) -> None:
    article = read(head, f"<h1>Combelle bâtit une cave à Aurillac</h1>{body}{TEXT}", url="https://a.example/x")
    assert (article.published.isoformat() if article.published else None) == published
    assert (article.modified.isoformat() if article.modified else None) == modified


def test_raw_dates_are_the_page_s_own_words() -> None:
    article = read(body=f"<h1>Combelle bâtit une cave</h1><p>Publié le 3 mars 2026 à 18h05</p>{TEXT}")
    assert article.published_raw == "Publié le 3 mars 2026 à 18h05"
    assert article.published_on == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("h1", "title_tag", "expected"),
    [
        ("Combelle bâtit une cave", "Combelle bâtit une cave - Cantal Éco", "Combelle bâtit une cave"),
        ("", "Combelle bâtit une cave | Cantal Éco", "Combelle bâtit une cave"),
        ("<em class='surtitre'>Agroalimentaire</em> Combelle bâtit une cave", "Combelle bâtit une cave", "Combelle bâtit une cave"),
        ("EXCLUSIF. Combelle bâtit une cave", "EXCLUSIF. Combelle bâtit une cave", "Combelle bâtit une cave"),
        ("Aurillac : Combelle bâtit une cave", "Aurillac : Combelle bâtit une cave", "Aurillac : Combelle bâtit une cave"),
        ("SNCF : un plan de 300 millions", "SNCF : un plan de 300 millions", "SNCF : un plan de 300 millions"),
    ],
)  # fmt: skip
def test_title(h1: str, title_tag: str, expected: str) -> None:
    head = f'<title>{title_tag}</title><meta property="og:site_name" content="Cantal Éco">'
    body = (f"<h1>{h1}</h1>" if h1 else "") + TEXT
    assert read(head, body).title == expected


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("<span class='author'>Par Jeanne Petit</span>", ("Jeanne Petit",)),
        ("<div class='byline'>Jeanne Petit et Marc Dubois, à Aurillac</div>", ("Jeanne Petit", "Marc Dubois")),
        ("<p>Propos recueillis par Jeanne Petit</p>", ("Jeanne Petit",)),
        ("<p class='signature'>La rédaction (avec AFP)</p>", ("La rédaction",)),
        ("<p>Par ailleurs, la mairie vend un terrain.</p>", ()),
        ("<p>Par Saint-Flour et Murat, la route est longue pour les camions de lait de la coopérative.</p>", ()),
    ],
)  # fmt: skip
def test_authors(byline: str, expected: tuple[str, ...]) -> None:
    assert read(body=f"<h1>Combelle bâtit une cave à Aurillac</h1>{byline}{TEXT}").authors == expected


@pytest.mark.parametrize(
    "line",
    ["Lire aussi : La coopérative de Saint-Flour change de tête", "» À lire aussi : Le lait manque", "À lire également",
     "Voir aussi : notre carte des fromageries", "Partager cet article", "Partager sur Facebook", "Temps de lecture : 4 min",
     "Article réservé aux abonnés", "Publié le 12 mars 2026 à 8h", "Par Jeanne Petit", "Recevez chaque matin notre newsletter",
     "#Agroalimentaire #Cantal", "Publicité", "La suite après cette publicité", "© Cantal Éco - Tous droits réservés",
     "Suivez-nous sur LinkedIn", "Sur le même sujet", "2 commentaires", "S’abonner", "Retrouvez tous nos articles sur le lait"],
)  # fmt: skip
def test_furniture_lines_are_left_out(line: str) -> None:
    parts = TEXT.split("</p>")
    body = f"<article><h1>Combelle bâtit une cave à Aurillac</h1>{parts[0]}</p><p>{line}</p>{parts[1]}</p>{parts[2]}</p></article>"
    texts = [block.text for block in read(body=body).body]
    assert len(texts) == 3
    assert line not in texts


@pytest.mark.parametrize(
    "line",
    ["À voir la mine des salariés, la nouvelle n’était pas attendue.", "Lire les comptes ne suffit pas, dit le juge.",
     "Publié mardi, le décret fixe à 12 % la part de l’État.", "Par temps de gel, le chantier s’arrête.",
     "Le partage de la valeur concerne 300 salariés.", "L’abonnement coûte 12 euros par mois aux usagers.",
     "La publicité représente 40 % des recettes du groupe.", "Suivre la livraison d’un colis coûtera 2 euros."],
)  # fmt: skip
def test_sentences_that_look_like_furniture_stay(line: str) -> None:
    body = f"<article><h1>Combelle bâtit une cave à Aurillac</h1>{TEXT}<p>{line}</p>{TEXT.replace('2027', '2028')}</article>"
    assert line in [block.text for block in read(body=body).body]


def test_other_media_types_are_refused() -> None:
    with pytest.raises(ExtractionError) as caught:
        extract(b"\x89PNG...", "https://a.example/x", fetched_at=NOW, headers={"Content-Type": "image/png"})
    assert caught.value.kind == "not_html"


def test_language_of_a_page_that_says_another() -> None:
    html = f"<html lang='en'><body><h1>Combelle bâtit une cave à Aurillac</h1>{TEXT}</body></html>"
    assert extract(html.encode(), "https://a.example/x", fetched_at=NOW).language == "en"
    html = f"<html lang='en'><body><h1>Combelle bâtit une cave à Aurillac</h1>{TEXT}{TEXT.replace('2027', '2028')}</body></html>"
    assert extract(html.encode(), "https://a.example/x", fetched_at=NOW).language == "fr"
