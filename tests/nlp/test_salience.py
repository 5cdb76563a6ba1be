"""Which organisations carry the article, which take part, which are merely mentioned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.components.lexicon import weight_table
from nlp.components.salience import CLASSES
from nlp.facts import Facts

Read = Callable[..., Facts]
STORY = (
    "Le groupe Ostravine investit 12 millions d’euros à Sens (Yonne), où il va construire une usine de flacons et créer 80 emplois d’ici à 2027.",
    "L’opération est soutenue par la Région Bourgogne-Franche-Comté, qui apporte une subvention de 800 000 euros.",
    "« Nous manquons de place », explique Denis Aubrun, président d’Ostravine. Parmi ses clients figurent Lancelia, Verdoria et Chanterive.",
)


@pytest.mark.parametrize(
    ("name", "mention"),
    [("Ostravine", "main"), ("Région Bourgogne-Franche-Comté", "party"), ("Verdoria", "passing")],
)
def test_mention(read: Read, name: str, mention: str) -> None:
    facts = read(*STORY, title="Flacons : Ostravine investit 12 M€ à Sens")
    assert {o.name: o.mention for o in facts.organisations}[name] == mention


def test_each_feature_weighs_for_every_class() -> None:
    assert all(len(row) == len(CLASSES) for row in weight_table("salience").values())


def test_no_name_has_a_weight() -> None:
    words = {name.split(" ", 2)[-1] for name in weight_table("salience") if " before " in name or " behind " in name}
    assert words and all(word == word.lower() for word in words)
