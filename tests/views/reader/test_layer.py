"""Units of a layer are browsed in any order and filtered, and links keep what was asked."""

import re

import pytest

from annotator.models import Hit
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import units_in
from annotator.views.reader.addresses import layer_address
from annotator.views.reader.layer import ORDERS, layer_units
from tests.crowd.studies import published_study
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def layer(db):
    """Four units: 0 precise, 1 not, 2 in between by two workers, 3 without answers."""
    study = published_study("many", layers=(("scenes", "conv1", 4),))
    store_answer(study, get_unit(study, number=0), "ada", "zebra", group=5)
    store_answer(study, get_unit(study, number=1), "ada", "car", group=6, marked=[1, 2, 3])
    for worker in ("ada", "ben"):
        store_answer(study, get_unit(study, number=2), worker, "dog", group=4, marked=[1])
    return get_unit(study).layer


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("precision", [0, 2, 1, 3]),
        ("shrunken", [0, 2, 1, 3]),
        ("answers", [2, 0, 1, 3]),
        ("concept", [1, 2, 0, 3]),
        ("group", [2, 0, 1, 3]),
        ("unit", [0, 1, 2, 3]),
        ("nonsense", [0, 2, 1, 3]),
    ],
)
def test_units_are_ranked_by_any_column_unanswered_ones_last(layer, order, numbers):
    answered = units_in(take(layer.network.study), layer.pk)

    def ranked(**asked):
        return [row.number for row in layer_units(layer, answered, {"order": order, **asked})]

    assert ranked() == numbers
    if order in ("precision", "concept", "group"):
        assert ranked(reversed="1") == [*numbers[2::-1], 3]


def test_every_order_can_be_chosen_and_ranks(client, layer):
    for order in ORDERS:
        address = layer_address(layer)
        html = client.get(address, {"order": order}).content.decode()

        assert f'<option value="{order}" selected>' in html


def test_each_card_shows_a_unit_with_concept_precision_and_three_images(client, layer):
    html = client.get(layer_address(layer)).content.decode()
    cards = re.findall(r'<li class="card unit-card">.*?</li>', html, re.S)

    assert len(cards) == 4
    assert "zebra" in cards[0]
    assert "1.000" in cards[0]
    assert cards[0].count("<svg") == 3
    assert "no answers yet" in cards[3]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"low": "0.5"}, [0, 2]),
        ({"low": "0.5", "high": "0.8"}, [2]),
        ({"high": "0.5"}, [1]),
        ({"low": "all", "high": ""}, [0, 2, 1, 3]),
        ({"detectors": "1"}, []),
        ({"group": "4", "low": "0.9"}, []),
    ],
)
def test_a_range_of_precision_and_detectors_leave_units_out(layer, query, numbers):
    answered = units_in(take(layer.network.study), layer.pk)

    assert [row.number for row in layer_units(layer, answered, query)] == numbers


def test_only_units_named_for_an_object_above_the_threshold_are_detectors(layer):
    study = layer.network.study
    for number, marked in ((0, ()), (1, (1, 2))):
        for worker in ("dora", "eve"):
            unit = get_unit(study, number=number)
            store_answer(study, unit, worker, "zebra", group=5, marked=marked)
    answered = units_in(take(study), layer.pk)

    def listed(threshold):
        return [row.number for row in layer_units(layer, answered, {"detectors": "1"}, threshold)]

    assert listed(0.75) == [0]
    assert sorted(listed(0.4)) == [0, 1]


def test_links_keep_order_and_filters_to_a_unit_and_back(client, layer):
    asked = {"q": "zeb", "order": "answers", "low": "0.5"}
    html = client.get(layer_address(layer), asked).content.decode()
    there = re.search(r'href="(/results/many/scenes/conv1/\d+\?[^"]+)"', html)[1].replace(
        "&amp;", "&"
    )

    back = client.get(there).content.decode().replace("&amp;", "&")

    assert there.endswith("?q=zeb&order=answers&low=0.5")
    assert f'{layer_address(layer)}?q=zeb&order=answers&low=0.5"' in back


def test_one_switch_leaves_out_what_reviewers_excluded_or_brings_it_back(client):
    study = answered_study()
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")

    usual = client.get("/results/rooms/").content.decode()
    every = client.get("/results/rooms/", {"variant": "with-excluded"}).content.decode()

    assert "3 <button" in usual
    assert "4 <button" in every
    assert 'href="/results/rooms/data/?variant=with-excluded"' in every
    assert all(number in usual for number in ("0.875", "0.750"))  # both numbers, always


def test_a_layers_headline_stands_beside_what_chance_gives(client):
    study = answered_study()
    own, control = (study.networks.get(name=name) for name in ("scenes", "objects"))
    control.control_of, control.condition = own, "random directions"
    control.save()

    html = " ".join(client.get(layer_address(get_unit(study).layer)).content.decode().split())

    assert "<b>0 of 1 units</b>" in html
    assert re.search(r"<b>0</b> \(0\.0 %, random directions\)", html), html[
        html.index("0 of 1 units") :
    ][:900]
    assert "Headline numbers and their chance levels" in html
    of_control = client.get(layer_address(get_unit(study, "objects").layer)).content.decode()
    assert "Headline numbers and their chance levels" not in of_control


def test_an_interval_says_where_units_were_sampled(client, layer):
    def pages():
        addresses = (layer_address(layer), "/results/many/")
        return [client.get(address).content.decode() for address in addresses]

    assert not any("units sampled" in page for page in pages())

    Hit.objects.filter(unit__layer=layer, unit__number=3).delete()  # it was not published
    take(layer.network.study)

    assert all("units sampled" in page for page in pages())


def test_the_cards_of_detectors_say_so_and_how_sure_that_is(client, layer):
    study = layer.network.study
    store_answer(study, get_unit(study, number=0), "ben", "zebra", group=5)
    take(study)

    html = client.get(layer_address(layer)).content.decode()

    cards = re.findall(r'<li class="card unit-card">.*?</li>', html, re.S)
    assert len(cards) == 4
    (marked,) = (card for card in cards if "object detector, " in card)
    assert "zebra" in marked
    assert re.search(r'<span class="badge uncertain">object detector, uncertain</span>', marked)
