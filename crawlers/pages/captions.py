"""A caption's words and the name of whoever made the picture."""

from __future__ import annotations

import re

_LABEL = (r"(?:(?:cr[ée]dits?|copyright|photos?|illustrations?|images?|visuels?|ph|infographies?|dessins?|cartes?|"
          r"source|perspectives?)"
          r"(?:[\s-]+(?:cr[ée]dits?|photos?|d['’]archives?|archives?|par|by))?\s*[:©]\s*(?:©\s*)?"
          r"|©\s*|\(c\)\s*|(?:photo|cliché|illustration|image|dessin)\s+(?:de\s+|par\s+)?(?=[A-ZÀ-ÖØ-Þ]))")  # fmt: skip
_MARKED = re.compile(
    rf"(?:^|[\s.!?…»”)])\s*[—–|/-]?\s*[(\[]?\s*{_LABEL}(?P<name>[^()\[\]]{{1,120}}?)\s*[)\]]?\s*\.?\s*$", re.I
)
_AGENCIES = (
    r"AFP|Reuters|REA|Sipa(?:\s?Press)?|Getty(?:\s?Images)?|iStock|Shutterstock|Adobe\s?Stock|Fotolia|Unsplash|Pixabay|"
    r"Pexels|Hans\s?Lucas|Bloomberg|EPA|AP|ABACA(?:PRESS)?|MAXPPP|Belga|ANP|Keystone|Bestimage|Panoramic|Icon\s?Sport|"
    r"Divergence|Andia|Photononstop|Alamy|NurPhoto|Ouest[- ]Medias|DR|D\.R\.|123RF|Depositphotos|Freepik|"
    r"PQR(?:/[\w ]+)?"
)
_AGENCY = re.compile(
    r"(?:^|(?<=[\s.!?…»”)(/,—–|-]))(?P<name>"
    r"(?:[A-ZÀ-ÖØ-Þ][\w.’'-]*(?:\s+(?:[A-ZÀ-ÖØ-Þ][\w.’'-]*|de|d['’]\w+|van|von|le|la))*\s*[/,-]\s*)?"
    rf"(?:{_AGENCIES})(?:\s*[/,-]\s*(?:[\w .’'-]{{2,40}}))?)\s*[)\]]?\s*\.?\s*$"
)
_LABEL_ONLY = re.compile(rf"^[\s(\[]*{_LABEL}", re.I)
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
    for pattern in (_MARKED, _AGENCY):
        match = pattern.search(text)
        if match is None or not (name := clean_credit(match["name"])):
            continue
        if pattern is _MARKED and len(name.split()) > 12:
            continue
        start = match.start()
        if pattern is _MARKED and match[0][:1] in ".!?…»”)":
            start += 1
        return text[:start].rstrip(" \t\xa0\u202f—–|/-([©:;,"), name
    return text, None


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
