"""Announcements of every kind read into candidates."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime

import pytest
from lxml.html import fromstring

from crawlers.discovery import (
    UnreadableDocument,
    find_alternates,
    inflate,
    parse_date,
    parse_feed,
    parse_listing,
    parse_sitemap,
    sniff,
)
from crawlers.registry import Endpoint

HOME = "https://www.gazette.example"
LISTING = Endpoint(type="listing", url=HOME + "/eco/")


def kinds(found):
    return [fault.kind for fault in found.faults]


def test_rss_with_summaries_authors_and_tags():
    rss = f"""<?xml version="1.0" encoding="utf-8"?>
    <rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item>
      <title>Une usine &amp;amp; un entrep&#244;t</title><link>{HOME}/eco/1?utm_source=rss</link>
      <pubDate>Thu, 20 Nov 2025 08:00:00 +0100</pubDate><dc:creator>Jeanne Petit</dc:creator>
      <category>Industrie</category>
      <description><![CDATA[<p>Quarante <b>emplois</b>.</p><p>L’article <a href="x">Une usine</a> est apparu en premier
      sur <a href="y">La Gazette</a>.</p>]]></description></item></channel></rss>"""
    (one,) = parse_feed(rss.encode(), HOME + "/feed/").candidates
    assert one.url == HOME + "/eco/1"
    assert one.title == "Une usine & un entrepôt"
    assert one.published == datetime(2025, 11, 20, 7, 0, tzinfo=UTC)
    assert one.summary == "Quarante emplois."
    assert one.authors == ("Jeanne Petit",)
    assert one.tags == ("Industrie",)


def test_atom_and_json_feed():
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Une usine</title><id>tag:1</id>
      <link rel="alternate" href="/eco/1"/><published>2025-11-20T08:00:00+01:00</published>
      <updated>2025-11-21T09:30:00+01:00</updated><summary>Quarante emplois.</summary></entry></feed>"""
    (one,) = parse_feed(atom.encode(), HOME + "/atom.xml").candidates
    assert one.url == HOME + "/eco/1"
    assert one.modified == datetime(2025, 11, 21, 8, 30, tzinfo=UTC)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": 1,
                "url": HOME + "/eco/1",
                "title": "Une usine",
                "date_published": "2025-11-20T08:00:00+01:00",
                "summary": "Quarante emplois.",
                "authors": [{"name": "Jeanne Petit"}],
            },
            {"id": 2, "title": "Sans lien"},
            "rien",
        ],
    }
    found = parse_feed(json.dumps(feed).encode(), HOME + "/feed.json")
    assert [c.title for c in found.candidates] == ["Une usine"]
    assert found.candidates[0].authors == ("Jeanne Petit",)
    assert kinds(found) == ["entry-without-link"]


def test_ill_formed_feeds_are_read_all_the_same():
    rss = b"""<rss version="2.0"><channel><item><title>Caf\xe9 & b\xe9ton</title>
      <link>http://www.gazette.example/eco/1</link><pubDate>jeudi 20 novembre 2025</pubDate>
      <item><title>Deuxi\xe8me</title><link>http://www.gazette.example/eco/2</link>"""
    found = parse_feed(rss, HOME + "/feed/", "application/rss+xml; charset=utf-8")
    assert [c.title for c in found.candidates] == ["Café & béton", "Deuxième"]
    assert found.candidates[0].published == date(2025, 11, 20)
    with pytest.raises(UnreadableDocument):
        parse_feed(b"<html><body>Erreur</body></html>", HOME)
    with pytest.raises(UnreadableDocument):
        parse_feed(b'{"version": "https://jsonfeed.org/version/1", "items": 3}', HOME)


