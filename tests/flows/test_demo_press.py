"""The demo press as a site: what each title shows on each of the three days, and how it answers."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pdfplumber
import pytest
from lxml import etree

from crawlers.registry import load_registry
from flows.alerts import load_alerts
from flows.demo.press import DAYS, PRESS, ContentError, DemoPress

SITEMAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
HOSTS = {
    "beffroi": "www.beffroi-economique.example",
    "goeland": "www.goeland-affaires.example",
    "autan": "www.gazette-autan.example",
    "mirabelle": "www.mirabelle-eco.example",
    "gaves": "www.courrier-gaves.example",
    "apt": "www.agence-apt.example",
}


@pytest.fixture(scope="module")
def press() -> Iterator[DemoPress]:
    with DemoPress(DAYS[0]).serve() as serving:
        yield serving


def get(press: DemoPress, url: str, **headers: str) -> HTTPResponse:
    """One request through the press as a proxy; an error status is an answer too."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": press.url}))
    request = urllib.request.Request(url, headers={key.replace("_", "-"): value for key, value in headers.items()})
    try:
        return opener.open(request, timeout=10)
    except urllib.error.HTTPError as error:
        return error  # type: ignore[return-value]


def expected(press: DemoPress, ident: str, number: int, *, releases: bool | None = None) -> set[str]:
    title = press.titles[HOSTS[ident]]
    return {
        title.home.rstrip("/") + article.path
        for article in title.articles(number)
        if releases is None or (article.section == "Communiqués") is releases
    }


def without_query(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    ("ident", "path", "version"),
    [
        ("beffroi", "/rss.xml", "rss20"),
        ("goeland", "/atom.xml", "atom10"),
        ("autan", "/flux/actu.rss", "rss20"),
        ("apt", "/rss/depeches.xml", "rss20"),
    ],
)
def test_feeds_list_what_is_out(press: DemoPress, number: int, ident: str, path: str, version: str) -> None:
    press.set_day(DAYS[number - 1])
    response = get(press, f"http://{HOSTS[ident]}{path}")
    feed = feedparser.parse(
        response.read(),
        response_headers={"content-type": response.headers["Content-Type"]},
    )
    assert not feed.bozo
    assert feed.version == version
    assert {without_query(entry.link) for entry in feed.entries} == expected(press, ident, number, releases=False)
    titles = {article.title for article in press.titles[HOSTS[ident]].articles(number)}
    assert {entry.title for entry in feed.entries} <= titles
    assert all(entry.published_parsed[:3] <= DAYS[number - 1].timetuple()[:3] for entry in feed.entries)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_sitemap_lists_what_is_out(press: DemoPress, number: int) -> None:
    press.set_day(DAYS[number - 1])
    index = etree.fromstring(get(press, f"http://{HOSTS['mirabelle']}/sitemap-index.xml").read())
    news = next(loc for loc in index.xpath("//s:loc/text()", namespaces=SITEMAP) if "news" in loc)
    tree = etree.fromstring(get(press, news).read())
    assert set(tree.xpath("//s:url/s:loc/text()", namespaces=SITEMAP)) == expected(press, "mirabelle", number)
    assert len(tree.xpath("//n:publication_date", namespaces=SITEMAP)) == len(expected(press, "mirabelle", number))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_listing_pages_list_what_is_out(press: DemoPress, number: int) -> None:
    press.set_day(DAYS[number - 1])
    found: list[str] = []
    url: str | None = f"http://{HOSTS['gaves']}/economie"
    while url is not None:
        tree = etree.HTML(get(press, url).read().decode())
        found += tree.xpath("//div[contains(@class, 'liste-item')]//h2/a/@href")
        following = tree.xpath("//a[@rel='next']/@href")
        url = f"http://{HOSTS['gaves']}{following[0]}" if following else None
    assert len(found) == len(set(found))
    assert {f"http://{HOSTS['gaves']}{path}" for path in found} == expected(press, "gaves", number)
    assert get(press, f"http://{HOSTS['gaves']}/economie?page=99").status == 404


