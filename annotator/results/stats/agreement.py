"""Whether workers agree: about groups, about precision, and about which pictures fit.

Groups: Krippendorff's alpha, nominal and ordinal (Krippendorff 2011, "Computing Krippendorff's
alpha-reliability"), Gwet's AC1 (Gwet 2008, doi:10.1348/000711006X126600) and the raw share of
agreeing pairs, because alpha collapses where nearly all workers choose one group. Precision: the
intraclass correlations ICC(1) and ICC(k) of the one-way random model (Shrout and Fleiss 1979,
doi:10.1037/0033-2909.86.2.420).

Every measure takes a weight for each answer, in many draws at once. With weights of 1 it is the
published measure. In a bootstrap the weight is how often the worker was drawn; no worker is
compared with a copy of the same worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.marks import Marks
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import MIN_RELIABLE_WORKERS, Interval
from annotator.results.stats.mark_agreement import PictureBlocks
from annotator.results.stats.weighted_sums import Floats, divided, mean_of, summed

Units = Sequence[Sequence[AnswerRow]]
DRAWS = 200
SEED = 2015
MAX_CELLS = 2_000_000  # (draws, answers) at once: bounds the memory


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far workers agree; 1 is full agreement, None stands where a measure is not defined.

    Attributes:
        raw: mean over units of the share of pairs of answers that choose the same group.
        alpha_nominal, alpha_ordinal: Krippendorff's alpha of groups.
        ac1: Gwet's AC1 of groups.
        icc_1: reliability of one answer's precision.
        icc_k: reliability of a unit's mean precision, at the usual number of answers.
        marks_raw: mean over pictures of the share of pairs of answers that judge the picture alike,
            among answers that share a concept.
        marks_alpha, marks_ac1: the same beyond chance.
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
    """Measure the agreement of workers: how far the counted answers about each unit agree.

    An answer that says "nothing in common" has no group, so it enters no measure of groups.

    Args:
        units: the counted answers of each unit.
        normalise: from a word as typed to its concept.
    """
    answers = _Answers(units, marks, normalise)
    measured = answers.measures(np.ones((1, len(answers.unit))))
    return Agreement(**{name: _or_none(values[0]) for name, values in measured.items()})


def agreement_intervals(
    units: Units, marks: Marks = NO_MARKS, normalise: Normalise = normalised
) -> dict[str, Interval]:
    """95 % intervals of each measure of agreement, by name: percentiles over resampled workers.

    Returns:
        Measures that are not defined are left out, and those that every draw gives the same value:
        workers who agree throughout do not tell how far others would. With fewer than two workers
        it is empty.
    """
    answers = _Answers(units, marks, normalise)
    workers, worker = np.unique(answers.worker, return_inverse=True)  # worker: (answers,)
    if len(workers) < 2:
        return {}
    even = np.full(len(workers), 1 / len(workers))
    drawn = np.random.default_rng(SEED).multinomial(len(workers), even, size=DRAWS)
    parts = np.array_split(drawn, 1 + DRAWS * len(answers.unit) // MAX_CELLS)
    # part: (draws, workers), how often each worker was drawn
    measured = [answers.measures(part[:, worker].astype(float)) for part in parts]
    is_reliable = len(workers) >= MIN_RELIABLE_WORKERS
    intervals = {}
    for name in measured[0]:
        values = np.concatenate([part[name] for part in measured])  # (DRAWS,)
        if not np.isnan(values).all():
            low, high = np.nanpercentile(values, [2.5, 97.5])
            if low == high:
                continue
            intervals[name] = Interval(float(low), float(high), is_reliable)
    return intervals


@dataclass(frozen=True, slots=True)
class Votes:
    """Summed weights of the answers that choose each group, and of their squares.

    Both are (draws, units, groups).
    """

    counts: Floats
    squares: Floats

    @property
    def pairs(self) -> Floats:
        """(draws, units), the weight of all ordered pairs of different answers."""
        pairs: Floats = self.counts.sum(axis=2) ** 2 - self.squares.sum(axis=2)
        return pairs


def raw(votes: Votes) -> Floats:
    """(draws,), raw agreement: the mean over units of the share of pairs that agree."""
    agreeing = (votes.counts**2 - votes.squares).sum(axis=2)  # (draws, units)
    return mean_of(divided(agreeing, votes.pairs), votes.pairs > 0)


def ac1(votes: Votes) -> Floats:
    """(draws,), Gwet's AC1: agreement beyond a chance that is small where one group dominates."""
    size = votes.counts.sum(axis=2)  # (draws, units)
    shares = divided(votes.counts, size[..., None])  # (draws, units, groups)
    shares = mean_of(shares.swapaxes(1, 2), (size > 0)[:, None, :])  # (draws, groups)
    expected = (shares * (1 - shares)).sum(axis=1) / (len(GROUPS) - 1)
    return divided(raw(votes) - expected, 1 - expected, nothing=np.nan)


