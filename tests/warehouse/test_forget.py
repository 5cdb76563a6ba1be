"""Forgetting a person: gone from every table and from the file, kept out when the same articles come in again."""

from __future__ import annotations

import shutil
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from crawlers.items import Article, Block
from nlp.facts import Evidence, Facts, Figure, Person, Quote, Reading, Role
from warehouse.forget import ForgetError, blank, forget, key_file, pattern_of, read_key
from warehouse.publish import publish
from warehouse.search import search
from warehouse.store import Warehouse

DAY = date(2026, 3, 1)
Line = tuple[str, Article, Reading]
NAME = "Anne-Sophie Muller"


@pytest.fixture
def house(tmp_path: Path, gold_house: Path) -> Path:
    return Path(shutil.copy(gold_house, tmp_path / "warehouse.duckdb"))


def everything(warehouse: Warehouse) -> dict[str, list[str]]:
    """All rows of all tables as text; the hash of a reading is of what came in and says nothing."""
    tables = warehouse.connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store' AND table_name NOT IN ('codes', 'readings')"
    ).fetchall()
    return {
        table: sorted(map(repr, warehouse.connection.execute(f"FROM store.{table}").fetchall())) for (table,) in tables
    }


def naming(rows: dict[str, list[str]], *names: str) -> list[str]:
    return [f"{t}: {row}" for t, all_ in rows.items() for row in all_ if any(n.lower() in row.lower() for n in names)]


def test_gone_for_good(house: Path, gold: list[Line]) -> None:
    with Warehouse.open(house) as warehouse:
        assert naming(everything(warehouse), "Muller")
        done = forget(warehouse, "anne-sophie MULLER", requested_by="lettre 12")
        assert (done.articles, done.mentions) == (2, 2)
        warehouse.tie()
        after = everything(warehouse)
        assert naming(after, "Muller", "Anne-Sophie") == []
        assert [r.name for r in warehouse.check() if not r.passed] == []
        warehouse.load(gold, day=DAY, run_id="again")
        warehouse.tie()
        again = everything(warehouse)
        assert naming(again, "Muller") == []
        assert {t for t in again if again[t] != after[t]} <= {"issues"}
        # What others said and did stays.
        row = warehouse.connection.execute(
            "SELECT count(*), count(speaker) FROM quotes WHERE text LIKE 'Nous voulons que le patient%'"
        ).fetchone()
        assert row == (2, 0)
        assert warehouse.connection.execute("SELECT count(*) FROM people WHERE name LIKE 'Karim%'").fetchone() == (1,)
    assert b"Muller" not in house.read_bytes()
    published = publish(house, house.with_name("p.duckdb")).path
    assert search(published, "Muller") == []
    assert b"Muller" not in published.read_bytes()


def test_without_its_key_nothing_is_loaded(house: Path, gold: list[Line]) -> None:
    with Warehouse.open(house) as warehouse:
        forget(warehouse, NAME)
    key_file(house).unlink()
    with Warehouse.open(house) as warehouse, pytest.raises(ForgetError, match="key is missing"):
        warehouse.load(gold, day=DAY, run_id="r")


def test_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    assert read_key(house) is None
    with Warehouse.open(house) as warehouse:
        forget(warehouse, NAME)
    assert key_file(house).stat().st_mode & 0o777 == 0o600
    assert NAME.encode() not in key_file(house).read_bytes()
    key_file(house).chmod(0o644)
    with pytest.raises(ForgetError, match="0600"):
        read_key(house)
    monkeypatch.setenv("VEILLEUR_FORGET_KEY", "from the environment")
    assert read_key(house) == b"from the environment"


@pytest.mark.parametrize("name", ["Muller", "  ", "M."])
def test_a_surname_alone_is_refused(house: Path, name: str) -> None:
    with Warehouse.open(house) as warehouse, pytest.raises(ForgetError, match="surname"):
        forget(warehouse, name)


