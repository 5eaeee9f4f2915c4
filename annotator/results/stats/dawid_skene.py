"""The probable group of each unit, workers being right about each group as often as they are.

Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM
algorithm", doi:10.2307/2346806. Started from the shares of the votes. With three answers a unit
it is weakly identified: it stands beside the majority, never in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow, UnitName
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.weighted_sums import Floats, divided, summed

MAX_ROUNDS = 100
TOLERANCE = 1e-6  # of the log-likelihood an answer
MIN_PROBABILITY = 1e-10  # a probability that is none
MIN_ANSWERS = 5  # a unit; below, a warning

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ProbableGroup:
    """A unit's probable group, 1..6, and how probable; ties go to the lower."""

    group: int
    probability: float


def probable_groups(rows: Sequence[AnswerRow]) -> dict[UnitName, ProbableGroup]:
    """The probable group of every unit that some answer gives one."""
    # One order, so that sums round alike however the answers come.
    rows = sorted((row for row in rows if row.group is not None), key=_order)
    units = {name: n for n, name in enumerate(dict.fromkeys(row.unit_name for row in rows))}
    workers = {name: n for n, name in enumerate(dict.fromkeys(row.worker for row in rows))}
    probable = dawid_skene(
        np.array([units[row.unit_name] for row in rows], dtype=np.int64),
        np.array([workers[row.worker] for row in rows], dtype=np.int64),
        np.array([(row.group or 0) - 1 for row in rows], dtype=np.int64),
        len(GROUPS),
    )
    # Rounded, so that what is equal but for the order of sums stays a tie.
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
    """The probability of each label for each unit, by expectation and maximization.

    Args:
        unit, worker, label: (answers,) whole numbers from 0.
        tolerance: stops when a round gains less log-likelihood an answer.

    Returns:
        (units, labels), each row summing to 1.
    """
    if not len(unit):
        return np.zeros((0, label_count))
    said = _Said(unit, worker, label, label_count)
    probable, last = said.shares(), -np.inf
    for _ in range(rounds):
        probable, likely = said.expected(probable, said.habits(probable))
        if likely - last < tolerance:
            break
        last = likely
    return probable


@dataclass(frozen=True, slots=True)
class _Said:
    """(answers,) each: about which unit, by which worker, with which label."""

    unit: Numbers
    worker: Numbers
    label: Numbers
    label_count: int

    def shares(self) -> Floats:
        """(units, labels), the share of a unit's answers that say a label."""
        units, labels = int(self.unit.max()) + 1, self.label_count
        cells = self.unit * labels + self.label
        votes = summed(cells, np.ones((1, len(cells))), units * labels).reshape(units, labels)
        found: Floats = votes / votes.sum(axis=1, keepdims=True)
        return found

    def habits(self, probable: Floats) -> Floats:
        """(true labels, workers, said labels), how often a worker says what of which label.

        Where nothing is known of a worker, the labels that they ever chose are equally likely.
        """
        workers, labels = int(self.worker.max()) + 1, self.label_count
        cells = self.worker * labels + self.label
        floor = np.zeros(workers * labels)
        floor[cells] = MIN_PROBABILITY
        counts = np.maximum(summed(cells, probable[self.unit].T.copy(), len(floor)), floor)
        counts = counts.reshape(labels, workers, labels)
        found: Floats = counts / counts.sum(axis=2, keepdims=True)
        return found

    def expected(self, probable: Floats, habits: Floats) -> tuple[Floats, float]:
        """(units, labels), new probabilities; and the log-likelihood an answer."""
        prior = np.maximum(probable.mean(axis=0), MIN_PROBABILITY)
        logs = np.log(habits[:, self.worker, self.label])  # (true labels, answers)
        likely = np.log(prior) + summed(self.unit, logs, len(probable)).T  # (units, labels)
        most = likely.max(axis=1, keepdims=True)
        scaled = np.exp(likely - most)
        total = scaled.sum(axis=1, keepdims=True)
        return divided(scaled, total), float((most + np.log(total)).sum()) / len(self.unit)
