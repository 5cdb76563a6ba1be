"""Learn the weights of ``nlp/lexicon/subjects.tsv`` from gold articles: ``python -m benchmarks.fit_subjects``.

    python -m benchmarks.fit_subjects [FOLDER …] [--folds N] [--dry]

Folders default to those of ``tests/gold`` that are not kept apart. For each figure that the reader finds, every candidate is a row of features
(``nlp.components.subjects``); the weights maximise the probability of the right one among them (conditional logistic
regression, regularised). ``--folds`` also tells how well they travel: each article is answered by weights learned from
the others. ``--dry`` writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from benchmarks import score
from benchmarks.fitting import LEXICON, run
from crawlers.items import Article
from nlp.components import figures
from nlp.components.figures_context import Context
from nlp.components.subjects import Features
from nlp.pipeline import Reader

STRENGTH, LEAST = 8.0, 8


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure's candidates: their features, and which of them are right."""

    article: str
    rows: list[Features]
    right: list[bool]


def same_subject(truth: dict[str, Any]) -> Any:
    """Whether two names mean the same subject of an article, as the scorer sees it."""
    tables = [score.Names(truth["organisations"], score.org_key), score.Names(truth["people"], score.name_key)]
    carriers: dict[str, set[str]] = {}
    for project in truth["projects"]:
        if project.get("name"):
            names = {score.org_key(o) for o in project["organisations"]}
            carriers.setdefault(score.name_key(project["name"]), set()).update(names)

    def same(gold: str | None, name: str | None) -> bool:
        if score.same_entity(gold, name, tables):
            return True
        return bool(gold and name) and score.org_key(str(name)) in carriers.get(score.name_key(str(gold)), set())

    return same


def samples(reader: Reader, item: dict[str, Any]) -> list[Sample]:
    """The samples of one gold article."""
    document = reader.prepare(Article.model_validate(item["article"]), figures.component)
    context = Context(document)
    figures.read(document, context)
    asked = {(q.sentence.block, q.start): q for q in context.asked}
    same, found = same_subject(item["facts"]), []
    pool: dict[tuple[object, ...], list[Any]] = {}
    for figure in document.figures:
        pool.setdefault(score.figure_key(figure.model_dump(mode="json")), []).append(figure)
    for gold in item["facts"]["figures"]:
        group = pool.get(score.figure_key(gold))
        if gold.get("optional") or not group:
            continue
        best = max(group, key=lambda figure: figure.evidence.start == gold.get("evidence", {}).get("start"))
        group.remove(best)
        question = asked.get((best.evidence.block, best.evidence.start))
        if question is None:
            continue
        rows = context.subjects.rows(question)
        right = [same(gold.get("subject"), name) for name, _ in rows]
        found.append(Sample(item["id"], [features for _, features in rows], right))
    return found


def fit(chosen: Sequence[Sample]) -> dict[str, float]:
    """The weights under which the right candidates are likeliest."""
    chosen = [sample for sample in chosen if any(sample.right)]
    counts = Counter(name for sample in chosen for row in sample.rows for name in row)
    columns = {name: i for i, name in enumerate(sorted(n for n, count in counts.items() if count >= LEAST))}
    data, indices, ends, group, right = [], [], [0], [], []
    for i, sample in enumerate(chosen):
        for row, good in zip(sample.rows, sample.right, strict=True):
            pairs = [(columns[name], value) for name, value in row.items() if name in columns]
            indices += [column for column, _ in pairs]
            data += [value for _, value in pairs]
            ends.append(len(indices))
            group.append(i)
            right.append(good)
    matrix = csr_matrix((data, indices, ends), shape=(len(group), len(columns)))
    of, those_right = np.array(group), np.array(right)
    first = np.searchsorted(of, np.arange(len(chosen)))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        totals = matrix @ weights
        likely = np.exp(totals - np.maximum.reduceat(totals, first)[of])
        every, those = np.add.reduceat(likely, first), np.add.reduceat(likely * those_right, first)
        slope = matrix.T @ (likely / every[of] - likely * those_right / (those + 1e-30)[of])
        missed = float(np.log(every).sum() - np.log(those + 1e-30).sum())
        return missed + STRENGTH / 2 * float(weights @ weights), slope + STRENGTH * weights

    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return {name: round(float(found.x[i]), 3) for name, i in columns.items() if abs(found.x[i]) >= 0.01}


def hits(chosen: Sequence[Sample], weights: dict[str, float]) -> int:
    """For how many figures the weights choose a right candidate."""
    right = 0
    for sample in chosen:
        totals = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in sample.rows]
        right += sample.right[int(np.argmax(totals))]
    return right


def write(weights: dict[str, float]) -> None:
    """Write the table."""
    lines = [
        "# What speaks for a candidate to be a figure's subject, and its weight: learned by benchmarks.fit_subjects"
    ]
    lines += [f"{name}\t{weight}" for name, weight in sorted(weights.items())]
    (LEXICON / "subjects.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(__doc__ or "", "weighed figures", samples, fit, hits, write)
