"""Headlines beside what chance controls give: levels, excess, and how sure it is."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.results.loading.report_data import ReportData
from annotator.results.output.as_json import as_json
from annotator.results.output.headlines import findings
from annotator.results.output.html import standalone_page
from annotator.results.output.tables import chance_table
from annotator.results.report.report import report_from
from annotator.results.stats.intervals import interval_over_units
from annotator.results.stats.intervals.decisions import decisions
from tests.results.crowds import Crowd
from tests.results.report.test_comparison import network, said

RANDOM = {"condition": "random directions", "control_of": "places"}


def answers(name, detecting, units=20, workers=12, first=0):
    """Three answers a unit: the first `detecting` units are dogs throughout, others are nothing."""
    rng = np.random.default_rng(len(name))
    return [
        said(
            name,
            unit,
            f"w{worker}",
            int(rng.integers(50, 57)) if unit < detecting else int(rng.integers(5, 30)),
            concept="dog" if unit < detecting else f"thing {worker}",
            group=5,
            answer=first + 12 * unit + worker,
        )
        for unit in range(units)
        for worker in rng.choice(workers, 3, replace=False).tolist()
    ]


def material(own=8, chance=9, images="abc"):
    rows = [*answers("places", own), *answers("rotated", chance, first=1000)]
    networks = (network("places"), network("rotated", **RANDOM))
    return ReportData("rooms", 0.75, networks, tuple(rows), image_list_sha256=images)


def reported(*numbers, **fields):
    return report_from(material(*numbers, **fields))


def level(layer, number, group=None):
    (one,) = (each for each in layer.chance if (each.number, each.group) == (number, group))
    return one


def test_every_headline_stands_beside_its_level_in_each_control():
    report = reported()
    own, control = (net.layers[0] for net in report.networks)

    mean, above, share = (
        level(own, name) for name in ("mean_precision", "share_of_units_above", "detector_share")
    )

    assert mean.level == pytest.approx(control.mean_precision)
    assert mean.excess == pytest.approx(own.mean_precision - control.mean_precision)
    assert above.level == control.share_of_units_above
    assert (share.level, share.excess) == (pytest.approx(9 / 20), pytest.approx(-1 / 20))
    for group in range(1, 7):
        assert level(own, "groups", group).level == pytest.approx(control.groups.shares[group])
    assert control.chance == ()  # a control has no chance level of its own
    assert {one.unit_count for one in own.chance} == {20}


def test_eight_detectors_where_chance_gives_nine_are_not_above_chance():
    report = reported(8, 9)
    share = level(report.networks[0].layers[0], "detector_share")

    assert share.interval.low < -1 / 20 < share.interval.high
    assert share.is_above_chance is False
    (chance,) = findings(report)[0].chances
    assert chance.count == pytest.approx(9)
    page = " ".join(standalone_page(report).split())
    assert "object detectors: 8, chance 9 (random directions)" in page  # the gallery's heading
    findings_of = page[page.index('id="findings"') : page.index('id="detectors"')]
    assert "8 of 20 units" in findings_of
    assert "gives <b>9</b>" in findings_of
    assert "not above chance" in findings_of


def test_far_more_than_chance_is_above_it():
    share = level(reported(18, 1).networks[0].layers[0], "detector_share")

    assert share.is_above_chance
    assert share.interval.low > 0.5


def test_where_neither_finds_anything_the_excess_is_in_doubt_too():
    share = level(reported(0, 0).networks[0].layers[0], "detector_share")

    assert (share.level, share.excess) == (0, 0)
    assert share.interval.low < -0.05 < 0.05 < share.interval.high


def test_a_control_that_was_not_in_the_queue_has_a_level_and_no_excess():
    share = level(reported(images="").networks[0].layers[0], "detector_share")

    assert share.level == pytest.approx(9 / 20)
    assert share.excess is share.interval is share.is_above_chance is None
    assert "same list of images" in share.why_not


def test_fewer_than_eight_units_on_a_side_have_no_interval():
    few = (*answers("places", 8), *answers("rotated", 3, units=7, first=1000))
    networks = (network("places"), network("rotated", **RANDOM))
    report = report_from(ReportData("s", 0.75, networks, few, image_list_sha256="abc"))

    share = level(report.networks[0].layers[0], "detector_share")

    assert share.excess is not None
    assert share.interval is None


def test_chance_at_another_threshold_is_that_of_a_report_for_it():
    usual, other = reported(), report_from(replace(material(), threshold=0.9))

    shown = usual.at_threshold(0.9).networks[0].layers[0]

    assert shown.chance == other.networks[0].layers[0].chance
    assert shown.chance != usual.networks[0].layers[0].chance


def test_table_and_json_hold_the_same_chance_levels():
    report = reported()

    rows = chance_table(report).as_dicts()
    in_json = as_json(report)["networks"][0]["layers"][0]["chance"]

    assert len(rows) == len(in_json) == 9
    for row, one in zip(rows, in_json, strict=True):
        assert (row["control"], row["number"]) == (one["control"], one["number"])
        assert (row["chance_level"], row["excess"]) == (one["level"], one["excess"])
        ends = one["excess_interval"] or {"low": None, "high": None}
        assert (row["excess_low"], row["excess_high"]) == (ends["low"], ends["high"])
    assert rows[0]["value"] == pytest.approx(report.networks[0].layers[0].mean_precision, abs=1e-6)


def two_layers(rng, crowd, centers):
    (first, _), (second, _) = crowd.layers(rng, [30, 30], 3, centers)
    return [decisions(units, lambda word: word) for units in (first, second)]


def excess_slowly(first, second):
    """The excess of a share of units, from the answers of each unit."""
    return np.mean(first.means[0] > 0.75) - np.mean(second.means[0] > 0.75)


def test_the_excess_is_the_difference_of_shares_and_lies_in_its_interval():
    first, second = two_layers(np.random.default_rng(3), Crowd(12, 0.4, 0.5), [1.5, 0.5])

    interval = interval_over_units(first.share_above(0.75), second.share_above(0.75))

    assert (interval.low + interval.high) / 2 == pytest.approx(excess_slowly(first, second))
    assert interval.low < interval.high
