"""Shares and means of a layer: how far each unit and each answer moves them.

A number such as the share of units above a threshold is decided by a few answers a unit. It varies
as units were sampled, and as workers were: each answer is left out once, and what the answers of
one worker change together adds to what the units vary by (see two_way).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotator.results.stats.precision import JudgedAnswer, ScoredAnswer
from annotator.results.stats.weighted_sums import Floats, divided

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Influence:
    """A share or mean of a layer, and what moves it.

    Attributes:
        level: the number, a weighted mean over units.
        units: (units,) what each unit adds to it, beyond the mean.
        changes: (answers,) how the number changes without each answer.
        workers: (answers,) who gave each; empty where that is not known.
        of_unit: (answers,) place of each answer's unit.
        weighted_units: how many units have a weight.
        judged: how many judgments the number rests on: pictures, answers, or units.
        least: its variance over units is not taken to be smaller.
    """

    level: float
    units: Floats
    changes: Floats
    workers: NDArray[np.str_]
    of_unit: NDArray[np.int64]
    weighted_units: int
    judged: float
    least: float

    @property
    def variance_of_units(self) -> float:
        """The variance over units, each with its own answers."""
        n = self.weighted_units
        return max(float((self.units**2).sum()) * n / max(n - 1, 1), self.least)


@dataclass(frozen=True, slots=True)
class AnsweredUnits:
    """Which answers are about which unit of a layer, and who gave them.

    Attributes:
        unit: (answers,) place of each answer's unit.
        workers: (answers,) who gave each; empty where that is not known.
        counts: (units,) how many answers each has.
    """

    unit: NDArray[np.int64]
    workers: NDArray[np.str_]
    counts: NDArray[np.int64]

    @classmethod
    def of(
        cls, units: Sequence[Sequence[ScoredAnswer]], workers_are_places: bool = False
    ) -> "AnsweredUnits":
        """The answers of some units.

        Args:
            workers_are_places: the answers do not say who gave them.
        """
        counts = np.array([len(answers) for answers in units], dtype=np.int64)
        workers = [row.worker for answers in units for row in answers if not workers_are_places]
        unit = np.repeat(np.arange(len(units)), counts)
        return cls(unit, np.array(workers, dtype=np.str_), counts)

    def influence_of_answers(
        self, values: Floats, weights: Floats, pictures: Floats | None = None
    ) -> Influence | None:
        """Influence on a mean over answers, each of which weighs 1/k of its unit's k.

        Args:
            values: (answers,) from 0 to 1; 0 where an answer is left out.
            weights: (answers,) 1, or 0 where an answer is left out.
            pictures: (answers,) judged in each; None where an answer is one judgment.

        Returns:
            None without weight.
        """
        (of_units, without), (unit_weights, other_weights) = map(
            self._with_and_without, (values, weights)
        )
        each = weights / self.counts[self.unit]
        squares = float((each**2 / (1.0 if pictures is None else pictures)).sum())
        judged = float(each.sum()) ** 2 / squares if squares else 0.0
        return self._influence(
            (of_units, unit_weights),
            (without, other_weights),
            judged,
            partial(_least_variance, added=2.0, is_at_all_levels=pictures is not None),
        )

    @classmethod
    def influence_of_precision(cls, units: Sequence[Sequence[JudgedAnswer]]) -> Influence | None:
        """Influence of units and their answers, whose workers are known, on the mean precision."""
        rows = [row for answers in units for row in answers]
        precisions, pictures = (
            np.array(values, dtype=float)
            for values in ([row.precision for row in rows], [row.shown for row in rows])
        )
        return cls.of(units).influence_of_answers(precisions, np.ones(len(rows)), pictures)

    def influence_of_units(
        self, values: tuple[Flags, Flags], weights: tuple[Flags, Flags] | None = None
    ) -> Influence | None:
        """Influence on a share of units.

        Args:
            values: ((units,), (answers,)) whether each unit counts, and whether each answer's unit
                counts without it.
            weights: the same of the units that the share is of; None means all of them.
        """
        weights = weights or (np.ones_like(values[0]), np.ones_like(values[1]))
        usual, without = (
            (of.astype(float), out_of.astype(float))
            for of, out_of in zip(values, weights, strict=True)
        )
        return self._influence(
            usual, without, float(usual[1].sum()), partial(_least_variance, added=0.5)
        )

    def influence_of_units_with(self, is_such: Flags) -> Influence | None:
        """Influence on the share of units with at least one answer of a kind.

        Args:
            is_such: (answers,) whether each is of the kind.
        """
        counts = np.bincount(self.unit, is_such, minlength=len(self.counts))
        return self.influence_of_units((counts > 0, counts[self.unit] - is_such > 0))

    def _influence(
        self,
        of_units: tuple[Floats, Floats],
        without: tuple[Floats, Floats],
        judged: float,
        least_variance: Callable[[float, float], float],
    ) -> Influence | None:
        """Influence on the sum of values over the sum of weights; None without weight.

        Args:
            of_units: (units,) values, and weights.
            without: (answers,) the same of an answer's unit without it.
            least_variance: from the level and `judged`.
        """
        (values, weights), (other_values, other_weights) = of_units, without
        total = float(weights.sum())
        if total <= 0:
            return None
        level = float(values.sum()) / total
        changes = other_values - values[self.unit] - level * (other_weights - weights[self.unit])
        # Fewer answers a unit move the number for everybody: only differences are uncertainty.
        changes = (changes - changes.mean()) / total if len(changes) else changes
        units = (values - level * weights) / total
        weighted = int(np.count_nonzero(weights))
        least = least_variance(level, judged)
        return Influence(level, units, changes, self.workers, self.unit, weighted, judged, least)

    def _with_and_without(self, of_answers: Floats) -> tuple[Floats, Floats]:
        """Means of each unit, (units,), and of each answer's unit without it, or 0: (answers,)."""
        sums = np.bincount(self.unit, of_answers, minlength=len(self.counts)).astype(float)
        others = (self.counts[self.unit] - 1).astype(float)
        return (
            divided(sums, self.counts.astype(float)),
            divided(sums[self.unit] - of_answers, others),
        )


def _least_variance(
    level: float, judged: float, added: float, is_at_all_levels: bool = False
) -> float:
    """That of as many judgments at random, q (1 - q) / judged.

    q is (hits + added) / (judged + 2 added) where nothing varies, and else the level, since of a
    few units or answers the former would double the variance of a rare share. `added` is 2 of
    pictures and answers (Agresti and Coull 1998, doi:10.1080/00031305.1998.10480550). Of units it
    is 1/2 (Jeffreys), as of the interval of a share: a chance control often has no object detector,
    and 2 would widen the excess over it until it covers too much.

    Args:
        is_at_all_levels: pictures are so many that q is taken whatever the level.
    """
    share = level
    if is_at_all_levels or not 0 < level < 1:
        share = (level * judged + added) / (judged + 2 * added)
    return share * (1 - share) / judged
