"""The JSON Lines contract of ``veilleur read``, to the letter."""

from __future__ import annotations

import io
import json

import pytest

import nlp.jsonl
from crawlers.items import Article
from nlp.facts import Reading
from nlp.jsonl import lines, read_stream

GOOD = {
    "title": "Lens : Kelvane ferme son usine",
    "body": [{"kind": "paragraph", "text": "L'usine emploie 80 salariés."}],
}


def answers(raw: bytes, **options: int) -> list[dict]:
    out = io.BytesIO()
    count = read_stream(lines(io.BytesIO(raw)), out.write, **options)
    written = out.getvalue()
    assert written.endswith(b"\n") or not written
    rows = [json.loads(line) for line in written.split(b"\n")[:-1]]
    assert len(rows) == count
    return rows


def line(ident: object, article: object) -> bytes:
    return json.dumps({"id": ident, "article": article}).encode() + b"\n"


def test_one_answer_a_line_in_order() -> None:
    rows = answers(
        line("a", GOOD) + line("b", {"title": "The plant will close and 80 jobs are lost in Ohio"}) + line("c", {})
    )
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["language"] == "fr" and rows[0]["facts"]["figures"]
    assert rows[1]["language"] == "en" and not any(rows[1]["facts"].values())
    assert not any(rows[2]["facts"].values())


@pytest.mark.parametrize(
    ("raw", "ident"),
    [
        (b"{broken", None),
        (b"", None),
        (b"[1, 2]", None),
        (b'"text"', None),
        (b"\xff\xfe", None),
        (b'{"article": {}}', None),
        (b'{"id": 7, "article": {}}', None),
        (b'{"id": "x"}', "x"),
        (b'{"id": "x", "article": []}', "x"),
        (b'{"id": "x", "article": {"body": 3}}', "x"),
        (b'{"id": "x", "article": {"body": [{"kind": "poem", "text": "a"}]}}', "x"),
        (b'{"id": "x", "article": {"published": "soon"}}', "x"),
        (b"[" * 100_000, None),
    ],
)
def test_a_line_of_no_use_is_named_and_the_run_goes_on(raw: bytes, ident: str | None) -> None:
    rows = answers(line("a", GOOD) + raw + b"\n" + line("z", GOOD))
    assert set(rows[1]) == {"id", "line", "error"}
    assert rows[1]["id"] == ident and rows[1]["line"] == 2 and rows[1]["error"]
    assert rows[0]["facts"] == rows[2]["facts"] and rows[2]["id"] == "z"


def test_only_u000a_ends_a_line() -> None:
    title = "Lens\u2028Kelvane\u0085ferme\x0bson\x0cusine"
    raw = json.dumps({"id": "a", "article": {"title": title}}, ensure_ascii=False).encode()
    assert [row["id"] for row in answers(raw + b"\r\n" + line("b", GOOD))] == ["a", "b"]


def test_a_last_line_needs_no_end() -> None:
    assert [row["id"] for row in answers(line("a", GOOD) + line("b", GOOD).rstrip(b"\n"))] == ["a", "b"]


def test_lone_surrogates_do_not_stop_the_run() -> None:
    raw = b'{"id": "a\\ud800", "article": {"title": "Kelvane \\udfff ferme son usine de Lens"}}\n'
    rows = answers(raw + line("b", GOOD))
    assert len(rows) == 2 and rows[1]["id"] == "b" and "facts" in rows[0]


@pytest.mark.slow
def test_processes_give_the_same_answers_in_the_same_order() -> None:
    raw = b"".join(line(f"a{i}", {**GOOD, "title": f"Lens : Kelvane {i} ferme son usine"}) for i in range(30)) + b"no\n"
    assert answers(raw) == answers(raw, processes=2, batch=4)


def test_answers_come_while_lines_still_come() -> None:
    out: list[bytes] = []
    seen: list[int] = []

    def source():
        for i in range(5):
            seen.append(len(out))
            yield line(f"a{i}", GOOD).rstrip(b"\n")

    read_stream(source(), out.append)
    assert seen == [0, 1, 2, 3, 4]


def test_a_failing_rule_costs_one_article(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside the reader becomes an error row of its article; the articles around it are read."""

    class Failing:
        name = "fr_core_news_md"

        def read(self, ident: str, article: Article) -> Reading:
            if ident == "b":
                raise IndexError("list index out of range")
            return Reading(id=ident, language="fr")

    monkeypatch.setattr(nlp.jsonl, "_reader", Failing())
    rows: list[bytes] = []
    lines_in = [json.dumps({"id": i, "article": {"title": "Une usine ouvre à Lens"}}).encode() for i in "abc"]
    assert read_stream(lines_in, rows.append) == 3
    answers = [json.loads(row) for row in rows]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert answers[1]["line"] == 2 and "IndexError" in answers[1]["error"] and "facts" not in answers[1]
