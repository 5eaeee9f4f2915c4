"""Networks are compared only where the design allows it, and a difference that is none is rare."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from annotator.results.loading.layout import LayerRow, NetworkRow
from annotator.results.loading.preregistered_plans import PlanRow
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison.comparability import (
    OVER_UNITS,
    OVER_UNITS_CAUTION,
    comparability,
    matching_layers,
    overlap,
)
from annotator.results.report.comparison.differences import influence_on, layer_differences
from annotator.results.report.report import report_from
from annotator.results.stats.groups import shares_above
from annotator.results.stats.multiple_testing import holm
from tests.results.crowds import Crowd
from tests.results.rows import answer

LAYERS = ("conv5", "conv5")
START = datetime(2026, 11, 1, tzinfo=UTC)


def network(name, layers=("conv5",), **fields):
    fields = {"published_at": START, **fields}
    rows = tuple(LayerRow(n, layer, 256) for n, layer in enumerate(layers))
    return NetworkRow(name, name, "", rows, **fields)


def said(network, unit, worker, fitting=57, minute=1, **fields):
    at = START + timedelta(minutes=minute)
    return answer(unit, fitting, network=network, worker=worker, given_at=at, **fields)


def both(fitting=(57, 30), workers=4, units=16):
    """Every worker answers about every unit of both networks."""
    return tuple(
        said(name, unit, f"w{w}", fitting[n], answer=1000 * n + 10 * unit + w)
        for n, name in enumerate(("places", "imagenet"))
        for unit in range(units)
        for w in range(workers)
    )


def compared(rows, *networks, images="abc", **fields):
    networks = networks or (network("places"), network("imagenet"))
    material = ReportData("s", 0.75, networks, rows, image_list_sha256=images, **fields)
    return report_from(material).comparisons


def test_networks_shown_in_different_views_are_not_compared():
    views = [network(name, tile_views=(view,))
             for name, view in (("places", "crop"), ("imagenet", "full"))]  # fmt: skip

    (comparison,) = compared(both(), *views)

    assert comparison.why_not == "their HITs showed different views of the pictures: crop and full"
    assert not comparison.differences


def test_networks_of_one_design_are_compared():
    (comparison,) = compared(both())

    assert comparison.why_not is None
    mean, *groups = comparison.differences
    assert mean.difference == pytest.approx(27 / 57)
    assert (mean.first_value, mean.second_value) == pytest.approx((1, 30 / 57))
    assert mean.adjusted_p < 0.05
    assert [one.group for one in groups] == [1, 2, 3, 4, 5, 6]
    assert all(one.difference is None for one in groups)  # nothing of one is above the threshold


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"images": ""}, "not known that both were dissected on the same list of images"),
        (
            {"second": network("imagenet", published_at=START + timedelta(hours=1))},
            "one was offered when the other already had answers",
        ),
        ({"second": network("imagenet", published_at=None)}, "not offered in one queue"),
        (
            {"second": network("imagenet", workers_are_places=True)},
            "the answers about one of them alone do not say who gave them",
        ),
        ({"second": network("imagenet", layers=("fc6", "fc7"))}, "no layer of one stands for"),
    ],
)
def test_others_stand_side_by_side_with_a_sentence_why(change, sentence):
    second = change.get("second", network("imagenet"))

    (comparison,) = compared(both(), network("places"), second, images=change.get("images", "abc"))

    assert sentence in comparison.why_not
    assert comparison.differences == ()


def crowds(first, second):
    """Answers of workers about two networks, from how many each gave about both."""
    return [
        said(name, unit, worker)
        for name, loads in (("places", first), ("imagenet", second))
        for worker, count in loads.items()
        for unit in range(count)
    ]


def overlap_slowly(first, second):
    """By METHODS: [sum of n1 n2 / (n1 + n2)] / [N1 N2 / (N1 + N2)]."""
    terms = [Fraction(first[w] * second[w], first[w] + second[w]) for w in {*first, *second}]
    total = Fraction(sum(first.values()) * sum(second.values()))
    return float(sum(terms) / (total / (sum(first.values()) + sum(second.values()))))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"ada": 4, "ben": 2}, {"ada": 8, "ben": 4}, 1.0),
        ({"ada": 4}, {"ben": 4}, 0.0),
        ({"ada": 10, "ben": 10}, {"ada": 10, "eve": 10}, 0.5),
        ({"ada": 3, "ben": 5, "cleo": 1}, {"ada": 7, "ben": 2}, None),
    ],
)
def test_the_overlap_of_two_crowds(first, second, expected):
    first, second = Counter(first), Counter(second)

    assert overlap(first, second) == pytest.approx(overlap_slowly(first, second))
    assert expected is None or overlap(first, second) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ({"ada": 3}, {"ben": 3}, "only 0 workers answered about both"),
        ({"ada": 3, "ben": 1}, {"ada": 3}, "only 1 worker answered about both"),
        (
            {"ada": 9, "ben": 1, "cleo": 5},
            {"ada": 1, "ben": 9, "cleo": 5},
            None,  # 4.3 / 7.5
        ),
        (
            {"ada": 9, "ben": 1},
            {"ada": 1, "ben": 9},
            "their crowds split: the overlap is 0.36, and at least 0.50 is needed",
        ),
    ],
)
def test_crowds_that_split_by_network_are_not_compared(first, second, sentence):
    ground = comparability(network("places"), network("imagenet"), "abc", crowds(first, second))

    assert (ground.why_not is None) if sentence is None else ground.why_not.startswith(sentence)
    assert ground.overlap == pytest.approx(overlap_slowly(Counter(first), Counter(second)))


def test_a_comparison_says_how_far_the_crowds_overlap():
    (comparison,) = compared(both())

    assert comparison.overlap == 1
    assert (comparison.test, comparison.caution) == ("within workers", None)


def imported(name):
    return network(name, workers_are_places=True, published_at=None)


def test_where_it_is_not_known_who_answered_the_test_is_over_units_and_says_so():
    (comparison,) = compared(both(), imported("places"), imported("imagenet"), images="")

    assert (comparison.why_not, comparison.overlap) == (None, None)
    assert (comparison.test, comparison.caution) == (OVER_UNITS, OVER_UNITS_CAUTION)
    mean = comparison.differences[0]
    assert mean.difference == pytest.approx(27 / 57)
    assert mean.adjusted_p < 0.05
    assert mean.interval is None  # over workers


def test_over_units_an_answer_is_not_measured_against_the_mean_of_its_worker():
    """w1 is only the first answer of a unit: that w3 is low throughout says nothing of a person."""
    first = [[said("a", unit, "w1", 50 - unit % 3)] for unit in range(10)]
    second = [[said("b", unit, "w3", 5 + unit % 3)] for unit in range(10)]

    within = layer_differences(LAYERS, first, second, 0.75)[0]
    over_units = layer_differences(LAYERS, first, second, 0.75, test=OVER_UNITS)[0]

    assert within.p > 0.5
    assert over_units.p < 0.01
    assert over_units.difference == within.difference


def test_over_units_the_units_with_an_object_answer_above_are_compared():
    first = [
        [said("a", unit, "w1", 57, group=5 if unit < 9 else 4), said("a", unit, "w2", 57, group=4)]
        for unit in range(10)
    ]
    second = [[said("b", unit, "w1", 57 - 15 * (unit > 0), group=5)] for unit in range(10)]

    (one,) = (
        one
        for one in layer_differences(LAYERS, first, second, 0.75, test=OVER_UNITS)
        if one.number == "units_with_object_answer"
    )

    assert (one.first_value, one.second_value) == (0.9, 0.1)
    assert one.difference == pytest.approx(0.8)
    assert one.p < 0.01


def test_an_answer_without_a_group_is_in_no_share_of_groups():
    """The compared share of a group is the one that the layer's table shows."""
    first, second = (
        [[said(name, unit, f"w{w}", 57, group=(5, 4, None)[(unit + w) % 3]) for w in range(3)]
         for unit in range(10)]
        for name in "ab"
    )  # fmt: skip

    objects = layer_differences(LAYERS, first, second, 0.75)[5]

    assert (objects.number, objects.group) == ("groups", 5)
    assert objects.first_value == pytest.approx(shares_above(first, 0.75).shares[5])
    assert influence_on(first, ("groups", 5), 0.75).level == pytest.approx(objects.first_value)


