"""The concept that most answers give a unit, and how well its images fit what workers called it.

The top images are the whole population of a unit, so its precision is a mean over answers. A
layer's is a mean over units: a unit with five answers weighs as much as one with three.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Protocol

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow

MIN_VOTES = 2


class ScoredAnswer(Protocol):
    """What a mean over answers needs of one: who gave it, and its number."""

    @property
    def worker(self) -> str: ...

    @property
    def precision(self) -> float: ...


class JudgedAnswer(ScoredAnswer, Protocol):
    """An answer whose precision is a share of the pictures that its worker judged."""

    @property
    def shown(self) -> int: ...

    @property
    def fitting(self) -> int: ...


def mean(values: Iterable[float]) -> float | None:
    """The mean of precisions or other values, exactly rounded in any order; None of nothing."""
    values = list(values)
    return fsum(values) / len(values) if values else None


def unit_mean(answers: Iterable[ScoredAnswer]) -> float | None:
    """Precision of a unit: the mean over its counted answers, from 0 to 1."""
    return mean(row.precision for row in answers)


def mean_over_units(units: Sequence[Sequence[ScoredAnswer]]) -> float:
    """The mean over units, at least one and none of them empty, of each unit's mean."""
    return fsum(unit_mean(answers) or 0.0 for answers in units) / len(units)


def layer_mean(units: Iterable[Sequence[AnswerRow]]) -> float | None:
    """Mean precision of a layer: the mean over its answered units of each unit's mean."""
    means = (unit_mean(answers) for answers in units)
    return mean(value for value in means if value is not None)


def share_above(values: Iterable[float], threshold: float) -> float | None:
    """Which share of some precisions is strictly above a threshold; None of nothing."""
    return mean(float(value > threshold) for value in values)


@dataclass(frozen=True, slots=True)
class UnitConsensus:
    """What the counted answers of a unit call it.

    Attributes:
        votes: (concept, answers), the most frequent first, ties by name.
        consensus: the first concept if at least MIN_VOTES answers, and more than half of all, give
            it; else None.
        precision: the mean precision of the answers that give the consensus.
    """

    votes: tuple[tuple[str, int], ...]
    consensus: str | None
    precision: float | None

    @property
    def concept(self) -> str | None:
        """The consensus, or the only concept that was given; None where concepts compete."""
        return self.votes[0][0] if self.consensus or len(self.votes) == 1 else None


def unit_consensus(
    answers: Sequence[AnswerRow], normalise: Normalise = normalised
) -> UnitConsensus:
    """Find a unit's consensus: count the concepts of its counted answers.

    An answer that says "nothing in common" votes for no concept, but counts among all answers.


    Args:
        normalise: from a word as typed to its concept.
    """
    concepts = ["" if row.says == "nothing" else normalise(row.concept) for row in answers]
    votes = ranked_counts(concept for concept in concepts if concept)
    consensus = None
    if votes and votes[0][1] >= MIN_VOTES and 2 * votes[0][1] > len(answers):
        consensus = votes[0][0]
    agreeing = [row for row, concept in zip(answers, concepts, strict=True) if concept == consensus]
    return UnitConsensus(votes, consensus, unit_mean(agreeing) if consensus else None)


def ranked_counts(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Rank concepts for a consensus: (word, count), most frequent first, ties by name.

    >>> ranked_counts(["sky", "car", "sky", "bus"])
    (('sky', 2), ('bus', 1), ('car', 1))
    """
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
