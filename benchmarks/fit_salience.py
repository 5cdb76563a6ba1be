"""Learn the weights of ``nlp/lexicon/salience.tsv`` from gold articles: ``python -m benchmarks.fit_salience``.

    python -m benchmarks.fit_salience [FOLDER …] [--folds N] [--dry]

Folders default to those of ``tests/gold`` that are not kept apart. Each organisation that the reader finds is a row of features
(``nlp.components.salience``); the weights of main, party and passing are those of a regularised softmax regression.
``--folds`` also tells how well they travel: each article is answered by weights learned from the others. ``--dry``
writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks import score
from benchmarks.fitting import LEXICON, run
from crawlers.items import Article
from nlp.components.salience import CLASSES, Features, rows, salience
from nlp.pipeline import Reader

STRENGTH, LEAST = 12.0, 4


@dataclass(frozen=True, slots=True)
class Sample:
    """An organisation of a gold article: what is known of it, and which class is right."""

    article: str
    row: Features
    right: int


def samples(reader: Reader, item: dict[str, Any]) -> list[Sample]:
    """The samples of one gold article."""
    document = reader.prepare(Article.model_validate(item["article"]), salience)
    gold = score.Names(item["facts"]["organisations"], score.org_key)
    found = []
    for entity, row in rows(document):
        index = gold.find(entity.name)
        right = item["facts"]["organisations"][index].get("mention") if index is not None else None
        if right:
            found.append(Sample(item["id"], row, CLASSES.index(right)))
    return found


def fit(chosen: Sequence[Sample]) -> dict[str, list[float]]:
    """The weights of each feature for each class under which the right classes are likeliest."""
    articles: dict[str, set[str]] = defaultdict(set)
    for sample in chosen:
        for name in sample.row:
            articles[name].add(sample.article)
    known = {name for name, where in articles.items() if len(where) >= LEAST}
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([{n: v for n, v in s.row.items() if n in known} for s in chosen])
    model = LogisticRegression(C=1 / STRENGTH, fit_intercept=False, max_iter=1000)
    table = model.fit(matrix, [sample.right for sample in chosen]).coef_.T
    names = vectorizer.get_feature_names_out()
    return {
        str(n): [round(float(v), 3) for v in row]
        for n, row in zip(names, table, strict=True)
        if np.abs(row).max() >= 0.02
    }


def hits(chosen: Sequence[Sample], weights: dict[str, list[float]]) -> int:
    """For how many organisations the weights choose the right class."""
    right = 0
    for sample in chosen:
        totals = np.zeros(len(CLASSES))
        for name, value in sample.row.items():
            totals += value * np.array(weights.get(name, [0.0] * len(CLASSES)))
        right += int(np.argmax(totals)) == sample.right
    return right


def write(weights: dict[str, list[float]]) -> None:
    """Write the table."""
    lines = ["# What speaks for an organisation's being main, party or passing: learned by benchmarks.fit_salience"]
    lines += ["\t".join([name, *map(str, values)]) for name, values in sorted(weights.items())]
    (LEXICON / "salience.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(__doc__ or "", "organisations", samples, fit, hits, write)
