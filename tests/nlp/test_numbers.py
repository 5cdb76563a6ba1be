"""Numbers and quantities: marked expressions, round trips from numbers to French and back, no crash on any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.components.dates import find_dates
from nlp.components.numbers import Quantity, find_quantities
from nlp.components.numbers_words import cardinal
from nlp.folding import fold

UNITS = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}


def below_hundred(n: int) -> str:
    if n <= 16:
        return UNITS[n]
    if n < 20:
        return f"dix-{UNITS[n - 10]}"
    if n == 80:
        return "quatre-vingts"
    if n > 80:
        return f"quatre-vingt-{below_hundred(n - 80)}"
    ten, unit = divmod(n, 10)
    if ten == 7:
        return "soixante et onze" if n == 71 else f"soixante-{below_hundred(n - 60)}"
    if unit == 0:
        return TENS[ten]
    return f"{TENS[ten]} et un" if unit == 1 else f"{TENS[ten]}-{UNITS[unit]}"


def below_thousand(n: int) -> str:
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return below_hundred(rest)
    head = "cent" if hundreds == 1 else f"{UNITS[hundreds]} cent{'s' if not rest else ''}"
    return f"{head} {below_hundred(rest)}" if rest else head


def spelled(n: int) -> str:
    """A number below a million in traditional French spelling."""
    thousands, rest = divmod(n, 1000)
    if not thousands:
        return below_thousand(rest)
    head = (
        "mille"
        if thousands == 1
        else f"{below_thousand(thousands).removesuffix('s') if thousands % 100 == 80 else below_thousand(thousands)} mille"
    )
    if thousands % 100 == 0 and thousands > 100:
        head = f"{UNITS[thousands // 100]} cent mille"
    return f"{head} {below_thousand(rest)}" if rest else head


@given(st.integers(min_value=2, max_value=999_999))
@settings(max_examples=400)
def test_a_spelled_number_is_read_back(n: int) -> None:
    assert cardinal(fold(spelled(n))) == n
    assert cardinal(fold(spelled(n).replace(" ", "-"))) == n  # the spelling of 1990


def grouped(n: int, separator: str) -> str:
    return f"{n:,}".replace(",", separator)


@given(st.integers(min_value=1, max_value=10**9), st.sampled_from([" ", "\u00a0", "\u202f", ".", "", "\u2009"]))
def test_digits_with_any_separator_are_read_back(n: int, separator: str) -> None:
    (found,) = find_quantities(f"un total de {grouped(n, separator)} euros.")
    assert (found.low, found.high, found.unit) == (n, n, "EUR")


MAGNITUDES = st.sampled_from([("k€", 1e3), ("M€", 1e6), (" M€", 1e6), ("\u202fM€", 1e6), (" millions d'euros", 1e6), (" Md€", 1e9),
                              (" Mds€", 1e9), (" milliards d’euros", 1e9), (" milliers d'euros", 1e3)])  # fmt: skip


@given(st.integers(min_value=11, max_value=99_999), MAGNITUDES)
def test_decimals_with_magnitude_are_read_back(tenths: int, magnitude: tuple[str, float]) -> None:
    whole, tenth = divmod(tenths, 10)
    text = f"Il investit {whole},{tenth}{magnitude[0]} à Lens."
    (found,) = find_quantities(text)
    assert found.low == pytest.approx(tenths * magnitude[1] / 10)
    assert found.unit == "EUR"


@given(
    st.integers(min_value=2, max_value=900),
    st.integers(min_value=1, max_value=99),
    st.sampled_from(["MW", "hectares", "m²", "GWh", "km"]),
)
def test_ranges_share_their_tail(low: int, more: int, unit: str) -> None:
    for text in (
        f"entre {low} et {low + more} {unit}",
        f"{low} à {low + more} {unit}",
        f"de {low} à {low + more} {unit}",
    ):
        (found,) = find_quantities(f"Soit {text} au total.")
        assert (found.low, found.high, found.qualifier) == (low, low + more, "range")


def shown(q: Quantity) -> tuple[float | None, float | None, str, str]:
    return q.low, q.high, q.qualifier, q.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("un montant d'1,5 milliard d'euros", (1.5e9, 1.5e9, "exact", "EUR")),
        ("57M€", (57e6, 57e6, "exact", "EUR")),
        ("3 Mds$", (3e9, 3e9, "exact", "USD")),
        ("12,5 millions de livres sterling", (12.5e6, 12.5e6, "exact", "GBP")),
        ("4 millions de francs suisses", (4e6, 4e6, "exact", "CHF")),
        ("45 MEUR", (45e6, 45e6, "exact", "EUR")),
        ("un million et demi d'euros", (1.5e6, 1.5e6, "exact", "EUR")),
        ("un demi-million d'euros", (5e5, 5e5, "exact", "EUR")),
        ("deux millions trois cent mille euros", (2.3e6, 2.3e6, "exact", "EUR")),
        ("1.178 m²", (1178, 1178, "exact", "m2")),
        ("près de 3 hectares", (3, 3, "about", "ha")),
        ("de l'ordre de 40 M€", (40e6, 40e6, "about", "EUR")),
        ("une cinquantaine de millions d'euros", (50e6, 50e6, "about", "EUR")),
        ("une centaine d'hectares", (100, 100, "about", "ha")),
        ("un peu moins de 8 M€", (None, 8e6, "at_most", "EUR")),
        ("ne dépassera pas 250 000 m³", (None, 250_000, "at_most", "m3")),
        ("jusqu'à 5 M€", (None, 5e6, "at_most", "EUR")),
        ("la dette dépasse désormais 8 M€", (8e6, None, "at_least", "EUR")),
        ("plus d'un million d'euros", (1e6, None, "at_least", "EUR")),
        ("au moins 80 MW", (80, None, "at_least", "MW")),
        ("10 M€ minimum", (10e6, None, "at_least", "EUR")),
        ("plusieurs centaines de tonnes", None),
        ("auprès de 12 MW", (12, 12, "exact", "MW")),
        ("ne table plus que sur 12 MW", (12, 12, "exact", "MW")),
        ("de 30 000 à 100 000 voire 120 000 m2", (30_000, 120_000, "range", "m2")),
        ("entre 800 000 et 1,2 million d'euros", (8e5, 1.2e6, "range", "EUR")),
        ("10 à 15 millions d'euros", (10e6, 15e6, "range", "EUR")),
        ("500 kWc", (0.5, 0.5, "exact", "MW")),
        ("1,2 TWh", (1200, 1200, "exact", "GWh")),
        ("8 000 hectolitres", (800_000, 800_000, "exact", "l")),
        ("– 6,3 %", (6.3, 6.3, "exact", "%")),
        ("12 pour cent", (12, 12, "exact", "%")),
    ],
)  # fmt: skip
def test_marked_expressions(text: str, expected: tuple[float | None, float | None, str, str] | None) -> None:
    found = find_quantities(text)
    assert len(found) == 1
    if expected is None:
        assert (found[0].qualifier, found[0].low, found[0].high) == ("at_least", 200, None)
    else:
        assert shown(found[0]) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("passer de 140 à 200 salariés", [140, 200]),
        ("le coût a glissé de 35 à 41 M€", [35e6, 41e6]),
        ("un montant de 35 à 41 M€", [(35e6, 41e6)]),
        ("deux bâtiments de 38.000 et 24.000 m²", [2, 38_000, 24_000]),
        ("50 000, 70 000 et même 107 000 m2", [50_000, 70_000, 107_000]),
        ("à respectivement 200, 110 et 42 millions d'euros", [200e6, 110e6, 42e6]),
        ("La part passera de 5 à 8 %", [5, 8]),
        ("Les prix augmentent de 5 à 8 %", [(5, 8)]),
    ],
)
def test_neighbours_are_tied(text: str, values: list[float | tuple[float, float]]) -> None:
    found = [(q.low, q.high) if q.low != q.high else q.low for q in find_quantities(text)]
    assert found == values


@pytest.mark.parametrize(
    "text",
    [
        "le 12 mai 2025", "05 00 00 00 00", "59000 Lille", "dans le Nord (59)", "l'A31 et la RN 12", "la phase 2 du projet", "n°1 mondial",
        "ISO 9001", "la 4L et un Airbus A320", "âgée de 45 ans", "pendant vingt-deux mois", "à 16 heures", "une usine", "24/7",
        "la 15e édition", "un hôtel 4 étoiles", "long de 240 mètres", "en 2024", "2,5 fois plus", "www.exemple12.fr", "12 rue des Halles",
    ],
)  # fmt: skip
def test_what_is_no_quantity(text: str) -> None:
    masks = [(d.start, d.end) for d in find_dates(text, None)]
    assert find_quantities(text, masks) == []


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_is_read_without_a_crash(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for quantity in find_quantities(text):
        assert 0 <= quantity.start <= quantity.number[0] < quantity.number[1] <= quantity.end <= len(text)


PIECES = st.lists(st.sampled_from(["12", "345", "de", "à", "et", "M", "€", "million", "s", "d'", "euros", "entre", ",", ".", "%", "-", "une", "dizaine", "cent", "mille", "soit", "dont", "jusqu'à", "2024", "mars", "m²"]),
                  max_size=40)  # fmt: skip


@given(PIECES)
@settings(max_examples=300)
def test_any_mix_of_number_words_is_read_without_a_crash(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for quantity in find_quantities(text, [(d.start, d.end) for d in find_dates(text, None)]):
        assert quantity.low is not None or quantity.high is not None
        if quantity.low is not None and quantity.high is not None:
            assert quantity.low <= quantity.high


def test_time_is_linear_in_the_length() -> None:
    sentence = (
        "Le groupe investit 12,5 M€ à Lens, dont 3 M€ d'aides, et passera de 140 à 200 salariés d'ici à "
        "2027, soit 43 % "
    )

    def seconds(times: int) -> float:
        text = sentence * times
        begin = time.perf_counter()
        find_quantities(text, [(d.start, d.end) for d in find_dates(text, None)])
        return time.perf_counter() - begin

    seconds(10)
    short, long = seconds(300), seconds(3000)
    assert long < 25 * short
