"""The units of a layer as their answers decide them, and again without each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.concept_words import Normalise
from annotator.models.answer import Group
from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.consensus import MIN_VOTES, UnitConsensus, unit_consensus
from annotator.results.stats.groups import NO_MAJORITY, majority
from annotator.results.stats.intervals.influence import Influence, influence
from annotator.results.stats.intervals.means import least_of_answer
from annotator.results.stats.precision import unit_mean
from annotator.results.stats.weighted_sums import Floats, divided

Flags = tuple[NDArray[np.bool_], NDArray[np.bool_]]  # (units,), (answers,)
NO_VALUE = -1.0  # of a unit that has no such precision: never above a threshold


@dataclass(frozen=True, slots=True)
class Decisions:
    """The units of a layer with their answers, and what is left of a unit without each answer.

    Attributes:
        unit: (answers,) place of each answer's unit.
        workers: (answers,) who gave each; empty where that is not known.
        precisions, groups: (answers,) of each; group 0 where it has none.
        counts: (units,) how many answers each has.
        means: ((units,), (answers,)) precision of each unit, and of each answer's unit without it.
        majorities: the same of its group by strict majority, or NO_MAJORITY.
        objects: the same of the consensus precision of a unit of objects.
        least: the least variance of the precision of an answer.

    A number that a unit does not have is NO_VALUE.
    """

    unit: NDArray[np.int64]
    workers: NDArray[np.str_]
    precisions: Floats
    groups: NDArray[np.int64]
    counts: NDArray[np.int64]
    means: tuple[Floats, Floats]
    majorities: tuple[NDArray[np.int64], NDArray[np.int64]]
    objects: tuple[Floats, Floats]
    least: float

    @property
    def unit_count(self) -> int:
        return len(self.counts)

    def mean_precision(self) -> Influence | None:
        """Influence on the mean precision."""
        ones = np.ones(len(self.precisions))
        least = self.least / max(len(self.precisions) / max(len(self.counts), 1), 1)
        return self._of_answers(self.precisions, ones, least)

    def share_above(self, threshold: float) -> Influence | None:
        """Influence on the share of units whose precision is strictly above a threshold."""
        return self._of_units(_above(self.means, threshold))

    def detectors(self, threshold: float) -> Influence | None:
        """Influence on the share of units that are object detectors."""
        return self._of_units(_above(self.objects, threshold))

    def group_above(self, group: int, threshold: float) -> Influence | None:
        """Influence on a group's share among answers above a threshold, by the rule `groups`."""
        weights = (self.groups > 0) & (self.precisions > threshold)
        return self._of_answers(weights & (self.groups == group), weights)

    def group_of_all(self, group: int) -> Influence | None:
        """Influence on a group's share among all answers that have one."""
        return self._of_answers(self.groups == group, self.groups > 0)

    def group_by_majority(self, group: int, threshold: float) -> Influence | None:
        """Influence on a group's share among units above a threshold, by strict majority."""
        above = _above(self.means, threshold)
        is_of_group = tuple(
            is_above & (majorities == group)
            for is_above, majorities in zip(above, self.majorities, strict=True)
        )
        return self._of_units((is_of_group[0], is_of_group[1]), above)

    def _of_units(self, values: Flags, weights: Flags | None = None) -> Influence | None:
        usual, without = values
        of_units, of_answers = weights or (np.ones_like(usual), np.ones_like(without))
        return influence(
            (usual.astype(float), of_units.astype(float)),
            (without.astype(float), of_answers.astype(float)),
            self.unit,
            self.workers,
        )

    def _of_answers(
        self, values: NDArray[Any], weights: NDArray[Any], least: float | None = None
    ) -> Influence | None:
        """Of a sum over answers, each of which weighs 1/k of its unit's k."""
        pairs = [self._with_and_without(of.astype(float)) for of in (values, weights)]
        (of_units, without), (unit_weights, other_weights) = pairs
        return influence(
            (of_units, unit_weights), (without, other_weights), self.unit, self.workers, least
        )

    def _with_and_without(self, of_answers: Floats) -> tuple[Floats, Floats]:
        """Means of each unit, and of the other answers of each answer's unit, 0 if none."""
        sums = np.bincount(self.unit, of_answers, minlength=len(self.counts)).astype(float)
        others = (self.counts[self.unit] - 1).astype(float)
        return (
            divided(sums, self.counts.astype(float)),
            divided(sums[self.unit] - of_answers, others),
        )


def decisions(
    units: Sequence[Sequence[AnswerRow]], normalise: Normalise, workers_are_places: bool = False
) -> Decisions:
    """Decide the units of a layer by their answers, and again without each answer.

    Args:
        units: the counted answers of each unit; none is empty.
        workers_are_places: the answers do not say who gave them.
    """
    normalise = cache(normalise)
    rows = [row for answers in units for row in answers]
    rest = [
        (*answers[:n], *answers[n + 1 :])
        for answers in map(tuple, units)
        for n in range(len(answers))
    ]
    possible = [sum(row.group == Group.OBJECT for row in answers) >= MIN_VOTES for answers in units]
    unit = np.repeat(np.arange(len(units)), [len(answers) for answers in units])
    return Decisions(
        unit=unit,
        workers=np.array([] if workers_are_places else [row.worker for row in rows], dtype=np.str_),
        precisions=np.array([row.precision for row in rows], dtype=float),
        groups=np.array([row.group or 0 for row in rows], dtype=np.int64),
        counts=np.array([len(answers) for answers in units], dtype=np.int64),
        means=(_means(units), _means(rest)),
        majorities=(_majorities(units), _majorities(rest)),
        objects=(
            _objects(units, possible, normalise),
            _objects(rest, [possible[n] for n in unit.tolist()], normalise),
        ),
        least=least_of_answer(units) if rows else 0.0,
    )


def object_precision(group: int | None, named: UnitConsensus) -> float | None:
    """The precision by which answers decide whether a unit is a detector: of a unit of objects.

    None for a unit without a consensus or of another group.
    """
    return named.precision if group == Group.OBJECT else None


def _above(precisions: tuple[Floats, Floats], threshold: float) -> Flags:
    return precisions[0] > threshold, precisions[1] > threshold


def _means(units: Sequence[Sequence[AnswerRow]]) -> Floats:
    means = (unit_mean(answers) for answers in units)
    return np.array([NO_VALUE if value is None else value for value in means], dtype=float)


def _majorities(units: Sequence[Sequence[AnswerRow]]) -> NDArray[np.int64]:
    return np.array([majority(answers) or NO_MAJORITY for answers in units], dtype=np.int64)


def _objects(
    units: Sequence[Sequence[AnswerRow]], possible: Sequence[bool], normalise: Normalise
) -> Floats:
    values = (
        object_precision(majority(answers), unit_consensus(answers, normalise)) if can_be else None
        for answers, can_be in zip(units, possible, strict=True)
    )
    return np.array([NO_VALUE if value is None else value for value in values], dtype=float)
