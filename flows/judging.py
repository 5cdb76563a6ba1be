"""What the command ``veilleur judge`` does: an analyst's decisions, kept for ever and applied at once."""

from __future__ import annotations

from pathlib import Path

from flows import stages
from flows.output import cell, table
from flows.settings import Settings
from warehouse import judge
from warehouse.store import Warehouse, query


def pending_text(settings: Settings) -> str:
    """Pairs that may be the same project and wait for a decision, the surest first."""
    path = settings.warehouse_path
    columns, rows = query(
        path, "SELECT left_project, right_project, round(score, 2) AS score, left_url, right_url FROM doubtful_pairs "
        "ORDER BY score DESC, left_project, right_project"
    )  # fmt: skip
    return table(columns, [[cell(value) for value in row] for row in rows], limit=100)


def decide(settings: Settings, verb: str, left: str, right: str, *, by: str, note: str) -> str:
    """Record a decision and tie again what it touches. ``verb``: confirm, refuse, merge or split."""
    verbs = {"confirm": judge.confirm, "refuse": judge.refuse, "merge": judge.merge}
    with stages.writer(settings, 60), Warehouse.open(settings.warehouse_path) as house:
        if verb == "split":
            made = judge.split(house, left, [right], by=by, note=note or None)
        else:
            made = [verbs[verb](house, left, right, by=by, note=note or None)]
        tied = house.tie(stages.encoder_for(settings))
    return f"{verb}: judgement {', '.join(made)}; {tied.tellings} tellings looked at again"


def withdraw(settings: Settings, judgement: str) -> str:
    """Take back a judgement and tie again what it touched."""
    with stages.writer(settings, 60), Warehouse.open(settings.warehouse_path) as house:
        judge.withdraw(house, judgement)
        tied = house.tie(stages.encoder_for(settings))
    return f"withdrawn: judgement {judgement}; {tied.tellings} tellings looked at again"


def import_sirene(settings: Settings, file: Path) -> str:
    """Take in a Sirene stock file."""
    from warehouse.sirene import import_stock

    with stages.writer(settings, 60), Warehouse.open(settings.warehouse_path) as house:
        return f"{file}: {import_stock(house, file)} rows"
