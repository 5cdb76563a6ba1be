"""Legal notices: the BODACC's open-data API, answers to Articles.

The data set ``annonces-commerciales`` of the DILA (Opendatasoft, ``explore/v2.1``): an answer is ``{"total_count",
"results": [record…]}``; a record's ``listepersonnes``, ``jugement``, ``acte`` … are JSON written into strings. The id
of a notice is its publication's letter, the number of the issue and its own number (``A`` + ``20250226`` + ``1671``).

Read are insolvencies (``collective``), sales (``vente``) and creations (``creation``, ``immatriculation``). A
``rectificatif`` becomes the next version of the notice that it corrects, and an ``annulation`` or the retraction of a
judgement a version that says so and claims nothing else, so that what was told of a company is undone where it was
told. Natural persons (``typePersonne`` ``pp``: sole traders) are never named: no name, no street, no register number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from crawlers.discovery import Fault, Found, UnreadableDocument, parse_date, with_query
from crawlers.items import Article, Block
from crawlers.registry import Endpoint, Source
from crawlers.urls import UrlError, canonical_url

PAGE_SIZE = 100
"""The most records that the API gives at once."""
MAX_OFFSET = 9_900
"""The API answers no offset beyond 10,000."""
FAMILIES = ("collective", "vente", "creation", "immatriculation")
DETAIL_URL = "https://www.bodacc.fr/pages/annonces-commerciales-detail/?q.id=id:{}"
MASKED = "Un entrepreneur individuel"

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_PLAIN_SUM = re.compile(r"(?<![\d.,])(\d{4,12})(?:[.,]00)?(?=\s*(?:€|euros?\b|EUR\b))")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. ``about`` is the id of the notice that it stands for: its own, or the one corrected or annulled."""

    ident: str
    about: str
    kind: Literal["annonce", "rectificatif", "annulation"]
    digest: str
    article: Article


@dataclass(slots=True)
class Bulletin:
    """One answer of the API: its notices in order of publication, and ``found`` with faults and the next page."""

    found: Found = field(default_factory=Found)
    notices: list[Notice] = field(default_factory=list)


def notices_url(endpoint: Endpoint, day: date) -> str:
    """The first question of a day: the endpoint's departments, the days looked back, in order of publication."""
    since = day - timedelta(days=endpoint.lookback_days)
    families = ", ".join(f'"{name}"' for name in FAMILIES)
    where = f"familleavis in ({families}) and dateparution >= date'{since}' and dateparution <= date'{day}'"
    if endpoint.departments:
        where += f" and numerodepartement in ({', '.join(json.dumps(code) for code in endpoint.departments)})"
    return with_query(endpoint.url, where=where, order_by="dateparution,id", limit=str(PAGE_SIZE), offset="0")


