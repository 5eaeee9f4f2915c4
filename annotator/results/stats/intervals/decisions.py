"""The units of a layer as their answers decide them, and again without each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from annotator.concept_words import Normalise
from annotator.models.answer import Group
from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.consensus import MIN_VOTES, UnitConsensus, unit_consensus
from annotator.results.stats.groups import NO_MAJORITY, majority
from annotator.results.stats.intervals.influence import AnsweredUnits, Flags, Influence
from annotator.results.stats.precision import unit_mean
from annotator.results.stats.weighted_sums import Floats

NO_VALUE = -1.0  # of a unit that has no such precision: never above a threshold


@dataclass(frozen=True, slots=True)
class Decisions:
    """The units of a layer with their answers, and what is left of a unit without each answer.

    Attributes:
        about: which answers are about which unit.
        pictures: (answers,) judged in each.
        precisions, groups: (answers,) of each; group 0 where it has none.
        means: ((units,), (answers,)) precision of each unit, and of each answer's unit without it.
        majorities: the same of its group by strict majority, or NO_MAJORITY.
        objects: the same of the consensus precision of a unit of objects.

    A number that a unit does not have is NO_VALUE.
    """

    about: AnsweredUnits
    pictures: Floats
    precisions: Floats
    groups: NDArray[np.int64]
    means: tuple[Floats, Floats]
    majorities: tuple[NDArray[np.int64], NDArray[np.int64]]
    objects: tuple[Floats, Floats]

    @property
    def unit_count(self) -> int:
        return len(self.about.counts)

    def mean_precision(self) -> Influence | None:
        """Influence on the mean precision."""
        ones = np.ones(len(self.precisions))
        return self.about.influence_of_answers(self.precisions, ones, self.pictures)

    def share_above(self, threshold: float) -> Influence | None:
        """Influence on the share of units whose precision is strictly above a threshold."""
        return self.about.influence_of_units(_above(self.means, threshold))

    def detectors(self, threshold: float) -> Influence | None:
        """Influence on the share of units that are object detectors."""
        return self.about.influence_of_units(_above(self.objects, threshold))

    def with_object_answer(self, threshold: float) -> Influence | None:
        """Influence on the share of units with an answer of an object above a threshold."""
        return self.about.influence_of_units_with(
            (self.groups == Group.OBJECT) & (self.precisions > threshold)
        )

    def group_above(self, group: int, threshold: float) -> Influence | None:
        """Influence on a group's share among answers above a threshold, by the rule `groups`."""
        return self._of_group(group, (self.groups > 0) & (self.precisions > threshold))

    def group_of_all(self, group: int) -> Influence | None:
        """Influence on a group's share among all answers that have one."""
        return self._of_group(group, self.groups > 0)

    def group_by_majority(self, group: int, threshold: float) -> Influence | None:
        """Influence on a group's share among units above a threshold, by strict majority."""
        above = _above(self.means, threshold)
        usual, without = (
            is_above & (majorities == group)
            for is_above, majorities in zip(above, self.majorities, strict=True)
        )
        return self.about.influence_of_units((usual, without), above)

    def _of_group(self, group: int, is_kept: NDArray[np.bool_]) -> Influence | None:
        is_of_group = is_kept & (self.groups == group)
        return self.about.influence_of_answers(is_of_group.astype(float), is_kept.astype(float))


def decisions(
    units: Sequence[Sequence[AnswerRow]], normalise: Normalise, workers_are_places: bool = False
) -> Decisions:
    """The decisions on a layer's units by their answers, and again without each answer.

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
    about = AnsweredUnits.of(units, workers_are_places)
    return Decisions(
        about=about,
        pictures=np.array([row.shown for row in rows], dtype=float),
        precisions=np.array([row.precision for row in rows], dtype=float),
        groups=np.array([row.group or 0 for row in rows], dtype=np.int64),
        means=(_means(units), _means(rest)),
        majorities=(_majorities(units), _majorities(rest)),
        objects=(
            _objects(units, possible, normalise),
            _objects(rest, [possible[n] for n in about.unit.tolist()], normalise),
        ),
    )


def object_precision(group: int | None, named: UnitConsensus) -> float | None:
    """The precision of an object unit on which the decision about it rests: its consensus's.

    None for a unit without a consensus or of another group.
    """
    return named.precision if group == Group.OBJECT else None


def _above(precisions: tuple[Floats, Floats], threshold: float) -> tuple[Flags, Flags]:
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
