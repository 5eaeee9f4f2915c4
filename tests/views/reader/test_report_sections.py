"""The sections of the report's page after precision: differences, second round, machines, plan."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from annotator.models import Answer, Assignment, Hit, MachineName, Study, Worker
from annotator.results.output.formatting import decimal, interval
from annotator.results.output.headlines import comparison_lines
from annotator.results.report.control_labels import control_names
from annotator.results.report.preregistration.plan import preregister
from annotator.results.report.report import report_of
from tests.browsing import barriers
from tests.crowd.studies import published_study
from tests.results.output.figures.test_figures import controlled_study
from tests.results.studies import NETWORKS, get_unit, store_answer

HYPOTHESIS = {
    "id": "H1",
    "statement": "Scenes are named more precisely.",
    "networks": ["scenes", "objects"],
    "direction": "greater",
}


def whole_study(second_round=True):
    """Two networks in one queue, five workers about all of both, a second round, a machine."""
    study = published_study("rooms", layers=NETWORKS)
    Study.objects.filter(pk=study.pk).update(image_list_sha256="abc")
    Hit.objects.filter(unit__layer__network__study=study).update(
        published_at=now() - timedelta(hours=1)
    )
    preregister(study, {"hypotheses": [HYPOTHESIS], "thresholds": {"precision": 0.8}})
    for network, marked in (("scenes", [4]), ("objects", [2, 3, 4])):
        for number in (0, 1):
            for n, worker in enumerate(("ada", "ben", "cleo", "dan", "eve")):
                unit = get_unit(study, network, number=number)
                store_answer(study, unit, worker, "Wheels", group=5, marked=marked[n % 2 :])
    unit = get_unit(study)
    MachineName.objects.create(unit=unit, method="CLIP-Dissect", name="tire")
    for by, concept, fitting in (("consensus", "wheel", 45), ("CLIP-Dissect", "tire", 20)):
        if second_round:
            verify(study, unit, by, concept, fitting)
    return study


def verify(study, unit, by, concept, fitting):
    hit = Hit.objects.create(
        unit=unit, kind="verification", concept=concept, concept_by=by, hit_type=unit.hit.hit_type
    )
    for number in range(2):
        worker = Worker.objects.create(study=study, key=f"{by} {number}")
        place = hit.places.create(number=number + 1)
        assignment = Assignment.objects.create(
            hit=hit, unit=unit, worker=worker, place=place, claim_number=1, status="submitted"
        )
        Answer.objects.create(
            assignment=assignment,
            says="given",
            concept=concept,
            shown=60,
            fitting=fitting + number,
            random_shown=20,
            random_fitting=1,
        )


def page_of(client, name, *arguments, **query):
    return client.get(reverse(name, args=arguments), query).content.decode()


def read(client, name, *arguments):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page_of(client, name, *arguments)))


def test_the_page_says_every_section(db, client):
    whole_study()

    page = read(client, "report", "rooms")

    for text in (
        "scenes minus objects",
        "chosen after seeing the data",
        "With and without doubtful answers",
        "Groups by Dawid and Skene",
        "Machine names compared with people's",
        "H1: Scenes are named more precisely.",
        "before the first answer",
        "Threshold of precision 0.8 0.75 no",
    ):
        assert text in page
    unit = read(client, "unit", "rooms", "scenes", "conv1", 0)
    assert "CLIP-Dissect tire" in unit
    assert "Probable group" in unit
    assert "of 60" not in unit  # a second round is no naming


def test_the_held_out_precision_of_a_layer_has_its_interval(db, client):
    layer = report_of(whole_study()).networks[0].layers[0]
    verified = layer.verified["consensus"]

    page = read(client, "report", "rooms")

    assert verified.held_out_interval
    number = f"{decimal(verified.held_out)} {interval(verified.held_out_interval)}"
    table = page[page.index("Second round: verified precision") :]
    assert number in table[: table.index("Machine names")]


def test_pairs_with_a_chance_control_come_last(db):
    report = report_of(controlled_study())
    controls = control_names(report.networks)

    lines = comparison_lines(report)

    assert len(lines) == 3
    assert [{line.first, line.second} & controls == set() for line in lines][:1] == [True]


def test_a_study_without_a_plan_says_so(db, client):
    study = published_study("rooms", layers=NETWORKS)
    store_answer(study, get_unit(study), "ada")

    assert "No plan was preregistered" in read(client, "report", "rooms")


@pytest.mark.browser
def test_the_sections_have_no_barrier(transactional_db, live_server, browser_page):
    study = whole_study()
    addresses = [
        reverse("report", args=["rooms"]),
        reverse("unit", args=["rooms", get_unit(study).pk]),
    ]
    for address in addresses:
        browser_page.goto(live_server.url + address)
        browser_page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

        assert barriers(browser_page) == []
        browser_page.set_viewport_size({"width": 390, "height": 844})
        assert browser_page.evaluate("document.documentElement.scrollWidth") == 390
        browser_page.set_viewport_size({"width": 1280, "height": 900})
