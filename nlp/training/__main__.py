"""Learn the models of ``nlp/models`` from marked sentences and gold articles.

    python -m nlp.training [--gold FOLDER …] [--without NAME …]

``--without`` leaves out files of sentences or gold folders and scores the models on them: how well they travel.
Takes two to three minutes; the result depends on the texts and on the reader's rules only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from nlp.components.features import status_features, with_triggers
from nlp.components.linear import Features, Linear, trial
from nlp.components.status import event_status
from nlp.pipeline import Reader
from nlp.training.phrases import sector_rows
from nlp.training.samples import ARTICLES, Sample, gold, marked, records, rows

MODELS = Path(__file__).parents[1] / "models"
GOLD = Path(__file__).parents[2] / "tests" / "gold"
# Gold that annotates names only, and gold kept apart to measure on.
NOT_LEARNED = ("own", "unseen")
KINDS = (
    "new_site", "expansion", "relocation", "closure", "restructuring", "insolvency", "acquisition", "funding_round",
    "recruitment", "partnership", "infrastructure", "programme",
)  # fmt: skip


def spelled(features: Features) -> dict[str, float]:
    """Features with each number of a vector under a name of its own."""
    found: dict[str, float] = {}
    for name, value in features.items():
        if isinstance(value, np.ndarray):
            found.update((f"{name}{i}", float(x)) for i, x in enumerate(value))
        else:
            found[name] = value
    return found


def fit(
    rows_: Sequence[Features], targets: Sequence[Sequence[str]], weights: Sequence[float], classes: Sequence[str],
    strength: float, exclusive: bool, least: int = 2, tolerance: float = 1e-4,
) -> Linear:  # fmt: skip
    """Regularised logistic regression over named features seen in ``least`` rows at least."""
    rows_ = [spelled(row) for row in rows_]
    counts = Counter(name for row in rows_ for name in row)
    vectorizer = DictVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform([{k: v for k, v in row.items() if counts[k] >= least} for row in rows_])
    names = vectorizer.get_feature_names_out()
    columns, intercepts = [], []
    if exclusive:
        model = LogisticRegression(C=strength, max_iter=2000, tol=tolerance)
        model.fit(matrix, [t[0] for t in targets], sample_weight=list(weights))
        classes = tuple(map(str, model.classes_))
        coefficients = model.coef_ if len(classes) > 2 else np.vstack([-model.coef_, model.coef_])
        columns, intercepts = (
            list(coefficients),
            list(model.intercept_ if len(classes) > 2 else [-model.intercept_[0], model.intercept_[0]]),
        )
    else:
        for label in classes:
            model = LogisticRegression(C=strength, max_iter=2000)
            model.fit(matrix, [label in t for t in targets], sample_weight=list(weights))
            columns.append(model.coef_[0])
            intercepts.append(model.intercept_[0])
    table = np.array(columns, dtype=np.float32).T
    heavy = np.abs(table).max(axis=1) > 0.005
    return Linear(
        tuple(classes), {str(n): i for i, n in enumerate(names[heavy])}, table[heavy],
        np.array(intercepts, dtype=np.float32), exclusive,
    )  # fmt: skip


Data = list[tuple[Features, list[str], float]]


def place(samples: Sequence[Sample], model: Linear | None) -> None:
    """Say which clause of a sentence each of its labels belongs to: the one that the model (at first the triggers)
    likes
    best."""
    for s in samples:
        if s.placed:
            continue
        for part in s.parts:
            part.labels = []
        for label in s.labels:
            likes = []
            for n, part in enumerate(s.parts):
                if model is not None:
                    like = model.probabilities(with_triggers(dict(part.features), part.events))[label.kind]
                else:
                    kinds = {kind for event, kind in part.events}
                    like = 1.0 if label.kind in kinds else 0.5 if kinds - {None} else 0.0
                likes.append((like, -n))
            s.parts[-max(likes)[1]].labels.append(label)


def event_rows(samples: Iterable[Sample]) -> Data:
    return [
        (with_triggers(dict(p.features), p.events), [x.kind for x in p.labels], s.weight)
        for s in samples
        for p in s.parts
    ]


def fresh_rows(samples: Iterable[Sample]) -> Data:
    """Of clauses that tell a project: whether it is told for the first time (only whole articles can show that)."""
    return [
        (with_triggers(dict(p.features), p.events), ["fresh" if any(not x.more for x in p.labels) else "old"], s.weight)
        for s in samples
        if ARTICLES.match(s.group)
        for p in s.parts
        if p.labels
    ]


def status_rows(samples: Iterable[Sample]) -> Data:
    found: Data = []
    for s in samples:
        for p in s.parts:
            for label in p.labels:
                rules = [event_status(e, label.kind) for e, kind in p.events if kind == label.kind]  # type: ignore[arg-type]
                found.append((status_features(p.features, label.kind, rules), [label.status], s.weight))
    return found


def date_rows(samples: Iterable[Sample]) -> Data:
    return [(f, [label], s.weight) for s in samples for f, label in s.dates]


def carrier_rows(samples: Iterable[Sample]) -> Data:
    return [(f, [label], 1.0) for s in samples for f, label in s.carriers]


Rows = Callable[[Iterable[Sample]], Data]
ROUNDS = 3  # of placing labels and learning again
TASKS: dict[str, tuple[Rows, tuple[str, ...], float, bool]] = {
    "events": (event_rows, KINDS, 0.3, False),
    "fresh": (fresh_rows, (), 0.5, True),
    "status": (status_rows, (), 0.15, True),
    "carriers": (carrier_rows, (), 0.3, True),
    "dates": (date_rows, (), 0.15, True),
}


# Regularisation of the models that learn from what the others make of gold articles.
LATER = {"records": 0.03, "attached_figures": 0.1, "attached_places": 0.1}


def score(model: Linear, found: Data) -> str:
    """How a model does on rows it has not seen, beside the rules' own answer where the rows hold one."""
    if model.exclusive:
        right = ruled = 0
        for features, labels, _ in found:
            scores = model.scores(features)
            right += model.classes[int(scores.argmax())] == labels[0]
            ruled += f"rule={labels[0]}" in features
        return f"accuracy {right / len(found):.3f} (rules {ruled / len(found):.3f}) of {len(found)}"
    hit = told_ = truth = ruled = rule_told = 0
    for features, labels, _ in found:
        mine = {k for k, p in model.probabilities(features).items() if p >= 0.5}
        rules = {k for k in KINDS if f"r={k}" in features}
        gold_ = set(labels)
        hit, told_, truth = hit + len(mine & gold_), told_ + len(mine), truth + len(gold_)
        ruled, rule_told = ruled + len(rules & gold_), rule_told + len(rules)
    return (
        f"P {hit / max(1, told_):.3f} R {hit / max(1, truth):.3f} F1 {2 * hit / max(1, told_ + truth):.3f}"
        f" (rules P {ruled / max(1, rule_told):.3f} R {ruled / max(1, truth):.3f}"
        f" F1 {2 * ruled / max(1, rule_told + truth):.3f}) of {truth}"
    )