def parse_notices(body: bytes, url: str, source: Source) -> Bulletin:
    """The notices of an answer; a record that cannot be read is a fault, not the end of the others.

    Raises :class:`~crawlers.discovery.UnreadableDocument` where the answer itself is none.
    """
    try:
        answer = json.loads(body)
        records = answer["results"]
        total = int(answer.get("total_count") or 0)
        if not isinstance(records, list):
            raise TypeError("results is no list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableDocument("api-malformed", f"no answer of the data set: {error}") from error
    bulletin = Bulletin()
    for record in records:
        try:
            bulletin.notices.append(_notice(record, source))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            ident = record.get("id") if isinstance(record, dict) else None
            message = f"notice {ident or '(without id)'}: {type(error).__name__}: {error}"
            bulletin.found.faults.append(Fault("notice-malformed", message))
    offset_match = re.search(r"[?&]offset=(\d+)", url)
    after = (int(offset_match.group(1)) if offset_match else 0) + PAGE_SIZE
    if records and after < total:
        if after > MAX_OFFSET:
            bulletin.found.faults.append(Fault("api-too-long", f"{total} notices, of which {after} can be asked for"))
        else:
            bulletin.found.next_url = with_query(url, offset=str(after))
    return bulletin


def _notice(record: Mapping[str, Any], source: Source) -> Notice:
    ident = str(record["id"])
    day = parse_date(str(record["dateparution"]))
    if day is None:
        raise ValueError(f"dateparution {record['dateparution']!r}")
    kind = str(record.get("typeavis") or "annonce").lower()
    judgement = _part(record, "jugement")
    before = _part(record, "parutionavisprecedent")
    if before and _is_retraction(judgement):
        kind = "annulation"
    if kind not in {"annonce", "rectificatif", "annulation"}:
        raise ValueError(f"typeavis {kind!r}")
    about = _previous_id(before) if before and kind != "annonce" else None
    parties = [_party(person) for person in _each(_part(record, "listepersonnes"), "personne")]
    former = [
        _party(person)
        for key in ("listeprecedentproprietaire", "listeprecedentexploitant")
        for person in _each(_part(record, key), "personne")
    ]
    lines = _lines(record, judgement, parties, former) if kind != "annulation" else []
    what = _what(record, judgement)
    who = _names(parties)
    place = _place(record, parties)
    if kind == "annulation":
        title = f"Annonce légale annulée : {place}" if place else "Annonce légale annulée"
        lines = [f"L'annonce légale {_told(before)} est annulée ou rétractée ; elle est sans effet."]
    else:
        title = f"{what} : {who}" + (f" ({place})" if place else "")
        if kind == "rectificatif":
            lines.append(f"Cette annonce rectifie l'annonce légale {_told(before)}.")
    secret = [word for party in (*parties, *former) for word in party.secret]
    about = about or ident
    article = Article(
        url=DETAIL_URL.format(about) if about != ident else _url(record, ident),
        source=source.name,
        source_id=source.id,
        title=_mask(title, secret),
        body=tuple(Block(kind="paragraph", text=text) for line in lines if (text := _mask(line, secret))),
        region=record.get("region_nom_officiel") or None,
        published=day,
        published_raw=str(record["dateparution"]),
        section=record.get("familleavis_lib") or None,
        tags=tuple(str(value) for value in (record.get("typeavis_lib"), record.get("tribunal")) if value),
        language="fr",
        access="full",
        extraction="bodacc",
    )
    raw = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(raw.encode()).hexdigest()[:20]
    return Notice(ident, about, kind, digest, article)  # type: ignore[arg-type]


def _is_retraction(judgement: Mapping[str, Any]) -> bool:
    words = f"{judgement.get('famille', '')} {judgement.get('nature', '')}".lower()
    return "rétractation" in words or "retractation" in words or "annulation du jugement" in words


def _previous_id(before: Mapping[str, Any]) -> str | None:
    letter = re.search(r"\b([ABC])\s*$", str(before.get("nomPublication") or "").strip().upper())
    issue = re.sub(r"\D", "", str(before.get("numeroParution") or ""))
    number = re.sub(r"\D", "", str(before.get("numeroAnnonce") or ""))
    return f"{letter.group(1)}{issue}{number}" if letter and issue and number else None


def _told(before: Mapping[str, Any]) -> str:
    number, day = before.get("numeroAnnonce"), before.get("dateParution")
    return f"n° {number}" + (f" parue le {_written(str(day))}" if day else "") if number else "précédente"


# --- persons ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Party:
    name: str
    natural: bool
    form: str | None = None
    siren: str | None = None
    court: str | None = None
    postcode: str | None = None
    town: str | None = None
    activity: str | None = None
    capital: str | None = None
    secret: tuple[str, ...] = ()


def _party(person: Mapping[str, Any]) -> _Party:
    """A party to a notice. Whoever is not clearly a legal person is treated as a natural one."""
    address = person.get("adresseSiegeSocial") or person.get("adressePP") or person.get("adresse") or {}
    if isinstance(address, dict) and isinstance(address.get("france"), dict):
        address = address["france"]
    address = address if isinstance(address, dict) else {}
    town, postcode = _clean(address.get("ville")), _clean(address.get("codePostal"))
    denomination = _clean(person.get("denomination"))
    if str(person.get("typePersonne") or "").lower() != "pm" or not denomination:
        words = [_clean(person.get(key)) for key in ("nom", "prenom", "nomUsage", "pseudonyme", "nomCommercial")]
        register = person.get("numeroImmatriculation")
        number = _clean(register.get("numeroIdentification")) if isinstance(register, dict) else None
        secret = [part for word in words if word for part in (word, *word.split()) if len(part) > 2]
        if number:
            secret += [number, number.replace(" ", "")]
        return _Party(
            MASKED, True, postcode=postcode, town=town, activity=_clean(person.get("activite")), secret=tuple(secret)
        )
    register = person.get("numeroImmatriculation") or {}
    capital = person.get("capital") or {}
    amount = _clean(capital.get("montantCapital")) if isinstance(capital, dict) else None
    return _Party(
        denomination,
        False,
        form=_clean(person.get("formeJuridique")),
        siren=_clean(register.get("numeroIdentification")) if isinstance(register, dict) else None,
        court=_clean(register.get("nomGreffeImmat")) if isinstance(register, dict) else None,
        postcode=postcode,
        town=town,
        activity=_clean(person.get("activite")),
        capital=_sum(amount, capital.get("devise")) if amount else None,
    )


def _names(parties: Iterable[_Party]) -> str:
    names = list(dict.fromkeys(party.name for party in parties)) or [MASKED]
    return " et ".join(names)


def _described(party: _Party) -> str:
    """``ATELIERS DE LENS, société par actions simplifiée, 812 345 678 RCS Arras, à Lens (62300)``."""
    parts = [party.name]
    if party.form:
        parts.append(party.form[:1].lower() + party.form[1:])
    if party.siren:
        parts.append(party.siren + (f" RCS {party.court}" if party.court else ""))
    if party.town:
        parts.append(f"à {party.town}" + (f" ({party.postcode})" if party.postcode else ""))
    return ", ".join(parts)


# --- words -----------------------------------------------------------------------------------------------------------


def _what(record: Mapping[str, Any], judgement: Mapping[str, Any]) -> str:
    if nature := _clean(judgement.get("nature")) or _clean(judgement.get("famille")):
        return nature
    act = _part(record, "acte")
    for name, key in (
        ("vente", "categorieVente"),
        ("creation", "categorieCreation"),
        ("immatriculation", "categorieImmatriculation"),
    ):
        part = act.get(name)
        if isinstance(part, dict) and (category := _clean(part.get(key))):
            return category
    return _clean(record.get("familleavis_lib")) or "Annonce légale"


def _lines(
    record: Mapping[str, Any], judgement: Mapping[str, Any], parties: list[_Party], former: list[_Party]
) -> list[str]:
    lines = []
    what = _what(record, judgement)
    day = _clean(judgement.get("date"))
    court = _clean(record.get("tribunal"))
    head = what + (f" du {_written(day)}" if day else "") + (f", {court}" if court else "")
    if judgement:
        lines.append(f"{head}.")
    else:
        lines.append(f"{what}." if not court else f"{what}, {court}.")
    for party in parties:
        text = _described(party)
        if party.activity:
            text += f". Activité : {party.activity.rstrip('.')}"
        if party.capital:
            text += f". Capital : {party.capital}"
        lines.append(text + ".")
    if complement := _clean(judgement.get("complementJugement")):
        lines.append(complement)
    act = _part(record, "acte")
    if description := _clean(act.get("descriptif")):
        lines.append(description)
    if start := _clean(act.get("dateCommencementActivite")):
        lines.append(f"Commencement d'activité le {_written(start)}.")
    for place in _each(_part(record, "listeetablissements"), "etablissement"):
        lines += _establishment(place, masked=any(party.natural for party in parties))
    for party in former:
        lines.append(f"Précédent propriétaire ou exploitant : {_described(party)}.")
    return [_PLAIN_SUM.sub(lambda m: _grouped(m.group(1)), line) for line in lines]


def _establishment(place: Mapping[str, Any], *, masked: bool) -> list[str]:
    lines = []
    origin, activity = _clean(place.get("origineFonds")), _clean(place.get("activite"))
    address = place.get("adresse")
    town = _clean(address.get("ville")) if isinstance(address, dict) else None
    sign = None if masked else _clean(place.get("enseigne")) or _clean(place.get("nomCommercial"))
    if origin:
        lines.append(origin[:1].upper() + origin[1:].rstrip(".") + (f", à {town}." if town else "."))
    if activity:
        lines.append((f"{sign} : " if sign else "") + activity.rstrip(".") + ".")
    return lines


def _place(record: Mapping[str, Any], parties: Iterable[_Party]) -> str | None:
    return next((party.town for party in parties if party.town), None) or _clean(record.get("ville"))


def _sum(amount: str, currency: object) -> str:
    whole = re.sub(r"[.,]00?$", "", amount.replace(" ", ""))
    unit = {"EUR": "euros"}.get(str(currency or "EUR").upper(), str(currency))
    return f"{_grouped(whole) if whole.isdigit() else amount} {unit}"


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", " ")


def _written(day: str) -> str:
    """``2025-11-12`` as ``12 novembre 2025``; other spellings as they are."""
    match = re.match(r"(\d{4})-(\d{2})-(\d{2})", day)
    if not match:
        return day
    year, month, number = (int(part) for part in match.groups())
    if not 1 <= month <= len(_MONTHS):
        return day
    return f"{'1er' if number == 1 else number} {_MONTHS[month - 1]} {year}"


def _mask(text: str, secret: Iterable[str]) -> str:
    for word in sorted(set(secret), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "[…]", text, flags=re.IGNORECASE)
    return re.sub(r"(?:\[…\]\s*){2,}", "[…] ", text).strip()


def _clean(value: object) -> str | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    text = str(value)
    if "Ã" in text:
        # UTF-8 once read as Latin-1: some older issues of the data set.
        try:
            text = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            text = str(value)
    return " ".join(text.split()) or None


def _part(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A part of a record: JSON written into a string, or already an object; {} where there is none."""
    value = record.get(key)
    if isinstance(value, str) and value.strip():
        value = json.loads(value)
    return value if isinstance(value, dict) else {}


def _each(part: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = part.get(key)
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _url(record: Mapping[str, Any], ident: str) -> str:
    try:
        return canonical_url(str(record.get("url_complete") or ""))
    except UrlError:
        return DETAIL_URL.format(ident)
