# ruff: noqa: E501  (pages and lines as they come)
"""Press releases in PDF, set by the tests themselves."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract

NOW = datetime(2026, 7, 1, tzinfo=UTC)
URL = "https://chimie-du-rhone.example/presse/cp-0312.pdf"
Line = tuple[str, str, float, float]
"""Text, font, size, space above in points."""

TEXT, BOLD, ITALIC = "Helvetica", "Helvetica-Bold", "Helvetica-Oblique"
RELEASE: list[Line] = [
    ("COMMUNIQUÉ DE PRESSE", BOLD, 10, 0),
    ("Chimie du Rhône investit 45 millions", BOLD, 20, 24),
    ("d’euros à Saint-Fons", BOLD, 20, 4),
    ("Lyon, le 12 mars 2026", TEXT, 11, 14),
    ("Le groupe modernise son atelier de silicones et crée 30 postes d’ici", BOLD, 11, 14),
    ("à 2028.", BOLD, 11, 2),
    ("Chimie du Rhône annonce la modernisation de son atelier de sili-", TEXT, 11, 14),
    ("cones de Saint-Fons (Rhône), engagée en janvier. L’investissement,", TEXT, 11, 2),
    ("de 45 millions d’euros, bénéficie du soutien de la Région Auvergne-", TEXT, 11, 2),
    ("Rhône-Alpes et, peut-", TEXT, 11, 2),
    ("être, de l’Ademe.", TEXT, 11, 2),
    ("« C’est le plus grand chantier du site depuis 1998 », souligne", TEXT, 11, 12),
    ("Agnès Delorme, directrice générale.", TEXT, 11, 2),
    ("Un atelier plus sobre", BOLD, 13, 16),
    ("La consommation d’énergie baissera de 28 %. Trois engagements sont pris :", TEXT, 11, 8),
    ("- supprimer le fioul avant la fin 2027 ;", TEXT, 11, 4),
    ("- recycler 80 % des solvants ;", TEXT, 11, 4),
    ("- réduire de moitié les prélèvements d’eau.", TEXT, 11, 4),
]
SECOND_PAGE: list[Line] = [
    ("Les travaux dureront dix-huit mois. Ils mobiliseront jusqu’à 120 per-", TEXT, 11, 0),
    ("sonnes, dont la moitié viendra d’entreprises de la métropole.", TEXT, 11, 2),
    ("Vue de l’atelier depuis le quai. © Chimie du Rhône", ITALIC, 8, 14),
    ("À propos de Chimie du Rhône", BOLD, 11, 18),
    ("Fondée en 1921, l’entreprise emploie 640 personnes et réalise un chiffre", TEXT, 11, 6),
    ("d’affaires de 310 millions d’euros.", TEXT, 11, 2),
    ("Contact presse", BOLD, 11, 18),
    ("Paul Mercier – 04 00 00 00 00 – presse@chimie-du-rhone.example", TEXT, 11, 4),
]


def typeset(*pages: list[Line], head: str | None = None, encrypt: str | None = None, title: str | None = None) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=encrypt, invariant=1)
    if title:
        canvas.setTitle(title)
    for number, lines in enumerate(pages, 1):
        if head:
            canvas.setFont(TEXT, 8)
            canvas.drawString(60, 815, head)
            canvas.drawString(290, 25, f"Page {number} / {len(pages)}")
        y = 770.0
        for text, font, size, above in lines:
            y -= above + size
            canvas.setFont(font, size)
            canvas.drawString(60, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_release_of_two_pages() -> None:
    article = extract(typeset(RELEASE, SECOND_PAGE, head="Chimie du Rhône – Communiqué"), URL, fetched_at=NOW)
    assert article.title == "Chimie du Rhône investit 45 millions d’euros à Saint-Fons"
    assert (article.published, article.published_raw) == (date(2026, 3, 12), "Lyon, le 12 mars 2026")
    assert article.standfirst == "Le groupe modernise son atelier de silicones et crée 30 postes d’ici à 2028."
    assert (article.url, article.access, article.language, article.extraction) == (URL, "full", "fr", "pdf/pdfplumber")
    assert [(block.kind, block.text) for block in article.body] == [
        ("paragraph", "Chimie du Rhône annonce la modernisation de son atelier de silicones de Saint-Fons (Rhône), engagée en "
                      "janvier. L’investissement, de 45 millions d’euros, bénéficie du soutien de la Région "
                      "Auvergne-Rhône-Alpes et, peut-être, de l’Ademe."),
        ("paragraph", "« C’est le plus grand chantier du site depuis 1998 », souligne Agnès Delorme, directrice générale."),
        ("heading", "Un atelier plus sobre"),
        ("paragraph", "La consommation d’énergie baissera de 28 %. Trois engagements sont pris :"),
        ("paragraph", "- supprimer le fioul avant la fin 2027 ;"),
        ("paragraph", "- recycler 80 % des solvants ;"),
        ("paragraph", "- réduire de moitié les prélèvements d’eau."),
        ("paragraph", "Les travaux dureront dix-huit mois. Ils mobiliseront jusqu’à 120 personnes, dont la moitié viendra "
                      "d’entreprises de la métropole."),
        ("caption", "Vue de l’atelier depuis le quai."),
        ("heading", "À propos de Chimie du Rhône"),
        ("paragraph", "Fondée en 1921, l’entreprise emploie 640 personnes et réalise un chiffre d’affaires de 310 millions "
                      "d’euros."),
    ]  # fmt: skip
    assert [block.credit for block in article.body if block.kind == "caption"] == ["Chimie du Rhône"]


def test_paragraph_over_a_page_break() -> None:
    first = [
        ("La mairie vend la halle", BOLD, 18, 0),
        ("Le conseil municipal a voté la vente de la halle aux", TEXT, 11, 20),
    ]
    second = [("grains, estimée à 900 000 euros par les Domaines.", TEXT, 11, 0)]
    article = extract(typeset(first, second), URL, fetched_at=NOW)
    assert [block.text for block in article.body] == [
        "Le conseil municipal a voté la vente de la halle aux grains, estimée à 900 000 euros par les Domaines."
    ]


def test_title_of_a_release_set_in_one_size() -> None:
    lines = [("Information presse", TEXT, 11, 0), ("Une crèche ouvre sur le port", BOLD, 11, 20),
             ("Sète, le 2 mai 2026. La crèche du port ouvre lundi avec trente berceaux.", TEXT, 11, 12)]  # fmt: skip
    article = extract(typeset(lines), URL, fetched_at=NOW)
    assert article.title == "Une crèche ouvre sur le port"
    assert article.published == date(2026, 5, 2)
    assert [block.text for block in article.body] == [lines[2][0]]


def test_two_columns_are_read_one_after_the_other() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setFont(BOLD, 20)
    canvas.drawString(60, 780, "Deux usines pour un seul fleuve en crue")
    canvas.setFont(TEXT, 10)
    for x, word in ((60, "gauche"), (320, "droite")):
        for n in range(20):
            canvas.drawString(x, 740 - 13 * n, f"Le côté {word} tient sa ligne numéro {n}.")
    canvas.save()
    text = " ".join(block.text for block in extract(buffer.getvalue(), URL, fetched_at=NOW).body)
    assert text.index("gauche tient sa ligne numéro 19") < text.index("droite tient sa ligne numéro 0")


def test_scans_passwords_and_damage() -> None:
    with pytest.raises(ExtractionError, match="empty"):
        extract(typeset([]), URL, fetched_at=NOW)
    with pytest.raises(ExtractionError, match="encrypted_pdf"):
        extract(typeset(RELEASE, encrypt="secret"), URL, fetched_at=NOW)
    whole = typeset(RELEASE, SECOND_PAGE)
    for share in (0.2, 0.5, 0.9):
        try:
            extract(whole[: int(len(whole) * share)], URL, fetched_at=NOW)
        except ExtractionError as error:
            assert error.kind in ("not_pdf", "empty")
