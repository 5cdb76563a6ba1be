"""A caption's words and the name of whoever made the picture."""

from __future__ import annotations

import re

_LABEL = (
    r"(?i:(?:cr[ée]dits?|copyright|photos?|illustrations?|images?|visuels?|ph|infographies?|dessins?|cartes?|source|"
    r"perspectives?)(?:[\s-]+(?:cr[ée]dits?|photos?|d['’]archives?|d['’]illustration|archives?|par|by))?\s*[:©]\s*(?:©\s*)?|©\s*|\(c\)\s*)"
)
_BARE = r"(?i:photo|cliché|illustration|image|dessin)s?\s+(?:de\s+|par\s+)?(?=[A-ZÀ-ÖØ-Þ])"
_MARKED = re.compile(
    rf"(?:(?:^|[\s.!?…»”)])\s*[—–|/-]?\s*[(\[]?\s*{_LABEL}|(?:^|[.!?…»”)]\s+|[—–|/(\[-]\s*){_BARE})"
    r"(?P<name>[^()\[\]]{1,120}?)\s*[)\]]?\s*\.?\s*$"
)
_AGENCIES = (
    r"AFP|R(?:euters|EUTERS)|REA|SIPA(?:\s?PRESS)?|GETTY(?:\s?IMAGES)?|SHUTTERSTOCK|HANS\s?LUCAS|Sipa(?:\s?Press)?|Getty(?:\s?Images)?|iStock|Shutterstock|Adobe\s?Stock|Fotolia|Unsplash|Pixabay|"
    r"Pexels|Hans\s?Lucas|Bloomberg|EPA|AP|ABACA(?:PRESS)?|MAXPPP|Belga|ANP|Keystone|Bestimage|Panoramic|Icon\s?Sport|"
    r"Divergence|Andia|Photononstop|Alamy|NurPhoto|Ouest[- ]Medias|DR|D\.R\.|123RF|Depositphotos|Freepik|"
    r"PQR(?:/[\w ]+)?"
)
# "PRENOM NOM/AFP" after a finished sentence or alone; the agency's name alone also after a comma or a dash.
_AGENCY = re.compile(
    r"(?:(?:^|[.!?…»”)(]\s*)(?P<person>[A-ZÀ-ÖØ-Þ](?:\.(?:-[A-Z]\.)?|[\w’'-]*)"
    r"(?:\s+(?:[A-ZÀ-ÖØ-Þ](?:\.(?:-[A-Z]\.)?|[\w’'-]*)|de|d['’]\w+|van|von|le|la))*\s*[/,-]\s*)|(?:^|[.!?…»”)(/,—–|-]\s*))"
    rf"(?P<agency>(?:{_AGENCIES})(?:\s*[/,-]\s*[\w .’'-]{{2,40}})?)\s*[)\]]?\s*\.?\s*$"
)
_LABEL_ONLY = re.compile(rf"^[\s(\[]*(?:{_LABEL}|{_BARE})")
_EDGES = " \t\xa0\u202f—–|/-()[]©:;,"


def split_credit(text: str) -> tuple[str, str | None]:
    """A caption apart from its credit: ``(caption, credit)``; the caption is "" where there was only a credit.

    >>> split_credit("L'usine de Lens, en mars. — Photo : Jeanne Petit")
    ("L'usine de Lens, en mars.", 'Jeanne Petit')
    >>> split_credit("Le maire (© Ville de Lens)")
    ('Le maire', 'Ville de Lens')
    >>> split_credit("Le port de Calais. PHILIPPE HUGUEN/AFP")
    ('Le port de Calais.', 'PHILIPPE HUGUEN/AFP')
    >>> split_credit("La photo montre le futur siège.")
    ('La photo montre le futur siège.', None)
    """
    marked = _MARKED.search(text)
    if marked is not None and (name := clean_credit(marked["name"])) and len(name.split()) <= 12:
        if not text[: marked.start()].strip() and len(name.split()) > 6:
            # "Photo : " before a whole sentence announces the caption, not its author
            return name, None
        return _before(text, marked), name
    agency = _AGENCY.search(text)
    if agency is not None:
        return _before(text, agency), clean_credit((agency["person"] or "") + agency["agency"])
    return text, None


def _before(text: str, match: re.Match[str]) -> str:
    """What stands before a credit, with the sign that ends its sentence."""
    end = match.start() + (match[0][:1] in ".!?…»”)" and match[0][:1] != "")
    return text[:end].rstrip(" \t\xa0\u202f—–|/-([©:;,")


def clean_credit(text: str) -> str:
    """A credit without its label and brackets: "(Crédit photo : J. Petit / AFP)" gives "J. Petit / AFP".

    >>> clean_credit("© DR")
    'DR'
    """
    text = text.strip(_EDGES)
    stripped = _LABEL_ONLY.sub("", text)
    while stripped != text:
        text = stripped.strip(_EDGES)
        stripped = _LABEL_ONLY.sub("", text)
    return text.strip(_EDGES)
