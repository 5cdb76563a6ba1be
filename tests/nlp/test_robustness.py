"""Whatever the text: no crash, and evidence that is the slice it says."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.items import Article, Block
from nlp.cleaning import LONGEST, clean, pieces
from nlp.facts import Evidence, Facts
from nlp.language import language_of
from nlp.pipeline import Reader

SENTENCE = (
    "Le groupe Ostravine, basé à Vesoul (Haute-Saône), investit 12,5 M€ et créera 40 emplois d’ici à 2028. "
    "« Nous avons choisi de rester ici », assure Denis Aubrun, directeur général d’Ostravine. "
)
SCRAPS = st.sampled_from(
    ["Ostravine ", "à Vesoul ", "12,5 M€ ", "« ", " »", "\u00a0", "\u202f", "\n", "d’ ", "l ' ", "\u00ad", "e\u0301", "\x00", "🏭", "\ufeff",
     "M. Aubrun ", "(CFDT)", "de 10 à 15 % ", "2026 ", "• ", "- ", "CA : ", "ﬁ", "İ", "ß", "\u2028", "SAS ", "investit ", "Haute-Saône ", "et "]
)  # fmt: skip


def evidences(facts: Facts) -> list[Evidence]:
    rows = [f.evidence for f in (*facts.organisations, *facts.people, *facts.places, *facts.figures, *facts.quotes)]
    for project in facts.projects:
        rows.append(project.evidence)
        rows += [f.evidence for f in project.figures if f.evidence] + [
            m.evidence for m in project.milestones if m.evidence
        ]
    return rows + [e for c in facts.conflicts for e in c.evidence]


def lawful(article: Article, facts: Facts) -> bool:
    texts = {index: text for index, _, text in article.texts()}
    return all(
        0 <= e.start < e.end <= len(texts[e.block]) and texts[e.block][e.start : e.end] == e.text
        for e in evidences(facts)
    )


def article_of(*texts: str, title: str = "") -> Article:
    return Article(title=title, body=tuple(Block(kind="paragraph", text=t) for t in texts), published="2025-03-11")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.one_of(SCRAPS, st.text(max_size=12)), max_size=40), st.text(max_size=30))
def test_law_of_evidence_on_any_text(reader: Reader, scraps: list[str], title: str) -> None:
    article = article_of("".join(scraps), SENTENCE + "".join(scraps), title=title)
    assert lawful(article, reader.facts_of(article))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.replace("é", "e").replace("ô", "o").replace("’", "'"),
        lambda t: t.replace("d’", "d’ ").replace(" ", "  "),
        lambda t: t.replace("o", "o\u00ad"),
        lambda t: t.replace("é", "e\u0301"),
        lambda t: t.replace(", ", " , "),
        lambda t: "\x0c" + t.replace(". ", ".\r\n"),
    ],
)  # fmt: skip
def test_spoilt_text_is_read_all_the_same(reader: Reader, spoil) -> None:
    article = article_of(spoil(SENTENCE))
    facts = reader.facts_of(article)
    assert lawful(article, facts)
    assert len(facts.organisations) == 1 and len(facts.people) == 1 and len(facts.quotes) == 1
    assert {p.code for p in facts.places} == {"70550", "70"}
    assert {f.low for f in facts.figures} == {12_500_000, 40}


@pytest.mark.parametrize(
    "article", [Article(), Article(title=" "), article_of(""), article_of("\n\n", " "), article_of("…", title="?")]
)
def test_empty_articles(reader: Reader, article: Article) -> None:
    assert not any(reader.read("x", article).facts.model_dump().values())


def test_pieces_join_to_the_text() -> None:
    for text in ("", "a" * (3 * LONGEST), SENTENCE * 200, "mot " * LONGEST):
        assert "".join(pieces(text)) == text
        assert all(len(piece) <= LONGEST for piece in pieces(text))


def test_cleaning_keeps_the_way_back() -> None:
    text = "L’ usine  de Ve\u00adsoul , e\u0301tendue ."
    cleaned = clean(text)
    assert cleaned is not None and cleaned.text == "L’usine de Vesoul, étendue."
    assert text[cleaned.starts[11] : cleaned.ends[16]] == "Ve\u00adsoul"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("L'usine de Vesoul ferme ses portes", "fr"),
        ("Ostravine lève 3 M€", "fr"),
        ("The company will close its plant and cut 300 jobs next year.", "en"),
        ("Das Unternehmen wird sein Werk schließen und dreihundert Stellen streichen.", "de"),
        ("La empresa cerrará su fábrica y despedirá a trescientos trabajadores.", "es"),
        ("12 345 €", "und"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language_of(Article(title=text)) == code


@pytest.mark.slow
def test_time_grows_with_length_not_faster(reader: Reader) -> None:
    import time

    rng = random.Random(7)
    names = ["Ostravine", "Belcourtin", "Marvezol", "Denis Aubrun", "Vesoul", "Claire Vasnier"]

    def spent(words: int) -> float:
        text = " ".join(SENTENCE.replace("Ostravine", rng.choice(names)) for _ in range(words // 32))
        article = article_of(text)
        started = time.process_time()
        assert lawful(article, reader.facts_of(article))
        return time.process_time() - started

    spent(320)
    assert spent(9_600) < 12 * spent(2_400) + 1
