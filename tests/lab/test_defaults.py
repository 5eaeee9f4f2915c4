"""What the lab asks if nobody chooses: named units, images on which they answer, two networks."""

import pytest

from annotator.analysis_requests import ANALYSES, analysis_request
from annotator.lab.defaults import (
    DEFAULTS,
    default_options,
    enqueue_defaults,
    telling_images,
    telling_units,
)
from annotator.lab.networks import lab_networks, layer_pairs
from annotator.models import Network
from annotator.tasks import current_snapshot
from tests.views.lab.naming import name_units


def second_network(study, **fields):
    fields = {"name": "second", "spec": "s", "position": 2, "weights_sha256": ""} | fields
    other = study.networks.create(**fields)
    other.layers.create(name="look", position=0, unit_count=1, map_height=1, map_width=1)
    return other


def test_every_kind_of_question_has_a_default():
    assert set(DEFAULTS) == set(ANALYSES)


def test_named_units_come_in_turn_of_their_names_and_objects_first(network):
    name_units(network.study, ["car", "car", "tree"])
    snapshot = current_snapshot(network.study)

    units = telling_units(network, snapshot, 2)

    assert list(units.names.values()) == ["car", "tree"]
    assert telling_units(network, snapshot, 9).numbers == [0, 2, 1]


def test_names_below_the_threshold_are_better_than_none(network):
    network.study.threshold = 1.0  # nothing is strictly above it
    network.study.save()
    name_units(network.study, ["car", "tree", "car"])
    snapshot = current_snapshot(network.study)

    assert telling_units(network, snapshot, 3).names == {0: "car", 1: "tree", 2: "car"}
    assert default_options(network, "scenes", snapshot) is None


def test_without_names_the_first_units_of_the_deepest_layer_are_shown(network):
    units = telling_units(network, None, 2)

    assert (units.layer, units.names) == ("see", {0: "", 1: ""})


def test_images_are_those_on_which_the_units_answer(network):
    name_units(network.study, ["red", "green", "blue"])
    units = telling_units(network, current_snapshot(network.study), 3)
    units.names.pop(0), units.names.pop(2)  # green alone

    paths = telling_images(network, units, 3)

    assert {int(path[:2]) % 3 for path in paths} == {1}  # every third picture is green


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_default_question_is_one_that_a_worker_can_read(network, kind):
    name_units(network.study, ["red", "green", "blue"])
    second_network(network.study)

    options = default_options(network, kind, current_snapshot(network.study))

    assert analysis_request(kind, options).options() == options


def test_a_question_that_cannot_be_asked_has_no_default(network, pictures):
    (pictures / "classes.csv").unlink()

    assert default_options(network, "compare", None) is None
    assert default_options(network, "concepts", None) is None
    assert default_options(network, "scenes", None) is None


def test_a_network_is_compared_with_a_trained_one_if_there_is_one(network):
    second_network(network.study, name="fresh", condition=Network.Condition.UNTRAINED)
    trained = second_network(network.study, name="trained", position=3)

    assert default_options(network, "compare", None)["other"] == trained.pk


def test_layers_are_paired_by_name_and_else_by_position():
    assert layer_pairs(["b", "c"], ["a", "b", "c"], ["b", "z"]) == ["b=b", "c=z"]


def test_trained_networks_come_first_and_random_images_are_no_network(network):
    study = network.study
    study.networks.filter(pk=network.pk).update(position=20)
    second_network(study, position=9, condition=Network.Condition.UNTRAINED)
    second_network(study, name="chance", position=4, condition=Network.Condition.RANDOM_IMAGES)

    assert [one.name for one in lab_networks(study)] == [network.name, "second"]


def test_the_default_questions_are_queued_once(network):
    snapshot = current_snapshot(network.study)

    first = enqueue_defaults(network, snapshot)
    again = enqueue_defaults(network, snapshot)

    kinds = set(DEFAULTS) - {"compare", "scenes"}  # no other network, no names
    assert {analysis.kind for analysis in first} == kinds
    assert again == first
