"""Who answered, in the report, its JSON and its page: counts of people, and nothing made up."""

import pytest

from annotator.models import Study
from annotator.results.output.as_json import as_json
from annotator.results.report.report import report_of
from annotator.templatetags.results import fill_in, with_code
from tests.results.peopled_studies import peopled_study
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


def people_of(study):
    return as_json(report_of(study))["who_answered"]["people"]


def test_json_holds_counts_of_people_pay_consent_and_ai_tools():
    people = people_of(peopled_study())

    assert people["count"] == 12
    assert people["details"] == {
        "country": [{"value": "Peru", "people": 6}, {"value": "other", "people": 5}],
        "age_band": [{"value": "25-34", "people": 12}],
        "device": [{"value": "desktop", "people": 7}, {"value": "phone", "people": 5}],
    }
    assert people["hourly_pay_cents"] == {"5 %": 1200, "50 %": 1200, "95 %": 1200}
    assert [consent["version"] for consent in people["consents"]] == [1]
    assert people["used_ai_tool"] == {"yes": 2, "no": 8, "not_said": 0, "not_answered": 2}


def test_headline_numbers_stand_with_and_without_those_who_used_an_ai_tool():
    layer = as_json(report_of(peopled_study()))["networks"][0]["layers"][0]

    everybody, without = layer["variants"]["as analysed"], layer["variants"]["without-ai"]
    assert (everybody["answer_count"], without["answer_count"]) == (15, 13)
    # Unit 1: ten answers of 1 and two of .75; unit 0: 1, .75 and .5, of an imported table.
    assert everybody["mean_precision"] == pytest.approx((11.5 / 12 + 0.75) / 2, abs=1e-6)
    assert without["mean_precision"] == pytest.approx((1 + 0.75) / 2)


def test_dates_and_rates_are_of_the_crowd_and_an_import_tells_no_time():
    study = peopled_study()
    returned = store_answer(study, get_unit(study, "objects", number=1), "p0")
    assignment = returned.assignment
    returned.delete()
    type(assignment).objects.filter(pk=assignment.pk).update(status="returned")
    study.workers.get(key="p1").assignments.update(status="soft-rejected")

    who = as_json(report_of(study))["who_answered"]

    assert who["return_rate"] == pytest.approx(1 / 17, abs=1e-6)
    assert who["exclusion_rate"] == pytest.approx(1 / 16)
    assert who["first_answer_at"] <= who["last_answer_at"]
    imported = as_json(report_of(another_study("imported")))["who_answered"]
    assert (imported["first_answer_at"], imported["people"]) == (None, None)


def another_study(kind):
    Study.objects.filter(name="rooms").update(name="elsewhere")
    return answered_study(kind=kind)


def test_the_page_says_who_answered(client):
    peopled_study()

    page = client.get("/results/rooms/").content.decode()

    for sentence in ("Peru 6, other 5", "$12.00", "2 said yes, 8 no", "13 answers"):
        assert sentence in page, sentence
    for name in ("Chile", "Ghana", "France", "Malta", "second batch"):
        assert name not in page


def test_the_page_of_simulated_workers_makes_nobody_up(client):
    answered_study(kind="simulated")

    page = client.get("/results/rooms/").content.decode()

    assert "Simulated workers answered: no people took part" in page
    fold = page.split("<summary>Who answered</summary>")[1].split("</details>")[0]
    assert "Hourly pay" not in fold
    assert people_of(Study.objects.get()) is None


def test_a_report_as_a_file_says_it_too(client):
    peopled_study()

    assert "Peru 6, other 5" in client.get("/results/rooms/report.html").content.decode()


def test_a_place_to_fill_in_is_highlighted_and_text_escaped():
    html = fill_in("Done <b>. [TO FILL IN: name the board] Then <i>.")

    assert html == "Done &lt;b&gt;. <mark>[TO FILL IN: name the board]</mark> Then &lt;i&gt;."


def test_what_stands_between_backticks_is_code_and_text_escaped():
    html = with_code("On `nets:<b>` and <i>; a lone ` stays.")

    assert html == "On <code>nets:&lt;b&gt;</code> and &lt;i&gt;; a lone ` stays."
