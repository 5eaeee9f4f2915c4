"""The most probable group of each unit, by a model of how often each worker is right.

Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM
algorithm", doi:10.2307/2346806. The start is the share of each label among a unit's answers. With
three answers a unit the model is weakly identified: a report shows it beside the majority, never in
its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow, UnitName
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.weighted_sums import Floats, divided, summed

MAX_ROUNDS = 100
TOLERANCE = 1e-6  # log-likelihood per answer
MIN_PROBABILITY = 1e-10  # stands for 0, whose logarithm does not exist
MIN_ANSWERS = 5  # per unit; with fewer, a report carries a warning

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ProbableGroup:
    """The most probable group of a unit, 1..6, and its probability; ties go to the lower group."""

    group: int
    probability: float


def probable_groups(rows: Sequence[AnswerRow]) -> dict[UnitName, ProbableGroup]:
    """The most probable group of every unit, by the model of Dawid and Skene.

    A unit is left out if no answer chose a group.
    """
    # One order, because the order of a sum decides how it is rounded.
    rows = sorted((row for row in rows if row.group is not None), key=_order)
    units = {name: n for n, name in enumerate(dict.fromkeys(row.unit_name for row in rows))}
    workers = {name: n for n, name in enumerate(dict.fromkeys(row.worker for row in rows))}
    probable = dawid_skene(
        np.array([units[row.unit_name] for row in rows], dtype=np.int64),
        np.array([workers[row.worker] for row in rows], dtype=np.int64),
        np.array([(row.group or 0) - 1 for row in rows], dtype=np.int64),
        len(GROUPS),
    )
    # Rounded, because rounding errors must not break a tie.
    best = probable.round(9).argmax(axis=1) if units else []
    return {
        name: ProbableGroup(int(best[n]) + 1, float(probable[n, best[n]]))
        for name, n in units.items()
    }


def _order(row: AnswerRow) -> tuple[str, str, int, str, int]:
    return *row.unit_name, row.worker, row.answer


def dawid_skene(
    unit: Numbers,
    worker: Numbers,
    label: Numbers,
    label_count: int,
    rounds: int = MAX_ROUNDS,
    tolerance: float = TOLERANCE,
) -> Floats:
    """The probability of each label for each unit, by Dawid and Skene's EM algorithm.

    Args:
        unit, worker, label: (answers,) each, whole numbers from 0.
        rounds: the largest number of rounds.
        tolerance: stops when a round gains less log-likelihood per answer.

    Returns:
        (units, labels), each row sums to 1.
    """
    if not len(unit):
        return np.zeros((0, label_count))
    answers = _Answers(unit, worker, label, label_count)
    probable, last = answers.vote_shares(), -np.inf
    for _ in range(rounds):
        confusion = answers.confusion(probable)
        probable, likelihood = answers.expected(probable, confusion)
        if likelihood - last < tolerance:
            break
        last = likelihood
    return probable


@dataclass(frozen=True, slots=True)
class _Answers:
    """The unit, worker and label of every answer, (answers,) each."""

    unit: Numbers
    worker: Numbers
    label: Numbers
    label_count: int

    def vote_shares(self) -> Floats:
        """(units, labels), the share of a unit's answers that give each label."""
        units, labels = int(self.unit.max()) + 1, self.label_count
        cells = self.unit * labels + self.label
        votes = summed(cells, np.ones((1, len(cells))), units * labels).reshape(units, labels)
        shares: Floats = votes / votes.sum(axis=1, keepdims=True)
        return shares

    def confusion(self, probable: Floats) -> Floats:
        """Maximization: how often each worker gives which label to units of which true label.

        Where a worker met no unit of a true label, all labels that this worker ever gave are
        equally probable.

        Args:
            probable: (units, labels).

        Returns:
            (true labels, workers, given labels), each row along the last axis sums to 1.
        """
        workers, labels = int(self.worker.max()) + 1, self.label_count
        cells = self.worker * labels + self.label
        floor = np.zeros(workers * labels)
        floor[cells] = MIN_PROBABILITY
        # Each true label is one draw of weights: (true labels, answers).
        counts = np.maximum(summed(cells, probable[self.unit].T.copy(), len(floor)), floor)
        counts = counts.reshape(labels, workers, labels)
        confusion: Floats = counts / counts.sum(axis=2, keepdims=True)
        return confusion

    def expected(self, probable: Floats, confusion: Floats) -> tuple[Floats, float]:
        """Expectation: (units, labels), new probabilities; and the log-likelihood per answer."""
        prior = np.maximum(probable.mean(axis=0), MIN_PROBABILITY)
        logs = np.log(confusion[:, self.worker, self.label])  # (true labels, answers)
        joint = np.log(prior) + summed(self.unit, logs, len(probable)).T  # (units, labels)
        highest = joint.max(axis=1, keepdims=True)  # taken off, so that no exp underflows to 0
        scaled = np.exp(joint - highest)
        total = scaled.sum(axis=1, keepdims=True)  # (units, 1)
        likelihood = float((highest + np.log(total)).sum()) / len(self.unit)
        return divided(scaled, total), likelihood
