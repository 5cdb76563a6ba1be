"""alerts.yml: what it may say, and what its faults are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.alerts import AlertsError, load_alerts


def load(tmp_path: Path, text: str, **files: str) -> object:
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8-sig")
    path = tmp_path / "alerts.yml"
    path.write_text(text, encoding="utf-8")
    return load_alerts(path)


FULL = """
zones:
  Bassin minier: ["62498", "dep:59", "epci:200072460", "reg:32"]
subscribers:
  - id: agence.hdf
    name: Agence
    email: veille@agence.example
    frequency: weekly
    weekday: friday
    hour: 8
    empty_day: always
    remind_days: 10
    audience: external
    consent: {on: 2025-01-03, origin: formulaire du site}
    portfolio: clients.csv
    lookback_days: 30
    rules:
      - name: Industrie du bassin
        zones: [Bassin minier]
        kinds: [new_site, closure]
        statuses: [announced]
        sectors: ["27", C]
        organisations: [Kestrel, "552100554"]
        salience: [main]
        min_jobs: 10
        unknown_figures: true
        words: [usine]
        like: data centers et énergie
        weight: 2
"""


def test_a_whole_file(tmp_path: Path) -> None:
    alerts = load(tmp_path, FULL, clients="name;siren\nVerrerie Calmette;\n;552 100 554\n")
    [subscriber] = alerts.subscribers  # type: ignore[attr-defined]
    assert subscriber.follow_organisations == ("Verrerie Calmette", "552100554")
    assert subscriber.hour == 8 and subscriber.rules[0].like_at_least == 2.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kinds: [new_site", "kinds: [usine"), "subscribers.agence.hdf.rules.0.kinds.0"),
        (("frequency: weekly", "frequency: hourly"), "subscribers.agence.hdf.frequency"),
        (("hour: 8", "hour: 25"), "subscribers.agence.hdf.hour"),
        (('["62498"', "[62498"), "write codes in quotes"),
        (("zones: [Bassin minier]", "zones: [Ailleurs]"), "no zone 'Ailleurs'"),
        (("veille@agence.example", "veille@agence.example, tous@x.example"), "is no e-mail address"),
        (("veille@agence.example", '"veille@agence.example\\r\\nBcc: x@y.example"'), "email"),
        (("id: agence.hdf", "id: ../agence"), "use a-z"),
        (("min_jobs: 10", "min_job: 10"), "subscribers.agence.hdf.rules.0.min_job"),
        (("audience: external", "audience: everybody"), "subscribers.agence.hdf.audience"),
        (("clients.csv", "other.csv"), "subscribers.agence.hdf.portfolio"),
        (("subscribers:", "subscriber:"), "subscriber"),
    ],
)
def test_faults_name_subscriber_and_key(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(AlertsError) as fault:
        load(tmp_path, FULL.replace(*change), clients="name\nVerrerie\n")
    assert said in str(fault.value) and str(tmp_path / "alerts.yml") in str(fault.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = FULL.replace("hour: 8", "hour: 25").replace("weight: 2", "weight: -1")
    with pytest.raises(AlertsError) as fault:
        load(tmp_path, text, clients="name\nV\n")
    assert len(str(fault.value).splitlines()) == 2


def test_two_of_one_id_and_nothing_wanted(tmp_path: Path) -> None:
    one = "  - {id: a, email: a@b.example, rules: [{min_jobs: 1}]}\n"
    with pytest.raises(AlertsError, match="given twice: a"):
        load(tmp_path, "subscribers:\n" + one + one)
    with pytest.raises(AlertsError, match="needs rules, or"):
        load(tmp_path, "subscribers:\n  - {id: a, email: a@b.example}\n")
    with pytest.raises(AlertsError, match="at least one condition"):
        load(tmp_path, "subscribers:\n  - {id: a, email: a@b.example, rules: [{name: tout}]}\n")
    with pytest.raises(AlertsError, match="no column name or siren"):
        load(tmp_path, FULL, clients="société\nV\n")


def test_no_file_and_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(AlertsError, match="no such file"):
        load_alerts(tmp_path / "none.yml")
    with pytest.raises(AlertsError):
        load(tmp_path, "subscribers: [")
