"""Legal notices: the API's answers, corrections and annulments, and what is not told of natural persons."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.bodacc import MASKED, notices_url, parse_notices
from crawlers.discovery import UnreadableDocument
from crawlers.registry import Endpoint, Source

SAMPLE = (Path(__file__).parent / "samples" / "bodacc.json").read_bytes()
API = "https://bodacc-datadila.opendatasoft.com/api/explore/v2.1/catalog/datasets/annonces-commerciales/records"
SOURCE = Source.model_validate(
    {"id": "bodacc", "name": "BODACC", "home": "https://www.bodacc.fr", "kind": "legal-notices"}
)


def text(article):
    return "\n".join((article.title, *(block.text for block in article.body)))


def test_the_question_names_departments_days_and_families():
    endpoint = Endpoint(type="api", api="bodacc", url=API, departments=("59", "62"), lookback_days=3)
    asked = parse_qs(urlsplit(notices_url(endpoint, date(2025, 11, 20))).query)
    assert asked["limit"] == ["100"]
    assert asked["order_by"] == ["dateparution,id"]
    assert 'numerodepartement in ("59", "62")' in asked["where"][0]
    assert "dateparution >= date'2025-11-17'" in asked["where"][0]
    assert '"collective"' in asked["where"][0]


def test_insolvency_sale_and_creation():
    bulletin = parse_notices(SAMPLE, API, SOURCE)
    by_id = {notice.ident: notice for notice in bulletin.notices}
    insolvency = by_id["A20250226101"].article
    assert insolvency.title == (
        "Jugement d'ouverture d'une procédure de redressement judiciaire : ATELIERS VERMEIL (Lens)"
    )
    assert insolvency.published == date(2025, 11, 19)
    assert insolvency.region == "Hauts-de-France"
    assert "12 novembre 2025, Tribunal de commerce d'Arras" in text(insolvency)
    assert "société par actions simplifiée, 812 345 678 RCS Arras, à Lens (62300)" in text(insolvency)
    sale = by_id["A20250226103"].article
    assert "prix stipulé de 185 000 euros, à Lille" in text(sale)
    assert "Précédent propriétaire ou exploitant : COMPTOIR DU QUAI, 798 765 432 RCS Lille Métropole." in text(sale)
    assert "Capital : 10 000 euros" in text(sale)
    creation = by_id["A20250226104"].article
    assert "Exploitation de centrales photovoltaïques" in text(creation)
    assert {fault.kind for fault in bulletin.found.faults} == {"notice-malformed"}
    assert len(bulletin.found.faults) == 2


def test_sole_traders_are_not_named_nor_their_street_or_number():
    notice = next(n for n in parse_notices(SAMPLE, API, SOURCE).notices if n.ident == "A20250226102")
    told = notice.article.model_dump_json().lower()
    for secret in ("duvallon", "mireille", "carpentin", "lilas", "523 456 789", "523456789"):
        assert secret not in told, secret
    assert MASKED in notice.article.title
    assert "Béthune" in text(notice.article)
    assert "Fleuriste" in text(notice.article)


def test_answers_that_are_none():
    for body in (b"", b"[]", b'{"error_code": "X"}', b'{"results": 3}', b"<html>"):
        with pytest.raises(UnreadableDocument):
            parse_notices(body, API, SOURCE)


def test_further_pages_and_the_end_of_what_can_be_asked():
    record = json.loads(SAMPLE)["results"][0]
    answer = json.dumps({"total_count": 250, "results": [record]}).encode()
    following = parse_notices(answer, API + "?limit=100&offset=0", SOURCE).found.next_url
    assert "offset=100" in following
    assert parse_notices(answer, API + "?limit=100&offset=200", SOURCE).found.next_url is None
    many = json.dumps({"total_count": 50_000, "results": [record]}).encode()
    found = parse_notices(many, API + "?limit=100&offset=9900", SOURCE).found
    assert found.next_url is None
    assert [fault.kind for fault in found.faults] == ["api-too-long"]


def follow_up(kind, number, about, **changes):
    record = json.loads(SAMPLE)["results"][0]
    before = {
        "nomPublication": "BODACC A",
        "numeroParution": about[1:9],
        "dateParution": "2025-11-19",
        "numeroAnnonce": about[9:].lstrip("0"),
    }
    ident = f"A20250230{number:04d}"
    return record | {
        "id": ident,
        "parution": "20250230",
        "numeroannonce": number,
        "dateparution": "2025-11-25",
        "typeavis": kind,
        "parutionavisprecedent": json.dumps(before),
        "url_complete": f"https://www.bodacc.fr/pages/annonces-commerciales-detail/?q.id=id:{ident}",
        **changes,
    }


def test_corrections_and_annulments_undo_the_original(press, desk):
    original = json.loads(SAMPLE)["results"][0]

    def answer(*records):
        return (
            200,
            {"Content-Type": "application/json"},
            json.dumps({"total_count": len(records), "results": list(records)}).encode(),
        )

    current = [answer(original)]

    class Pages(dict):
        def get(self, key, default=None):
            return current[0] if "/records" in key else super().get(key, default)

    press.pages = Pages()
    desk.source(
        "bodacc",
        press.url,
        kind="legal-notices",
        discovery=[{"type": "api", "api": "bodacc", "url": press.url + "/records", "departments": ["62"]}],
    )
    desk.crawl("bodacc")
    (first,) = desk.articles("bodacc")
    assert "redressement judiciaire" in first["article"]["title"]

    judgement = json.loads(original["jugement"]) | {"nature": "Jugement d'ouverture d'une procédure de sauvegarde"}
    correction = follow_up("rectificatif", 7, "A20250226101", jugement=json.dumps(judgement))
    current[0] = answer(original, correction)
    report = desk.crawl("bodacc", "2025-11-25")
    assert report["counts"]["articles_changed"] == 1
    (second,) = desk.articles("bodacc", "2025-11-25")
    assert second["id"] == first["id"]
    assert second["article"]["url"] == first["article"]["url"]
    assert "sauvegarde" in second["article"]["title"]
    assert "rectifie l'annonce légale n° 101" in second["article"]["body"][-1]["text"]

    annulment = follow_up("annulation", 8, "A202502307")
    current[0] = answer(original, correction | {"id": "A202502307"}, annulment)
    desk.crawl("bodacc", "2025-11-26")
    lines = desk.articles("bodacc", "2025-11-26")
    last = lines[-1]["article"]
    assert lines[-1]["id"] == first["id"]
    assert last["title"] == "Annonce légale annulée : Lens"
    assert "VERMEIL" not in json.dumps(last)
    # The same answer again changes nothing: neither the original nor the correction comes back.
    again = desk.crawl("bodacc", "2025-11-27")
    assert again["counts"].get("articles_changed", 0) == 0
    assert desk.articles("bodacc", "2025-11-27") == []
