"""Learn the weights of ``nlp/lexicon/salience.tsv`` from gold articles: ``python -m benchmarks.fit_salience``.

    python -m benchmarks.fit_salience [FOLDER …] [--folds N] [--dry]

Folders default to those of ``tests/gold``. Each organisation that the reader finds is a row of features
(``nlp.components.salience``); the weights of main, party and passing are those of a regularised softmax regression.
``--folds`` also tells how well they travel: each article is answered by weights learned from the others. ``--dry``
writes nothing.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from benchmarks import score
from crawlers.items import Article
from nlp.cleaning import clean_article
from nlp.components.salience import CLASSES, Features, rows, salience
from nlp.pipeline import COMPONENTS, Reader

GOLD = Path(__file__).parents[1] / "tests" / "gold"
TABLE = Path(__file__).parents[1] / "nlp" / "lexicon" / "salience.tsv"
STRENGTH, LEAST = 12.0, 4


@dataclass(frozen=True, slots=True)
class Sample:
    """An organisation of a gold article: what is known of it, and which class is right."""

    article: str
    row: Features
    right: int


def samples(reader: Reader, item: dict[str, Any]) -> list[Sample]:
    """The samples of one gold article."""
    cleaned, _ = clean_article(Article.model_validate(item["article"]))
    document = reader.parse(cleaned)
    for component in COMPONENTS[: COMPONENTS.index(salience)]:
        component(document)
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
    columns = {name: i for i, name in enumerate(sorted(n for n, where in articles.items() if len(where) >= LEAST))}
    data, indices, ends = [], [], [0]
    for sample in chosen:
        pairs = [(columns[name], value) for name, value in sample.row.items() if name in columns]
        indices += [column for column, _ in pairs]
        data += [value for _, value in pairs]
        ends.append(len(indices))
    matrix = csr_matrix((data, indices, ends), shape=(len(chosen), len(columns)))
    right = np.zeros((len(chosen), len(CLASSES)))
    right[np.arange(len(chosen)), [sample.right for sample in chosen]] = 1

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        table = flat.reshape(len(columns), len(CLASSES))
        totals = matrix @ table
        totals -= totals.max(axis=1, keepdims=True)
        likely = np.exp(totals)
        likely /= likely.sum(axis=1, keepdims=True)
        missed = -float(np.log((likely * right).sum(axis=1) + 1e-30).sum())
        slope = matrix.T @ (likely - right) + STRENGTH * table
        return missed + STRENGTH / 2 * float(flat @ flat), slope.ravel()

    found = minimize(loss, np.zeros(len(columns) * len(CLASSES)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    table = found.x.reshape(len(columns), len(CLASSES))
    return {n: [round(float(v), 3) for v in table[i]] for n, i in columns.items() if np.abs(table[i]).max() >= 0.02}


def hits(chosen: Sequence[Sample], weights: dict[str, list[float]]) -> int:
    """For how many organisations the weights choose the right class."""
    right = 0
    for sample in chosen:
        totals = np.zeros(len(CLASSES))
        for name, value in sample.row.items():
            totals += value * np.array(weights.get(name, [0.0] * len(CLASSES)))
        right += int(np.argmax(totals)) == sample.right
    return right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=sorted(p for p in GOLD.iterdir() if p.is_dir()))
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    reader = Reader()
    every = [s for folder in options.folders for item in score.load_gold(folder) for s in samples(reader, item)]
    names = sorted({sample.article for sample in every})
    np.random.default_rng(0).shuffle(names)
    right = 0
    for i in range(options.folds):
        held = set(names[i :: options.folds])
        weights = fit([s for s in every if s.article not in held])
        right += hits([s for s in every if s.article in held], weights)
    if options.folds:
        print(f"{right / len(every):.3f} of {len(every)} organisations on articles held out")
    weights = fit(every)
    print(f"{hits(every, weights) / len(every):.3f} of {len(every)} on those learned from, {len(weights)} features")
    if not options.dry:
        lines = ["# What speaks for an organisation's being main, party or passing: learned by benchmarks.fit_salience"]
        lines += ["\t".join([name, *map(str, values)]) for name, values in sorted(weights.items())]
        TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
