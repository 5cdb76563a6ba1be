"""What the notebook shows, as rows and HTML made from a published copy: map, timeline, company page.

Everything here reads only; the notebook (``explore.py``) puts it on the page. What users read is French.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import duckdb

from warehouse.store import QueryError

Row = dict[str, Any]

KINDS = {
    "new_site": "implantation", "expansion": "extension", "relocation": "transfert", "closure": "fermeture",
    "restructuring": "suppressions de postes", "insolvency": "procédure collective", "acquisition": "rachat",
    "funding_round": "levée de fonds", "recruitment": "recrutement", "partnership": "partenariat, contrat",
    "infrastructure": "infrastructure, immobilier", "programme": "programme",
}  # fmt: skip
STATUSES = {
    "considered": "envisagé", "negotiating": "en négociation", "announced": "annoncé", "approved": "acté",
    "under_way": "en cours", "completed": "achevé", "delayed": "retardé", "cancelled": "abandonné",
}  # fmt: skip
FIELDS = {
    "told": "premier récit", "status": "statut", "investment_eur": "investissement", "jobs_created": "emplois créés",
    "jobs_cut": "emplois supprimés", "jobs_saved": "emplois maintenus", "funding_round_eur": "levée de fonds",
    "deal_value_eur": "valeur de l'opération", "grant_eur": "aide publique", "carrier": "porteur", "start": "démarrage",
    "opening": "ouverture", "completion": "achèvement", "decision": "décision", "inquiry": "enquête publique",
    "hearing": "audience", "offers_due": "date limite des offres",
}  # fmt: skip
# What the map can be coloured by: label -> expression over the view `projects`.
MEASURES = {
    "projets annoncés": "count(*)",
    "investissements (€)": "sum(coalesce(p.investment_eur_high, p.investment_eur_low))",
    "emplois créés": "sum(coalesce(p.jobs_created_high, p.jobs_created_low))",
    "emplois supprimés": "sum(coalesce(p.jobs_cut_high, p.jobs_cut_low))",
}
SHADES = ("#f1efe9", "#cfe0e6", "#93bccb", "#4f90a8", "#1f6480", "#0b3c52")


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Run one query; rows as mappings. Raises QueryError with DuckDB's own message."""
    try:
        cursor = connection.execute(sql, list(parameters))
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def amount(value: float | None, unit: str = "") -> str:
    """A number as French readers write it: ``45 M€``, ``1,2 Md€``, ``1 250``; ``–`` for None.

    >>> amount(1_200_000_000, "€"), amount(45_500_000, "€"), amount(1250), amount(None)
    ('1,2 Md€', '45,5 M€', '1 250', '–')
    """
    if value is None:
        return "–"
    space = "\N{NO-BREAK SPACE}"
    if unit == "€" and abs(value) >= 1e9:
        return f"{_decimal(value / 1e9)}{space}Md€"
    if unit == "€" and abs(value) >= 1e6:
        return f"{_decimal(value / 1e6)}{space}M€"
    text = f"{value:,.0f}".replace(",", space)
    return f"{text}{space}{unit}" if unit else text


