"""The crawl of one source from announcement to article, again and again."""

from __future__ import annotations

TEXT = "La société ouvre une usine à Lens et recrute quarante personnes d'ici la fin de l'année prochaine."


def three(press):
    for number in (1, 2, 3):
        press.article(f"/eco/article-{number}", f"Une usine numéro {number} à Lens", TEXT, f"Deuxième alinéa {number}.")
    press.feed(*({"path": f"/eco/article-{n}", "title": f"Une usine numéro {n} à Lens"} for n in (1, 2, 3)))


def test_first_crawl_second_crawl_and_one_correction(press, desk):
    three(press)
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    report = desk.crawl("gazette")
    assert report["counts"]["articles_new"] == 3
    assert report["issues"] == []
    first = desk.articles("gazette")
    assert len(first) == 3
    assert {line["article"]["rights"]["basis"] for line in first} == {"accepted"}

    press.forget()
    again = desk.crawl("gazette")
    assert again["counts"].get("articles_new", 0) == 0
    assert [path for _, path, _ in press.asked if path.startswith("/eco/")] == []
    assert [status for path, status in press.answered if path == "/feed.xml"] == [304]
    assert desk.articles("gazette") == first

    press.article("/eco/article-2", "Une usine numéro 2 à Lens", TEXT, "Rectifié : trente personnes.")
    report = desk.crawl("gazette", "2025-11-21")
    assert report["counts"]["articles_changed"] == 1
    changed = desk.articles("gazette", "2025-11-21")
    assert [line["article"]["url"] for line in changed] == [press.url + "/eco/article-2"]
    assert changed[0]["id"] in {line["id"] for line in first}


