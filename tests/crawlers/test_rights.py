"""What sites and publishers say may be done is read, kept and obeyed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from crawlers import retention, sources_admin
from crawlers.middlewares import retry_after
from crawlers.registry import RegistryError, load_registry
from crawlers.rights import page_marks, parse_tdmrep, rule_for

TEXT = "La société ouvre une usine à Lens et recrute quarante personnes d'ici la fin de l'année prochaine."
DAY = date(2025, 11, 20)
LICENCE = {"holder": "Gazette SAS", "contract": "2025-17", "acts": ["crawl", "store", "extract"], "until": "2026-12-31"}


def one_article(press, desk, path="/eco/1", head="", headers=None, **source):
    press.article(path, "Une usine ouvre à Lens", TEXT, head=head)
    if headers:
        status, given, body = press.pages[path]
        press.pages[path] = (status, given | headers, body)
    press.feed({"path": path, "title": "Une usine ouvre à Lens", "summary": "Quarante emplois."})
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}], **source)


def withheld(desk, day="2025-11-20"):
    (line,) = desk.articles("gazette", day)
    article = line["article"]
    assert article["title"] == "Une usine ouvre à Lens"
    assert article["standfirst"] == "Quarante emplois."
    assert article["rights"]["basis"] == "reserved"
    assert article["rights"]["store_text"] is False
    assert "body" not in article
    assert not list((desk.data / "archive").rglob("*.gz"))
    return article


def test_tdm_file_keeps_the_page_from_being_fetched(press, desk):
    rules = [{"location": "/", "tdm-reservation": 0}, {"location": "/eco/*", "tdm-reservation": 1}]
    press.pages["/.well-known/tdmrep.json"] = (200, {}, json.dumps(rules).encode())
    one_article(press, desk)
    desk.crawl("gazette")
    assert withheld(desk)["rights"]["evidence"] == "tdmrep.json: /eco/* 1"
    assert press.requests("/eco/1") == 0
    assert ("page", "tdm-reserved") in desk.kinds("gazette")


def test_tdm_header_and_meta_and_noai(press, desk):
    cases = [
        ({"headers": {"TDM-Reservation": "1", "TDM-Policy": "https://g.example/p.json"}}, "tdm-header: 1"),
        ({"head": "<meta content=1 name='TDM-Reservation'>"}, "tdm-meta: 1"),
        ({"headers": {"X-Robots-Tag": "otherbot: index, noai"}}, None),
        ({"headers": {"X-Robots-Tag": "noai, noimageai"}}, "robots-header: noai"),
        ({"head": "<meta name='robots' content='index, NOAI'>"}, "robots-meta: noai"),
        ({"headers": {"TDM-Reservation": "1"}, "head": "<meta name='tdm-reservation' content='0'>"}, None),
    ]
    for number, (case, evidence) in enumerate(cases):
        marks = page_marks(
            "https://g.example/a",
            DAY,
            headers={k.lower(): v for k, v in case.get("headers", {}).items()},
            body=f"<html><head>{case.get('head', '')}</head></html>".encode(),
        )
        assert bool(marks.reserved) is (evidence is not None), number
        assert evidence is None or marks.evidence == evidence
        assert all(mark.seen_on == DAY for mark in marks.found)
    one_article(press, desk, headers={"TDM-Reservation": "1"})
    report = desk.crawl("gazette")
    withheld(desk)
    assert [(mark["where"], mark["seen_on"]) for mark in report["rights"]["marks"]] == [("tdm-header", "2025-11-20")]


def test_noarchive_is_read_but_not_kept(press, desk):
    one_article(press, desk, head="<meta name='robots' content='noarchive'>")
    desk.crawl("gazette")
    (line,) = desk.articles("gazette")
    assert TEXT in [block["text"] for block in line["article"]["body"]]
    assert line["article"]["rights"]["store_text"] is False
    assert line["article"]["rights"]["keep_text_until"] == "2025-11-20"
    assert not list((desk.data / "archive").rglob("*.gz"))


def test_a_licence_lifts_the_reservation_until_it_ends(press, desk):
    one_article(press, desk, headers={"TDM-Reservation": "1"}, accepted=False, rights={"licence": LICENCE})
    desk.crawl("gazette")
    (line,) = desk.articles("gazette")
    assert line["article"]["rights"]["basis"] == "licensed"
    assert line["article"]["body"]
    press.feed({"path": "/eco/2", "title": "Une autre usine ouvre à Lens"})
    press.article("/eco/2", "Une autre usine ouvre à Lens", TEXT)
    desk.crawl("gazette", "2027-01-02")
    rows = {line["article"]["title"]: line["article"] for line in desk.articles("gazette", "2027-01-02")}
    assert rows["Une autre usine ouvre à Lens"]["rights"]["basis"] == "unconfirmed"
    assert press.requests("/eco/2") == 0


def test_subscription_only_from_the_environment_and_with_a_licence(press, desk, monkeypatch):
    with pytest.raises(RegistryError, match=r"gazette.yml: .*licence"):
        one_article(press, desk, cookies_env="GAZETTE_COOKIE")
        load_registry(desk.registry)
    one_article(press, desk, cookies_env="GAZETTE_COOKIE", rights={"licence": LICENCE})
    desk.crawl("gazette")
    assert ("rights", "subscription") in desk.kinds("gazette")
    assert press.asked == []
    monkeypatch.setenv("GAZETTE_COOKIE", "abonne=oui")
    desk.crawl("gazette")
    sent = [headers.get("cookie", "") for _, path, headers in press.asked if path == "/eco/1"]
    assert sent == ["abonne=oui"]
    assert "abonne=oui" not in (desk.registry / "gazette.yml").read_text()
    assert not any("abonne=oui" in p.read_bytes().decode("latin-1") for p in desk.data.rglob("*") if p.is_file())


def test_robots_4xx_allows_5xx_forbids(press, desk):
    one_article(press, desk)
    press.pages["/robots.txt"] = (403, {}, b"")
    desk.crawl("gazette")
    assert len(desk.articles("gazette")) == 1
    press.article("/eco/2", "Une deuxième usine à Lens", TEXT)
    press.feed({"path": "/eco/2", "title": "Une deuxième usine à Lens"})
    press.pages["/robots.txt"] = (503, {}, b"")
    press.forget()
    desk.crawl("gazette", "2025-11-21")
    assert {path for _, path, _ in press.asked} == {"/robots.txt"}
    assert ("robots", "http-503") in desk.kinds("gazette", "2025-11-21")
    assert ("feed", "robots-unreachable") in desk.kinds("gazette", "2025-11-21")


def test_crawl_delay_request_rate_and_one_at_a_time(press, desk):
    import threading
    import time

    starts, inside, most = [], [0], [0]
    lock = threading.Lock()

    def slowly(number):
        def answer(handler):
            with lock:
                starts.append(time.monotonic())
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.15)
            with lock:
                inside[0] -= 1
            return (200, {"Content-Type": "text/html"}, f"<h1>Une usine {number} à Lens</h1><p>{TEXT}</p>".encode())

        return answer

    press.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.2\nRequest-rate: 2/1\n")
    for number in range(4):
        press.pages[f"/eco/{number}"] = slowly(number)
    press.feed(*({"path": f"/eco/{n}", "title": f"Une usine {n} à Lens"} for n in range(4)))
    desk.source(
        "gazette",
        press.url,
        discovery=[{"type": "feed", "url": press.url + "/feed.xml"}],
        politeness={"delay_s": 0.05, "concurrency": 1},
    )
    desk.crawl("gazette", "2025-11-20", "--delays")
    assert len(starts) == 4
    assert most[0] == 1
    # Two requests a second is the slower of the two rules: half a second apart, AutoThrottle may add to it.
    assert min(b - a for a, b in zip(starts, starts[1:], strict=False)) >= 0.45


def test_two_titles_on_one_host_take_turns(press, desk):
    import threading
    import time
    from concurrent.futures import ThreadPoolExecutor

    inside, most, lock = [0], [0], threading.Lock()

    def slowly(number):
        def answer(handler):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.1)
            with lock:
                inside[0] -= 1
            return (200, {"Content-Type": "text/html"}, f"<h1>Une usine {number} à Lens</h1><p>{TEXT}</p>".encode())

        return answer

    for title in ("nord", "sud"):
        for number in range(6):
            press.pages[f"/{title}/{number}"] = slowly(number)
        press.feed(
            *({"path": f"/{title}/{n}", "title": f"Une usine {n} à Lens"} for n in range(6)), path=f"/{title}.xml"
        )
        desk.source(title, press.url, discovery=[{"type": "feed", "url": f"{press.url}/{title}.xml"}])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(desk.crawl, ("nord", "sud")))
    assert len(desk.articles("nord")) == len(desk.articles("sud")) == 6
    assert most[0] == 1


def test_retry_after_is_waited_for_or_the_host_is_left(press, desk):
    import time

    one_article(press, desk)
    whole = press.pages["/eco/1"]
    asked = []

    def busy(handler):
        asked.append(time.monotonic())
        return (429, {"Retry-After": "1"}, b"") if len(asked) == 1 else whole

    press.pages["/eco/1"] = busy
    desk.crawl("gazette", "2025-11-20", "--delays")
    assert len(desk.articles("gazette")) == 1
    assert asked[1] - asked[0] >= 1.0

    press.feed(*({"path": f"/eco/{n}", "title": f"Une usine {n} à Lens"} for n in (2, 3)))
    press.pages |= {f"/eco/{n}": (429, {"Retry-After": "86400"}, b"") for n in (2, 3)}
    press.forget()
    desk.crawl("gazette", "2025-11-21", "--delays")
    assert press.requests("/eco/2") + press.requests("/eco/3") == 1
    assert ("page", "rate-limited") in desk.kinds("gazette", "2025-11-21")
    now = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
    assert retry_after("Thu, 20 Nov 2025 12:00:30 GMT", now) == 30.0
    assert retry_after("demain", now) is None


def test_night_window(press, desk):
    one_article(press, desk, politeness={"night": {"from": "00:00", "to": "00:00"}})
    report = desk.crawl("gazette")
    assert ("crawl", "outside-night-window") in desk.kinds("gazette")
    assert press.asked == []
    assert report["health"]["failure_weight"] == 0


def test_user_agent_names_a_contact(press, desk):
    one_article(press, desk)
    desk.crawl("gazette", "2025-11-20", "--contact", "veille@cci.example")
    agents = {headers["user-agent"] for _, _, headers in press.asked}
    assert len(agents) == 1
    assert agents.pop().endswith("(+veille@cci.example)")


def test_tdm_rules_most_particular_wins_and_faults_are_no_permission(press, desk):
    rules = parse_tdmrep(
        b'[{"location": "/*", "tdm-reservation": 1}, {"location": "/libre/", "tdm-reservation": "0"},'
        b' {"location": "/*.pdf$", "tdm-reservation": 1, "tdm-policy": "https://g.example/p"}]'
    )
    assert rule_for(rules, "https://g.example/libre/a").reserved is False
    assert rule_for(rules, "https://g.example/a.pdf").policy == "https://g.example/p"
    assert rule_for(rules, "https://g.example/x").reserved is True
    for broken in (b"[1]", b'[{"tdm-reservation": 1}]', b'[{"location": "/", "tdm-reservation": 7}]', b"nothing"):
        with pytest.raises(ValueError):
            parse_tdmrep(broken)
    press.pages["/.well-known/tdmrep.json"] = (200, {}, b'[{"location": "/", "tdm-reservation": "perhaps"}]')
    one_article(press, desk)
    desk.crawl("gazette")
    assert press.requests("/eco/1") == 0
    assert ("rights", "tdmrep-malformed") in desk.kinds("gazette")


def test_text_past_its_days_is_gone_from_archive_and_files(press, desk):
    one_article(press, desk, rights={"keep_text_days": 30})
    desk.crawl("gazette")
    assert retention.purge(desk.data, date(2025, 12, 20)) == retention.Purged()
    assert list((desk.data / "archive").rglob("*.gz"))

    done = retention.purge(desk.data, date(2025, 12, 21))
    assert (done.archives, done.texts) == (1, 1)
    everything = b"".join(path.read_bytes() for path in desk.data.rglob("*") if path.is_file())
    assert TEXT[:60].encode() not in everything
    assert b"Une usine ouvre" in everything
    assert retention.purge(desk.data, date(2025, 12, 21)) == retention.Purged()
    # What was used stays told.
    (use,) = sources_admin.rights_report(desk.data, "2025-11")
    assert (use.title, use.basis, use.read) == ("Gazette", "accepted", 1)


def test_forgetting_an_article_is_for_good(press, desk):
    from crawlers.archive import read_record
    from crawlers.items import ArticleLine

    for number in (1, 2, 3):
        press.article(f"/eco/{number}", f"Une usine numéro {number} ouvre à Lens", TEXT, f"Mme Personne {number}.")
    press.feed(*({"path": f"/eco/{n}", "title": f"Une usine numéro {n} ouvre à Lens"} for n in (1, 2, 3)))
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    desk.crawl("gazette")
    target = next(line["id"] for line in desk.articles("gazette") if "/eco/2" in line["article"]["url"])
    done = retention.forget(desk.data, "gazette", {target})
    assert (done.records, done.texts) == (1, 1)
    left = [ArticleLine.model_validate(line).article for line in desk.articles("gazette")]
    assert len(left) == 2
    for article in left:
        assert article.title.encode() in read_record(desk.data / "archive", article.archive).body
    press.feed(
        *({"path": f"/eco/{n}", "title": f"Une usine numéro {n} ouvre à Lens", "summary": "x"} for n in (1, 2, 3))
    )
    press.forget()
    desk.crawl("gazette", "2025-11-21")
    assert press.requests("/eco/2") == 0


def test_withdrawn_terms_take_all_text(press, desk):
    one_article(press, desk)
    desk.crawl("gazette")
    assert retention.withdraw(desk.data, "gazette").archives == 1
    assert desk.articles("gazette") == []


def test_accept_writes_the_overlay_and_keeps_its_comments(press, desk, tmp_path):
    one_article(press, desk, accepted=False)
    overlay = tmp_path / "mine"
    overlay.mkdir()
    (overlay / "gazette.yml").write_text("# notre choix\nid: gazette\naccess: metered  # vu en kiosque\n")
    registry = load_registry([desk.registry, overlay])
    (path,) = sources_admin.accept(["gazette"], by="C. Veilleur", on=DAY, folder=overlay, registry=registry)
    assert "# notre choix" in path.read_text()
    assert "# vu en kiosque" in path.read_text()
    source = load_registry([desk.registry, overlay])["gazette"]
    assert (source.rights.terms.result, source.rights.terms.checked_on) == ("accepted", DAY)
    assert source.access == "metered"
    with pytest.raises(RegistryError, match="nulle-part"):
        sources_admin.accept(["nulle-part"], by="x", on=DAY, folder=overlay, registry=registry)


def test_rights_report_by_title_and_month(press, desk):
    one_article(press, desk, rights={"licence": LICENCE})
    desk.crawl("gazette")
    registry = load_registry(desk.registry)
    (use,) = sources_admin.rights_report(desk.data, "2025-11", registry=registry)
    assert (use.basis, use.contract, use.read, use.stored) == ("licensed", "2025-17 (Gazette SAS)", 1, 1)
    assert sources_admin.rights_report(desk.data, "2025-10") == []
    with pytest.raises(ValueError, match="YYYY-MM"):
        sources_admin.rights_report(desk.data, "novembre")


def test_accepted_terms_speak_for_the_source_alone(press, desk, new_press, serving):
    """An article on another site, announced or reached by redirect, is told of and not read."""
    other = new_press()
    with serving(other, "127.0.0.2"):
        other.article("/b", "Une usine ailleurs", TEXT)
        press.pages["/to-b"] = (302, {"Location": f"http://127.0.0.2:{other.port}/b"}, b"")
        press.feed({"path": "/to-b", "title": "Une usine ailleurs"}, {"path": "/b", "title": "Une usine tout là-bas"})
        status, headers, body = press.pages["/feed.xml"]
        elsewhere = f"http://127.0.0.2:{other.port}/b".encode()
        press.pages["/feed.xml"] = (status, headers, body.replace(f"{press.url}/b<".encode(), elsewhere + b"<"))
        desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
        desk.crawl("gazette")
    lines = [line["article"] for line in desk.articles("gazette")]
    assert {article["title"] for article in lines} == {"Une usine ailleurs", "Une usine tout là-bas"}
    assert all("body" not in article and article["rights"]["basis"] == "unconfirmed" for article in lines)
    assert ("rights", "off-site") in desk.kinds("gazette")
    assert not list((desk.data / "archive").rglob("*.gz"))


def test_a_crawl_delay_longer_than_the_run_leaves_the_rest_for_the_next(press, desk):
    import time

    press.pages["/robots.txt"] = (200, {}, b"User-agent: Veilleur\nCrawl-delay: 3600\n")
    one_article(press, desk, politeness={"budget_s": 30, "delay_s": 0})
    start = time.monotonic()
    report = desk.crawl("gazette", "2025-11-20", "--delays")
    assert time.monotonic() - start < 25
    assert [path for _, path, _ in press.asked] == ["/robots.txt", "/feed.xml"]
    assert report["counts"]["queued"] == 1
    assert ("page", "delay-too-long") in desk.kinds("gazette")
    press.pages["/robots.txt"] = (404, {}, b"")
    desk.crawl("gazette")
    assert len(desk.articles("gazette")) == 1