def alpha(votes: Votes, ordinal: bool = False) -> Floats:
    """(draws,), Krippendorff's alpha; nan where all answers choose one group, or none is paired."""
    pairs = votes.pairs
    counts = votes.counts * (pairs > 0)[..., None]  # an answer alone has nothing to agree with
    totals = counts.sum(axis=1)  # (draws, groups)
    distances = _distances(totals, ordinal)  # (draws, groups, groups)
    disagreeing = ((counts @ distances) * counts).sum(axis=2)  # (draws, units)
    observed = (counts.sum(axis=2) * divided(disagreeing, pairs)).sum(axis=1)  # (draws,)
    expected = np.einsum("di,dij,dj->d", totals, distances, totals)
    n = totals.sum(axis=1)  # (draws,)
    return 1 - divided(observed * (n - 1), expected, nothing=np.nan)


def _distances(totals: Floats, ordinal: bool) -> Floats:
    """(draws, groups, groups), the squared distance of two groups: 0 or 1, or by rank."""
    if not ordinal:
        return np.broadcast_to(1 - np.eye(len(GROUPS)), (len(totals), len(GROUPS), len(GROUPS)))
    # The mid-rank of a group. A difference of two counts all answers from one group to the other,
    # those of the two groups by half.
    ranks = np.cumsum(totals, axis=1) - totals / 2
    distances: Floats = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    return distances


def icc(size: Floats, squares: Floats, sums: Floats, deviations: Floats) -> tuple[Floats, Floats]:
    """Agreement on precision: ICC(1) and ICC(k), one-way; units may differ in size.

    ICC(k) is the reliability of a mean of k0 answers; k0 is k where all units have k answers.

    Args:
        size, squares: (draws, units) each, sums over a unit's answers of their weights, and of the
            squared weights.
        sums, deviations: (draws, units) each, sums of the weighted values, and of their weighted
            squared deviations from the unit's mean.

    Returns:
        (draws,) each, over the units with two answers or more; nan with fewer than two units.
    """
    paired = size**2 - squares > 0
    size, squares, sums, deviations = (x * paired for x in (size, squares, sums, deviations))
    # An answer that was drawn twice is still one answer: `own` is its weight against itself, and
    # size - own is the unit's degrees of freedom, k - 1 with weights of 1.
    own = divided(squares, size)  # (draws, units)
    within = divided(deviations.sum(axis=1), (size - own).sum(axis=1), nothing=np.nan)
    # (draws,) from here on, but for center: (draws, 1)
    total = size.sum(axis=1)
    center = divided(sums.sum(axis=1), total)[:, None]
    between = (size * (divided(sums, size) - center) ** 2).sum(axis=1)
    freedom = own.sum(axis=1) - divided((size * own).sum(axis=1), total)  # units - 1
    scale = total - divided((size**2).sum(axis=1), total)  # k0 x (units - 1)
    variance = divided(between - within * freedom, scale, nothing=np.nan)  # between units
    k0 = divided(scale, paired.sum(axis=1) - 1.0)
    noise = divided(within, k0, nothing=np.nan)  # of a mean of k0 answers
    return (
        divided(variance, variance + within, nothing=np.nan),
        divided(variance, variance + noise, nothing=np.nan),
    )


class _Answers:
    """Answers as arrays, (answers,) each, to be measured under many weights."""

    def __init__(self, units: Units, marks: Marks, normalise: Normalise) -> None:
        rows = [(number, row) for number, answers in enumerate(units) for row in answers]
        self.unit = np.array([number for number, _ in rows], dtype=np.int64)
        self.worker = np.array([row.worker for _, row in rows], dtype=np.str_)
        self.precision = np.array([row.precision for _, row in rows], dtype=float)
        group = np.array([row.group or 0 for _, row in rows], dtype=np.int64)
        self.has_group = group > 0
        # (answers with a group,), the place of each in a table of units x groups
        self.cell = (self.unit * len(GROUPS) + group - 1)[self.has_group]
        self.unit_count = len(units)
        self.blocks = PictureBlocks(units, marks, normalise)

    def measures(self, weights: Floats) -> dict[str, Floats]:
        """Each measure by name, (draws,), for weights (draws, answers)."""
        votes = Votes(self._votes(weights), self._votes(weights**2))
        icc_1, icc_k = self._icc(weights)
        return {
            "raw": raw(votes),
            "alpha_nominal": alpha(votes),
            "alpha_ordinal": alpha(votes, ordinal=True),
            "ac1": ac1(votes),
            "icc_1": icc_1,
            "icc_k": icc_k,
            **self.blocks.measures(weights),
        }

    def _votes(self, weights: Floats) -> Floats:
        """(draws, units, groups)"""
        sums = summed(self.cell, weights[:, self.has_group], self.unit_count * len(GROUPS))
        return sums.reshape(len(weights), self.unit_count, len(GROUPS))

    def _icc(self, weights: Floats) -> tuple[Floats, Floats]:
        size = summed(self.unit, weights, self.unit_count)
        sums = summed(self.unit, weights * self.precision, self.unit_count)
        apart = self.precision - divided(sums, size)[:, self.unit]  # (draws, answers)
        deviations = summed(self.unit, weights * apart**2, self.unit_count)
        squares = summed(self.unit, weights**2, self.unit_count)
        return icc(size, squares, sums, deviations)


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def unanimous_share(units: Units) -> float | None:
    """Agreement of all: the share of units whose answers, at least two, chose the same group."""
    several = [answers for answers in units if len(answers) > 1]
    if not several:
        return None
    groups = [{row.group for row in answers} for answers in several]
    return sum(len(chosen) == 1 and None not in chosen for chosen in groups) / len(several)
