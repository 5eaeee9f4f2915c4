"""What a paper needs is generated: every number, and nothing that the study does not say."""

import pytest

from annotator.models import Exemplar, Layer, Preregistration
from annotator.results.output.figures.flow_chart import flow_alt_text, flow_chart
from annotator.results.output.paper import as_markdown, bibtex, checklist, methods_section
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.report.who_answered import ExclusionFlow
from tests.results.studies import answered_study

pytestmark = pytest.mark.django_db
FLOW = ExclusionFlow(20, 3, 2, 1, 14, {"surplus": 1, "soft-rejected": 3}, (), 10)


def test_the_methods_name_every_number():
    study = answered_study()
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")

    text = " ".join(methods_section(study, take(study)))

    for said in (
        "2 networks",
        "4 top images and 2 catch images",
        "3 answers per unit were wanted, at most 10.0 %",
        "$0.80 a HIT",
        "Of 4 accepted assignments 0 were returned",
        "1 answer was excluded, blind to concept and precision (1 soft-rejected)",
        "3 answers by 2 workers were analyzed",
        "scenes conv1 0.875 (1 unit",
        "100.0 % of units above 0.75",
        "strictly above 0.75",
    ):
        assert said in text, said
    assert "`" not in text  # the page is no Markdown


def test_simulated_answers_are_called_so_first():
    study = answered_study(kind="simulated")

    assert methods_section(study, take(study))[0].startswith("These answers are not people's")


def test_nothing_is_claimed_of_another_campaigns_hits():
    study = answered_study(kind="imported")

    text = " ".join(methods_section(study, take(study)))

    assert "imported from another campaign's table" in text
    assert "$" not in text


def test_the_checklist_counts_top_images_that_were_shown_whole():
    study = answered_study()
    Layer.objects.update(map_height=7, map_width=7)
    Exemplar.objects.filter(rank=4).update(coverage=0)

    items = {item.label: item.value for item in checklist(study, take(study))}

    assert items["Top images shown whole, for want of a region"] == "6 of 24"


def test_the_checklist_names_hashes_and_says_what_is_not_recorded():
    study = answered_study()
    items = {item.label: item.value for item in checklist(study, take(study))}

    assert items["Weights of scenes (SHA-256)"] == ""
    assert "not recorded" in as_markdown(study, take(study))
    assert len(items["State of the answers"]) >= 16


def test_bibtex_is_whole():
    text = bibtex()

    assert text.count("@") == 3
    assert text.count("{") == text.count("}")


def test_the_flow_chart_holds_every_count_and_says_it_in_words():
    svg, words = flow_chart(FLOW), flow_alt_text(FLOW)

    for each in ("Assignments accepted", "20", "3 returned", "2 expired", "1 still open", "14"):
        assert each in svg
        assert each in words
    assert "3 paid, excluded by a reviewer" in words
    assert ">10<" in svg


@pytest.mark.parametrize("kind", ["svg", "pdf", "png", "csv"])
def test_the_flow_chart_can_be_downloaded(client, kind):
    answered_study()

    response = client.get(f"/results/rooms/figures/flow.{kind}")

    starts = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "csv": b"step,reason"}
    assert b"".join(response).startswith(starts[kind])


def test_the_page_shows_the_plan_or_that_there_is_none(client):
    study = answered_study()
    assert "No plan was preregistered" in client.get("/results/rooms/paper/").content.decode()
    plan = {"hypotheses": [], "thresholds": {"precision": 0.75}}
    Preregistration.objects.create(study=study, plan=plan, sha256="ab" * 32, answer_count=4)
    client.post("/results/rooms/make-again/")

    html = client.get("/results/rooms/paper/").content.decode()

    assert "abababababab" in html
    assert "4 answers were there already" in html
    assert client.get("/results/rooms/paper.md").content.startswith(b"# Methods of rooms")