def test_every_place_where_a_name_can_stand(tmp_path: Path) -> None:
    text = "« Nous partons demain matin », dit Hélène de La Tour. MME DE LA TOUR quitte 30 salariés. Latour reste."

    def at(words: str) -> Evidence:
        return Evidence(block=0, start=text.index(words), end=text.index(words) + len(words), text=words)

    article = Article(
        url="https://x.example/1",
        title="Helene de la Tour s'en va",
        standfirst="Selon Hélène de La Tour, rien ne presse.",
        authors=("Hélène de La Tour", "Paul Roy"), tags=("Hélène de La Tour",),
        body=(Block(kind="paragraph", text=text),),
    )  # fmt: skip
    facts = Facts(
        people=(Person(name="Hélène de La Tour", aliases=("DE LA TOUR",), evidence=at("Hélène de La Tour"),
                       roles=(Role(title="PDG", organisation=None),)),),
        figures=(Figure(measure="workforce", low=30, high=30, qualifier="exact", unit="person",
                        evidence=at("30 salariés"), said_by="Hélène de La Tour"),),
        quotes=(Quote(text="Nous partons demain matin", speaker="Hélène de La Tour",
                      evidence=at("Nous partons demain matin")),),
    )  # fmt: skip
    line = ("1", article, Reading(id="1", language="fr", facts=facts))
    mail = EmailMessage()
    mail["Subject"] = "Hélène de La Tour s'en va"
    mail.set_content("Hélène de La Tour s'en va, dit-on à Lens.")
    with Warehouse.open(tmp_path / "w.duckdb", forget_key=b"k") as warehouse:
        warehouse.load([line], day=DAY, run_id="r")
        warehouse.tie()
        warehouse.record_issue(stage="read", code="c", message="role of Hélène de La Tour")
        for state in ("sent", "waiting"):
            warehouse.connection.execute(
                "INSERT INTO store.outbox (message_id, subscriber, kind, day, subject, message, state, created_at) "
                "VALUES (?, 'a', 'daily', current_date, 's', ?, ?, now())",
                [state, bytes(mail), state],
            )
        forget(warehouse, "Hélène de La Tour")
        for _ in range(2):
            assert naming(everything(warehouse), "la tour", "hélène", "helene") == []
            assert warehouse.connection.execute("SELECT evidence_text, said_by FROM figures").fetchall() == [
                ("30 salariés", None)
            ]
            assert "Latour reste." in str(warehouse.connection.execute("SELECT text FROM article_texts").fetchone())
            assert warehouse.connection.execute("SELECT authors FROM articles").fetchone() == (["Paul Roy"],)
            warehouse.load([line], day=DAY, run_id="r2")
            warehouse.tie()
        states = warehouse.connection.execute(
            "SELECT message_id, state, octet_length(message) FROM store.outbox"
        ).fetchall()
        assert sorted(states) == [("sent", "sent", 0), ("waiting", "given_up", 0)]


def test_blanking() -> None:
    pattern = pattern_of(["Manuel Davy"])
    assert blank("Manuel Davy, M. Davy et Davyson", pattern) == "■■■■■■ ■■■■, M. ■■■■ et Davyson"
    only_full: Any = pattern_of(["Manuel Davy"], surnames=False)
    assert blank("Manuel  Davy et M. Davy", only_full) == "■■■■■■  ■■■■ et M. Davy"


@pytest.mark.parametrize("named_in_text", [True, False])
def test_an_address_that_holds_the_name(tmp_path: Path, named_in_text: bool) -> None:
    """The article stays under its key, its address goes, and stays away when it is loaded again."""
    who = "Hélène Lavergne" if named_in_text else "La gérante"
    slugs = {
        "full": "https://x.example/2026/helene-lavergne-quitte-lens.html",
        "coded": "https://x.example/h%C3%A9l%C3%A8ne_lavergne?page=2",
        "surname": "https://x.example/mme-lavergne-part",
        "other": "https://x.example/helene-la-vergne",
    }
    lines: list[Line] = []
    for number, (ident, url) in enumerate(slugs.items()):
        text = f"{who} quitte l'usine de Lens et ses {number + 30} salariés le mois prochain."
        article = Article(url=url, title="Un départ", body=(Block(kind="paragraph", text=text),))
        lines.append((ident, article, Reading(id=ident, language="fr")))
    noted = Article(url=None, title="Un portrait", body=(Block(kind="paragraph", text="Elle est née à Lens."),))
    lines.append(("2026-helene-lavergne.txt", noted, Reading(id="2026-helene-lavergne.txt", language="fr")))
    with Warehouse.open(tmp_path / "w.duckdb", forget_key=b"k") as warehouse:
        warehouse.load(lines, day=DAY, run_id="r")
        keys = warehouse.connection.execute("SELECT article_id, source_id FROM store.articles ORDER BY ALL").fetchall()
        warehouse.record_issue(stage="page", code="http-500", message="HTTP 500", url=slugs["full"])
        forget(warehouse, "Hélène Lavergne")
        warehouse.tie()
        after = everything(warehouse)
        kept = {"https://x.example/helene-la-vergne"} | ({slugs["surname"]} if not named_in_text else set())
        for _ in range(2):
            urls = warehouse.connection.execute("SELECT url FROM articles WHERE url IS NOT NULL").fetchall()
            assert {url for (url,) in urls} == kept
            found = everything(warehouse)
            assert naming(found, "helene-lavergne", "helene_lavergne", "h%C3%A9l", "Hélène") == []
            if named_in_text:
                assert naming(found, "lavergne") == []
            assert (
                keys
                == warehouse.connection.execute(
                    "SELECT article_id, source_id FROM store.articles ORDER BY ALL"
                ).fetchall()
            )
            assert {t for t in found if found[t] != after[t]} <= {"issues"}
            warehouse.load(lines, day=DAY, run_id="again")
            warehouse.tie()
    published = publish(tmp_path / "w.duckdb", tmp_path / "p.duckdb").path
    assert b"lene-lavergne" not in published.read_bytes()