def test_newsroom_lists_pdf_releases(press: DemoPress) -> None:
    press.set_day(DAYS[2])
    tree = etree.HTML(get(press, f"http://{HOSTS['apt']}/communiques").read().decode())
    links = {f"http://{HOSTS['apt']}{path}" for path in tree.xpath("//td/a/@href")}
    assert links == expected(press, "apt", 3, releases=True)
    for link in links:
        response = get(press, link)
        data = response.read()
        assert response.headers["Content-Type"] == "application/pdf"
        assert len(data) < 50_000
        article = next(a for a in press.titles[HOSTS["apt"]].articles(3) if link.endswith(a.path))
        with pdfplumber.open(io.BytesIO(data)) as document:
            assert document.metadata["Title"] == article.title
            assert document.metadata["CreationDate"].startswith(f"D:{article.published:%Y%m%d}")
            text = " ".join(" ".join(page.extract_text().split()) for page in document.pages)
        first = next(part.text for part in article.body if part.kind == "paragraph")
        assert " ".join(first.split()) in text


@pytest.mark.parametrize(
    ("ident", "path"),
    [
        ("beffroi", "/rss.xml"),
        ("autan", "/flux/actu.rss"),
        ("mirabelle", "/sitemap-news.xml"),
        ("mirabelle", "/logistique/gondreville-trameo"),
        ("apt", "/communiques/2025-06-03-maison-treilhac.pdf"),
    ],
)
def test_unchanged_things_answer_304(press: DemoPress, ident: str, path: str) -> None:
    press.set_day(DAYS[0])
    url = f"http://{HOSTS[ident]}{path}"
    first = get(press, url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    by_tag = get(press, url, If_None_Match=etag)
    assert (by_tag.status, by_tag.read(), by_tag.headers["ETag"]) == (304, b"", etag)
    assert get(press, url, If_Modified_Since=modified).status == 304
    assert get(press, url, If_Modified_Since="Mon, 01 Jan 2024 00:00:00 GMT").status == 200
    assert get(press, url, If_Modified_Since="hier").status == 200
    # The tag outranks the date.
    assert get(press, url, If_None_Match='"other"', If_Modified_Since=modified).status == 200
    assert [request.conditional for request in press.requests[-2:]] == [True, True]


def test_a_new_day_changes_the_feed(press: DemoPress) -> None:
    press.set_day(DAYS[0])
    etag = get(press, f"http://{HOSTS['beffroi']}/rss.xml").headers["ETag"]
    press.set_day(DAYS[1])
    assert get(press, f"http://{HOSTS['beffroi']}/rss.xml", If_None_Match=etag).status == 200


def test_nothing_is_out_before_the_first_day() -> None:
    with DemoPress(DAYS[0].replace(year=2024)).serve() as press:
        feed = feedparser.parse(get(press, f"http://{HOSTS['goeland']}/atom.xml").read())
        assert (feed.bozo, feed.entries) == (False, [])
        assert get(press, f"http://{HOSTS['goeland']}/investissement/cinq-chantiers-2025").status == 404


def test_an_article_comes_out_on_its_day_and_is_corrected_later(
    press: DemoPress,
) -> None:
    url = f"http://{HOSTS['mirabelle']}/industrie/emailleries-vauthier-fermeture"
    late = f"http://{HOSTS['beffroi']}/industrie/kestrava-achat-terrain"
    press.set_day(DAYS[0])
    assert get(press, url).status == 404
    press.set_day(DAYS[1])
    before = get(press, url)
    assert "Rectificatif" not in before.read().decode()
    assert get(press, late).status == 404
    press.set_day(DAYS[2])
    after = get(press, url, If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert "[Rectificatif, 18 décembre]" in after.read().decode()
    assert after.headers["Last-Modified"] == "Thu, 18 Dec 2025 16:20:00 GMT"
    assert get(press, late).status == 200


def test_windows_1252_title_says_and_means_it(press: DemoPress) -> None:
    press.set_day(DAYS[2])
    for path in (
        "/",
        "/flux/actu.rss",
        "/entreprises/mecanique-garonne-pyrenees-redressement.html",
    ):
        response = get(press, f"http://{HOSTS['autan']}{path}")
        data = response.read()
        assert response.headers.get_content_charset() == "windows-1252"
        with pytest.raises(UnicodeDecodeError):
            data.decode("utf-8")
        assert "’" in data.decode("windows-1252")


def test_robots_and_tdm_marks(press: DemoPress) -> None:
    robots = {ident: get(press, f"http://{host}/robots.txt").read().decode() for ident, host in HOSTS.items()}
    assert "Crawl-delay: 1" in robots["beffroi"]
    assert "Disallow: /abonnes/" in robots["beffroi"]
    assert f"Sitemap: http://{HOSTS['mirabelle']}/sitemap-index.xml" in robots["mirabelle"]
    marks = {ident: get(press, f"http://{host}/.well-known/tdmrep.json") for ident, host in HOSTS.items()}
    assert {ident: answer.status for ident, answer in marks.items()} == {i: 200 if i == "autan" else 404 for i in HOSTS}
    [mark] = json.loads(marks["autan"].read())
    assert (mark["location"], mark["tdm-reservation"]) == ("/opinions/*", 1)


def test_answers_plain_requests_by_host_and_refuses_strangers(press: DemoPress) -> None:
    direct = urllib.request.Request(f"{press.url}/robots.txt", headers={"Host": HOSTS["gaves"]})
    with urllib.request.urlopen(direct, timeout=10) as response:
        assert b"Disallow: /compte/" in response.read()
    assert get(press, "http://www.ailleurs.example/").status == 502
    head = urllib.request.Request(f"{press.url}/rss.xml", headers={"Host": HOSTS["beffroi"]}, method="HEAD")
    with urllib.request.urlopen(head, timeout=10) as response:
        assert (response.read(), int(response.headers["Content-Length"]) > 500) == (
            b"",
            True,
        )
    assert [(r.method, r.host, r.status) for r in press.requests[-3:]] == [
        ("GET", HOSTS["gaves"], 200),
        ("GET", "www.ailleurs.example", 502),
        ("HEAD", HOSTS["beffroi"], 200),
    ]


def test_the_press_is_as_large_as_promised() -> None:
    press = DemoPress(DAYS[2])
    counts = [sum(len(title.articles(number)) for title in press.titles.values()) for number in (1, 2, 3)]
    assert len(press.titles) == 6
    assert counts[2] >= 40
    assert counts[0] < counts[1] < counts[2]
    paths = [f"{host}{a.path}" for host, title in press.titles.items() for a in title.articles(3)]
    assert len(paths) == len(set(paths))


def test_every_title_has_a_registry_entry_and_alerts_can_be_read() -> None:
    registry = load_registry(PRESS.parent / "sources")
    assert {source.id: urlsplit(source.home).hostname for source in registry.values()} == HOSTS
    assert all(source.rights.terms.result == "accepted" for source in registry.values())
    assert len(load_alerts(PRESS.parent / "alerts.yml").subscribers) == 3


def test_a_bad_content_file_names_file_and_key(tmp_path: Path) -> None:
    folder = tmp_path / "beffroi"
    (folder / "articles").mkdir(parents=True)
    (folder / "title.yml").write_text((PRESS / "beffroi" / "title.yml").read_text(encoding="utf-8"), encoding="utf-8")
    source = (PRESS / "beffroi" / "articles" / "kestrava-magnea.yml").read_text(encoding="utf-8")
    (folder / "articles" / "faux.yml").write_text(source.replace("from_day: 1", "from_day: 9"), encoding="utf-8")
    with pytest.raises(ContentError, match=r"faux\.yml: from_day: "):
        DemoPress(DAYS[0], tmp_path)
