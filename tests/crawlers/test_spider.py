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
