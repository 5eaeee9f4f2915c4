"""Verified precision: whether fresh workers see a unit's concept in pictures it was not named by.

Naming and scoring on the same pictures flatters. Held-out pictures give a precision, random ones
its base rate; how many times as often the concept is seen is its lift.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, log, sqrt

from annotator.results.loading.answers import UnitName
from annotator.results.loading.verifications import VerificationRow
from annotator.results.stats.intervals import (
    LEVEL,
    Interval,
    layer_interval,
    mean_interval,
    t_quantile,
    t_upper_tail,
)
from annotator.results.stats.multiple_testing import benjamini_hochberg
from annotator.results.stats.precision import mean

HALF_A_PICTURE = (
    0.5  # a picture: of 20 random ones often none fits, and a lift over nothing is none
)


@dataclass(frozen=True, slots=True)
class LogLift:
    """Log lift of one answer, for means over answers."""

    worker: str
    precision: float


@dataclass(frozen=True, slots=True)
class VerifiedConcept:
    """One concept of one unit, as fresh workers saw it.

    Attributes:
        by: `consensus`, or the method whose name of the unit it is.
        held_out, base_rate: mean over answers of fitting / shown, of held-out and random pictures.
        lift: geometric mean over answers of how many times as often it fits, half a picture added.
        p, q: one-sided, of a lift above 1; q by Benjamini and Hochberg over all of one `by`.
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
    """The verified concepts of one layer by one `by`; intervals are over workers."""

    unit_count: int
    answer_count: int
    held_out: float | None
    held_out_interval: Interval | None
    base_rate: float | None
    lift: float | None
    lift_interval: Interval | None


Units = dict[UnitName, Sequence[VerificationRow]]
RowsOfUnits = Mapping[UnitName, Sequence[VerificationRow]]  # of one `by`


def by_method(rows: Iterable[VerificationRow]) -> dict[str, dict[UnitName, list[VerificationRow]]]:
    """What counts of the second round, by whose concept and by unit, in one order.

    A unit whose consensus changed between two rounds counts with the concept verified last.
    """
    newest: dict[tuple[str, UnitName], str] = {}
    found: dict[str, dict[UnitName, list[VerificationRow]]] = {}
    rows = sorted((row for row in rows if row.exclusion is None), key=lambda row: row.answer)
    for row in rows:
        newest[row.concept_by, row.unit_name] = row.concept
    for row in sorted(rows, key=lambda row: (row.concept_by, row.unit_name, row.worker)):
        if newest[row.concept_by, row.unit_name] == row.concept:
            found.setdefault(row.concept_by, {}).setdefault(row.unit_name, []).append(row)
    return found


def verified_concepts(of_units: RowsOfUnits) -> dict[UnitName, VerifiedConcept]:
    """Every verified concept of one `by`, its deviation between workers pooled over its layer."""
    found: dict[UnitName, VerifiedConcept] = {}
    for units in _by_layer(of_units).values():
        spread = _spread([_lifts(rows) for rows in units.values()])
        found |= {name: _verified(rows, spread) for name, rows in units.items()}
    names = [name for name, one in found.items() if one.p is not None]
    adjusted = benjamini_hochberg([found[name].p or 0.0 for name in names])
    return found | {
        name: replace(found[name], q=q) for name, q in zip(names, adjusted, strict=True)
    }


def verified_layers(of_units: RowsOfUnits) -> dict[tuple[str, str], VerifiedLayer]:
    """The same summed up by network and layer."""
    return {place: _layer(list(units.values())) for place, units in _by_layer(of_units).items()}


def log_lift(row: VerificationRow) -> float | None:
    """Natural log of how many times as often a concept fits held-out as random pictures."""
    if not row.random_shown:
        return None
    above = (row.fitting + HALF_A_PICTURE) / (row.shown + 2 * HALF_A_PICTURE)
    return log(
        above / ((row.random_fitting + HALF_A_PICTURE) / (row.random_shown + 2 * HALF_A_PICTURE))
    )


def log_lifts(rows: Iterable[VerificationRow]) -> list[LogLift]:
    """The lifts of a unit's answers, without those that saw no random picture."""
    pairs = ((row.worker, log_lift(row)) for row in rows)
    return [LogLift(worker, value) for worker, value in pairs if value is not None]


def exp_interval(found: Interval | None) -> Interval | None:
    """An interval of a log lift as one of a lift."""
    return found and Interval(exp(found.low), exp(found.high), found.is_reliable)


def _by_layer(
    of_units: RowsOfUnits,
) -> dict[tuple[str, str], dict[UnitName, Sequence[VerificationRow]]]:
    found: dict[tuple[str, str], dict[UnitName, Sequence[VerificationRow]]] = {}
    for name, rows in of_units.items():
        found.setdefault((name.network, name.layer), {})[name] = rows
    return found


def _lifts(rows: Iterable[VerificationRow]) -> list[float]:
    return [one.precision for one in log_lifts(rows)]


def _spread(of_units: Iterable[Sequence[float]]) -> tuple[float, int]:
    """(deviation between workers on one unit, degrees of freedom), pooled."""
    squares: list[float] = []
    freedom = 0
    for values in of_units:
        middle = mean(values) or 0.0
        squares.extend((value - middle) ** 2 for value in values)
        freedom += max(len(values) - 1, 0)
    return (sqrt(fsum(squares) / freedom) if freedom else 0.0), freedom


def _verified(rows: Sequence[VerificationRow], spread: tuple[float, int]) -> VerifiedConcept:
    values = _lifts(rows)
    middle = mean(values)
    interval, p = _sure(middle, len(values), *spread)
    return VerifiedConcept(
        concept=rows[0].concept,
        by=rows[0].concept_by,
        answer_count=len(rows),
        held_out=mean(row.precision for row in rows) or 0.0,
        base_rate=_base_rate(rows),
        lift=None if middle is None else exp(middle),
        lift_interval=exp_interval(interval),
        p=p,
    )


def _sure(
    middle: float | None, count: int, deviation: float, freedom: int
) -> tuple[Interval | None, float | None]:
    """(interval of a mean log lift, one-sided p of its being above 0); none for one answer."""
    if middle is None or count < 2 or not freedom:
        return None, None
    error = deviation / sqrt(count)
    half = t_quantile((1 + LEVEL) / 2, freedom) * error
    p = t_upper_tail(middle / error, freedom) if error else float(middle <= 0)
    return Interval(middle - half, middle + half), p


def _layer(units: Sequence[Sequence[VerificationRow]]) -> VerifiedLayer:
    lifts = [found for rows in units if (found := log_lifts(rows))]
    middle = mean(mean(one.precision for one in of_unit) or 0.0 for of_unit in lifts)
    rates = [rate for rows in units if (rate := _base_rate(rows)) is not None]
    return VerifiedLayer(
        unit_count=len(units),
        answer_count=sum(map(len, units)),
        held_out=mean(mean(row.precision for row in rows) or 0.0 for rows in units),
        held_out_interval=layer_interval(units),
        base_rate=mean(rates),
        lift=None if middle is None else exp(middle),
        lift_interval=exp_interval(mean_interval(lifts)),
    )


def _base_rate(rows: Iterable[VerificationRow]) -> float | None:
    return mean(row.random_fitting / row.random_shown for row in rows if row.random_shown)
