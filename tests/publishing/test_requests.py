"""What a request to publish asks for: all units, some layers, a sample or a pilot."""

import pytest

from annotator.job_requests import BadRequest
from annotator.models import Unit
from annotator.publishing import PILOT_UNITS, NotPublishable, PublishRequest
from annotator.publishing.requests import chosen_units
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db
LAYERS = (("scenes", "conv1", 9), ("scenes", "conv2", 4), ("objects", "conv1", 9))


@pytest.fixture
def study():
    return published_study(layers=LAYERS)


def chosen(study, **options):
    """{network/layer: numbers of units} that a request asks for."""
    pks = chosen_units(study, PublishRequest(**options))
    units = Unit.objects.filter(pk__in=pks).order_by("layer__position", "number")
    result = {}
    for unit in units.select_related("layer__network"):
        name = f"{unit.layer.network.name}/{unit.layer.name}"
        result.setdefault(name, []).append(unit.number)
    return result


def test_without_a_choice_all_units_are_meant(study):
    assert chosen_units(study, PublishRequest()) is None


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (["conv2"], {"scenes/conv2": 4}),
        (["conv1"], {"scenes/conv1": 9, "objects/conv1": 9}),
        (["objects/conv1"], {"objects/conv1": 9}),
        (["conv2", "conv2"], {"scenes/conv2": 4}),
    ],
)
def test_layers_are_named_alone_or_with_their_network(study, layers, expected):
    assert {name: len(units) for name, units in chosen(study, layers=layers).items()} == expected


def test_an_unknown_layer_is_refused_with_the_one_that_is_meant(study):
    with pytest.raises(NotPublishable, match="has no layer 'conv3': did you mean 'conv[12]'"):
        chosen(study, layers=["conv3"])


def test_a_sample_has_as_many_units_of_each_layer_as_there_are(study):
    sizes = {name: len(units) for name, units in chosen(study, sample=5).items()}

    assert sizes == {"scenes/conv1": 5, "scenes/conv2": 4, "objects/conv1": 5}


def test_a_larger_sample_of_a_seed_contains_the_smaller_and_another_seed_differs(study):
    small, large, other = (
        chosen(study, sample=count, seed=seed) for count, seed in ((3, 0), (6, 0), (6, 1))
    )

    assert all(set(units) <= set(large[name]) for name, units in small.items())
    assert large != other


def test_a_pilot_has_units_of_every_layer(study):
    pilot = chosen(study, pilot=True)

    assert sum(map(len, pilot.values())) == PILOT_UNITS
    assert [len(units) for units in pilot.values()] == [4, 3, 3]


def test_dead_units_are_drawn_only_if_they_are_asked_for(study):
    Unit.objects.exclude(number=0).update(dead=True)

    assert chosen(study, sample=3) == {name: [0] for name in chosen(study, sample=1)}
    assert len(chosen(study, sample=3, with_dead=True)["scenes/conv1"]) == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"reward": 80, "hourly": 1200}, "--reward is the pay of a HIT, --hourly of an hour"),
        ({"pilot": True, "sample": 3}, "--pilot takes 10 units in all"),
        ({"assignments": 0}, "--assignments"),
        ({"assignments": 101}, "--assignments"),
        ({"repeats": 4}, "--repeats"),
        ({"sample": 0}, "--sample"),
        ({"min_judged": 1.5}, "--min-judged"),
        ({"view": "round"}, "--view"),
        ({"reward": -1}, "--reward"),
        ({"something": 1}, "something"),
    ],
)
def test_a_wrong_option_is_named(options, sentence):
    with pytest.raises(BadRequest, match=sentence):
        PublishRequest.of(options)


def test_a_request_is_the_same_after_a_row_has_stored_it():
    request = PublishRequest(layers=("conv1",), sample=3, hourly=900, min_judged=0.25)

    assert PublishRequest.of(request.model_dump(mode="json")) == request
