"""What a digest chooses, in which order, and what it says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from digest_stories import DAY, chosen, in_days, report, story, subscriber
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from flows.digest import due, tells_empty_day
from flows.french import NBSP, THIN
from flows.stories import Step, Story
from flows.writing import Digest, Erratum, Item, Overdue, change_of, changes_of, headline, net_steps, render, subject_of
from nlp.facts import ProjectKind, Status

HERE = Path(__file__).parent


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(NBSP, " ").replace(THIN, " "))


class Seen(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return flat(" ".join(self.words))


def mail(digest: Digest) -> tuple[str, str]:
    html, text = render(digest, leave_url="mailto:veille@veilleur.example?subject=x")
    return Seen(html).text, flat(text)


# --- the order -----------------------------------------------------------------------------------------------------

FIGURES = {
    "inv": "investment",
    "round": "funding_round",
    "price": "deal_value",
    "jobs": "jobs_created",
    "cut": "jobs_cut",
    "saved": "jobs_saved",
}


def judged(ident: str, spec: dict[str, Any]) -> Story:
    figures = {
        FIGURES[k]: float(v) * (1e6 if k in ("inv", "round", "price") else 1) for k, v in spec.items() if k in FIGURES
    }
    access = "teaser" if spec.get("teaser") else "full"
    return story(
        ident,
        spec["kind"],
        spec["status"],
        (spec["org"],),
        figures=figures,
        sources=spec.get("sources", 1),
        when={name: in_days(days) for name, days in spec.get("due", {}).items()},
        changes={k: tuple(v) for k, v in spec["changes"].items()} if "changes" in spec else None,
        reports=[report(f"a-{ident}", access=access)],
    )


MORNINGS = YAML(typ="safe").load((HERE / "digest_judgements.yml").read_text(encoding="utf-8"))


def test_ten_mornings_are_judged() -> None:
    assert len(MORNINGS) == 10
    assert sum(len(m["first"]) for m in MORNINGS) >= 35


@pytest.mark.parametrize("morning", MORNINGS, ids=lambda m: m["morning"])
def test_first_five(morning: dict[str, Any]) -> None:
    stories = [judged(ident, spec) for ident, spec in morning["stories"].items()]
    digest = chosen(stories, subscriber(follow_organisations=morning.get("follow", ())))
    order = [item.story.project["project_id"] for item in digest.items]
    assert sorted(order) == sorted(morning["stories"]), "everything is told, in some order"
    assert set(morning["first"]) <= set(order[:5]), order
    assert not set(morning["last"]) & set(order[:5]), order


def test_order_does_not_depend_on_the_order_of_stories() -> None:
    stories = [story(f"p{n}", figures={"jobs_created": 10}) for n in range(6)]
    one = [i.story.project["project_id"] for i in chosen(stories, subscriber()).items]
    assert one == [i.story.project["project_id"] for i in chosen(stories[::-1], subscriber()).items]


def test_a_rule_may_weigh_more() -> None:
    stories = [story("big", figures={"jobs_created": 100}), story("dear", place="Dax", figures={"jobs_created": 20})]
    rules = [{"min_jobs": 1}, {"departments": ["40"], "weight": 5}]
    assert [i.story.project["project_id"] for i in chosen(stories, subscriber(rules=rules)).items] == ["dear", "big"]


def test_no_more_than_the_mail_may_hold() -> None:
    digest = chosen([story(f"p{n}") for n in range(9)], subscriber(max_items=4))
    assert len(digest.items) == 4 and digest.left_out == 5
    html, text = mail(digest)
    assert "Et 5 autres projets" in html and "Et 5 autres projets" in text


# --- what is told ---------------------------------------------------------------------------------------------------


def test_nothing_twice() -> None:
    one = story("p1")
    first = chosen([one], subscriber())
    told = {step for step, _ in first.steps}
    assert chosen([one], subscriber(), told=told).empty
    one.steps.append(Step("later", "p1", DAY, "status", "announced", "delayed", None, "a-p1"))
    [item] = chosen([one], subscriber(), told=told).items
    assert not item.new and [step.step_id for step in item.steps] == ["later"]


def test_what_is_old_is_no_news() -> None:
    assert chosen([story(at=DAY - timedelta(days=7))], subscriber(lookback_days=7)).empty
    assert chosen([story(at=DAY + timedelta(days=1))], subscriber()).empty, "tomorrow is not told today"
    assert not chosen([story(at=DAY - timedelta(days=6))], subscriber(lookback_days=7)).empty


def steps(*values: tuple[str | None, str], field: str = "status") -> list[Step]:
    return [Step(f"s{n}", "p1", DAY, field, before, after, None, None) for n, (before, after) in enumerate(values)]


def test_steps_of_one_field_are_one_change() -> None:
    [(last, before)] = net_steps(steps(("approved", "delayed"), ("announced", "approved")))
    assert (before, last.after) == ("announced", "delayed"), "ids are in no order, the values are"


def test_a_change_and_back_is_no_news() -> None:
    assert net_steps(steps(("a", "b"), ("b", "a"))) == []
    flip = story(changes={})
    spring, year = "2026-03-01/2026-03-31", "2027-01-01/2027-12-31"
    flip.steps = steps((year, spring), (spring, year), field="opening")
    assert chosen([flip], subscriber()).empty


def test_a_change_says_before_and_after_since_when_and_who() -> None:
    one = story(
        changes={
            "jobs_created": ("120", "95"),
            "investment_eur": (">=40000000", "62000000"),
            "status": ("announced", "delayed"),
            "opening": ("2028-01-01/2028-03-31", "2029-01-01/2029-06-30"),
        },
        said_by={"jobs_created": "Anne Vasseur"},
        figures={"jobs_created": 95},
        status="delayed",
    )
    html, text = mail(chosen([one], subscriber()))
    for words in (html, text.replace("->", "→")):
        assert "Emplois créés : 120 → 95 (depuis le 10 mars 2026, selon Anne Vasseur )".replace(
            " )", ")"
        ) in words.replace(" )", ")")
        assert "Statut : annoncée → retardée (depuis le 10 mars 2026, selon La Gazette)" in words.replace(" )", ")")
        assert "Investissement : au moins 40 M€ → 62 M€" in words
        assert "Ouverture : 1er trimestre 2028 → 1er semestre 2029" in words
        assert words.index("Statut") < words.index("120 →") < words.index("1er trimestre 2028")


def test_a_date_that_had_passed_is_no_promise() -> None:
    one = story(changes={"opening": (None, "2020-01-01/2020-12-31"), "jobs_created": (None, "45")})
    [item] = chosen([one], subscriber()).items
    assert [change.field for change in changes_of(item)] == ["jobs_created"]


def test_who_says_a_figure_and_what_calls_for_caution() -> None:
    named = story("p1", figures={"jobs_created": 45}, said_by={"jobs_created": "la Région"})
    teaser = story("p2", orgs=("Tessel",), figures={"jobs_created": 30}, reports=[report("t", access="teaser")])
    words = "Selon une source proche du dossier, l’usine emploierait 30 personnes."
    secret = story(
        "p3", orgs=("Murmure",), figures={"jobs_created": 30}, reports=[report("s", evidence_sentence=words)]
    )
    both = story("p4", orgs=("Double",), figures={"jobs_created": 30}, sources=2)
    html, text = mail(chosen([named, teaser, secret, both], subscriber()))
    for said in (html, text):
        said = said.replace(" )", ")")
        assert "45 (selon la Région)" in said
        assert "30 (lu dans un début d’article)" in said
        assert "30 (source anonyme)" in said
        assert "source unique, chiffres non attribués" in said
        assert "2 sources indépendantes" in said
        assert "début d’article seulement" in said


def test_conflicts_show_both_claims() -> None:
    conflict = {
        "rule": "sides",
        "measure": "jobs_cut",
        "stated": 47.0,
        "computed": 90.0,
        "said_by": None,
        "other_said_by": "Corinne Leleu",
        "article_id": "a-p1",
        "other_article_id": "a-p1",
    }
    html, text = mail(chosen([story("p1", conflicts=[conflict])], subscriber()))
    for said in (html, text):
        assert "Emplois supprimés : 47 selon La Gazette, 90 selon Corinne Leleu" in said


# --- deadlines ------------------------------------------------------------------------------------------------------


def test_deadlines_come_first_and_once() -> None:
    """The insolvency and the bids for it are told by one article with one date: one line."""
    article = [report("a1", title="Tanneries Ogier : les offres sont attendues")]
    stories = [
        story("p1", "insolvency", "under_way", ("Tanneries Ogier",), when={"offers_due": in_days(12)}, reports=article),
        story(
            "p2",
            "acquisition",
            "considered",
            ("Cuirs Vial", "Tanneries Ogier"),
            when={"offers_due": in_days(12)},
            reports=article,
        ),
        story("p3", "infrastructure", "considered", ("Ville",), when={"inquiry": in_days(3)}),
    ]
    digest = chosen(stories, subscriber())
    assert [(d.milestone, (d.due - DAY).days) for d in digest.deadlines] == [("inquiry", 3), ("offers_due", 12)]
    for said in mail(digest):
        assert said.lower().index("à ne pas manquer") < said.lower().rindex("nouveaux projets")
        assert said.count("Limite des offres : 22 mars 2026") == 1 and "dans 12 jours" in said


def test_insolvency_and_takeover_of_one_article_are_one_item() -> None:
    article = [report("a1", title="Ogier repris par Vial")]
    stories = [
        story("p1", "insolvency", "completed", ("Tanneries Ogier",), reports=article),
        story("p2", "acquisition", "approved", ("Cuirs Vial", "Tanneries Ogier"), reports=article),
    ]
    digest = chosen(stories, subscriber())
    assert len(digest.items) == 1 and {project for _, project in digest.steps} == {"p1", "p2"}
    assert any("Procédure collective : achevée" in said or "Acquisition : validée" in said for said in mail(digest))


def test_a_deadline_is_recalled_once_when_it_is_near() -> None:
    one = story("p1", "insolvency", "under_way", ("Ogier",), when={"offers_due": in_days(30)})
    first = chosen([one], subscriber())
    told = {step for step, _ in first.steps} - {d.key for d in first.deadlines}
    assert chosen([one], subscriber(), DAY + timedelta(days=10), told=told).empty
    late = chosen([one], subscriber(), DAY + timedelta(days=25), told=told)
    assert [d.milestone for d in late.deadlines] == ["offers_due"] and not late.items
    assert "Limite des offres dans 5 jours" in flat(subject_of(late))
    told |= {step for step, _ in late.steps}
    assert chosen([one], subscriber(), DAY + timedelta(days=26), told=told).empty
    assert chosen([one], subscriber(), DAY + timedelta(days=31), told=set()).deadlines == []


# --- titles and subjects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            story(figures={"investment": 24e6, "jobs_created": 60}, place="Roscoff", orgs=("Algorive",)),
            "Algorive annonce un nouveau site à Roscoff : 24 M€, 60 emplois",
        ),
        (
            story(status="delayed", place="Le Havre", name="Magnis"),
            "Vernois reporte son nouveau site « Magnis » au Havre",
        ),
        (story(kind="restructuring", figures={"jobs_cut": 44}), "Vernois va supprimer 44 postes à Lens"),
        (
            story(kind="restructuring", status="approved", orgs=("Émaux Sud",), place=None),
            "Le plan social d’Émaux Sud est validé",
        ),
        (
            story(kind="funding_round", status="completed", figures={"funding_round": 6.4e6, "jobs_created": 25}),
            "Vernois (Lens) a levé 6,4 M€ : 25 emplois",
        ),
        (story(kind="recruitment", figures={"jobs_created": 120}), "Vernois recrute 120 personnes à Lens"),
        (
            story(
                kind="acquisition",
                status="negotiating",
                orgs=("Cuirs Vial", "Ateliers Ogier"),
                figures={"deal_value": 5e6},
                reports=[report("a", title="Vial discute avec Ogier")],
            ),
            "Cuirs Vial négocie le rachat d’Ateliers Ogier (Lens) : 5 M€",
        ),
        (story(kind="acquisition", orgs=("Cuirs Vial",)), "Cuirs Vial (Lens) : rachat annoncé"),
        (
            story(kind="insolvency", status="under_way", figures={"jobs_cut": 12}),
            "Vernois (Lens) : procédure collective en cours – 12 suppressions de postes",
        ),
        (
            story(kind="infrastructure", status="cancelled", name="Hydrolande", figures={"investment": 2e8}),
            "Hydrolande (Vernois, Lens) : équipement abandonné – 200 M€",
        ),
        (story(orgs=(), place="Dax"), "Nouvelle implantation à Dax, porteur non nommé"),
        (
            story(kind="closure", figures={"jobs_cut": 147}),
            "Vernois annonce une fermeture à Lens : 147 suppressions de postes",
        ),
    ],
)
def test_titles(made: Story, said: str) -> None:
    assert flat(headline(made)) == said


def test_buyer_and_target_only_where_one_text_names_both() -> None:
    deal = {"kind": "acquisition", "orgs": ("Cuirs Vial", "Ateliers Ogier")}
    apart = [report("a", title="Ogier change de mains"), report("b", title="Vial investit")]
    assert "rachat" not in headline(story(**deal, reports=apart)), "the newest article's title, nothing claimed"
    one = [report("a", title="Ogier repris par Vial", evidence_text="Cuirs Vial reprend Ogier.")]
    assert headline(story(**deal, reports=one)).startswith("Cuirs Vial annonce le rachat d’Ateliers Ogier")


def test_two_bidders_are_not_buyer_and_target() -> None:
    title = "Tanneries Ogier : deux offres sur la table du tribunal"
    told = [report("a", title=title, evidence_text="L’italien Ondavel et les Cuirs Vial ont déposé une offre.")]
    bids = story(kind="acquisition", status="considered", orgs=("Ondavel", "Cuirs Vial"), reports=told)
    assert headline(bids) == title
    assert headline(story(kind="insolvency", orgs=("Ondavel", "Cuirs Vial"), reports=told)) == title


@pytest.mark.parametrize("kind", get_args(ProjectKind))
@pytest.mark.parametrize("status", get_args(Status))
def test_every_kind_and_status_has_a_title(kind: str, status: str) -> None:
    for orgs in (("Vernois",), ("Vernois", "Ogier"), ()):
        said = headline(story(kind=kind, status=status, orgs=orgs))
        assert (
            ("Vernois" in said or "porteur non nommé" in said or said == "Titre a-p1")
            and "{" not in said
            and "  " not in said
        )


def test_subject_tells_the_main_news_and_how_much_more() -> None:
    digest = chosen(
        [story("p1", figures={"jobs_created": 60}), story("p2", orgs=("Petit",)), story("p3", orgs=("Menu",))],
        subscriber(),
    )
    assert flat(subject_of(digest)) == "Vernois annonce un nouveau site à Lens : 60 emplois (et 2 autres)"
    changed = chosen([story(changes={"jobs_created": ("120", "95")}, name="Magnis", status="delayed")], subscriber())
    assert flat(subject_of(changed)) == "Magnis (Vernois, Lens) : 95 emplois au lieu de 120"
    alert = chosen([story(kind="closure")], subscriber(frequency="instant"), kind="instant")
    assert subject_of(alert) == "Alerte : Vernois annonce une fermeture à Lens"
    assert len(subject_of(chosen([story(orgs=("Très " * 60,))], subscriber()))) <= 130


# --- empty and broken days ------------------------------------------------------------------------------------------


def test_empty_and_broken_days_never_look_alike() -> None:
    whole = chosen([], subscriber(empty_day="always"))
    broken = chosen([], subscriber(), gaps={"read": ["La Gazette"], "failed": ["Le Beffroi"], "silent": ["L’Autan"]})
    assert tells_empty_day(whole, set()) and tells_empty_day(broken, set())
    assert not tells_empty_day(chosen([], subscriber()), set()), "silence means that all was read"
    assert not tells_empty_day(chosen([], subscriber(empty_day="silent"), gaps={}), set())
    assert not tells_empty_day(broken, {step for step, _ in broken.steps}), "once a day"
    assert not tells_empty_day(chosen([], subscriber(empty_day="always"), kind="instant"), set())
    assert "rien de nouveau pour vous" in subject_of(whole) and "lecture incomplète" in subject_of(broken)
    for empty, said in zip(mail(whole), mail(broken), strict=True):
        assert "aucune de vos règles" in empty and "incomplète" not in empty
        assert "incomplète" in said and "En échec ce matin (1) : Le Beffroi" in said and "(1) : L’Autan" in said


def test_news_on_a_broken_day_says_so_at_the_head() -> None:
    for said in mail(chosen([story()], subscriber(), gaps={"read": [], "failed": ["Le Beffroi"]})):
        assert "la lecture de ce matin est incomplète" in said and "Aucun titre n’a pu être lu" in said


# --- who gets what --------------------------------------------------------------------------------------------------


def test_external_readers_get_what_may_leave_the_house() -> None:
    inside = story("p1", orgs=("Dedans",), reports=[report("i", rights_basis="supplied")])
    contract = story("p2", orgs=("Contrat",), reports=[report("c", rights_basis="licensed")])
    sold = story("p3", orgs=("Cédé",), reports=[report("l", rights_basis="licensed", audience="external")])
    public = story(
        "p4", orgs=("Public",), reports=[report("o"), report("x", rights_basis="supplied", title="Note interne")]
    )
    reserved = story(
        "p5", orgs=("Réservé",), reports=[report("r", rights_basis="reserved", evidence_text="Mots réservés.")]
    )
    everything = [inside, contract, sold, public, reserved]
    for said in mail(chosen(everything, subscriber(audience="external"))):
        assert all(name in said for name in ("Cédé", "Public", "Réservé"))
        assert not any(name in said for name in ("Dedans", "Contrat", "Note interne", "Mots réservés"))
        assert "Phrase de o." in said and "Phrase de l." in said
    for said in mail(chosen(everything, subscriber())):
        assert "Dedans" in said and "Phrase de c." in said and "Mots réservés" not in said


def test_external_readers_hear_no_figure_or_step_of_what_stays_inside() -> None:
    one = story(
        figures={"jobs_created": 77},
        changes={"jobs_created": (None, "77"), "status": ("announced", "delayed")},
        reports=[report("i", rights_basis="supplied"), report("o")],
    )
    one.steps = [one.steps[0], Step("out", "p1", DAY, "status", "announced", "delayed", None, "o")]
    for said in mail(chosen([one], subscriber(audience="external"))):
        assert "77" not in said and "retardée" in said


def test_due() -> None:
    monday, tuesday = date(2026, 3, 9), date(2026, 3, 10)
    weekly = subscriber(frequency="weekly")
    assert due(weekly, monday, "daily") and not due(weekly, tuesday, "daily") and due(weekly, tuesday, "weekly")
    instant = subscriber(frequency="instant")
    assert due(instant, tuesday, "instant") and due(instant, tuesday, "daily")
    assert not due(subscriber(), tuesday, "instant") and not due(subscriber(active=False), tuesday, "daily")
    assert due(subscriber(), tuesday, "monthly") and not due(subscriber(monthly_review=False), tuesday, "monthly")


def test_instant_tells_what_cannot_wait() -> None:
    stories = [
        story("new"),
        story("end", "closure"),
        story("bids", when={"offers_due": in_days(9)}),
        story("mine", orgs=("Suivie",)),
    ]
    digest = chosen(stories, subscriber(frequency="instant", follow_organisations=["suivie"]), kind="instant")
    assert sorted(i.story.project["project_id"] for i in digest.items) == ["bids", "end", "mine"]


# --- errata and promises ---------------------------------------------------------------------------------------------


def test_errata_and_promises_in_words() -> None:
    step = Step("s1", "p1", DAY, "jobs_created", None, "200", None, None)
    errata = [Erratum("s1", "p1", change_of(step), "120", "Vernois annonce un nouveau site")]
    late = Overdue(story(), "opening", date(2025, 12, 31), 69, date(2025, 6, 1))
    for said in mail(Digest(subscriber(), DAY, "daily", [], errata=errata)):
        assert "Nous vous avions dit : emplois créés 200 (10 mars 2026). Il faut lire : 120." in said.replace(" .", ".")
    monthly = Digest(subscriber(), DAY, "monthly", [], overdue=[late])
    assert subject_of(monthly) == "Que sont-elles devenues ? 1 promesse échue"
    for said in mail(monthly):
        assert "« ouverture » : 31 décembre 2025, il y a 69 jours. Dernière mention : 1er juin 2025." in said


# --- hostile words ---------------------------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>Gagné</h1>",
    "{{ 7*7 }}{% raw %}",
    "a\r\nBcc: tous@x.example\r\n\r\n<b>",
    "\u202egpj.exe\u202c",
    "\x00\x08\x1b[31m",
    "<style>*{display:none}</style>",
    "<!--",
    "&lt;b&gt;",
    "' onmouseover='x",
]
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<b>",
    "vbscript:x",
    "//x.example",
    "http://",
    "https://x\r\ny",
    'https://x.example/"onclick="a',
    "https://banque.example@x.example/",
    "file:///etc/passwd",
    "http://[::1",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("link", [LINKS[0], *LINKS[5:9]])
def test_hostile_articles_are_words(attack: str, link: str) -> None:
    hostile = report("a", title=attack, article_url=link, evidence_text=attack, source_name=attack, authors=(attack,))
    one = story(
        orgs=(attack, f"{attack}2"),
        name=attack,
        place=attack,
        reports=[hostile],
        figures={"jobs_created": 5},
        changes={"jobs_created": ("3", "5"), "name": (attack, attack + "!")},
        said_by={"jobs_created": attack},
        when={"offers_due": in_days(3)},
    )
    digest = chosen([one], subscriber(name=""), gaps={"read": ["x"], "failed": [attack]})
    plain = chosen(
        [story(when={"offers_due": in_days(3)}, changes={"jobs_created": ("3", "5"), "name": ("a", "b")})], subscriber()
    )
    html, text = render(digest)
    seen = Seen(html)
    assert set(seen.tags) <= set(Seen(render(plain)[0]).tags)
    assert not any(name.startswith("on") for name in seen.attributes) and seen.links == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text + html)
    assert "\nBcc:" not in text and "\n" not in subject_of(digest)


@pytest.mark.parametrize("link", LINKS)
def test_only_web_links(link: str) -> None:
    html, text = render(chosen([story(reports=[report("a", article_url=link)])], subscriber()))
    assert Seen(html).links == [] and link not in text


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=200))
def test_any_text_leaves_the_mail_as_it_is(text: str) -> None:
    one = story(orgs=(text,), reports=[report("a", title=text, evidence_text=text)])
    html, plain = render(chosen([one], subscriber()))
    assert set(Seen(html).tags) <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "table",
        "tbody",
        "tr",
        "td",
        "b",
        "br",
        "span",
        "a",
    }
    assert "\n\n\n" not in plain


# --- the mail as a thing ----------------------------------------------------------------------------------------------


def test_plain_text_is_clean() -> None:
    one = story("p1", figures={"investment": 24e6}, changes={"status": ("announced", "approved")}, status="approved")
    _, text = render(chosen([one, story("p2", when={"decision": in_days(4)})], subscriber()))
    lines = text.split("\n")
    assert text.startswith("VEILLEUR - 10 mars 2026 - Agence\n") and text.endswith("\n") and "\n\n\n" not in text
    assert not any(line != line.rstrip() for line in lines)
    assert all(len(line) <= 78 or "https://" in line for line in lines), "no line is too long to read"


def test_the_mail_reads_without_styles_and_scripts() -> None:
    html, _ = render(chosen([story()], subscriber()), leave_url="mailto:x@y.example")
    seen = Seen(html)
    assert not {"script", "img", "iframe", "form", "link", "input"} & set(seen.tags), (
        "no tracking pixel, nothing to fetch"
    )
    assert "lang" in seen.attributes and 'role="presentation"' in html and "prefers-color-scheme: dark" in html
    assert len(html.encode()) < 100_000, "Gmail cuts longer mails"
    assert all(link == "mailto:x@y.example" or link == "https://gazette.example/a-p1" for link in seen.links)


def test_the_same_digest_is_the_same_bytes() -> None:
    def made() -> tuple[str, str]:
        return render(chosen([story("p1"), story("p2", "closure", when={"hearing": in_days(2)})], subscriber()))

    assert made() == made()


def test_explained_in_the_preview_alone() -> None:
    digest = chosen([story()], subscriber(rules=[{"name": "Le Nord", "regions": ["32"]}]))
    assert "Le Nord" in render(digest, explain=True)[0] and "Le Nord" not in render(digest)[0]
    assert isinstance(digest.items[0], Item) and digest.items[0].matched == ["Le Nord"]


def test_hundreds_of_subscribers_are_quick() -> None:
    """A small count of the benchmark: each subscriber has twenty rules (python -m benchmarks.digest for the full one)."""
    from benchmarks.digest import measure

    found = measure(subscribers=15, rules=20, stories=400)
    assert found.mails == 15 and found.items > 100
    assert found.processor_s < 20, "500 over 3,000 take under two minutes"
