"""The result of one unit: its precision, what it was called, and its group."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.concept_words import Normalise, normalised
from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.assignments import NO_ASSIGNMENTS, AssignmentCounts
from annotator.results.stats.consensus import UnitConsensus, unit_consensus
from annotator.results.stats.dawid_skene import ProbableGroup
from annotator.results.stats.groups import GROUPS, majority
from annotator.results.stats.intervals import Interval, PooledDeviation, unit_interval
from annotator.results.stats.precision import unit_mean
from annotator.results.stats.verified_precision import VerifiedConcept


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What the counted answers of one unit amount to.

    Attributes:
        precision: mean over the answers.
        interval: of the precision, over workers; None for a single answer.
        group: 1..6 by strict majority, else None.
        group_votes: answers for each group, 1..6.
        nothing_count, two_things_count: answers that say so.
        tries: its assignments: accepted, returned, expired; how often it was given back.
        later_count: answers beyond the first of an adaptive study; in no number but `group_of_all`.
        group_of_all: 1..6 by strict majority of these too, else None.
        reliability, shrunken: the share of its precision that is signal; its precision drawn to the
            layer's mean by the rest. For rankings.
        p_above, q_above: of the claim that its precision is above the threshold; q by Benjamini
            and Hochberg over all units of the report.
        verified: the concepts that a second round verified, the consensus first, then by method.
        machine_names: (method, what it calls the unit, raw), by method.
        probable: its group by Dawid and Skene; None without a group or where workers are places.
    """

    unit: int
    answer_count: int
    precision: float
    interval: Interval | None
    named: UnitConsensus
    group: int | None
    group_votes: dict[int, int]
    nothing_count: int
    two_things_count: int
    tries: AssignmentCounts = NO_ASSIGNMENTS
    later_count: int = 0
    group_of_all: int | None = None
    probable: ProbableGroup | None = None
    reliability: float | None = None
    shrunken: float | None = None
    p_above: float | None = None
    q_above: float | None = None
    verified: tuple[VerifiedConcept, ...] = ()
    machine_names: tuple[tuple[str, str], ...] = ()


def unit_result(
    unit: int,
    answers: Sequence[AnswerRow],
    of_layer: PooledDeviation | None,
    normalise: Normalise = normalised,
    tried: AssignmentCounts = NO_ASSIGNMENTS,
    later: Sequence[AnswerRow] = (),
    probable: ProbableGroup | None = None,
) -> UnitResult:
    """Sum up a unit's counted answers, of which there is at least one.

    Args:
        of_layer: the deviation between workers, pooled over the unit's layer.
        tried: what became of its assignments.
        later: its answers beyond the first, in an adaptive study.
    """
    precision = unit_mean(answers)
    assert precision is not None
    votes = Counter(row.group for row in answers)
    says = Counter(row.says for row in answers)
    return UnitResult(
        unit=unit,
        answer_count=len(answers),
        precision=precision,
        interval=unit_interval(precision, len(answers), of_layer),
        named=unit_consensus(answers, normalise),
        group=majority(answers),
        group_votes={group: votes[group] for group in GROUPS},
        nothing_count=says["nothing"],
        two_things_count=says["two things"],
        tries=tried,
        later_count=len(later),
        group_of_all=majority([*answers, *later]),
        probable=probable,
    )