def test_sitemaps_plain_news_index_text_and_gzip():
    news = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
      xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>{HOME}/eco/1</loc>
      <lastmod>2025-11-20</lastmod><image:image><image:loc>{HOME}/photo.jpg</image:loc><image:title>Photo</image:title>
      </image:image><news:news><news:publication><news:name>La Gazette</news:name></news:publication>
      <news:publication_date>2025-11-20T08:00:00+01:00</news:publication_date>
      <news:title>Une usine &amp;eacute;lectrique</news:title></news:news></url></urlset>"""
    (one,) = parse_sitemap(gzip.compress(news.encode()), HOME + "/news.xml.gz").candidates
    assert (one.url, one.title) == (HOME + "/eco/1", "Une usine électrique")
    assert parse_date(one.published_raw).isoformat() == "2025-11-20T08:00:00+01:00"
    index = f"<sitemapindex><sitemap><loc>{HOME}/a.xml</loc><lastmod>2025-11-20</lastmod></sitemap></sitemapindex>"
    found = parse_sitemap(index.encode(), HOME + "/sitemap.xml")
    assert found.children == [("sitemap", HOME + "/a.xml", date(2025, 11, 20))]
    found = parse_sitemap(f"{HOME}/eco/1\n{HOME}/eco/1\nrien\n".encode(), HOME + "/sitemap.txt")
    assert [c.url for c in found.candidates] == [HOME + "/eco/1", HOME + "/rien"]
    broken = f"<urlset><url><loc>{HOME}/eco/1</loc></url><url><loc>{HOME}/eco/2</loc>"
    assert len(parse_sitemap(broken.encode(), HOME).candidates) >= 1
    with pytest.raises(UnreadableDocument):
        parse_sitemap(b"", HOME)
    for damaged in (b"\x1f\x8b" + b"\0" * 30, gzip.compress(news.encode() * 9)[:200]):
        with pytest.raises(UnreadableDocument) as caught:
            inflate(damaged)
        assert caught.value.kind == "decompression-failed"


PAGE = """<html><body><header><a href="/abonnement">Abonnez-vous dès maintenant à votre journal préféré</a></header>
<main>
 <article><a href="/eco/une-usine-ouvre-a-lens-123.html"><h2>Une usine ouvre ses portes à Lens</h2></a>
   <a href="/eco/une-usine-ouvre-a-lens-123.html"><img src="x.jpg"></a><time datetime="2025-11-20">hier</time></article>
 <article><h2><a href="/eco/un-entrepot-ferme-a-arras-124.html">Un entrepôt ferme ses portes à Arras</a></h2>
   <span>Publié le 18 novembre 2025</span></article>
 <div><a href="/rubrique/industrie">Toutes les actualités de la rubrique industrie</a>
   <a href="/mentions-legales">Les mentions légales de notre site internet</a>
   <a href="https://www.autre.example/eco/une-autre-usine-a-lille-9.html">Une autre usine à Lille chez un confrère</a>
   <a href="/tag/usine-de-lens-2025">Tous les articles sur l'usine de Lens en 2025</a></div>