def test_layers_stand_for_each_other_by_name_or_else_by_depth():
    assert matching_layers(network("a", ("x", "y")), network("b", ("y", "z"))) == [("y", "y")]
    assert matching_layers(network("a", ("x", "y")), network("b", ("u", "v"))) == [
        ("x", "u"),
        ("y", "v"),
    ]
    assert matching_layers(network("a", ("x",)), network("b", ("u", "v"))) == []


def test_a_control_is_told_from_another_network():
    control = network("rotated", condition="random directions", control_of="places")
    rows = tuple(said(name, 0, f"w{w}") for w in range(3) for name in ("places", "rotated"))

    (comparison,) = compared(rows, network("places"), control)

    assert comparison.is_control


def test_a_strict_worker_is_no_difference_between_networks():
    """Eve is strict and answers about the second network only; within workers nothing differs."""
    first = [[said("a", unit, w, 50) for w in ("ada", "ben")] for unit in range(10)]
    second = [[said("b", unit, "ada", 50), said("b", unit, "eve", 5)] for unit in range(10)]

    difference = layer_differences(LAYERS, first, second, 0.75)[0]

    assert difference.difference == pytest.approx((50 - 27.5) / 57)
    assert difference.p > 0.9


NAMES = ("a", "b", "c")
LAYERS_15 = tuple(f"l{n:02}" for n in range(15))
PLAN = {
    "hypotheses": [
        {"id": "H", "statement": "a beats b", "networks": ["a", "b"], "layers": ["l00"]},
        {"id": "I", "statement": "c beats a", "networks": ["c", "a"], "layers": ["l01"]},
    ]
}


