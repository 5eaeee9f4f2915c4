"""Dead, dense and broad units are marked and counted wherever units are listed."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from annotator.lab.defaults import telling_units
from annotator.models import Network, Study, Unit
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from annotator.results.output.tables import precision_table, units_table
from annotator.views.lab.forms import dead_units_note
from annotator.views.lab.layer_analyses import Filters
from annotator.views.reader.addresses import layer_address
from tests.crowd.studies import published_study
from tests.results.studies import get_unit, store_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Five units: 0 is dead, 1 a dense latent, 2 broad, 3 and 4 neither; 2 and 3 have an answer."""
    study = published_study("rooms", layers=(("scenes", "conv1", 5),))
    Unit.objects.filter(number=0).update(dead=True, firing_share=0, broad_share=0)
    Unit.objects.filter(number=1).update(dense=True, firing_share=0.8, broad_share=0.9)
    Unit.objects.filter(number=2).update(firing_share=1, broad_share=0.7)
    Unit.objects.filter(number=3).update(firing_share=0.3, broad_share=0.1)
    for number in (2, 3):
        for worker in ("ada", "ben"):
            store_answer(study, get_unit(study, number=number), worker, "dog", group=5)
    take(study)
    return study


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


COUNTED = [">dead</button>", ">dense</button>", ">broad</button>"]


@pytest.mark.parametrize("place", ["/results/rooms/", "/results/rooms/scenes/conv1/"])
def test_denominators_of_a_page_count_them_each_with_its_definition(client, study, place):
    html = text_of(client, place)

    for word, button in zip(("dead", "dense", "broad"), COUNTED, strict=True):
        assert ', <span class="whole">1 <button' in html
        assert button in html
        assert f'id="def-{word}"' in html


def test_a_report_without_answers_counts_them_too(client):
    study = published_study("empty", layers=(("scenes", "conv1", 5),))
    Unit.objects.filter(number=0).update(dead=True)
    take(study)

    assert "5 units, 1 dead</li>" in text_of(client, "/results/empty/")


def test_a_card_of_the_page_of_a_layer_marks_its_unit(client, study):
    html = text_of(client, layer_address(get_unit(study).layer) + "?order=unit")

    cards = [part.partition("</li>")[0] for part in html.split('<li class="card unit-card">')[1:]]
    words = [
        [word for word in ("dead", "dense", "broad") if f">{word}</button></span>" in card]
        for card in cards
    ]
    assert words == [["broad"], [], ["dead"], ["dense"], []]  # answered ones come first
    assert ["not published" in card for card in cards] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "All images give this unit one score"),
        (1, "This latent fires on 80"),
        (2, "of the images excite this unit more than half as much as its best one"),
        (3, None),
    ],
)
def test_the_page_of_a_unit_says_what_that_means(client, study, number, sentence):
    html = text_of(client, f"/results/rooms/scenes/conv1/{number}")

    assert ("badge activity" in html.partition("</h1>")[0]) is (sentence is not None)
    assert sentence is None or sentence in html


def test_the_page_of_a_unit_names_pictures_that_are_nearly_the_same(client, study):
    Unit.objects.filter(number=3).update(near_copies=[[9, 2, 4], [5, 6]])

    html = text_of(client, "/results/rooms/scenes/conv1/3")

    assert "Pictures 2, 4, 9 are nearly the same. Pictures 5, 6 are nearly the same." in html
    shown = get_unit(study, number=3).exemplars.filter(role="top").count()
    assert f"{shown} pictures say no more than {shown - 3} would" in html
    assert "nearly the same" not in text_of(client, "/results/rooms/scenes/conv1/2")


def test_tables_json_and_api_have_the_counts_and_the_words(client, study):
    report = full_report(take(study))

    (layer,) = precision_table(report).as_dicts()
    assert [layer[f"{word}_unit_count"] for word in ("dead", "dense", "broad")] == [1, 1, 1]
    assert units_table(report).column("activity") == ["broad", ""]
    out = io.StringIO()
    call_command("results", "rooms", "--format", "json", stdout=out)
    layer = json.loads(out.getvalue())["networks"][0]["layers"][0]
    assert layer["activity"] == {
        "dead": {"unit_count": 1, "units": [0]},
        "dense": {"unit_count": 1, "units": [1]},
        "broad": {"unit_count": 1, "units": [2]},
    }
    out = io.StringIO()
    call_command("results", "rooms", "--format", "csv", stdout=out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["activity"] for row in rows] == ["broad", ""]


def test_a_site_marks_them_too(tmp_path, study):
    folder = tmp_path / "site"
    call_command("results", "rooms", "--format", "site", "--out", str(folder))

    layer = (folder / "units/scenes/conv1/index.html").read_text()
    assert "2 of 5 units answered, 1 <a" in layer
    assert '<span class="badge activity">dead</span>' in layer
    assert (
        'href="../../../definitions.html#def-dead">dead</a></h1>'
        in (folder / "units/scenes/conv1/0.html").read_text()
    )
    assert "1 of them are" in (folder / "index.html").read_text()
    assert 'id="def-dead"' in (folder / "definitions.html").read_text()


def test_the_lab_names_dead_units_where_units_are_chosen_and_takes_others_by_itself(study):
    network = Network.objects.get()
    network.control_of = None

    assert dead_units_note(network) == "Dead, all images give them one score: conv1: 0."
    assert "conv1: 0" in Filters(network).fields["units"].help_text
    Unit.objects.filter(number__in=[0, 3]).update(dead=True)
    assert "conv1: 0, 3" in dead_units_note(network)
    assert telling_units(network, None, 2).numbers == [2, 4]


def test_the_requesters_page_says_how_many_are_not_published(client, study):
    assert "5 units (2 of them dead or dense, not published)" in text_of(client, "/studies/rooms/")


def test_a_study_without_dead_units_mentions_none(client):
    study = published_study("live", layers=(("scenes", "conv1", 2),))
    store_answer(study, get_unit(study), "ada", "dog", group=5)
    take(study)

    assert "badge activity" not in text_of(client, "/results/live/scenes/conv1/")
    assert ", 1 <button" not in text_of(client, "/results/live/")
    assert Study.objects.get(name="live").networks.count() == 1
