"""Entries of the registry: what is right loads, what is wrong names file and key."""

from __future__ import annotations

from datetime import date, time

import pytest

from crawlers.registry import RegistryError, Source, load_registry
from crawlers.sources_admin import shipped_sources


def write(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


GOOD = """
name: La Gazette de Lens
home: https://www.gazette.example
kind: press
regions: ['32']
departments: ['59', '62', '2A']
discovery:
  - type: feed
    url: https://www.gazette.example/feed/
  - type: listing
    url: https://www.gazette.example/eco/
    links: h2 a
    max_pages: 3
cadence: weekly
access: metered
rights:
  terms: {url: "https://www.gazette.example/cgu", checked_on: 2025-11-01, checked_by: C. V., result: accepted}
  licence: {holder: Gazette SAS, contract: 2025-17, acts: [crawl, store, extract], until: 2026-12-31}
  keep_text_days: 90
politeness: {delay_s: 2.5, night: {from: "22:00", to: "06:00"}}
cookies_env: GAZETTE_COOKIE
"""


def test_a_whole_entry(tmp_path):
    source = load_registry(write(tmp_path, "gazette.yml", GOOD))["gazette"]
    assert source.id == "gazette"
    assert source.cadence_hours == 168
    assert source.discovery[1].links == "h2 a"
    assert source.rights.licence is not None
    assert source.rights.licence.allows("crawl", date(2026, 12, 31))
    assert not source.rights.licence.allows("crawl", date(2027, 1, 1))
    assert not source.rights.licence.allows("redistribute", date(2026, 1, 1))
    night = source.politeness.night
    assert night is not None
    assert [night.contains(time(h)) for h in (23, 3, 6, 12)] == [True, True, False, False]
    assert source.subscription_headers(date(2026, 1, 1), {"GAZETTE_COOKIE": "a=b"}) == {"Cookie": "a=b"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("home: not an address", "home"),
        ("home: file:///etc/passwd", "home"),
        ("kind: newspaper", "kind"),
        ("regions: [32]", "regions.0"),
        ("regions: ['99']", "regions"),
        ("departments: ['20']", "departments"),
        ("cadence: sometimes", "cadence"),
        ("acces: free", "acces"),
        ("discovery: []", "discovery"),
        ("discovery: [{type: feed, url: 'ftp://x.example/'}]", "discovery.0.url"),
        ("discovery: [{type: feeed, url: 'http://x.example/'}]", "discovery.0.type"),
        ("rights: {terms: {result: accepted}}", "rights.terms"),
        ("rights: {licence: {holder: X, contract: Y, acts: [fly]}}", "rights.licence.acts.0"),
        ("politeness: {concurrency: 99}", "politeness.concurrency"),
        ("enabled: false", "(entry)"),
        ("cookies_env: GAZETTE_COOKIE", "(entry)"),
    ],
)
def test_a_bad_entry_names_file_and_key(tmp_path, line, key):
    entry = {"name": "name: Gazette", "home": "home: https://www.gazette.example", "kind": "kind: press"}
    entry[line.split(":")[0]] = line
    folder = write(tmp_path, "gazette.yml", "\n".join(entry.values()) + "\n")
    with pytest.raises(RegistryError) as caught:
        load_registry(folder)
    assert [(file, k) for file, k, _ in caught.value.problems] == [(str(folder / "gazette.yml"), key)]
    assert str(caught.value).startswith(f"{folder / 'gazette.yml'}: {key}: ")


def test_broken_yaml_names_line_and_column_and_all_faults_are_told(tmp_path):
    write(tmp_path, "one.yml", "name: [unclosed\nhome: x\n")
    write(tmp_path, "two.yml", "- a list\n")
    write(tmp_path, "three.yml", "id: other\nname: x\n")
    write(tmp_path, "four.yml", "name: Gazette\nname: Again\n")
    with pytest.raises(RegistryError) as caught:
        load_registry([tmp_path, tmp_path / "nowhere"])
    told = {(file.rsplit("/", 1)[-1], key) for file, key, _ in caught.value.problems}
    assert {("two.yml", "(file)"), ("three.yml", "id"), ("nowhere", "(folder)")} <= told
    assert any(file == "one.yml" and key.startswith("line ") for file, key in told)
    assert any(file == "four.yml" for file, _ in told)


def test_an_overlay_changes_only_the_keys_it_names(tmp_path):
    below = write(tmp_path / "shipped", "gazette.yml", GOOD)
    above = write(
        tmp_path / "mine", "gazette.yml", "rights: {keep_text_days: 10}\nenabled: false\ndisabled_reason: grève\n"
    )
    write(above, "own.yml", "name: Own\nhome: https://own.example\nkind: company\n")
    registry = load_registry([below, above])
    assert list(registry) == ["gazette", "own"]
    assert registry["gazette"].rights.keep_text_days == 10
    assert registry["gazette"].rights.terms.result == "accepted"
    assert [source.id for source in registry.enabled()] == ["own"]
    assert registry.files["gazette"] == (below / "gazette.yml", above / "gazette.yml")


def test_shipped_sources_load_and_none_claims_that_its_terms_were_read():
    registry = load_registry(shipped_sources())
    assert len(registry) >= 120
    assert all(source.rights.terms.result == "unread" for source in registry.values())
    assert all(source.enabled or source.disabled_reason for source in registry.values())
    assert {"press", "agency", "public-body", "company", "legal-notices"} == {s.kind for s in registry.values()}
    assert sum(bool(source.discovery) for source in registry.values()) >= 80


def test_subscription_variables_must_be_what_they_should():
    source = Source.model_validate(
        {
            "id": "gazette",
            "name": "Gazette",
            "home": "https://www.gazette.example",
            "kind": "press",
            "headers_env": "GAZETTE_HEADERS",
            "rights": {"licence": {"holder": "G", "contract": "1", "acts": ["crawl"], "until": "2025-12-31"}},
        }
    )
    day = date(2025, 11, 20)
    assert source.subscription_headers(day, {"GAZETTE_HEADERS": '{"X-Key": "k"}'}) == {"X-Key": "k"}
    for environ in ({}, {"GAZETTE_HEADERS": "not json"}, {"GAZETTE_HEADERS": '["k"]'}):
        with pytest.raises(RegistryError, match="GAZETTE_HEADERS"):
            source.subscription_headers(day, environ)
    with pytest.raises(RegistryError, match="no licence"):
        source.subscription_headers(date(2026, 1, 1), {"GAZETTE_HEADERS": "{}"})