</main><nav><a href="/eco/?page=1">1</a><a href="/eco/?page=2">2</a><a href="/eco/?page=2">Page suivante</a></nav>
<aside><a href="/eco/les-plus-lus-de-la-semaine-1.html">Les plus lus de la semaine dans votre journal</a></aside>
</body></html>"""


def test_a_listing_finds_articles_dates_and_the_next_page():
    found = parse_listing(fromstring(PAGE), HOME + "/eco/", LISTING)
    assert [(c.title, c.published) for c in found.candidates] == [
        ("Une usine ouvre ses portes à Lens", date(2025, 11, 20)),
        ("Un entrepôt ferme ses portes à Arras", date(2025, 11, 18)),
    ]
    assert found.next_url == HOME + "/eco/?page=2"
    chosen = Endpoint(type="listing", url=HOME + "/eco/", links="article h2 a", next="nav a:last-child")
    found = parse_listing(fromstring(PAGE), HOME + "/eco/", chosen)
    assert [c.url[-8:] for c in found.candidates] == ["124.html"]
    assert found.next_url == HOME + "/eco/?page=2"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("<a href='/eco/page/3/'>Suivant ›</a>", "/eco/page/3/"),
        ("<a href='/eco/page/3/'>»</a>", "/eco/page/3/"),
        ("<a href='/eco/page/3/'>3</a><a href='/eco/page/4/'>4</a>", "/eco/page/3/"),
        ("<a href='/eco/page/3/'>Articles plus anciens</a>", "/eco/page/3/"),
        ("<a href='/eco/page/3/' rel='next'>x</a>", "/eco/page/3/"),
        ("<a href='#'>Voir plus</a>", None),
        ("<a href='/eco/page/1/'>Précédent</a>", None),
        ("<a href='https://autre.example/2'>Suivant</a>", None),
    ],
)
def test_next_pages(label, expected):
    page = fromstring(f"<html><body><main>{label}</main></body></html>")
    found = parse_listing(page, HOME + "/eco/page/2/", LISTING)
    assert found.next_url == (HOME + expected if expected else None)


def test_a_newsroom_gives_its_pdf_releases():
    page = """<html><body><ul><li><h3>Ouverture d'un centre logistique à Dourges</h3><p>12/11/2025</p>
      <a href="/docs/cp-dourges.pdf">Télécharger</a></li></ul></body></html>"""
    newsroom = Endpoint(type="newsroom", url=HOME + "/presse/")
    (one,) = parse_listing(fromstring(page), HOME + "/presse/", newsroom).candidates
    assert (one.url, one.title) == (HOME + "/docs/cp-dourges.pdf", "Ouverture d'un centre logistique à Dourges")
    assert one.published == date(2025, 11, 12)
    assert parse_listing(fromstring(page), HOME + "/presse/", LISTING).candidates == []


def test_alternates_without_comment_feeds():
    head = """<html><head><link rel="alternate" type="application/rss+xml" title="Flux" href="/feed/">
      <link rel="alternate" type="application/rss+xml" title="Flux des commentaires" href="/comments/feed/">
      <link rel="alternate" type="application/rss+xml" href="https://ailleurs.example/feed/">
      <link rel="alternate" hreflang="en" href="/en/"><link rel="sitemap" href="/sitemap.xml"></head></html>"""
    found = find_alternates(fromstring(head), HOME + "/")
    assert found == [("feed", HOME + "/feed/", "Flux"), ("sitemap", HOME + "/sitemap.xml", "")]


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1er décembre 2025", date(2025, 12, 1)),
        ("Publié le 3 févr. 2025 à 10h", date(2025, 2, 3)),
        ("05/01/2026", date(2026, 1, 5)),
        ("5.1.26", date(2026, 1, 5)),
        ("2025-02-30", None),
        ("31/02/2025", None),
        ("hier", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_as_french_pages_write_them(raw, day):
    assert parse_date(raw) == day


def test_a_document_is_what_its_bytes_say():
    assert sniff(b"\xef\xbb\xbf\n<?xml version='1.0'?><!-- x --><rdf:RDF xmlns:rdf='x'>") == "feed"
    assert sniff(b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><urlset>") == "sitemap"
    assert sniff(b"<!DOCTYPE html><html>") == "html"
    assert sniff(b"%PDF-1.4") == "pdf"
    assert sniff(b"") == "unknown"


def test_entities_hidden_in_another_encoding_are_refused_and_utf16_is_read():
    bomb = (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rss><channel><item/></channel></rss>'
    )
    for codec in ("utf-16", "utf-32"):
        with pytest.raises(UnreadableDocument) as caught:
            parse_feed(bomb.encode(codec), HOME)
        assert caught.value.kind == "xml-entities"
    plain = f"""<?xml version="1.0" encoding="utf-16"?><rss version="2.0"><channel><item><title>Usine à Béthune</title>
      <link>{HOME}/1</link></item></channel></rss>"""
    assert parse_feed(plain.encode("utf-16"), HOME).candidates[0].title == "Usine à Béthune"


def test_a_feed_without_end_is_not_parsed():
    with pytest.raises(UnreadableDocument) as caught:
        parse_feed(b"<rss version='2.0'><channel><item><title>" + b"a " * (9 << 20), HOME)
    assert caught.value.kind == "too-large"


def test_a_page_of_thousands_of_links_is_no_listing():
    links = "".join(
        f"<a href='/eco/une-usine-de-plus-{n}.html'>Une usine de plus ouvre à Lens {n}</a>" for n in range(900)
    )
    found = parse_listing(fromstring(f"<html><body><main>{links}</main></body></html>"), HOME + "/eco/", LISTING)
    assert len(found.candidates) == 500
    assert kinds(found) == ["listing-too-long"]