def test_a_kill_in_the_middle_is_finished_without_fetching_twice(press, desk):
    import os
    import signal
    import subprocess
    import sys
    import time

    for number in range(30):
        press.article(f"/eco/article-{number}", f"Une usine numéro {number} à Lens", TEXT)
    press.feed(*({"path": f"/eco/article-{n}", "title": f"Une usine numéro {n} à Lens"} for n in range(30)))
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    command = [sys.executable, "-m", "crawlers.run", "--source", "gazette", "--registry", str(desk.registry)]
    command += ["--day", "2025-11-20", "--data", str(desk.data), "--allow-private", "--no-delay"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while sum(p.startswith("/eco/") for _, p, _ in press.asked) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = [path for path, status in press.answered if path.startswith("/eco/") and status == 200]
    assert 8 <= len(before) < 30

    press.forget()
    report = desk.crawl("gazette")
    assert len(desk.articles("gazette")) == 30
    assert report["counts"]["resumed"] >= 30 - len(before)
    # At most the page in flight when the kill came is asked for again.
    again = {p for _, p, _ in press.asked if p.startswith("/eco/")} & set(before)
    assert len(again) <= 2
    # The archive is whole: every article's record can be read.
    from crawlers.archive import read_record
    from crawlers.items import ArticleLine

    for line in desk.articles("gazette"):
        article = ArticleLine.model_validate(line).article
        assert article.archive is not None
        page = read_record(desk.data / "archive", article.archive)
        assert article.title.encode() in page.body


def test_same_day_correction_keeps_both_versions(press, desk):
    three(press)
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette")
    press.article("/eco/article-1", "Une usine numéro 1 à Lens", TEXT, "Rectifié.")
    press.feed(
        {"path": "/eco/article-1", "title": "Une usine numéro 1 à Lens", "summary": "Mis à jour"},
        *({"path": f"/eco/article-{n}", "title": f"Une usine numéro {n} à Lens"} for n in (2, 3)),
    )
    press.forget()
    report = desk.crawl("gazette")
    assert report["counts"]["articles_changed"] == 1
    assert [p for _, p, _ in press.asked if p.startswith("/eco/")] == ["/eco/article-1"]
    lines = desk.articles("gazette")
    assert len(lines) == 4
    assert len({line["article"]["url"] for line in lines}) == 3


def test_unconfirmed_terms_give_title_link_date_and_summary_only(press, desk):
    three(press)
    press.feed({"path": "/eco/article-1", "title": "Une usine à Lens", "summary": "Quarante emplois annoncés."})
    desk.source("gazette", press.url, accepted=False, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette")
    (line,) = desk.articles("gazette")
    article = line["article"]
    assert article["title"] == "Une usine à Lens"
    assert article["standfirst"] == "Quarante emplois annoncés."
    assert article.get("body", []) == []
    assert article["rights"]["basis"] == "unconfirmed"
    assert press.requests("/eco/article-1") == 0
    assert not (desk.data / "archive").exists()

    # Once somebody has read the terms, the same announcement is read in full, though the feed did not change.
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette", "2025-11-21")
    (line,) = desk.articles("gazette", "2025-11-21")
    assert TEXT in [block["text"] for block in line["article"]["body"]]
    assert line["id"] == article_ident(article["url"])


def article_ident(url):
    from crawlers.items import article_id
    from crawlers.urls import canonical_url

    return article_id(canonical_url(url), url)


def test_reading_the_archive_again_needs_no_network(press, desk):
    three(press)
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette")
    before = desk.articles("gazette")
    (desk.data / "articles" / "2025-11-20" / "gazette.jsonl").unlink()
    press.forget()
    report = desk.crawl("gazette", "2025-11-20", "--from-archive")
    assert press.asked == []
    assert report["reread"]["counts"]["pages"] == 3
    assert sorted(desk.articles("gazette"), key=lambda a: a["id"]) == sorted(before, key=lambda a: a["id"])


def test_amp_variant_is_the_same_article(press, desk):
    canonical = f"<link rel='canonical' href='{press.url}/eco/article-1'>"
    press.article("/eco/article-1", "Une usine numéro 1 à Lens", TEXT, head=canonical)
    press.article("/amp/article-1", "Une usine numéro 1 à Lens", TEXT, head=canonical)
    press.feed({"path": "/eco/article-1", "title": "Une usine"}, path="/feed.xml")
    press.feed({"path": "/amp/article-1", "title": "Une usine"}, path="/amp.xml")
    feeds = [{"type": "feed", "url": press.url + path} for path in ("/feed.xml", "/amp.xml")]
    desk.source("gazette", press.url, discovery=feeds)
    desk.crawl("gazette")
    assert [line["article"]["url"] for line in desk.articles("gazette")] == [press.url + "/eco/article-1"]


def test_proxy_gets_every_request_and_urls_stay_stable(press, desk):
    base = "http://www.gazette.example"
    press.article("/eco/article-1", "Une usine numéro 1 à Lens", TEXT)
    press.feed({"path": "/eco/article-1", "title": "Une usine"})
    status, headers, body = press.pages["/feed.xml"]
    press.pages["/feed.xml"] = (status, headers, body.replace(press.url.encode(), base.encode()))
    desk.source("gazette", base, discovery=[{"type": "feed", "url": base + "/feed.xml"}])
    desk.crawl("gazette", "2025-11-20", "--proxy", press.url, "--no-delay", private=False)
    assert [line["article"]["url"] for line in desk.articles("gazette")] == [base + "/eco/article-1"]
    hosts = {(host, path) for host, path, _ in press.asked}
    assert ("www.gazette.example", "/robots.txt") in hosts
    assert {host for host, _ in hosts} == {"www.gazette.example"}


def test_no_delay_is_refused_on_the_open_web(desk):
    from crawlers.run import EXIT_BAD_CALL, main

    desk.source("gazette", "https://www.gazette.example")
    call = ["--source", "gazette", "--registry", str(desk.registry), "--day", "2025-11-20", "--data", str(desk.data)]
    assert main([*call, "--no-delay"]) == EXIT_BAD_CALL


def listing(press, path, numbers, following=None, day="2025-11-20"):
    rows = "".join(
        f"<li><h2><a href='/eco/une-usine-de-plus-ouvre-{n}.html'>Une usine de plus ouvre à Lens, la {n}e</a></h2>"
        f"<time datetime='{day}'></time></li>"
        for n in numbers
    )
    more = f"<a href='{following}'>Suivant</a>" if following else ""
    html = f"<!doctype html><html><head><title>La Gazette | Éco</title></head><body><ul>{rows}</ul>{more}</body></html>"
    press.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())
    for n in numbers:
        press.article(f"/eco/une-usine-de-plus-ouvre-{n}.html", f"Une usine de plus ouvre à Lens, la {n}e", TEXT)


def test_a_listing_is_followed_back_to_the_days_looked_back_and_no_further(press, desk):
    listing(press, "/eco/", (1, 2), "/eco/?page=2", "2025-11-20")
    listing(press, "/eco/?page=2", (3, 4), "/eco/?page=3", "2025-11-18")
    listing(press, "/eco/?page=3", (5, 6), "/eco/?page=4", "2025-10-01")
    listing(press, "/eco/?page=4", (7, 8), None, "2025-09-01")
    desk.source("gazette", press.url, discovery=[{"type": "listing", "url": press.url + "/eco/"}])
    report = desk.crawl("gazette")
    numbers = sorted(line["article"]["url"].rsplit("-", 1)[-1] for line in desk.articles("gazette"))
    assert numbers == ["1.html", "2.html", "3.html", "4.html"]
    assert press.requests("/eco/?page=4") == 0
    assert report["issues"] == []
    # On the next day one new article stands on the first page: the second is not asked for once nothing is new there.
    listing(press, "/eco/", (9, 1), "/eco/?page=2", "2025-11-21")
    press.forget()
    desk.crawl("gazette", "2025-11-20")
    assert [line["article"]["url"][-6:] for line in desk.articles("gazette")][-1] == "9.html"
    assert press.requests("/eco/?page=3") == 0


def test_discovery_auto_by_alternate_link(press, desk):
    three(press)
    home = f"<html><head><link rel='alternate' type='application/rss+xml' href='{press.url}/feed.xml'></head></html>"
    press.pages["/"] = (200, {"Content-Type": "text/html"}, home.encode())
    desk.source("gazette", press.url + "/", discovery="auto")
    desk.crawl("gazette")
    assert len(desk.articles("gazette")) == 3
    press.forget()
    desk.crawl("gazette")
    assert [path for _, path, _ in press.asked] == ["/robots.txt", "/feed.xml"]


def test_discovery_auto_by_robots_usual_paths_and_at_last_the_home_page(press, desk, new_press, serving):
    press.article("/eco/une-usine-ouvre-1", "Une usine ouvre à Lens", TEXT)
    press.pages["/"] = (200, {"Content-Type": "text/html"}, b"<html><body>Accueil</body></html>")
    press.pages["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow:\nSitemap: {press.url}/plan.xml\n".encode())
    sitemap = f"<urlset><url><loc>{press.url}/eco/une-usine-ouvre-1</loc><lastmod>2025-11-20</lastmod></url></urlset>"
    press.pages["/plan.xml"] = (200, {"Content-Type": "application/xml"}, sitemap.encode())
    desk.source("by-robots", press.url + "/", discovery="auto")
    desk.crawl("by-robots")
    assert len(desk.articles("by-robots")) == 1

    with serving(new_press()) as usual:
        three(usual)
        usual.pages["/"] = (200, {"Content-Type": "text/html"}, b"<html><body>Accueil</body></html>")
        usual.pages["/spip.php?page=backend"] = usual.pages.pop("/feed.xml")
        desk.source("by-path", usual.url + "/", discovery="auto")
        desk.crawl("by-path")
        assert len(desk.articles("by-path")) == 3

    with serving(new_press()) as plain:
        listing(plain, "/", (1, 2, 3))
        desk.source("by-home", plain.url + "/", discovery="auto")
        desk.crawl("by-home")
        assert len(desk.articles("by-home")) == 3
        assert ("discovery", "nothing-announced") in desk.kinds("by-home")


def test_a_newsroom_with_a_release_in_pdf(press, desk):
    page = (
        "<html><body><ul><li><h3>Ouverture d'un centre logistique à Dourges</h3><p>12/11/2025</p>"
        "<a href='/docs/cp-dourges.pdf'>Télécharger</a></li></ul></body></html>"
    )
    press.pages["/presse/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
    press.pages["/docs/cp-dourges.pdf"] = (200, {"Content-Type": "application/pdf"}, a_pdf())
    endpoint = {"type": "newsroom", "url": press.url + "/presse/", "lookback_days": 30}
    desk.source("logistique", press.url, kind="company", discovery=[endpoint])
    desk.crawl("logistique")
    (line,) = desk.articles("logistique")
    article = line["article"]
    assert article["url"].endswith("/docs/cp-dourges.pdf")
    assert "cent vingt emplois" in " ".join(block["text"] for block in article["body"])
    assert article["published"] == "2025-11-12"


def a_pdf():
    """A release of one page, written by hand: the smallest PDF that holds text."""
    lines = [
        "Communique de presse",
        "Ouverture d'un centre logistique a Dourges",
        "Le groupe ouvre a Dourges un centre logistique de 20 000 metres carres et y cree cent vingt emplois.",
        "Les travaux commencent en janvier prochain et durent quatorze mois, annonce la direction du groupe.",
    ]
    text = "BT /F1 11 Tf 50 760 Td 16 TL " + " ".join(
        f"({line.replace('(', '').replace(')', '')}) Tj T*" for line in lines
    )
    stream = (text + " ET").encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 700 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def test_check_and_draft_say_what_they_find(press, desk):
    from datetime import date

    from crawlers.context import Options
    from crawlers.registry import load_registry
    from crawlers.sources_admin import check, draft

    three(press)
    home = (
        f"<html><head><title>La Gazette de Lens | Actualité</title><meta name='tdm-reservation' content='1'>"
        f"<link rel='alternate' type='application/rss+xml' href='{press.url}/feed.xml'></head></html>"
    )
    press.pages["/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, home.encode())
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.source("absent", press.url, discovery=[{"type": "feed", "url": press.url + "/nothing.xml"}])
    options = Options(allow_private=True, no_delay=True)
    absent, gazette = check(load_registry(desk.registry), day=date(2025, 11, 20), options=options)
    assert gazette.ok
    assert [(e.kind, e.entries, e.newest) for e in gazette.endpoints] == [("feed", 3, date(2025, 11, 20))]
    assert [mark.where for mark in gazette.marks] == ["tdm-meta"]
    assert "3 entrées" in gazette.words
    assert not absent.ok
    assert {issue["kind"] for issue in absent.issues} == {"http-404"}
    assert [path for _, path, _ in press.asked if path.startswith("/eco/")] == []

    text = draft(press.url + "/", day=date(2025, 11, 20), options=options)
    (desk.registry / "127-0-0-1.yml").write_text(text, encoding="utf-8")
    entry = load_registry(desk.registry)["127-0-0-1"]
    assert entry.name == "La Gazette de Lens"
    assert [(e.type, e.url) for e in entry.discovery] == [("feed", press.url + "/feed.xml")]
    assert entry.rights.terms.result == "unread"
    assert entry.rights.tdm[0].reserves


def test_a_sitemap_of_all_sorts_of_pages_gives_its_articles(press, desk):
    press.article("/eco/une-usine-ouvre-a-lens", "Une usine ouvre à Lens", TEXT)
    plain = "<html><head><title>Nos métiers</title></head><body><h1>Nos métiers</h1><p>{}</p><p>{}</p></body></html>"
    press.pages["/nos-metiers"] = (200, {"Content-Type": "text/html"}, plain.format(TEXT, TEXT[::-1]).encode())
    paths = ("/", "/contact", "/tag/lens", "/photo.jpg", "/nos-metiers", "/eco/une-usine-ouvre-a-lens")
    urls = "".join(f"<url><loc>{press.url}{path}</loc></url>" for path in paths)
    press.pages["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, f"<urlset>{urls}</urlset>".encode())
    desk.source("gazette", press.url, discovery=[{"type": "sitemap", "url": press.url + "/sitemap.xml"}])
    report = desk.crawl("gazette")
    assert [line["article"]["title"] for line in desk.articles("gazette")] == ["Une usine ouvre à Lens"]
    assert report["counts"]["announced_skipped"] == 4
    assert {(issue["kind"], issue["url"]) for issue in report["issues"]} == {
        ("not-an-article", press.url + "/nos-metiers")
    }
    press.forget()
    desk.crawl("gazette", "2025-11-20")
    assert press.requests("/nos-metiers") == 0


def test_each_source_is_due_at_its_own_rhythm(press, desk):
    from datetime import UTC, datetime, timedelta

    from crawlers.registry import load_registry
    from crawlers.sources_admin import due

    three(press)
    feed = [{"type": "feed", "url": press.url + "/feed.xml"}]
    desk.source("hebdo", press.url, discovery=feed, cadence="weekly")
    desk.source("fil", press.url, discovery=feed, cadence="hourly")
    desk.source("nouveau", press.url, discovery=feed)
    desk.crawl("hebdo")
    desk.crawl("fil")
    registry = load_registry(desk.registry)
    now = datetime.now(UTC)
    assert due(registry, desk.data, now) == ["nouveau"]
    assert due(registry, desk.data, now + timedelta(hours=2)) == ["nouveau", "fil"]
    assert due(registry, desk.data, now + timedelta(hours=25)) == ["nouveau", "fil", "hebdo"]


def test_a_page_class_that_does_not_exist_names_file_and_key(desk, capfd):
    from crawlers.run import EXIT_BAD_CALL, main

    desk.source("gazette", "https://www.gazette.example", page_class="nulle-part")
    call = ["--source", "gazette", "--registry", str(desk.registry), "--day", "2025-11-20", "--data", str(desk.data)]
    assert main(call) == EXIT_BAD_CALL
    assert f"{desk.registry / 'gazette.yml'}: page_class: no page class 'nulle-part'" in capfd.readouterr().err


def test_an_unchanged_press_is_left_in_peace_on_the_next_day_too(press, desk):
    three(press)
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette", "2025-11-20")
    press.forget()
    desk.crawl("gazette", "2025-11-21")
    assert [path for _, path, _ in press.asked] == ["/robots.txt", "/feed.xml"]
    # A correction that nobody announces is found at the crawl after that, and counts once.
    press.article("/eco/article-2", "Une usine numéro 2 à Lens", TEXT, "Rectifié : trente personnes seulement.")
    press.forget()
    assert desk.crawl("gazette", "2025-11-22")["counts"]["articles_changed"] == 1
    pages = sorted(answer for answer in press.answered if answer[0].startswith("/eco/"))
    assert pages == [("/eco/article-1", 304), ("/eco/article-2", 200), ("/eco/article-3", 304)]
    assert desk.crawl("gazette", "2025-11-22")["counts"].get("articles_changed", 0) == 0


def test_news_in_the_feed_is_reason_enough_to_look_again(press, desk):
    three(press)
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette", "2025-11-20")
    press.article("/eco/article-1", "Une usine numéro 1 à Lens", TEXT, "Rectifié : trente personnes seulement.")
    press.article("/eco/article-4", "Une usine numéro 4 à Lens", TEXT)
    press.feed(*({"path": f"/eco/article-{n}", "title": f"Une usine numéro {n} à Lens"} for n in (4, 3, 2, 1)))
    counts = desk.crawl("gazette", "2025-11-21")["counts"]
    assert (counts["articles_new"], counts["articles_changed"]) == (1, 1)
