"""Whether workers agree: about groups, about precision, and about which pictures fit.

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

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.marks import Marks
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import MIN_RELIABLE_WORKERS, Interval
from annotator.results.stats.mark_agreement import Blocks
from annotator.results.stats.weighted_sums import Floats, divided, mean_of, summed

Units = Sequence[Sequence[AnswerRow]]
DRAWS = 200
SEED = 2015
MAX_CELLS = 2_000_000  # answers x draws at a time, so that memory stays small


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far workers agree, 1 being always; None where it is not defined.

    Attributes:
        raw: mean over units of the share of pairs of answers that choose the same group.
        alpha_nominal, alpha_ordinal: Krippendorff's alpha of groups.
        ac1: Gwet's AC1 of groups.
        icc_1: reliability of one answer's precision.
        icc_k: reliability of a unit's mean precision, at its usual number of answers.
        marks_raw: mean over pictures of the share of pairs of answers that judge it alike.
        marks_alpha, marks_ac1: the same beyond chance; among answers that share a concept.
    """

    raw: float | None
    alpha_nominal: float | None
    alpha_ordinal: float | None
    ac1: float | None
    icc_1: float | None
    icc_k: float | None
    marks_raw: float | None
    marks_alpha: float | None
    marks_ac1: float | None


NO_MARKS = Marks()


def agreement(
    units: Units, marks: Marks = NO_MARKS, normalise: Normalise = normalised
) -> Agreement:
    """How far the counted answers about each unit agree.

    An answer that says "nothing in common" has no group, and no say about groups.
    """
    rows = _Rows(units, marks, normalise)
    measured = rows.measured(np.ones((1, len(rows.unit))))
    return Agreement(**{name: _or_none(values[0]) for name, values in measured.items()})


def agreement_intervals(
    units: Units, marks: Marks = NO_MARKS, normalise: Normalise = normalised
) -> dict[str, Interval]:
    """95 % intervals of each measure by name: percentiles over resampled workers.

    Measures that are not defined are left out; with fewer than two workers, all of them.
    """
    rows = _Rows(units, marks, normalise)
    workers, of_answer = np.unique(rows.worker, return_inverse=True)
    if len(workers) < 2:
        return {}
    even = np.full(len(workers), 1 / len(workers))
    drawn = np.random.default_rng(SEED).multinomial(len(workers), even, size=DRAWS)
    parts = np.array_split(drawn, 1 + DRAWS * len(rows.unit) // MAX_CELLS)
    measured = [rows.measured(part[:, of_answer].astype(float)) for part in parts]
    is_reliable = len(workers) >= MIN_RELIABLE_WORKERS
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
    return mean_of(divided(agreeing, votes.pairs), votes.pairs > 0)


def ac1(votes: Votes) -> Floats:
    """(draws,), Gwet's AC1: beyond a chance that is small where one group dominates."""
    size = votes.counts.sum(axis=2)
    shares = divided(votes.counts, size[..., None])  # (draws, units, groups)
    shares = mean_of(shares.swapaxes(1, 2), (size > 0)[:, None, :])  # (draws, groups)
    expected = (shares * (1 - shares)).sum(axis=1) / (len(GROUPS) - 1)
    return divided(raw(votes) - expected, 1 - expected, nothing=np.nan)


def alpha(votes: Votes, ordinal: bool = False) -> Floats:
    """(draws,), Krippendorff's alpha; nan where all answers say the same, or none is paired."""
    pairs = votes.pairs
    counts = votes.counts * (pairs > 0)[..., None]
    totals = counts.sum(axis=1)  # (draws, groups)
    far = _distances(totals, ordinal)
    disagreeing = ((counts @ far) * counts).sum(axis=2)  # (draws, units)
    observed = (counts.sum(axis=2) * divided(disagreeing, pairs)).sum(axis=1)
    expected = np.einsum("di,dij,dj->d", totals, far, totals)
    n = totals.sum(axis=1)
    return 1 - divided(observed * (n - 1), expected, nothing=np.nan)


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
    own = divided(squares, size)
    within = divided(far.sum(axis=1), (size - own).sum(axis=1), nothing=np.nan)
    total = size.sum(axis=1)
    center = divided(sums.sum(axis=1), total)[:, None]
    between = (size * (divided(sums, size) - center) ** 2).sum(axis=1)
    freedom = own.sum(axis=1) - divided((size * own).sum(axis=1), total)
    scale = total - divided((size**2).sum(axis=1), total)
    variance = divided(between - within * freedom, scale, nothing=np.nan)
    k0 = divided(scale, paired.sum(axis=1) - 1.0)
    noise = divided(within, k0, nothing=np.nan)
    return (
        divided(variance, variance + within, nothing=np.nan),
        divided(variance, variance + noise, nothing=np.nan),
    )


class _Rows:
    """Answers as arrays, (answers,) each, so that they can be measured again and again."""

    def __init__(self, units: Units, marks: Marks, normalise: Normalise) -> None:
        rows = [(number, row) for number, answers in enumerate(units) for row in answers]
        self.unit = np.array([number for number, _ in rows], dtype=np.int64)
        self.worker = np.array([row.worker for _, row in rows], dtype=np.str_)
        self.precision = np.array([row.precision for _, row in rows], dtype=float)
        group = np.array([row.group or 0 for _, row in rows], dtype=np.int64)
        self.has_group = group > 0
        self.cell = (self.unit * len(GROUPS) + group - 1)[self.has_group]
        self.unit_count = len(units)
        self.blocks = Blocks(units, marks, normalise)

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
            **self.blocks.measured(weights),
        }

    def _votes(self, weights: Floats) -> Floats:
        found = summed(self.cell, weights[:, self.has_group], self.unit_count * len(GROUPS))
        return found.reshape(len(weights), self.unit_count, len(GROUPS))

    def _icc(self, weights: Floats) -> tuple[Floats, Floats]:
        size = summed(self.unit, weights, self.unit_count)
        sums = summed(self.unit, weights * self.precision, self.unit_count)
        off = self.precision - divided(sums, size)[:, self.unit]
        far = summed(self.unit, weights * off**2, self.unit_count)
        squares = summed(self.unit, weights**2, self.unit_count)
        return icc(size, squares, sums, far)


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
