"""The reader's pages say what the answers say, trace it back, and keep simulated ones apart."""

import csv
import io
import json

import pytest
from django.urls import reverse

from annotator.models import Layer
from annotator.results.output.headlines import galleries
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from annotator.views.reader.report import gallery_tiles
from tests.crowd.studies import published_study
from tests.results.studies import answered_study, get_unit, store_answer
from tests.views.reader.detecting import detecting_study

pytestmark = pytest.mark.django_db


def page(client, name, *arguments, **query):
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return b"".join(response).decode()


def test_the_report_has_the_numbers_their_rule_and_their_definitions(client):
    answered_study()

    html = page(client, "report", "rooms")

    assert "0.750" in html  # (1 + 3/4 + 2/4) / 3
    assert "strictly above 0.75" in html
    for key in ("mean_precision", "groups", "share_of_units_above"):
        assert f'popovertarget="def-{key}"' in html
        assert f'id="def-{key}"' in html


def test_every_figure_has_a_text_alternative_and_a_table_with_its_numbers(client):
    answered_study()

    html = page(client, "report", "rooms")

    assert 'role="img" aria-label="A chart by layer. scenes: 0.750 at conv1.' in html
    assert html.count("<figure") == 5
    assert html.count("<table") >= 8


def test_a_study_without_answers_says_so_and_shows_its_layers(client):
    published_study("empty", layers=(("scenes", "conv1", 2),))

    html = page(client, "report", "empty")

    assert "no answers that count yet" in html
    assert "/results/empty/scenes/conv1/" in html


def test_simulated_answers_are_called_so_on_every_page(client):
    study = answered_study(kind="simulated")
    unit = get_unit(study)

    for html in (
        page(client, "report", "rooms"),
        page(client, "layer", "rooms", "scenes", "conv1"),
        page(client, "unit", "rooms", "scenes", "conv1", unit.number),
        page(client, "report_html", "rooms"),
    ):
        assert "Simulated workers." in html


def test_people_and_simulated_answers_are_shown_apart_and_links_keep_the_choice(client):
    study = answered_study(kind="simulated")
    store_answer(study, get_unit(study), "dora", "hub", kind="person")

    people = page(client, "report", "rooms")
    simulated = page(client, "report", "rooms", answers="simulated")

    assert "1 <button" in people
    assert "4 simulated answers are not included" in people
    assert "1 answer by people is not included" in simulated
    layer = "/results/rooms/scenes/conv1/"
    assert f'href="{layer}?answers=simulated"' in simulated


def test_a_report_says_when_it_was_made_and_is_made_again_when_asked(client):
    study = answered_study()
    before = page(client, "results_json", "rooms")
    assert "Answers were added" not in page(client, "report", "rooms")
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")

    stale = page(client, "report", "rooms")
    assert client.post(reverse("make_again", args=["rooms"])).status_code == 302
    after = json.loads(page(client, "results_json", "rooms"))

    assert 'Made <time datetime="20' in stale
    assert "Answers were added or excluded since then." in stale
    assert json.loads(before)["answer_count"] == 4
    assert after["answer_count"] == 3
    assert after["excluded"]["reasons"]["soft-rejected"] == 1


def test_a_unit_page_shows_the_words_of_each_answer_and_how_many_kept_each_picture(client):
    answered_study()

    html = page(client, "unit", "rooms", "scenes", "conv1", 0)

    assert (
        html.count("<b><bdi>wheel</bdi></b>") == 2
    )  # "Wheel", as it was typed, stays in the answer
    assert "<b><bdi>car</bdi></b>" in html
    assert html.count("<b>3 of 3</b>") == 2
    assert "<b>2 of 3</b>" in html
    assert "<b>1 of 3</b>" in html


def test_pictures_without_a_region_are_shown_whole_and_the_page_says_why(client):
    study = answered_study()
    unit = get_unit(study)
    before = page(client, "unit", "rooms", "scenes", "conv1", 0)
    unit.hits.update(masks="sheet.png")
    Layer.objects.filter(pk=unit.layer_id).update(map_height=7, map_width=7)
    unit.exemplars.filter(rank__in=[2, 3]).update(coverage=0)
    unit.exemplars.filter(rank=4).update(coverage=1)

    html = page(client, "unit", "rooms", "scenes", "conv1", 0)
    layer = page(client, "layer", "rooms", "scenes", "conv1")

    assert "whole</small>" not in before
    assert "2 of 4 pictures are marked “whole”, because no cell of the map passes" in html
    assert "1 of 4 pictures are marked “whole”, because the region covers everything." in html
    assert html.count("<br>whole</small>") == 3
    assert html.count("<mask") == 2  # nothing is dimmed where no region is
    assert "passes the threshold: 2 of 8. Regions as large as their picture: 1 of 8." in layer


def test_the_words_of_workers_are_escaped(client):
    study = answered_study()
    store_answer(study, get_unit(study, number=1), "eve", "<script>alert(1)</script>")

    for html in (
        page(client, "layer", "rooms", "scenes", "conv1"),
        page(client, "unit", "rooms", "scenes", "conv1", 1),
        page(client, "report_html", "rooms"),
    ):
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html


