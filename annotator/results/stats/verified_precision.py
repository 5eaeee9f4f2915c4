"""Verified precision: whether fresh workers see a concept in pictures that did not suggest it.

To name a unit and to score it on the same pictures flatters. In a second round, held-out top
pictures give the concept's precision and random pictures its base rate; the lift is how many times
as often the concept is seen in the held-out ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, log, sqrt

import numpy as np

from annotator.results.loading.answers import UnitName
from annotator.results.loading.verifications import VerificationRow
from annotator.results.stats.intervals import (
    LEVEL,
    Interval,
    PooledDeviation,
    layer_interval,
    mean_interval,
    pooled,
)
from annotator.results.stats.multiple_testing import benjamini_hochberg
from annotator.results.stats.precision import mean, unit_mean
from annotator.results.stats.student_t import t_quantile, t_upper_tail

# Added to each count: often none of 20 random pictures fits, and no lift over 0 exists.
HALF_A_PICTURE = 0.5

RowsOfUnits = Mapping[UnitName, Sequence[VerificationRow]]  # about concepts of one source
Place = tuple[str, str]  # network, layer


@dataclass(frozen=True, slots=True)
class LogLift:
    """The log lift of one answer; it is called `precision` so that means over answers take it."""

    worker: str
    precision: float


@dataclass(frozen=True, slots=True)
class VerifiedConcept:
    """One concept of one unit, as fresh workers saw it.

    Attributes:
        by: source of the concept: `consensus`, or the method whose name of the unit it is.
        held_out, base_rate: mean over answers of fitting / shown, of held-out and random pictures.
        lift: geometric mean over answers of the ratio of the two, half a picture added to each
            count.
        p, q: one-sided, of a lift above 1; q by Benjamini and Hochberg over all concepts of one
            source.
    """

    concept: str
    by: str
    answer_count: int
    held_out: float
    base_rate: float | None
    lift: float | None
    lift_interval: Interval | None
    p: float | None
    q: float | None = None


@dataclass(frozen=True, slots=True)
class VerifiedLayer:
    """The verified concepts of one layer from one source; intervals are over workers.

    Attributes:
        held_out, base_rate: means over units; lift: geometric mean over units.
    """

    unit_count: int
    answer_count: int
    held_out: float | None
    held_out_interval: Interval | None
    base_rate: float | None
    lift: float | None
    lift_interval: Interval | None


def by_method(rows: Iterable[VerificationRow]) -> dict[str, dict[UnitName, list[VerificationRow]]]:
    """Group answers for verified precision by the source of the concept and by unit, sorted.

    Where the consensus of a unit changed between two rounds, the concept that was verified last
    counts.
    """
    newest: dict[tuple[str, UnitName], str] = {}
    counted = sorted((row for row in rows if row.exclusion is None), key=lambda row: row.answer)
    for row in counted:
        newest[row.concept_by, row.unit_name] = row.concept
    methods: dict[str, dict[UnitName, list[VerificationRow]]] = {}
    for row in sorted(counted, key=lambda row: (row.concept_by, row.unit_name, row.worker)):
        if newest[row.concept_by, row.unit_name] == row.concept:
            methods.setdefault(row.concept_by, {}).setdefault(row.unit_name, []).append(row)
    return methods


def verified_concepts(of_units: RowsOfUnits) -> dict[UnitName, VerifiedConcept]:
    """The verified precision of each concept of one source; deviation pooled by layer."""
    concepts: dict[UnitName, VerifiedConcept] = {}
    for units in _by_layer(of_units).values():
        least = least_of_lift(*units.values())
        deviation = pooled((_values(log_lifts(rows)) for rows in units.values()), least)
        concepts |= {name: _verified_concept(rows, deviation) for name, rows in units.items()}
    p_values = {name: one.p for name, one in concepts.items() if one.p is not None}
    q_values = benjamini_hochberg(list(p_values.values()))
    return concepts | {
        name: replace(concepts[name], q=q) for name, q in zip(p_values, q_values, strict=True)
    }


def verified_layers(of_units: RowsOfUnits) -> dict[Place, VerifiedLayer]:
    """Verified precision by network and layer: means over the units of one source's concepts."""
    return {
        place: _verified_layer(list(units.values())) for place, units in _by_layer(of_units).items()
    }


def log_lift(row: VerificationRow) -> float | None:
    """The log lift of a verification: log ratio of fitting held-out to fitting random pictures.

    Returns:
        None where the worker saw no random picture.
    """
    if not row.random_shown:
        return None
    held_out = (row.fitting + HALF_A_PICTURE) / (row.shown + 2 * HALF_A_PICTURE)
    base = (row.random_fitting + HALF_A_PICTURE) / (row.random_shown + 2 * HALF_A_PICTURE)
    return log(held_out / base)