def three_networks(layers):
    """Answers to ten units a layer; the first network is more precise in the first layer alone."""
    rng = np.random.default_rng(7)
    return tuple(
        said(name, unit, f"w{w}", 45 * (name + layer == "al00") + int(rng.integers(0, 12)),
             layer=layer, answer=number)
        for number, (name, layer, unit, w) in enumerate(
            product(NAMES, layers, range(10), range(3)))
    )  # fmt: skip


def test_fifteen_layers_can_give_a_difference():
    """105 numbers with 1,999 draws: the smallest p, 1 / 2,000, would be adjusted to .0525."""
    networks = [network(name, layers=LAYERS_15) for name in "ab"]
    rows = [row for row in three_networks(LAYERS_15) if row.network != "c"]

    (comparison,) = compared(tuple(rows), *networks)

    assert len(comparison.differences) == 105
    assert comparison.differences[0].adjusted_p < 0.05


def test_a_planned_claim_is_adjusted_among_planned_ones_alone():
    layers = LAYERS_15[:2]
    networks = [network(name, layers=layers) for name in NAMES]
    plans = (PlanRow(PLAN, "0" * 64, START, 0),)

    report = compared(three_networks(layers), *networks, plans=plans)

    families = [[one for pair in report for one in pair.differences if one.is_planned]]
    families += [[one for one in pair.differences if not one.is_planned] for pair in report]
    assert [len(family) for family in families] == [2, 13, 13, 14]
    for family in families:
        tested = [one for one in family if one.p is not None]
        assert [one.adjusted_p for one in tested] == holm([one.p for one in tested])
    assert all(one.adjusted_p is None for family in families for one in family if one.p is None)


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("worker_deviation", [0.3, 0.8])
def test_single_answers_permuted_within_workers_would_reject_too_often(worker_deviation):
    rng = np.random.default_rng(2015)
    crowd = Crowd(30, worker_deviation, 0.6)
    rejected = []
    for _ in range(1000):
        (first, _), (second, _) = crowd.layers(rng, [40, 40], 3, [1.0, 1.0])
        rejected.append(by_single_answers(rng, first, second) < 0.05)

    print(f"by single answers, workers {worker_deviation}: {np.mean(rejected):.3f}")
    assert np.mean(rejected) > 0.09


def by_single_answers(rng, first, second, draws=199):
    """The test that is not used: labels of single answers permuted within each worker."""
    rows = [row for units in (first, second) for answers in units for row in answers]
    value = np.array([row.precision for row in rows])
    label = np.array([row.network == "n0" for row in rows])
    of_worker = [
        np.array([n for n, row in enumerate(rows) if row.worker == worker])
        for worker in {row.worker for row in rows}
    ]
    seen = abs(value[label].mean() - value[~label].mean())
    as_large = 0
    for _ in range(draws):
        drawn = label.copy()
        for own in of_worker:
            drawn[own] = rng.permutation(label[own])
        as_large += abs(value[drawn].mean() - value[~drawn].mean()) >= seen
    return (1 + as_large) / (1 + draws)