def _decimal(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")


def bounds(low: float | None, high: float | None, unit: str = "") -> str:
    """Two ends of a figure: ``45 M€``, ``15 à 20 M€``, ``plus de 40 M€``, ``jusqu'à 5 M€``."""
    if low is not None and high is not None:
        return amount(low, unit) if low == high else f"{amount(low, unit)} à {amount(high, unit)}"
    if low is not None:
        return f"plus de {amount(low, unit)}"
    return f"jusqu'à {amount(high, unit)}" if high is not None else "–"


def status_text(status: str) -> str:
    """A status in French."""
    return STATUSES.get(status, status)


def day_text(day: date | None) -> str:
    """A day as 13/03/2025."""
    return day.strftime("%d/%m/%Y") if day else "–"


def value_text(field: str, value: str | None) -> str:
    """A value of the history for readers: ``announced`` -> annoncé, ``~100`` -> environ 100, an interval as days."""
    if value is None:
        return "–"
    if field == "status":
        return status_text(value)
    if field == "told":
        return KINDS.get(value, value)
    if "/" in value and field in FIELDS and field not in ("carrier",):
        start, _, end = value.partition("/")
        first, last = (day_text(date.fromisoformat(d)) if d else "" for d in (start, end))
        if first == last:
            return first
        return f"du {first} au {last}" if first and last else (f"à partir du {first}" if first else f"d'ici au {last}")
    unit = "€" if field.endswith("_eur") else ""
    marks = {"~": "environ ", ">=": "plus de ", "<=": "jusqu'à "}
    for mark, words in marks.items():
        if value.startswith(mark):
            return words + _number_text(value.removeprefix(mark), unit)
    if ".." in value:
        low, _, high = value.partition("..")
        return f"{_number_text(low, unit)} à {_number_text(high, unit)}"
    return _number_text(value, unit)


def _number_text(value: str, unit: str) -> str:
    try:
        return amount(float(value), unit)
    except ValueError:
        return value


# ------------------------------------------------------------------------------------------------ map


@cache
def _outlines() -> dict[str, Any]:
    text = (files("warehouse") / "geography" / "departments_map.json").read_text(encoding="utf-8")
    outlines: dict[str, Any] = json.loads(text)
    return outlines


def by_department(
    connection: duckdb.DuckDBPyConnection, measure: str, kinds: Sequence[str], since: date
) -> dict[str, float]:
    """INSEE code of a département -> what ``measure`` (a key of MEASURES) comes to there.

    A project that lies in several départements counts in each: the map says where, the balances how much.
    """
    found = rows(
        connection,
        f"SELECT p.department_code AS code, {MEASURES[measure]} AS value FROM "  # noqa: S608 (our own expressions)
        "(SELECT *, unnest(department_codes) AS department_code FROM projects) p "
        "WHERE p.last_told_at >= ? AND list_contains(?::VARCHAR[], p.kind) AND p.status <> 'cancelled' GROUP BY ALL",
        [since, list(kinds)],
    )
    return {row["code"]: float(row["value"]) for row in found if row["value"]}


def shade(value: float, values: Sequence[float]) -> int:
    """Which of the shades 1.. a value gets: fifths of the values by rank."""
    below = sum(v < value for v in values)
    return 1 + min(len(SHADES) - 2, below * (len(SHADES) - 1) // max(1, len(values)))


def map_html(values: Mapping[str, float], label: str) -> str:
    """The map of the départements, coloured; overseas départements and the legend beside it."""
    outlines = _outlines()
    unit = "€" if "€" in label else ""
    known = sorted(values.values())
    paths = []
    for code, place in outlines["departments"].items():
        value = values.get(code)
        colour = SHADES[shade(value, known)] if value else SHADES[0]
        title = escape(f"{place['name']} ({code}) : {amount(value or 0, unit)}")
        paths.append(f'<path d="{place["path"]}" fill="{colour}"><title>{title}</title></path>')
    outside = {code: value for code, value in sorted(values.items()) if code not in outlines["departments"]}
    overseas = "".join(f"<li>{escape(code)} : {amount(value, unit)}</li>" for code, value in outside.items())
    return _template("map.html").substitute(
        viewbox=outlines["viewBox"],
        paths="".join(paths),
        label=escape(label),
        legend=_legend(known, unit),
        overseas=f"<p>Outre-mer</p><ul>{overseas}</ul>" if overseas else "",
    )


def _legend(known: Sequence[float], unit: str) -> str:
    entries = []
    for step, colour in enumerate(SHADES):
        members = [v for v in known if shade(v, known) == step]
        if step == 0:
            text = "aucun"
        elif not members:
            continue
        else:
            low, high = amount(members[0], unit), amount(members[-1], unit)
            text = low if low == high else f"{low} à {high}"
        entries.append(f'<li><span style="background:{colour}"></span>{escape(text)}</li>')
    return "".join(entries)


@cache
def _template(name: str) -> Template:
    return Template((files("warehouse") / "templates" / name).read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ projects, companies


def project_label(row: Row) -> str:
    """How a project is called in a list: its name, who carries it, what, where."""
    who = ", ".join(row["organisations"][:2]) or "porteur inconnu"
    name = f"{row['name']} – " if row["name"] else ""
    where = f" à {row['places'][0]}" if row["places"] else ""
    return f"{name}{who} : {KINDS.get(row['kind'], row['kind'])}{where}"


def project_choices(connection: duckdb.DuckDBPyConnection, limit: int = 500) -> dict[str, str]:
    """Label -> project_id; those with most changes first, for what has a history is worth looking at."""
    found = rows(
        connection,
        "SELECT p.project_id, p.name, p.kind, p.organisations, p.places FROM projects p LEFT JOIN "
        "(SELECT project_id, count(*) FILTER (before IS NOT NULL) AS changes FROM project_history GROUP BY ALL) h "
        "USING (project_id) ORDER BY coalesce(h.changes, 0) DESC, p.reports DESC, p.last_told_at DESC, p.project_id "
        "LIMIT ?",
        [limit],
    )
    choices: dict[str, str] = {}
    for row in found:
        label = project_label(row)
        choices[label if label not in choices else f"{label} ({row['project_id']})"] = row["project_id"]
    return choices


def biggest(connection: duckdb.DuckDBPyConnection, since: date, limit: int = 50) -> list[Row]:
    """The biggest announcements by investment, then jobs: rows with French headings."""
    found = rows(
        connection,
        "SELECT * FROM projects WHERE last_told_at >= ? AND coalesce(investment_eur_high, investment_eur_low, "
        "jobs_created_high, jobs_created_low, jobs_cut_high, jobs_cut_low) IS NOT NULL "
        "ORDER BY coalesce(investment_eur_high, investment_eur_low, 0) DESC, coalesce(jobs_created_high, "
        "jobs_created_low, jobs_cut_high, jobs_cut_low, 0) DESC, project_id LIMIT ?",
        [since, limit],
    )
    return [
        {
            "projet": project_label(row),
            "statut": status_text(row["status"]),
            "investissement": bounds(row["investment_eur_low"], row["investment_eur_high"], "€"),
            "emplois créés": bounds(row["jobs_created_low"], row["jobs_created_high"]),
            "emplois supprimés": bounds(row["jobs_cut_low"], row["jobs_cut_high"]),
            "dernier récit": day_text(row["last_told_at"]),
            "sources": row["sources"],
        }
        for row in found
    ]


def timeline_html(connection: duckdb.DuckDBPyConnection, project_id: str) -> str:
    """A project's page: what stands, then each change with its article, its speaker and its words."""
    found = rows(connection, "SELECT * FROM projects WHERE project_id = ?", [project_id])
    if not found:
        return f"<p>{escape(project_id)} : projet inconnu.</p>"
    project = found[0]
    steps = rows(
        connection,
        'SELECT h."at", h.field, h.before, h.after, h.said_by, h.article_url, h.evidence_text, a.source, a.title '
        "FROM project_history h LEFT JOIN articles a USING (article_id) WHERE h.project_id = ? "
        'ORDER BY h."at", a.url, h.step_id',
        [project_id],
    )
    by_day: dict[tuple[Any, Any], list[Row]] = {}
    for step in steps:
        by_day.setdefault((step["at"], step["article_url"]), []).append(step)
    entries = "".join(_entry(day, url, group) for (day, url), group in by_day.items())
    facts = [
        ("statut", status_text(project["status"])),
        ("investissement", bounds(project["investment_eur_low"], project["investment_eur_high"], "€")),
        ("emplois créés", bounds(project["jobs_created_low"], project["jobs_created_high"])),
        ("emplois supprimés", bounds(project["jobs_cut_low"], project["jobs_cut_high"])),
        ("premier récit", f"{day_text(project['first_told_at'])}, {project['first_told_by'] or '–'}"),
        ("sources indépendantes", str(project["sources"])),
    ]
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts if v != "–")
    return _template("timeline.html").substitute(title=escape(project_label(project)), facts=cells, entries=entries)


def _entry(day: date, url: str | None, group: Sequence[Row]) -> str:
    changes = []
    for step in sorted(group, key=lambda s: list(FIELDS).index(s["field"]) if s["field"] in FIELDS else 99):
        after = escape(value_text(step["field"], step["after"]))
        before = f"<s>{escape(value_text(step['field'], step['before']))}</s> → " if step["before"] else ""
        speaker = f" <i>selon {escape(step['said_by'])}</i>" if step["said_by"] else ""
        words = f"<q>{escape(step['evidence_text'])}</q>" if step["evidence_text"] else ""
        field: str = step["field"]
        label = escape(FIELDS.get(field, field))
        changes.append(f"<li><b>{label}</b> {before}{after}{speaker} {words}</li>")
    source = escape(group[0]["source"] or "source inconnue")
    title = escape(group[0]["title"] or url or "")
    link = (
        f'<a href="{escape(str(url), quote=True)}" target="_blank" rel="noreferrer">{title}</a>' if _web(url) else title
    )
    return f"<li><h4>{day_text(day)} · {source}</h4><p>{link}</p><ul>{''.join(changes)}</ul></li>"


def _web(url: str | None) -> bool:
    """Only web addresses become links: an address in the data is somebody else's text."""
    return bool(url) and str(url).startswith(("https://", "http://"))


def company_choices(connection: duckdb.DuckDBPyConnection, limit: int = 1000) -> dict[str, str]:
    """Label -> organisation id; those that carry most projects first."""
    found = rows(
        connection,
        "SELECT o.id, o.name, count(p.project_id) AS projects FROM organisations o LEFT JOIN "
        "(SELECT project_id, unnest(organisation_ids) AS id FROM projects) p USING (id) "
        "WHERE o.kind = 'company' GROUP BY ALL ORDER BY projects DESC, o.name, o.id LIMIT ?",
        [limit],
    )
    choices: dict[str, str] = {}
    for row in found:
        label = row["name"] if row["name"] not in choices else f"{row['name']} ({row['id']})"
        choices[label] = row["id"]
    return choices


def company_html(connection: duckdb.DuckDBPyConnection, organisation_id: str) -> str:
    """A company's page: names, number, projects, figures that articles state of it, people."""
    found = rows(connection, "SELECT * FROM organisations WHERE id = ?", [organisation_id])
    if not found:
        return f"<p>{escape(organisation_id)} : organisation inconnue.</p>"
    company = found[0]
    projects = rows(
        connection,
        "SELECT * FROM projects WHERE list_contains(organisation_ids, ?) ORDER BY last_told_at DESC, project_id",
        [organisation_id],
    )
    figures = rows(
        connection,
        "SELECT measure, low, high, unit, year, said_by, published_on, evidence_text FROM figures "
        "WHERE list_contains(?::VARCHAR[], subject) AND measure IN ('revenue', 'workforce') "
        "ORDER BY published_on DESC, figure_id LIMIT 12",
        [[company["name"], *company["aliases"]]],
    )
    people = rows(
        connection,
        "SELECT name, r.title AS title FROM (SELECT name, unnest(roles) AS r FROM people) "
        "WHERE r.organisation_id = ? ORDER BY r.last_told_at DESC, name LIMIT 12",
        [organisation_id],
    )
    lines = [
        f"<li>{escape(project_label(p))} <i>({escape(status_text(p['status']))}, "
        f"{escape(bounds(p['investment_eur_low'], p['investment_eur_high'], '€'))})</i></li>"
        for p in projects
    ]
    known = [
        f"<li>{'effectif' if f['measure'] == 'workforce' else 'chiffre d’affaires'} : "
        f"{escape(bounds(f['low'], f['high'], '€' if f['unit'] == 'EUR' else ''))} "
        f"<q>{escape(f['evidence_text'] or '')}</q> ({day_text(f['published_on'])})</li>"
        for f in figures
    ]
    roles = [f"<li>{escape(p['name'])}, {escape(p['title'])}</li>" for p in people]
    siren = f"SIREN {company['siren']}" if company["siren"] else "SIREN inconnu"
    return _template("company.html").substitute(
        name=escape(company["name"]),
        aliases=escape(", ".join(company["aliases"])) or "–",
        siren=escape(siren),
        days=f"{day_text(company['first_told_at'])} – {day_text(company['last_told_at'])}",
        projects="".join(lines) or "<li>aucun</li>",
        figures="".join(known) or "<li>aucun</li>",
        people="".join(roles) or "<li>personne</li>",
    )


def source_rows(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How the sources do: rows with French headings, those with issues first."""
    found = rows(
        connection,
        "SELECT * FROM sources ORDER BY issues_7_days DESC, articles_7_days, source_id",
    )
    return [
        {
            "source": row["name"] or row["source_id"],
            "dernier article": day_text(row["last_published_on"]),
            "articles, 7 jours": row["articles_7_days"],
            "articles, 30 jours": row["articles_30_days"],
            "attendus par semaine": row["expected_per_week"],
            "incidents, 7 jours": row["issues_7_days"],
            "droits": row["rights_basis"],
        }
        for row in found
    ]
