"""A paper's ethics: what is stored is said, what is not is a place to fill in."""

import pytest

from annotator.models import ConsentGiven, HitType
from annotator.results.output.ethics import BOARD, RECRUITMENT, ethics_checklist, ethics_paragraph
from annotator.results.output.paper import as_markdown
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.report.report import report_of
from tests.results.peopled_studies import peopled_study
from tests.results.studies import answered_study

pytestmark = pytest.mark.django_db


def written(study):
    report = report_of(study)
    items = {item.label: item.value for item in ethics_checklist(study, report)}
    return ethics_paragraph(study, report), items


def test_every_number_comes_from_the_rows():
    text, items = written(peopled_study())

    for said in (
        "People entered by an invite link; a market sent some or all of them.",
        "Everybody agreed to the consent text first (version 1, ",
        "A set paid $0.80; ",
        "$12.00 an hour in the median",
        "0.0 % of the accepted assignments were returned, and 0.0 % of the submitted answers",
        "country of residence: Peru 6, other 5; age: 25-34 12; device: desktop 7, phone 5",
        "2 of 10 asked said that they did",
    ):
        assert said in text, said
    assert items["People who answered"] == "12"
    assert items["Hourly pay (median; 5 to 95 % of people)"] == "$12.00; $12.00 to $12.00"
    assert items["Pay of a set"] == "$0.80"
    assert items["People who said that they used an AI tool"] == "2 of 10 asked"


def test_what_the_study_does_not_know_is_a_place_to_fill_in():
    text, items = written(peopled_study())

    assert f"[TO FILL IN: {RECRUITMENT}]" in text
    assert f"[TO FILL IN: {BOARD}]" in text
    assert items["Ethics approval"] == ""


def test_consent_is_claimed_of_those_alone_who_gave_it():
    study = peopled_study()
    ConsentGiven.objects.filter(worker__key__in=["p0", "p1"]).delete()
    assert "10 of 12 people agreed" in written(study)[0]

    ConsentGiven.objects.all().delete()
    assert "[TO FILL IN: say what people agreed to" in written(study)[0]


def test_pay_is_claimed_of_those_alone_whose_time_is_known():
    study = peopled_study()
    study.workers.get(key="p0").assignments.model.objects.filter(worker__study=study).update(
        submitted_at=None
    )
    HitType.objects.filter(study=study).update(reward_cents=55)

    text, items = written(study)

    assert "A set paid $0.55 [TO FILL IN: say what this was for an hour" in text
    assert items["Hourly pay (median; 5 to 95 % of people)"] == ""


def test_simulated_workers_are_called_so_and_no_place_is_left_open():
    text, items = written(answered_study(kind="simulated"))

    assert text.startswith("No people took part: simulated workers gave every answer")
    assert "TO FILL IN" not in text
    assert items["Ethics approval"] == "none: simulated workers answered"
    assert items["Who answered"] == "none: simulated workers answered"


def test_an_imported_table_leaves_everything_to_fill_in():
    text, items = written(answered_study(kind="imported"))

    assert "imported from another campaign's table" in text
    assert f"[TO FILL IN: {BOARD}]" in text
    assert items["Pay of a set"] == ""


def test_no_person_is_named_or_alone():
    study = peopled_study()
    text, items = written(study)
    everything = text + str(items) + as_markdown(study, take(study))

    for secret in ("Chile", "Ghana", "Malta", "second batch", "p0", *_keys(study)):
        assert secret not in everything


def _keys(study):
    return [key for key in study.workers.values_list("key", flat=True) if len(key) > 3]


def test_the_page_and_the_file_hold_paragraph_and_checklist(client):
    study = peopled_study()
    page = client.get("/results/rooms/paper/").content.decode()

    assert '<h2 id="ethics">Ethics</h2>' in page
    assert f"<mark>[TO FILL IN: {BOARD}]</mark>" in page
    assert "Hourly pay (median; 5 to 95 % of people)" in page
    assert "## Ethics" in as_markdown(study, take(study))
