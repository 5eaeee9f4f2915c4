"""The numbers of one layer, by their definitions."""

import random

from annotator.results.loading.layout import LayerRow
from annotator.results.report.layer import LayerInputs, headline, layer_result
from annotator.results.report.network import by_layer
from annotator.results.report.threshold_numbers import dawid_skene_groups
from annotator.results.report.unit import unit_result
from annotator.results.stats.dawid_skene import ProbableGroup
from tests.results.rows import answer

LAYER = LayerRow(1, "conv5", 256)


def unit(number, groups, probable_group, fitting=57):
    answers = [answer(number, fitting, group=group) for group in groups]
    return unit_result(number, answers, None, probable_group=ProbableGroup(probable_group, 0.9))


def test_a_layer_without_answers_has_no_numbers_and_keeps_its_unit_count():
    layer = layer_result(LAYER, LayerInputs(), 0.75)

    assert (layer.unit_count, layer.answered_unit_count, layer.answer_count) == (256, 0, 0)
    assert layer.mean_precision is None
    assert layer.dawid_skene_groups is None


def test_a_headline_is_a_mean_over_units_however_many_answers_each_has():
    units = [[answer(0, 57)], [answer(1, 0, worker=worker) for worker in ("ada", "ben", "cleo")]]

    head = headline(units, 0.75, workers_are_places=True)

    assert head.mean_precision == 0.5
    assert head.share_of_units_above == 0.5
    assert head.answer_count == 4
    assert head.interval is None  # nothing is measured over workers who are not known


def test_probable_groups_are_counted_above_the_threshold_and_ties_do_not_differ():
    units = [
        unit(0, [5, 5, 4], 5),
        unit(1, [5, 5, 4], 4),  # differs from what most answers chose
        unit(2, [5, 4], 6),  # a tie has no majority to differ from
        unit(3, [1, 1, 1], 1, fitting=3),  # not above
    ]

    groups = dawid_skene_groups(units, 0.75)

    assert groups.groups.count == 3
    assert groups.groups.shares == {1: 0, 2: 0, 3: 0, 4: 1 / 3, 5: 1 / 3, 6: 1 / 3}
    assert groups.differing_count == 1
    assert groups.is_weak


def test_numbers_do_not_depend_on_the_order_in_which_answers_were_loaded():
    rows = [
        answer(unit, 57 - (7 * n + unit) % 50, worker=f"w{n}", answer=10 * unit + n)
        for unit in range(9)
        for n in range(5)
    ]
    shuffled = random.Random(7).sample(rows, len(rows))
    first, second = (
        layer_result(LAYER, LayerInputs(by_layer(some)["alexnet", "conv5"]), 0.75)
        for some in (rows, shuffled)
    )

    assert first == second