def test_a_layer_lists_the_units_that_a_reader_asks_for(client):
    study = answered_study()
    store_answer(study, get_unit(study, number=1), "ada", "Grass", group=3)

    def units(**query):
        html = page(client, "layer", "rooms", "scenes", "conv1", **query)
        return [number for number in (0, 1) if f">Unit {number}<" in html]

    assert units() == [0, 1]
    assert units(q="grASS") == [1]
    assert units(group="4") == [0]
    assert units(q="sofa") == []


def test_no_list_takes_more_queries_for_more_units(client, django_assert_max_num_queries):
    study = published_study("many", layers=(("scenes", "conv1", 50),))
    for number in range(50):
        store_answer(study, get_unit(study, number=number), "ada")
    take(study)
    layer = ["scenes", "conv1"]

    for name, argument in (("report", []), ("layer", layer), ("unit", [*layer, 0])):
        with django_assert_max_num_queries(40):
            page(client, name, "many", *argument)


@pytest.mark.parametrize("name", ["precision", "groups", "groups_by_majority", "curves", "flow"])
@pytest.mark.parametrize("kind", ["simulated", "person"])
def test_a_figure_and_the_data_behind_it_say_whether_people_answered(client, name, kind):
    answered_study(kind=kind)

    svg = page(client, "figure", "rooms", name, "svg")
    data = list(csv.DictReader(io.StringIO(page(client, "figure", "rooms", name, "csv"))))

    assert ("Simulated workers." in svg) is (kind == "simulated")
    assert {row["simulated"] for row in data} == {str(kind == "simulated")}


def test_the_list_of_results_marks_simulated_studies(client):
    answered_study(kind="simulated")
    published_study("garden")

    listed = page(client, "results").split("<li>")[1:]

    assert ["simulated workers" in one for one in listed] == [False, True]


def test_a_worker_may_not_see_results(client):
    study = answered_study()
    client.defaults["REMOTE_ADDR"] = "192.0.2.1"

    assert client.get(reverse("report", args=[study.name])).status_code == 302


@pytest.mark.parametrize(
    ("kind", "start"),
    [("svg", b"<svg"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("csv", b"network")],
)
@pytest.mark.parametrize("name", ["precision", "groups", "groups_by_majority", "curves", "classes"])
def test_a_figure_can_be_downloaded(client, name, kind, start):
    answered_study()

    response = client.get(reverse("figure", args=["rooms", name, kind]))

    assert b"".join(response).startswith(start)
    assert f'filename="rooms-{name}.{kind}"' in response["Content-Disposition"]


@pytest.mark.parametrize(("name", "lines"), [("units", 2), ("layers", 3), ("agreement", 3)])
def test_a_table_can_be_downloaded(client, name, lines):
    answered_study()

    text = page(client, "table", "rooms", name, "csv")

    assert text.startswith("network,layer,")
    assert len(text.splitlines()) == 1 + lines


def test_what_is_not_there_is_not_found(client):
    study = answered_study()
    published_study("other", layers=(("scenes", "conv1", 1),))

    assert client.get("/results/none/").status_code == 404
    assert client.get("/results/rooms/figures/pie.svg").status_code == 404
    assert client.get("/results/rooms/figures/groups.exe").status_code == 404
    assert client.get("/results/rooms/secrets.csv", follow=True).status_code == 404
    assert client.get("/results/other/scenes/conv2/").status_code == 404
    assert client.get("/results/other/scenes/conv1/9").status_code == 404
    assert client.get("/results/other/objects/conv1/0").status_code == 404
    assert client.get(f"/results/masks/{get_unit(study).pk}.png").status_code == 404


def test_only_top_images_are_shown_never_catch_images(client):
    study = answered_study()

    html = page(client, "unit", "rooms", "scenes", "conv1", 0)

    assert html.count("Picture ") == study.top_count


def test_the_gallery_takes_as_many_queries_for_ten_detectors_as_for_a_row_of_two(
    client, django_assert_num_queries
):
    study = detecting_study()
    page(client, "report", "rooms")
    whole = galleries(full_report(take(study)), lambda layer: layer.units)
    row = galleries(full_report(take(study)), lambda layer: layer.units, max_units=2)

    for gallery, count in ((whole, 10), (row, 2)):
        with django_assert_num_queries(3):  # units, their HITs, their pictures
            tiles = gallery_tiles(gallery)
        (units,) = tiles.values()
        assert len(units) == count
        assert all(len(of_unit) == 5 for of_unit in units.values())


def test_another_threshold_is_computed_from_the_snapshot_and_kept_by_links(client):
    detecting_study()

    usual = page(client, "report", "rooms")
    other = page(client, "report", "rooms", threshold="0.95")
    numbers = json.loads(page(client, "results_json", "rooms", threshold="0.95"))

    assert "10 of 16 units" in usual
    assert "strictly above 0.95" in other
    assert "/results/rooms/scene-network/relu5/?threshold=0.95" in other
    assert numbers["threshold"] == 0.95
    assert {one["number"] for each in numbers["comparisons"] for one in each["differences"]} <= {
        "mean_precision"
    }
    assert page(client, "report", "rooms", threshold="0.33") == usual  # not offered
