"""Whether workers agree: about groups, and about precision.

Groups: Krippendorff's alpha, nominal and ordinal (Krippendorff 2011, "Computing Krippendorff's
alpha-reliability"), Gwet's AC1 (Gwet 2008, doi:10.1348/000711006X126600) and the raw share of
agreeing pairs, since alpha collapses where nearly all choose one group. Precision: the intraclass
correlations ICC(1) and ICC(k) of the one-way random model (Shrout and Fleiss 1979,
doi:10.1037/0033-2909.86.2.420).

Every measure takes a weight for each answer. With weights 1 it is the published one; with weights
of how often a worker was drawn it is the same of a resample, in which nobody is compared with
himself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.answers import AnswerRow
from annotator.results.groups import GROUPS
from annotator.results.intervals import FEWEST_WORKERS, Interval

Floats = NDArray[np.float64]
Units = Sequence[Sequence[AnswerRow]]
DRAWS = 200
SEED = 2015
MOST_CELLS = 2_000_000  # answers x draws at a time, so that memory stays small
LARGEST_NONE = 1e-9  # what rounding may leave of a zero


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far workers agree, 1 being always; None where it is not defined.

    Attributes:
        raw: mean over units of the share of pairs of answers that choose the same group.
        alpha_nominal, alpha_ordinal: Krippendorff's alpha of groups.
        ac1: Gwet's AC1 of groups.
        icc_1: reliability of one answer's precision.
        icc_k: reliability of a unit's mean precision, at its usual number of answers.
    """

    raw: float | None
    alpha_nominal: float | None
    alpha_ordinal: float | None
    ac1: float | None
    icc_1: float | None
    icc_k: float | None


def agreement(units: Units) -> Agreement:
    """How far the counted answers about each unit agree.

    An answer that says "nothing in common" has no group, and no say about groups.
    """
    rows = _Rows(units)
    measured = rows.measured(np.ones((1, len(rows.unit))))
    return Agreement(**{name: _or_none(values[0]) for name, values in measured.items()})


