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
