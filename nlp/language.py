"""Which language an article is in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from crawlers.items import Article

# What the regional press of France and its neighbours is written in.
PLAUSIBLE = [
    "fr",
    "en",
    "de",
    "es",
    "it",
    "pt",
    "nl",
    "ca",
    "eu",
    "br",
    "oc",
    "co",
    "lb",
    "pl",
    "ro",
    "ar",
    "tr",
    "ru",
    "zh",
    "ja",
]
FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|une|est|et|dans|pour|sur|avec|qui|que|ses|au|aux|ont|cette|par|plus|ne|pas|son|sa|leur|d|l|qu|n|s)\b",
    re.IGNORECASE,
)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in PLAUSIBLE if code in set(identifier.nb_classes)])
    return identifier


def language_of(article: Article) -> str:
    """The language of an article as an ISO 639-1 code; ``und`` where there are no words.

    >>> language_of(Article(title="L'usine de Lens ferme ses portes"))
    'fr'
    """
    text = " ".join(text for _, _, text in article.texts())[:6000]
    words = re.findall(r"[^\W\d_]+", text)
    if not words:
        return "und"
    code, score = _identifier().classify(text)
    if (
        code != "fr"
        and len(FRENCH.findall(text)) >= max(2, 0.16 * len(words))
        and (len(words) < 40 or code in ("oc", "ca", "br", "co"))
    ):
        return "fr"
    if code != "fr" and len(words) < 8 and score < 0.9:
        return "fr"
    return str(code)
