"""The report compares kinds of networks where a study has several training runs of them."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from annotator.models import Network, Unit
from annotator.results.output.formatting import decimal, interval
from annotator.results.report.report import report_of
from annotator.results.report.training_runs import few_runs, kind_statements, kinds_in
from tests.crowd.studies import published_study
from tests.results.studies import store_answer
from tests.views.pseudo_locale import names_in_the_database, speak_in_brackets, texts_outside

pytestmark = pytest.mark.django_db

RUNS = [f"scene, seed {n}" for n in range(3)] + [f"object, seed {n}" for n in range(3)]
RUNS += [f"place, seed {n}" for n in range(2)]


@pytest.fixture
def study():
    study = published_study("rooms", layers=[(name, "conv5", 2) for name in RUNS])
    for network in Network.objects.all():  # no two have the same weights
        network.weights_sha256 = network.name
        network.save()
    for place, unit in enumerate(Unit.objects.order_by("pk")):
        for marked in range(2):
            store_answer(study, unit, f"w{marked}", marked=range(1, 1 + (place + marked) % 4))
    return study


def section(client, name="runs"):
    html = client.get(reverse("report", args=["rooms"])).content.decode()
    return re.search(rf'<section aria-labelledby="{name}">.*?</section>', html, re.DOTALL)[0]


def test_the_page_says_of_kinds_what_the_command_prints(client, study):
    kinds = kinds_in(report_of(study).networks)
    few = {"place": kinds.pop("place")}
    statements = kind_statements(kinds)

    html = section(client)

    rows = [
        re.sub(r"<[^>]+>", "|", row)
        for row in re.findall(r"<tr>(?!\s*<th scope=.col).*?</tr>", html)
    ]
    assert len(rows) == len(statements) == 9
    for row, one in zip(rows, statements, strict=True):
        assert one.kind in row
        if one.number == "mean_precision":
            assert decimal(one.value) in row
            assert interval(one.interval) in row
    assert "scene minus object, conv5: mean precision" in html
    assert escape(few_runs("place", few["place"])) in html


def test_the_table_over_runs_is_folded_and_its_texts_can_be_translated(client, study, monkeypatch):
    html = section(client)
    assert html.index("<details>") < html.index("<table>")

    speak_in_brackets(monkeypatch)
    names = [*names_in_the_database(), "scene", "object", "place"]
    assert texts_outside(section(client), names) == []
