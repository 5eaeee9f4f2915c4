"""The released answers of Zhou et al. 2015 give the numbers that were computed from them apart."""

from dataclasses import replace

import pytest

from annotator.imports.answer_table import read_answers
from annotator.results.output.as_json import as_json
from annotator.results.output.tables import precision_table
from annotator.results.report.comparison.comparability import OVER_UNITS
from annotator.results.report.report import report_from
from tests.results.rows import answer

LAYERS = ["pool1", "pool2", "conv3", "conv4", "pool5"]
ROWS = {
    "mean precision": [0.789, 0.749, 0.726, 0.707, 0.712],
    "units whose three-worker mean is above .75": [0.646, 0.516, 0.471, 0.438, 0.441],
    "answers above .75": [0.670, 0.600, 0.533, 0.501, 0.517],
    "object among answers above .75": [0.047, 0.076, 0.164, 0.187, 0.264],
    "scene among answers above .75": [0.031, 0.046, 0.039, 0.042, 0.035],
    "simple among answers above .75": [0.762, 0.625, 0.461, 0.400, 0.345],
    "all three workers choose the same group": [0.438, 0.316, 0.240, 0.229, 0.262],
}
NUMBERS = {
    "mean precision": lambda layer: layer.mean_precision,
    "units whose three-worker mean is above .75": lambda layer: layer.share_of_units_above,
    "answers above .75": lambda layer: layer.share_of_answers_above,
    "object among answers above .75": lambda layer: layer.groups.shares[5],
    "scene among answers above .75": lambda layer: layer.groups.shares[6],
    "simple among answers above .75": lambda layer: layer.groups.shares[1],
    "all three workers choose the same group": lambda layer: layer.unanimous_share,
}


@pytest.mark.parametrize("row", ROWS)
def test_the_released_answers_give_the_published_row(released_report, row):
    (network,) = released_report.networks

    numbers = [round(NUMBERS[row](layer), 3) for layer in network.layers]

    assert [layer.name for layer in network.layers] == LAYERS
    assert numbers == ROWS[row]


def test_the_groups_of_all_released_answers_are_shares_of_all_of_them(released_report, shared_data):
    lines = (shared_data / "zhou2015" / "imagenet-alexnet.csv").read_text().splitlines()[1:]
    codes = [line.rsplit(",", 2)[1] for line in lines if ",pool5," in line]

    pool5 = released_report.networks[0].layers[-1].groups_of_all_answers

    assert pool5.count == len(codes) == 768
    assert pool5.shares[5] == pytest.approx(codes.count("2") / 768)
    assert pool5.shares[6] == pytest.approx(codes.count("1") / 768)
    assert pool5.shares[2] == pytest.approx(codes.count("5") / 768)


def test_75_of_256_units_of_pool5_have_an_object_answer_above_the_threshold(released_report):
    pool5 = released_report.networks[0].layers[-1]
    in_json = as_json(released_report)["networks"][0]["layers"][-1]
    row = precision_table(released_report).as_dicts()[-1]

    assert pool5.units_with_object_answer == 75 / 256
    assert in_json["units_with_object_answer"] == pytest.approx(75 / 256, abs=1e-6)
    assert row["units_with_object_answer"] == pytest.approx(75 / 256, abs=1e-6)
    interval = pool5.units_with_object_answer_interval
    assert interval.low < 75 / 256 < interval.high
    assert not interval.is_reliable  # nobody knows who gave the answers


def test_its_workers_are_places_so_they_are_not_counted(released_report):
    assert released_report.worker_count is None


def test_every_released_answer_and_unit_is_there_and_the_report_takes_few_queries(released):
    assert len(released.data.answers) == 4128
    assert released.unit_count == 1376
    assert released.shown == {57}
    assert released.queries <= 17


def compared_with(released, other_rows):
    """The differences at pool5 of the released network minus another one, by number and group."""
    (network,) = released.data.layout
    own = [row for row in released.data.answers if row.layer == "pool5"]
    other = replace(network, name="other")
    rows = (*own, *(replace(row, network="other", layer="pool5") for row in other_rows))
    (comparison,) = report_from(
        replace(released.data, layout=(network, other), answers=rows)
    ).comparisons
    assert comparison.test == OVER_UNITS
    return {(one.number, one.group): one for one in comparison.differences}


def test_released_tables_are_compared_over_units(released):
    """Its own conv3 stands for another network: .264 and .164 objects, .035 and .039 scenes."""
    at_pool5 = compared_with(
        released, [row for row in released.data.answers if row.layer == "conv3"]
    )

    assert at_pool5["groups", 5].difference == pytest.approx(0.1, abs=0.001)
    assert at_pool5["groups", 5].adjusted_p < 0.05
    assert at_pool5["groups", 6].adjusted_p > 0.5
    assert at_pool5["units_with_object_answer", None].first_value == 75 / 256


def test_halves_of_one_released_layer_do_not_differ(released):
    pool5 = [row for row in released.data.answers if row.layer == "pool5"]
    odd = tuple(row for row in pool5 if row.unit % 2)

    differences = compared_with(
        replace(released, data=replace(released.data, answers=odd)),
        [row for row in pool5 if row.unit % 2 == 0],
    )

    assert min(one.adjusted_p for one in differences.values()) > 0.05


@pytest.mark.thorough
def test_both_released_networks_differ_in_objects_and_scenes_at_pool5(released, shared_data):
    table = shared_data / "zhou2015" / "places-alexnet.csv"
    if not table.exists():
        pytest.skip(f"{table} is not here: put the released answers for the Places-CNN there")
    places = [
        answer(row.unit, row.fitting, group=row.group, shown=row.shown, worker=row.worker)
        for row in read_answers(table)
        if row.layer == "pool5"
    ]

    at_pool5 = compared_with(released, places)

    assert at_pool5["groups", 5].adjusted_p < 0.05
    assert at_pool5["groups", 6].adjusted_p < 0.05
