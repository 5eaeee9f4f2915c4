"""A plan is read strictly, and frozen by a hash that its writing does not change."""

import pytest

from annotator.results.report.preregistration.plan import InvalidPlan, parse_hypotheses, plan_sha256


def hypothesis_of(**changes):
    raw = {"statement": "conv5 is easier to name", "networks": ["places", "imagenet"], **changes}
    (parsed,) = parse_hypotheses({"hypotheses": [raw]})
    return parsed


def test_what_a_hypothesis_leaves_out_has_a_default():
    parsed = hypothesis_of()

    assert (parsed.id, parsed.number, parsed.group) == ("1", "mean_precision", None)
    assert (parsed.direction, parsed.layers) == ("different", ())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"statement": ""}, "Hypothesis 1 has no statement"),
        ({"id": "H7", "number": "votes"}, "Hypothesis H7: number must be mean_precision or groups"),
        ({"number": "groups"}, "group must be 1 to 6 with `groups` alone, got None"),
        ({"group": 3}, "group must be 1 to 6 with `groups` alone, got 3"),
        ({"networks": ["places"]}, r"networks must name two, got \['places'\]"),
        ({"direction": "up"}, "direction must be greater or less or different, got 'up'"),
    ],
)
def test_a_wrong_hypothesis_is_refused_with_its_value(changes, sentence):
    with pytest.raises(InvalidPlan, match=sentence):
        hypothesis_of(**changes)


def test_a_hypothesis_that_is_no_object_is_refused():
    with pytest.raises(InvalidPlan, match="Hypothesis 1 must be an object, got 'conv5'"):
        parse_hypotheses({"hypotheses": ["conv5"]})


@pytest.mark.parametrize(
    ("networks", "layers", "covered"),
    [
        (("places", "imagenet"), ("conv5", "pool5"), True),
        (("imagenet", "places"), ("pool5", "conv5"), True),
        (("imagenet", "places"), ("conv5", "pool5"), False),
        (("places", "vgg"), ("conv5", "conv5"), False),
    ],
)
def test_a_hypothesis_covers_its_networks_in_either_order(networks, layers, covered):
    planned = hypothesis_of(layers=["conv5"])

    assert planned.covers("mean_precision", None, networks, layers) is covered
    assert planned.covers("groups", 3, networks, layers) is False


def test_the_hash_depends_on_what_a_plan_says_not_on_how_it_is_written():
    plan = {"hypotheses": [], "thresholds": {"precision": 0.75}}

    assert plan_sha256(plan) == plan_sha256(dict(reversed(plan.items())))
    assert plan_sha256(plan) != plan_sha256({**plan, "hypotheses": ["x"]})