def log_lifts(rows: Iterable[VerificationRow]) -> list[LogLift]:
    """The log lift of each verification that has one."""
    pairs = ((row.worker, log_lift(row)) for row in rows)
    return [LogLift(worker, value) for worker, value in pairs if value is not None]


def least_of_lift(*units: Sequence[VerificationRow]) -> float:
    """The least variance of one log lift of verified precision: that of judging at random.

    Its two shares are (fitting + 2) / (shown + 4) over all answers; 0 without any.
    """
    rows = [row for of_unit in units for row in of_unit if row.random_shown]
    if not rows:
        return 0.0
    held_out = (sum(row.fitting for row in rows) + 2) / (sum(row.shown for row in rows) + 4)
    fitting = sum(row.random_fitting for row in rows)
    random = (fitting + 2) / (sum(row.random_shown for row in rows) + 4)
    variances = (
        _log_variance(row.shown, held_out) + _log_variance(row.random_shown, random) for row in rows
    )
    return mean(variances) or 0.0


@lru_cache(maxsize=10_000)
def _log_variance(shown: int, share: float) -> float:
    """The variance of log(fitting + half a picture), where fitting is binomial."""
    from scipy.special import gammaln  # as in `student_t`

    fitting = np.arange(shown + 1)
    ways = gammaln(shown + 1) - gammaln(fitting + 1) - gammaln(shown - fitting + 1)
    chance = np.exp(ways + fitting * log(share) + (shown - fitting) * log(1 - share))
    logs = np.log(fitting + HALF_A_PICTURE)
    return float(chance @ (logs - chance @ logs) ** 2)


def exp_interval(interval: Interval | None) -> Interval | None:
    """The interval of a verified concept's lift from that of its logarithm."""
    return interval and Interval(exp(interval.low), exp(interval.high), interval.is_reliable)


def _by_layer(of_units: RowsOfUnits) -> dict[Place, dict[UnitName, Sequence[VerificationRow]]]:
    layers: dict[Place, dict[UnitName, Sequence[VerificationRow]]] = {}
    for name, rows in of_units.items():
        layers.setdefault((name.network, name.layer), {})[name] = rows
    return layers


def _values(lifts: Iterable[LogLift]) -> list[float]:
    return [lift.precision for lift in lifts]


def _verified_concept(
    rows: Sequence[VerificationRow], of_layer: PooledDeviation | None
) -> VerifiedConcept:
    values = _values(log_lifts(rows))
    center = mean(values)
    interval, p = _interval_and_p(center, len(values), of_layer)
    return VerifiedConcept(
        concept=rows[0].concept,
        by=rows[0].concept_by,
        answer_count=len(rows),
        held_out=unit_mean(rows) or 0.0,
        base_rate=_base_rate(rows),
        lift=None if center is None else exp(center),
        lift_interval=exp_interval(interval),
        p=p,
    )


def _interval_and_p(
    center: float | None, count: int, of_layer: PooledDeviation | None
) -> tuple[Interval | None, float | None]:
    """The interval of a mean log lift of `count` answers, and the p of its being above 0.

    Both are None for fewer than two answers.
    """
    if center is None or count < 2 or of_layer is None:
        return None, None
    error = of_layer.deviation / sqrt(count)
    half_width = t_quantile((1 + LEVEL) / 2, of_layer.freedom) * error
    p = t_upper_tail(center / error, of_layer.freedom)
    return Interval(center - half_width, center + half_width), p


def _verified_layer(units: Sequence[Sequence[VerificationRow]]) -> VerifiedLayer:
    lifts = [of_unit for rows in units if (of_unit := log_lifts(rows))]
    center = mean(unit_mean(of_unit) or 0.0 for of_unit in lifts)
    rates = [rate for rows in units if (rate := _base_rate(rows)) is not None]
    return VerifiedLayer(
        unit_count=len(units),
        answer_count=sum(map(len, units)),
        held_out=mean(unit_mean(rows) or 0.0 for rows in units),
        held_out_interval=layer_interval(units),
        base_rate=mean(rates),
        lift=None if center is None else exp(center),
        lift_interval=exp_interval(mean_interval(lifts, least_of_lift(*units))),
    )


def _base_rate(rows: Iterable[VerificationRow]) -> float | None:
    return mean(row.random_fitting / row.random_shown for row in rows if row.random_shown)
