"""Precision of answers, units and layers, judged by their definitions."""

from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.results.loading.answers import counted
from annotator.results.loading.variants import default_crowd, split_answers
from annotator.results.report.report import report
from annotator.results.stats.precision import layer_mean, unit_mean
from annotator.results.stats.threshold_curve import share_above, threshold_curve
from tests.results.rows import LAYOUT, answer, many_answers


def test_nothing_in_common_counts_as_zero():
    assert unit_mean([answer(fitting=57), answer(says="nothing")]) == 0.5


def test_a_unit_of_many_answers_weighs_as_much_as_one_of_few():
    few = [answer(unit=0, fitting=0)]
    many = [answer(unit=1, fitting=57)] * 5

    assert layer_mean([few, many]) == 0.5


def test_above_is_strictly_above():
    exactly = answer(fitting=3, shown=4).precision

    assert share_above([exactly, 0.76], 0.75) == 0.5


def test_no_values_have_no_mean():
    assert unit_mean([]) is None
    assert layer_mean([]) is None
    assert share_above([], 0.75) is None


FEW = settings(max_examples=30)  # of whole reports
MANY = settings(max_examples=1000)
ORDERS = many_answers().flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
PRECISIONS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.76, 1.0]) | st.floats(0, 1))


@given(PRECISIONS, PRECISIONS)
def test_a_curve_is_the_share_strictly_above_at_every_threshold(units, answers):
    curve = threshold_curve(units, answers)

    assert len(curve.thresholds) == 101
    assert curve.units == tuple(share_above(units, t) for t in curve.thresholds)
    assert curve.answers == tuple(share_above(answers, t) for t in curve.thresholds)


@FEW
@given(many_answers(), st.floats(0, 1))
def test_a_layer_agrees_with_its_definition(rows, threshold):
    layer = report("s", threshold, LAYOUT, rows).networks[0].layers[0]

    units = sorted({row.unit for row in rows})
    means = [fmean(r.fitting / r.shown for r in rows if r.unit == unit) for unit in units]
    assert [unit.unit for unit in layer.units] == units
    assert [unit.precision for unit in layer.units] == pytest.approx(means)
    if units:
        assert layer.mean_precision == pytest.approx(fmean(means))
        assert layer.share_of_units_above == sum(m > threshold for m in means) / len(means)
        above = [r.fitting / r.shown > threshold for r in rows]
        assert layer.share_of_answers_above == pytest.approx(fmean(above))
        of_object = {r.unit for r in rows if r.group == 5 and r.fitting / r.shown > threshold}
        assert layer.units_with_object_answer == len(of_object) / len(units)


@FEW
@given(ORDERS)
def test_the_order_of_answers_changes_no_number(orders):
    rows, shuffled = orders

    assert report("s", 0.75, LAYOUT, shuffled) == report("s", 0.75, LAYOUT, rows)


@pytest.mark.thorough
@MANY
@given(ORDERS, st.floats(0, 1))
def test_a_thousand_layers_agree_with_their_definition_in_any_order(orders, threshold):
    test_a_layer_agrees_with_its_definition.hypothesis.inner_test(orders[0], threshold)
    test_the_order_of_answers_changes_no_number.hypothesis.inner_test(orders)


@pytest.mark.parametrize("reason", ["surplus", "soft-rejected", "rejected", "nothing shown"])
def test_an_excluded_answer_changes_nothing_and_is_counted_with_its_reason(reason):
    out = {
        "surplus": answer(is_surplus=True),
        "nothing shown": answer(fitting=0, shown=0),
    }.get(reason) or answer(status=reason)
    rows = [answer(fitting=20), out]

    assert counted(rows) == rows[:1]
    assert split_answers(rows).reasons == {reason: 1}
    assert the_layer(rows) == the_layer(rows[:1])


def test_answers_of_people_and_simulated_ones_never_mix():
    rows = [answer(fitting=10), answer(fitting=50, kind="simulated", worker="sim")]

    people = report("s", 0.75, LAYOUT, rows)
    simulated = report("s", 0.75, LAYOUT, rows, crowd="simulated")

    assert default_crowd(rows) == people.crowd == "people"
    assert people.networks[0].layers[0].mean_precision == 10 / 57
    assert people.notice is None
    assert simulated.networks[0].layers[0].mean_precision == 50 / 57
    assert simulated.notice == "simulated workers"
    assert (people.other_count, simulated.other_count) == (1, 1)


def test_the_demo_says_that_it_is_no_evidence():
    made = report("demo", 0.75, LAYOUT, [answer(kind="simulated")])

    assert made.notice == (
        "simulated workers, rendered pictures: a test of the machine, not evidence about vision"
    )


def the_layer(rows):
    """The only layer's result, without what it would be by other rules."""
    return replace(report("s", 0.75, LAYOUT, rows).networks[0].layers[0], variants={})
