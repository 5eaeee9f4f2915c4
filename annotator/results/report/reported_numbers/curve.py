"""The shares of a layer's units and answers above every threshold."""

from collections.abc import Iterator
from typing import NamedTuple

from annotator.results.report.reported_numbers.entries import (
    IntervalOf,
    ReportedNumber,
    attributes,
    in_json,
)
from annotator.results.report.reported_numbers.terms import SHARE_INTERVAL
from annotator.results.stats.intervals import Interval
from annotator.results.stats.threshold_curve import ThresholdCurve

CURVE: list[ReportedNumber[ThresholdCurve]] = [
    *attributes("structure", "thresholds"),
    in_json("share_of_units_above", "structure", lambda curve: curve.units),
    in_json("share_of_units_above_intervals", "structure", lambda curve: curve.intervals),
    in_json("share_of_answers_above", "structure", lambda curve: curve.answers),
]


class CurvePoint(NamedTuple):
    """The shares above one threshold."""

    threshold: float
    units: float | None
    answers: float | None
    interval: Interval | None


CURVE_POINT: list[ReportedNumber[CurvePoint]] = [
    ReportedNumber(
        "threshold",
        "precision",
        lambda point: point.threshold,
        meaning="The threshold of precision, from 0 to 1.",
        is_always=True,
    ),
    ReportedNumber(
        "share_of_units_above",
        "share",
        lambda point: point.units,
        interval=IntervalOf(lambda point: point.interval, SHARE_INTERVAL),
        meaning="Share of the answered units whose precision is strictly above it.",
    ),
    ReportedNumber(
        "share_of_answers_above",
        "share",
        lambda point: point.answers,
        meaning="Share of the counted answers whose precision is strictly above it.",
    ),
]


def curve_points(curve: ThresholdCurve) -> Iterator[CurvePoint]:
    """The shares in the registry above each threshold of a curve."""
    columns = (curve.thresholds, curve.units, curve.answers, curve.intervals)
    return (CurvePoint(*point) for point in zip(*columns, strict=True))
