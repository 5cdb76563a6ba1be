"""Near-copies: found whatever the title, the length and the order of loading; texts made by one form are none."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from benchmarks.corpus import CopyKind, Corpus
from crawlers.items import Article, Block
from nlp.facts import Evidence, Facts, Organisation, Reading
from warehouse import copies
from warehouse.copies import Text
from warehouse.retention import expire_texts
from warehouse.store import Warehouse

DAY = date(2025, 3, 3)
KINDS: tuple[CopyKind, ...] = ("copy", "retitled", "teaser", "update", "cut")
Line = tuple[str, Article, Reading]
Found = list[tuple[str, str, str]]


def found(warehouse: Warehouse) -> Found:
    return sorted(
        warehouse.connection.execute(
            "SELECT a.ident, o.ident, n.relation FROM store.near_copies n JOIN store.articles a USING (article_id) "
            "JOIN store.articles o ON o.article_id = n.copy_of"
        ).fetchall()
    )


def pairs(links: Iterable[Sequence[str]]) -> set[frozenset[str]]:
    """All pairs of the groups that the links make."""
    group: dict[str, set[str]] = {}
    for left, right in links:
        merged = group.get(left, {left}) | group.get(right, {right})
        for member in merged:
            group[member] = merged
    return {frozenset(pair) for members in group.values() for pair in combinations(sorted(members), 2)}


def made(articles: int, number_of_copies: int, seed: int = 7) -> tuple[list[Line], set[frozenset[str]]]:
    corpus, chance = Corpus(seed), random.Random(seed)
    lines = list(corpus.articles(articles, DAY, "b"))
    base = list(lines)
    truth = []
    for number in range(number_of_copies):
        original, kind = chance.choice(base), KINDS[number % len(KINDS)]
        ident = f"c{number}-{kind}"
        lines.append(corpus.copy(original, kind, ident, DAY + timedelta(days=chance.randrange(1, 30))))
        truth.append((original[0], ident))
    return lines, pairs(truth)


@pytest.mark.slow
def test_made_copies_are_found_and_nothing_else(tmp_path: Path) -> None:
    lines, truth = made(1500, 300)
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load(lines, day=DAY, run_id="r")
        said = pairs(row[:2] for row in found(warehouse))
        relations = {ident.split("-")[1]: relation for ident, _, relation in found(warehouse) if "-" in ident}
    assert len(said & truth) / len(truth) >= 0.98
    assert len(said & truth) / len(said) >= 0.98
    assert relations["teaser"] == "teaser"
    assert relations["retitled"] == "copy"


def test_the_order_of_loading_does_not_matter(tmp_path: Path) -> None:
    """One source floods the month with a line that all its articles end on: which comes first does not matter."""
    lines, _ = made(60, 25)
    line = (
        "Retrouvez chaque matin toute l'économie de votre département dans notre lettre gratuite, inscrivez-vous ici."
    )
    for number in range(12):
        ident, article, reading = Corpus(100 + number).article(f"f{number}", DAY, source="gazette-007")
        lines.append(
            (ident, article.model_copy(update={"body": (*article.body, Block(kind="paragraph", text=line))}), reading)
        )
    told = []
    for name, order in (("a", lines), ("b", lines[::-1]), ("c", random.Random(1).sample(lines, len(lines)))):
        with Warehouse.open(tmp_path / f"{name}.duckdb") as warehouse:
            for start in range(0, len(order), 20):
                warehouse.load(order[start : start + 20], day=DAY, run_id="r")
            told.append((found(warehouse), sorted(warehouse.connection.execute("FROM store.copy_pairs").fetchall())))
    assert told[0][0]
    assert told[0] == told[1] == told[2]


def crowded(seed: int) -> list[Line]:
    """Short articles of few sources, put together from passages that many, some or two of them share."""
    chance = random.Random(seed)
    words = [f"mot{n}" for n in range(400)]
    passages = [" ".join(chance.sample(words, chance.randint(8, 18))) for _ in range(14)]
    lines: list[Line] = []
    for number in range(36):
        body = chance.sample(passages, chance.randint(1, 4)) + [" ".join(chance.sample(words, chance.randint(5, 25)))]
        if number % 4 == 3:
            body = [block.text for block in chance.choice(lines)[1].body] + body[-1:]
        chance.shuffle(body)
        day = DAY + timedelta(days=chance.choice((0, 3, 40, 390, 420)))
        name = f"a{number}"
        article = Article(url=f"https://x.example/{name}", source_id=f"s{number % 5}", title=name, published=day,
                          body=tuple(Block(kind="paragraph", text=text) for text in body))  # fmt: skip
        lines.append((name, article, Reading(id=name, language="fr")))
    return lines


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12 if os.environ.get("VEILLEUR_SOAK") else 2))
def test_the_order_does_not_matter_where_caps_bite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_warehouse: Path, seed: int
) -> None:
    """Passages become too common one by one, for a source and for all: what stood on them is judged again."""
    monkeypatch.setattr(copies, "SOURCE_CAP", 2)
    monkeypatch.setattr(copies, "GLOBAL_CAP", 6)
    lines = crowded(seed)
    told = []
    for order in range(4):
        path = Path(shutil.copy(empty_warehouse, tmp_path / f"{order}.duckdb"))
        shuffled = random.Random(order).sample(lines, len(lines))
        with Warehouse.open(path) as warehouse:
            step = (36, 1, 5, 11)[order]
            for start in range(0, len(shuffled), step):
                warehouse.load(shuffled[start : start + step], day=DAY, run_id="r")
            told.append((found(warehouse), sorted(warehouse.connection.execute("FROM store.copy_pairs").fetchall())))
    assert told[0][1]
    assert told[0] == told[1] == told[2] == told[3]


def item(ident: str, text: str, source: str = "s", day: date = DAY, org: str | None = None, **fields: Any) -> Line:
    article = Article(url=f"https://{source}.example/{ident}", source_id=source, title=f"Titre {ident}", published=day,
                      body=(Block(kind="paragraph", text=text),), **fields)  # fmt: skip
    names: tuple[Organisation, ...] = ()
    if org is not None:
        start = text.index(org)
        evidence = Evidence(block=0, start=start, end=start + len(org), text=org)
        names = (Organisation(name=org, kind="company", mention="main", evidence=evidence),)
    return ident, article, Reading(id=ident, language="fr", facts=Facts(organisations=names))


NOTICE = (
    "Par jugement du 3 mars 2025, le tribunal de commerce de Lille a ouvert une procédure de redressement judiciaire à "
    "l'encontre de la société {name}, désigné juge-commissaire M. Lefort et mandataire judiciaire la SELARL Perin, et "
    "ouvert une période d'observation de six mois. Les créances sont à déclarer, dans les deux mois de la publication, "
    "auprès du mandataire judiciaire ou sur le portail électronique prévu par la loi."
)


def test_notices_of_one_form_about_two_companies_are_no_copies(tmp_path: Path) -> None:
    lines = [item("n1", NOTICE.format(name="Vamo Textiles"), org="Vamo Textiles"),
             item("n2", NOTICE.format(name="Corlune"), org="Corlune"),
             item("n3", NOTICE.format(name="Corlune"), source="t", org="Corlune")]  # fmt: skip
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load(lines, day=DAY, run_id="r")
        assert found(warehouse) == [("n3", "n2", "copy")]
        # Read again by better rules, which find what the notice is about.
        unread = [(ident, article, Reading(id=ident, language="fr")) for ident, article, _ in lines]
        with Warehouse.open(tmp_path / "later.duckdb") as later:
            later.load(unread, day=DAY, run_id="r")
            before = found(later)
            later.load(lines, day=DAY, run_id="r")
            assert before != found(later) == found(warehouse)


def test_lines_that_a_source_puts_under_everything_prove_nothing(tmp_path: Path) -> None:
    line = (
        "Cet article est réservé à nos abonnés : pour lire la suite et soutenir une rédaction indépendante, choisissez "
        "une formule, sans engagement, à partir d'un euro le premier mois puis neuf euros."
    )
    names = ["Ardo", "Belva", "Cirel", "Dunor", "Elvar", "Forlin", "Galvo", "Hartel", "Ismo", "Jodal"]
    towns = ["Lens", "Douai", "Arras", "Cambrai", "Calais", "Laon", "Soissons", "Amiens", "Roye", "Albert"]
    lines = [
        item(f"t{name}", f"{name} agrandit son atelier cette année à {town}. {line}")
        for name, town in zip(names, towns, strict=True)
    ]
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load(lines, day=DAY, run_id="r")
        assert found(warehouse) == []


def test_the_oldest_is_the_origin_and_a_new_text_is_judged_anew(tmp_path: Path) -> None:
    corpus = Corpus(3)
    original = corpus.article("o", DAY)
    copy = corpus.copy(original, "retitled", "c", DAY + timedelta(days=2))
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load([copy], day=DAY, run_id="r")
        warehouse.load([original], day=DAY, run_id="r")
        assert found(warehouse) == [("c", "o", "copy")]
        other = Corpus(4).article("x", DAY)
        changed = ("c", copy[1].model_copy(update={"body": other[1].body}), copy[2])
        warehouse.load([changed], day=DAY + timedelta(days=3), run_id="r")
        assert found(warehouse) == []
        queue = warehouse.connection.execute("SELECT count(*) FROM store.tie_queue").fetchone()
        assert queue is not None
        assert queue[0] >= 3


def test_an_update_after_months_and_a_text_that_has_expired(tmp_path: Path) -> None:
    corpus = Corpus(5)
    original = corpus.article("o", DAY)
    later = corpus.copy(original, "copy", "later", DAY + timedelta(days=200))
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        rights = original[1].rights.model_copy(update={"keep_text_until": DAY})
        warehouse.load([("o", original[1].model_copy(update={"rights": rights}), original[2])], day=DAY, run_id="r")
        assert expire_texts(warehouse, DAY + timedelta(days=1)).versions == 1
        warehouse.load([later], day=DAY + timedelta(days=200), run_id="r")
        assert found(warehouse) == [("later", "o", "copy")]
        methods = warehouse.connection.execute("SELECT method FROM store.copy_pairs").fetchall()
        assert methods in ([("exact",)], [("sample",)])
        too_late = corpus.copy(original, "retitled", "after", DAY + timedelta(days=700))
        warehouse.load([too_late], day=DAY + timedelta(days=700), run_id="r")
        assert [row[0] for row in found(warehouse)] == ["later"]


def test_texts() -> None:
    text = Text.of("L'usine de Lens, dit-on, ouvrira en 2027. L'usine emploiera 120 personnes.")
    assert text.words[:3] == ("l", "usine", "de")
    assert text.marks == {"lens", "2027", "120", "l"}
    assert text.cover(text, ()) == 0.0  # shorter than a run
    assert set(text.sample()) == set(text.hashes)
    assert len(Text.of("mot").hashes) == len(Text.of("").hashes) == 1
