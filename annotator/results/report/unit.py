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

MAX_SUPPORTED_Q = 0.05


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The numbers of one unit, from its counted answers.

    Attributes:
        precision: mean over the answers.
        interval: 95 % interval of the precision, over workers; None for a single answer.
        named: the concepts that its answers give, and their consensus.
        group: 1..6 by strict majority, else None.
        group_votes: answers for each group, 1..6.
        nothing_count: answers that say "nothing in common".
        two_things_count: answers that say "two things".
        assignments: how many were accepted, returned and expired.
        later_count: answers beyond the first of an adaptive study. They enter no number but
            `group_of_all`.
        group_of_all: 1..6 by strict majority of all answers, the later ones too; else None.
        probable_group: by Dawid and Skene; None where the answers give no group, or do not say
            who gave them.
        reliability: the share of the precision's variance that is signal.
        shrunken: the precision drawn toward the layer's mean by the unreliable share. Rankings
            use it.
        p_above: one-sided p of the claim that the precision is above the threshold.
        q_above: the same, adjusted by Benjamini and Hochberg over all units of the report.
        consensus_interval: 95 % interval of the consensus precision, over the workers who agree.
        consensus_q_above: of the claim that the consensus precision is above the threshold,
            adjusted over all units of the report that have a consensus.
        verified: the concepts that a second round verified, the consensus first, then by method.
        machine_names: (method, its raw name for the unit), by method.
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
    assignments: AssignmentCounts = NO_ASSIGNMENTS
    later_count: int = 0
    group_of_all: int | None = None
    probable_group: ProbableGroup | None = None
    reliability: float | None = None
    shrunken: float | None = None
    p_above: float | None = None
    q_above: float | None = None
    consensus_interval: Interval | None = None
    consensus_q_above: float | None = None
    verified: tuple[VerifiedConcept, ...] = ()
    machine_names: tuple[tuple[str, str], ...] = ()

    @property
    def verified_consensus(self) -> VerifiedConcept | None:
        """How its consensus fits pictures that did not suggest it; None if nobody looked."""
        for one in self.verified:
            if one.by == "consensus" and one.concept == self.named.consensus:
                return one
        return None

    @property
    def is_supported(self) -> bool:
        """Whether the claim that its consensus precision is above the threshold is supported."""
        return self.consensus_q_above is not None and self.consensus_q_above < MAX_SUPPORTED_Q


def unit_result(
    unit: int,
    answers: Sequence[AnswerRow],
    deviation: PooledDeviation | None,
    normalise: Normalise = normalised,
    assignments: AssignmentCounts = NO_ASSIGNMENTS,
    later_answers: Sequence[AnswerRow] = (),
    probable_group: ProbableGroup | None = None,
) -> UnitResult:
    """Compute a unit's result, its numbers in a report, from at least one counted answer.

    Args:
        deviation: between workers, pooled over the unit's layer.
        later_answers: its answers beyond the first, in an adaptive study.
    """
    precision = unit_mean(answers)
    assert precision is not None
    named = unit_consensus(answers, normalise)
    agreeing = named.votes[0][1] if named.consensus else 0
    votes = Counter(row.group for row in answers)
    says = Counter(row.says for row in answers)
    return UnitResult(
        unit=unit,
        answer_count=len(answers),
        precision=precision,
        interval=unit_interval(precision, len(answers), deviation),
        named=named,
        group=majority(answers),
        group_votes={group: votes[group] for group in GROUPS},
        nothing_count=says["nothing"],
        two_things_count=says["two things"],
        assignments=assignments,
        later_count=len(later_answers),
        group_of_all=majority([*answers, *later_answers]),
        probable_group=probable_group,
        consensus_interval=unit_interval(named.precision or 0.0, agreeing, deviation),
    )
