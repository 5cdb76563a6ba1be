"""Whether what was put together is a record that an analyst would file: a model learned from gold articles weighs what
speaks for it: how surely and how often it is told, with what figures, dates and places, beside which other records.
"""

from __future__ import annotations

from nlp.components.linear import load
from nlp.components.projects_beliefs import family
from nlp.components.projects_cluster import Cluster, share
from nlp.document import DateSpan, OrganisationEntity, PlaceEntity

HEADLINES = ("title", "heading", "standfirst")


def features(cluster: Cluster, clusters: list[Cluster], measures: frozenset[str]) -> dict[str, float]:
    """A cluster among the others of its article; ``measures`` are those of its kind's figures."""
    lead = cluster.lead
    words = lead.sentence.words
    events = cluster.events
    bodies = [e for e in events if e.sentence.kind not in HEADLINES]
    found: dict[str, float] = {
        "kind=" + cluster.kind: 1.0,
        "belief": cluster.belief,
        "belief of lead": lead.belief or 0.0,
        "told": min(len(events), 4) / 4,
        "fresh": max((e.fresh for e in events), default=0.0),
        f"in body {min(len(bodies), 2)}": 1.0,
        f"carriers {min(len(cluster.organisations), 3)}": 1.0,
    }
    found[f"belief {cluster.kind}"] = cluster.belief
    found[f"belief {int(cluster.belief * 5)}"] = 1.0
    ruled = [e for e in events if e.trigger.phrase]
    found["no trigger" if not ruled else "noun only" if all(e.trigger.noun for e in ruled) else "verb"] = 1.0
    if len(bodies) < len(events):
        found["headline"] = 1.0
    for event in events:
        if event.trigger.phrase and not event.trigger.noun:
            found["tense " + event.tense.split(":")[0]] = 1.0
    for name in ("quoted", "negated", "anaphoric", "background", "vague"):
        if all(getattr(e, name) for e in events):
            found[name] = 1.0
    told = {w.figure.measure for w in words if w.figure is not None}
    if told & measures:
        found["own figure"] = 1.0
    elif told:
        found["other figure"] = 1.0
    if any(isinstance(w.entity, DateSpan) for w in words):
        found["date"] = 1.0
    if any(isinstance(w.entity, PlaceEntity) and w.entity.kind == "commune" for w in words):
        found["commune"] = 1.0
    named = [w.entity for w in words if isinstance(w.entity, OrganisationEntity)]
    found["carrier here" if any(n is o for n in named for o in cluster.organisations) else "carrier elsewhere"] = 1.0
    if not named:
        found["nobody named"] = 1.0
    kin = [c for c in clusters if c is not cluster and c.kind in family(cluster.kind)]
    if any(share(c.organisations, cluster.organisations) for c in kin):
        found["sibling"] = 1.0
        if any(c.belief > cluster.belief for c in kin if share(c.organisations, cluster.organisations)):
            found["surer sibling"] = 1.0
    beside = [c for c in clusters if c is not cluster and any(e.sentence is lead.sentence for e in c.events)]
    if beside:
        found["beside another"] = 1.0
        if max(c.belief for c in beside) > cluster.belief:
            found["beside a surer one"] = 1.0
    found[f"of {min(len(clusters) // 3, 4)}"] = 1.0
    kinds = {o.kind for o in cluster.organisations}
    for kind in kinds:
        found[f"carrier {kind}"] = 1.0
    if kinds and "company" not in kinds:
        found[f"no company {cluster.kind}"] = 1.0
    return found


def believable(cluster: Cluster, clusters: list[Cluster], measures: frozenset[str]) -> float:
    """The probability that a cluster is a record of its own."""
    return load("records").probabilities(features(cluster, clusters, measures))["record"]
