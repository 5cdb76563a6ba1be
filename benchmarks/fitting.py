"""What the fits of learned weights share: which articles to learn from, articles held out, the run from a command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from benchmarks import score
from nlp.pipeline import Reader

GOLD = Path(__file__).parents[1] / "tests" / "gold"
LEXICON = Path(__file__).parents[1] / "nlp" / "lexicon"


class Sample(Protocol):
    """Something to be decided in a gold article."""

    @property
    def article(self) -> str:
        """The article's id."""


S = TypeVar("S", bound=Sample)
W = TypeVar("W")


def open_folders() -> list[Path]:
    """The gold folders of the repository; those kept apart to measure on are left out."""
    return sorted(p for p in GOLD.iterdir() if p.is_dir() and not p.name.startswith("unseen"))


def run(
    about: str,
    decided: str,
    samples: Callable[[Reader, dict[str, Any]], list[S]],
    fit: Callable[[Sequence[S]], dict[str, W]],
    hits: Callable[[Sequence[S], dict[str, W]], int],
    write: Callable[[dict[str, W]], None],
) -> None:
    """Fit weights from the command line (``about``: its help), say how often they decide right, write them.

    ``hits`` counts the samples that weights decide rightly; ``decided`` says what samples are. With ``--folds`` each
    article is also answered by weights learned from the others.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=open_folders())
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
        print(f"{right / len(every):.3f} of {len(every)} {decided} on articles held out")
    weights = fit(every)
    print(f"{hits(every, weights) / len(every):.3f} of {len(every)} {decided} learned from, {len(weights)} features")
    if not options.dry:
        write(weights)
