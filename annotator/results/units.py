"""The result of one unit: its precision, what it was called, and its group."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.results.answers import AnswerRow
from annotator.results.concepts import Named, Normalise, named, normalised
from annotator.results.groups import GROUPS, majority
from annotator.results.precision import unit_mean


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What the counted answers of one unit amount to.

    Attributes:
        precision: mean over the answers.
        group: 1..6 by strict majority, else None.
        group_votes: answers for each group, 1..6.
        nothing_count, two_things_count: answers that say so.
    """

    unit: int
    answer_count: int
    precision: float
    named: Named
    group: int | None
    group_votes: dict[int, int]
    nothing_count: int
    two_things_count: int


def unit_result(
    unit: int, answers: Sequence[AnswerRow], normalise: Normalise = normalised
) -> UnitResult:
    """Sum up a unit's counted answers, of which there is at least one."""
    precision = unit_mean(answers)
    assert precision is not None
    votes = Counter(row.group for row in answers)
    says = Counter(row.says for row in answers)
    return UnitResult(
        unit=unit,
        answer_count=len(answers),
        precision=precision,
        named=named(answers, normalise),
        group=majority(answers),
        group_votes={group: votes[group] for group in GROUPS},
        nothing_count=says["nothing"],
        two_things_count=says["two things"],
    )
