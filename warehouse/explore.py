# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"
"""The analysts' notebook on the published copy: ``veilleur explore``. A marimo app; it needs no internet."""

import marimo

app = marimo.App(width="medium", app_title="Veilleur : explorer")


@app.cell
def _():
    import os
    from datetime import date, timedelta
    from pathlib import Path

    import marimo as mo

    from warehouse import explore_pages as pages
    from warehouse.store import QueryError, open_reader

    return Path, QueryError, date, mo, open_reader, os, pages, timedelta


@app.cell
def _(Path, mo, open_reader, os, pages):
    published = Path(mo.cli_args().get("published") or os.environ.get("VEILLEUR_PUBLISHED_PATH") or "published.duckdb")
    copy = open_reader(published)
    counts = pages.rows(
        copy,
        "SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM projects) AS projects, "
        "(SELECT count(*) FROM organisations) AS organisations, (SELECT day FROM today) AS day",
    )[0]
    mo.vstack(
        [
            mo.md(f"# Veilleur\nPresse économique régionale, état au **{pages.day_text(counts['day'])}**"),
            mo.hstack(
                [
                    mo.stat(pages.amount(counts["articles"]), label="articles"),
                    mo.stat(pages.amount(counts["projects"]), label="projets"),
                    mo.stat(pages.amount(counts["organisations"]), label="organisations"),
                ],
                justify="start",
            ),
        ]
    )
    return copy, counts


@app.cell
def _(counts, date, mo, pages, timedelta):
    last = counts["day"] or date.today()
    measure = mo.ui.dropdown(list(pages.MEASURES), value="projets annoncés", label="Mesure")
    kinds = mo.ui.multiselect({v: k for k, v in pages.KINDS.items()}, value=list(pages.KINDS.values()), label="Types")
    since = mo.ui.date(value=last - timedelta(days=730), label="Depuis le")
    mo.vstack([mo.md("## Où"), mo.hstack([measure, since, kinds], justify="start", wrap=True)])
    return kinds, measure, since


@app.cell
def _(copy, kinds, measure, mo, pages, since):
    mo.Html(pages.map_html(pages.by_department(copy, measure.value, kinds.value, since.value), measure.value))
    return


@app.cell
def _(copy, mo, pages, since):
    mo.vstack([mo.md("## Les plus grandes annonces"), mo.ui.table(pages.biggest(copy, since.value), selection=None)])
    return


@app.cell
def _(copy, mo, pages):
    choices = pages.project_choices(copy)
    project = mo.ui.dropdown(choices, value=next(iter(choices), None), label="Projet", searchable=True, full_width=True)
    mo.vstack([mo.md("## Un projet et son histoire"), project])
    return (project,)


@app.cell
def _(copy, mo, pages, project):
    mo.Html(pages.timeline_html(copy, project.value) if project.value else "<p>Aucun projet.</p>")
    return


@app.cell
def _(copy, mo, pages):
    companies = pages.company_choices(copy)
    company = mo.ui.dropdown(
        companies, value=next(iter(companies), None), label="Entreprise", searchable=True, full_width=True
    )
    mo.vstack([mo.md("## Une entreprise"), company])
    return (company,)


@app.cell
def _(company, copy, mo, pages):
    mo.Html(pages.company_html(copy, company.value) if company.value else "<p>Aucune entreprise.</p>")
    return


@app.cell
def _(copy, mo, pages):
    mo.vstack([mo.md("## Les sources"), mo.ui.table(pages.source_rows(copy), selection=None)])
    return


@app.cell
def _(mo):
    sql = mo.ui.code_editor(
        value="SELECT kind, status, count(*) AS projets\nFROM projects\nGROUP BY ALL\nORDER BY projets DESC",
        language="sql",
        label="Requête SQL (lecture seule)",
        debounce=True,
    )
    mo.vstack([mo.md("## Votre requête"), sql])
    return (sql,)


@app.cell
def _(QueryError, copy, mo, pages, sql):
    try:
        mo.output.replace(mo.ui.table(pages.rows(copy, sql.value), selection=None))
    except QueryError as error:
        mo.output.replace(mo.callout(str(error), kind="danger"))
    return


if __name__ == "__main__":
    app.run()
