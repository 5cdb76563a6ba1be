"""Which stories hold for which rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from digest_stories import report, story

from flows.alerts import Alerts, Rule
from flows.matching import Matcher, background

EPCI = {"200072460": frozenset({"62498"})}
STORIES = [
    story(
        "lens",
        "new_site",
        figures={"investment": 45e6, "jobs_created": 120},
        sector="27",
        reports=[report("a", title="Des électroaimants à Lens", source_id="beffroi")],
        mentions={"552100554": "main", "cci artois": "passing"},
    ),
    story("brest", "closure", "completed", ("Chantiers Kerlo",), "Brest", figures={"jobs_cut": 30}, sector="30"),
    story("dax", "funding_round", orgs=("Thermalia",), place="Dax", sector=None),
]


def matched(rule: dict[str, Any], encoder: Any = None, follow: tuple[str, ...] = ()) -> set[str]:
    alerts = Alerts(zones={"côte": ("29019", "dep:40"), "nord": ("reg:32",), "artois": ("epci:200072460",)})
    matcher = Matcher(STORIES, alerts, lambda code: EPCI.get(code, frozenset()), encoder)
    followed = matcher.followed((), follow)
    mask = matcher.match(Rule.model_validate(rule), followed)
    return {story.project["project_id"] for story, holds in zip(STORIES, mask, strict=True) if holds}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"regions": ["32"]}, {"lens"}),
        ({"departments": ["29", "40"]}, {"brest", "dax"}),
        ({"communes": ["62498"]}, {"lens"}),
        ({"epci": ["200072460"]}, {"lens"}),
        ({"epci": ["999999999"]}, set()),
        ({"zones": ["côte"]}, {"brest", "dax"}),
        ({"zones": ["nord"], "kinds": ["closure"]}, set()),
        ({"zones": ["artois"]}, {"lens"}),
        ({"kinds": ["closure", "funding_round"]}, {"brest", "dax"}),
        ({"statuses": ["completed"]}, {"brest"}),
        ({"sectors": ["C"]}, {"lens", "brest"}),
        ({"sectors": ["27"]}, {"lens"}),
        ({"organisations": ["chantiers kerlo"]}, {"brest"}),
        ({"organisations": ["THERMALIA"]}, {"dax"}),
        ({"organisations": ["552100554"]}, {"lens"}),
        ({"organisations": ["552 100 554 00013"]}, {"lens"}),
        ({"organisations": ["CCI Artois"]}, set()),
        ({"organisations": ["CCI Artois"], "salience": ["passing"]}, {"lens"}),
        ({"min_investment_eur": 40e6}, {"lens"}),
        ({"min_jobs": 30}, {"lens", "brest"}),
        ({"min_investment_eur": 1e9, "min_jobs": 100}, {"lens"}),
        ({"min_jobs": 30, "unknown_figures": True}, {"lens", "brest", "dax"}),
        ({"words": ["électroaimant"]}, {"lens"}),
        ({"words": ["ELECTROAIMANTS"]}, {"lens"}),
        ({"words": ["aimant"]}, set()),
        ({"sources": ["beffroi"]}, {"lens"}),
        ({"followed": True}, {"brest"}),
    ],
)
def test_conditions(rule: dict[str, Any], found: set[str]) -> None:
    assert matched(rule, follow=("Chantiers Kerlo",)) == found


class Encoder:
    """Vectors by hand: the first axis is what the phrase is about; the background lies around 0.8 as with e5."""

    name = "by-hand"

    def encode(self, texts: list[str], kind: str = "passage") -> np.ndarray:
        if kind == "query":
            return np.array([[1.0, 0.0]])
        if len(texts) == len(background()):
            near = 0.8 + 0.02 * np.sin(np.arange(len(texts)))
        else:
            near = np.array([0.95 if "aimants" in text else 0.81 for text in texts])
        return np.stack([near, np.sqrt(1 - near**2)], axis=1)


def test_meaning_is_measured_against_the_usual() -> None:
    assert matched({"like": "aimants permanents"}, Encoder()) == {"lens"}
    assert matched({"like": "aimants permanents", "like_at_least": 0}, Encoder()) == {"lens", "brest", "dax"}
    assert matched({"like": "aimants permanents"}) == set(), "without a model nothing is near"
    assert matched({"like": "x", "words": ["chantiers"]}) == {"brest"}, "words or meaning"


def test_background_is_varied() -> None:
    assert len(background()) >= 30 and len(set(background())) == len(background())