def agreement_intervals(units: Units) -> dict[str, Interval]:
    """95 % intervals of each measure by name: percentiles over resampled workers.

    Measures that are not defined are left out; with fewer than two workers, all of them.
    """
    rows = _Rows(units)
    workers, of_answer = np.unique(rows.worker, return_inverse=True)
    if len(workers) < 2:
        return {}
    even = np.full(len(workers), 1 / len(workers))
    drawn = np.random.default_rng(SEED).multinomial(len(workers), even, size=DRAWS)
    parts = np.array_split(drawn, 1 + DRAWS * len(rows.unit) // MOST_CELLS)
    measured = [rows.measured(part[:, of_answer].astype(float)) for part in parts]
    is_reliable = len(workers) >= FEWEST_WORKERS
    found = {}
    for name in measured[0]:
        values = np.concatenate([part[name] for part in measured])
        if not np.isnan(values).all():
            low, high = np.nanpercentile(values, [2.5, 97.5])
            found[name] = Interval(float(low), float(high), is_reliable)
    return found


@dataclass(frozen=True, slots=True)
class Votes:
    """(draws, units, groups): summed weights of the answers, and of their squares."""

    counts: Floats
    squares: Floats

    @property
    def pairs(self) -> Floats:
        """(draws, units), weight of the ordered pairs of different answers."""
        found: Floats = self.counts.sum(axis=2) ** 2 - self.squares.sum(axis=2)
        return found


def raw(votes: Votes) -> Floats:
    """(draws,), the mean over units of the share of pairs that agree."""
    agreeing = (votes.counts**2 - votes.squares).sum(axis=2)
    return _mean(_divided(agreeing, votes.pairs), votes.pairs > 0)


def ac1(votes: Votes) -> Floats:
    """(draws,), Gwet's AC1: beyond a chance that is small where one group dominates."""
    size = votes.counts.sum(axis=2)
    shares = _divided(votes.counts, size[..., None])  # (draws, units, groups)
    shares = _mean(shares.swapaxes(1, 2), (size > 0)[:, None, :])  # (draws, groups)
    expected = (shares * (1 - shares)).sum(axis=1) / (len(GROUPS) - 1)
    return _divided(raw(votes) - expected, 1 - expected, nothing=np.nan)


def alpha(votes: Votes, ordinal: bool = False) -> Floats:
    """(draws,), Krippendorff's alpha; nan where all answers say the same, or none is paired."""
    pairs = votes.pairs
    counts = votes.counts * (pairs > 0)[..., None]
    totals = counts.sum(axis=1)  # (draws, groups)
    far = _distances(totals, ordinal)
    disagreeing = ((counts @ far) * counts).sum(axis=2)  # (draws, units)
    observed = (counts.sum(axis=2) * _divided(disagreeing, pairs)).sum(axis=1)
    expected = np.einsum("di,dij,dj->d", totals, far, totals)
    n = totals.sum(axis=1)
    return 1 - _divided(observed * (n - 1), expected, nothing=np.nan)


def _distances(totals: Floats, ordinal: bool) -> Floats:
    """(draws, groups, groups), how far groups are apart: squared ranks between them, or 1."""
    if not ordinal:
        return np.broadcast_to(1 - np.eye(len(GROUPS)), (len(totals), len(GROUPS), len(GROUPS)))
    # The answers up to the middle of each group; the first and last group count half.
    ranks = np.cumsum(totals, axis=1) - totals / 2
    found: Floats = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    return found


def icc(size: Floats, squares: Floats, sums: Floats, far: Floats) -> tuple[Floats, Floats]:
    """ICC(1) and ICC(k) by the one-way analysis of variance, units of differing size allowed.

    ICC(k) is of a mean of k0 answers, which is k where all units have k.

    Args:
        size, squares, sums, far: (draws, units) each: summed weights, their squares, weighted
            values, and weighted squared distances from the unit's mean.

    Returns:
        (draws,) each, over the units with two answers or more; nan with fewer than two units.
    """
    paired = size**2 - squares > 0
    size, squares, sums, far = (x * paired for x in (size, squares, sums, far))
    # An answer that was drawn twice is one answer: `own` is what it weighs against itself.
    own = _divided(squares, size)
    within = _divided(far.sum(axis=1), (size - own).sum(axis=1), nothing=np.nan)
    total = size.sum(axis=1)
    center = _divided(sums.sum(axis=1), total)[:, None]
    between = (size * (_divided(sums, size) - center) ** 2).sum(axis=1)
    freedom = own.sum(axis=1) - _divided((size * own).sum(axis=1), total)
    scale = total - _divided((size**2).sum(axis=1), total)
    variance = _divided(between - within * freedom, scale, nothing=np.nan)
    k0 = _divided(scale, paired.sum(axis=1) - 1.0)
    noise = _divided(within, k0, nothing=np.nan)
    return (
        _divided(variance, variance + within, nothing=np.nan),
        _divided(variance, variance + noise, nothing=np.nan),
    )


class _Rows:
    """Answers as arrays, (answers,) each, so that they can be measured again and again."""

    def __init__(self, units: Units) -> None:
        rows = [(number, row) for number, answers in enumerate(units) for row in answers]
        self.unit = np.array([number for number, _ in rows], dtype=np.int64)
        self.worker = np.array([row.worker for _, row in rows], dtype=np.str_)
        self.precision = np.array([row.precision for _, row in rows], dtype=float)
        group = np.array([row.group or 0 for _, row in rows], dtype=np.int64)
        self.has_group = group > 0
        self.cell = (self.unit * len(GROUPS) + group - 1)[self.has_group]
        self.unit_count = len(units)

    def measured(self, weights: Floats) -> dict[str, Floats]:
        """Each measure, (draws,), for weights (draws, answers)."""
        votes = Votes(self._votes(weights), self._votes(weights**2))
        icc_1, icc_k = self._icc(weights)
        return {
            "raw": raw(votes),
            "alpha_nominal": alpha(votes),
            "alpha_ordinal": alpha(votes, ordinal=True),
            "ac1": ac1(votes),
            "icc_1": icc_1,
            "icc_k": icc_k,
        }

    def _votes(self, weights: Floats) -> Floats:
        found = _summed(self.cell, weights[:, self.has_group], self.unit_count * len(GROUPS))
        return found.reshape(len(weights), self.unit_count, len(GROUPS))

    def _icc(self, weights: Floats) -> tuple[Floats, Floats]:
        size = _summed(self.unit, weights, self.unit_count)
        sums = _summed(self.unit, weights * self.precision, self.unit_count)
        off = self.precision - _divided(sums, size)[:, self.unit]
        far = _summed(self.unit, weights * off**2, self.unit_count)
        squares = _summed(self.unit, weights**2, self.unit_count)
        return icc(size, squares, sums, far)


def _summed(at: NDArray[np.int64], weights: Floats, size: int) -> Floats:
    """(draws, size), the weights (draws, answers) summed by where each answer stands."""
    draws = len(weights)
    places = (at + size * np.arange(draws)[:, None]).ravel()
    found: Floats = np.bincount(places, weights.ravel(), minlength=draws * size).astype(float)
    return found.reshape(draws, size)


def _divided(above: Floats, below: Floats, nothing: float = 0.0) -> Floats:
    """above / below, and `nothing` where below is none."""
    above, below = np.broadcast_arrays(above, below)
    out = np.full(above.shape, nothing, dtype=float)
    np.divide(above, below, out=out, where=below > LARGEST_NONE)
    return out


def _mean(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    """The mean along the last axis of what is kept; nan of nothing."""
    count = kept.sum(axis=-1).astype(float)
    return _divided((values * kept).sum(axis=-1), count, nothing=np.nan)


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