def learned(samples: Sequence[Sample], name: str) -> Linear:
    """The model of a task."""
    make, classes, strength, exclusive = TASKS[name]
    data = make(samples)
    return fit([d[0] for d in data], [d[1] for d in data], [d[2] for d in data], classes, strength, exclusive)


def learned_records(samples: Sequence[Sample], folders: Sequence[Path]) -> dict[str, Linear]:
    """The models of what is a record and of what belongs to it, from gold articles read with models that have not seen
    them: by halves."""
    reader = Reader()
    found: dict[str, list[tuple[dict[str, float], str]]] = {}
    blank = Linear(("none", "record"), {}, np.zeros((0, 2), np.float32), np.zeros(2, np.float32), True)
    drop = Linear(("other", "own"), {}, np.zeros((0, 2), np.float32), np.zeros(2, np.float32), True)
    rest = {"records": blank, "attached_figures": drop, "attached_places": drop}
    for half in (folders[::2], folders[1::2]):
        names = {folder.name for folder in half}
        known = [s for s in samples if s.group not in names]
        with trial({name: learned(known, name) for name in ("events", "fresh", "carriers")} | rest):
            for folder in half:
                for task, features, label in records(reader, folder):
                    found.setdefault(task, []).append((features, label))
    return {
        task: fit([f for f, _ in data], [[label] for _, label in data], [1.0] * len(data), (), LATER[task], True)
        for task, data in found.items()
    }


def write(name: str, model: Linear, folder: Path) -> None:
    """Write a model where the reader finds it."""
    folder.mkdir(exist_ok=True)
    folder.joinpath(f"{name}.npz").write_bytes(model.save())


def learned_from() -> list[Path]:
    """The gold folders of the repository that models learn from."""
    return sorted(p for p in GOLD.iterdir() if p.is_dir() and not p.name.startswith(NOT_LEARNED))


def main() -> int:
    """Read, learn, score, write; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, nargs="*", default=learned_from())
    parser.add_argument("--sentences", type=Path, default=None)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--models", type=Path, default=MODELS)
    args = parser.parse_args()
    reader = Reader()
    samples = list(marked(reader, rows(args.sentences) if args.sentences else rows()))
    for folder in args.gold:
        samples += gold(reader, folder)
    learn = [s for s in samples if s.group not in args.without]
    hold = [s for s in samples if s.group in args.without]
    print(f"{len(learn)} sentences to learn from, {len(hold)} held out")
    place(samples, None)
    for _ in range(ROUNDS - 1):
        place(samples, learned(learn, "events"))
    for name in TASKS:
        model = learned(learn, name)
        line = f"{name}: {len(model.rows)} features"
        for group in args.without:
            rows_ = TASKS[name][0]([s for s in hold if s.group == group])
            if rows_:
                line += f"\n    {group}: {score(model, rows_)}"
        print(line)
        write(name, model, args.models)
    sectors = sector_rows(phrase for s in learn for phrase in s.phrases)
    model = fit([d[0] for d in sectors], [d[1] for d in sectors], [d[2] for d in sectors], (), 6.0, True, 2, 1e-3)
    print(f"sector: {len(model.rows)} features")
    write("sector", model, args.models)
    folders = [folder for folder in args.gold if folder.name not in args.without]
    for name, model in learned_records(learn, folders).items():
        print(f"{name}: {len(model.rows)} features")
        write(name, model, args.models)
    return 0


if __name__ == "__main__":
    sys.exit(main())
