"""The probable group of each unit, workers being right about each group as often as they are.

Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM
algorithm", doi:10.2307/2346806. Started from the shares of the votes. With three answers a unit
it is weakly identified: it stands beside the majority, never in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotator.results.answers import AnswerRow, UnitName
from annotator.results.groups import GROUPS
from annotator.results.summing import Floats, divided, summed

ROUNDS = 100
TOLERANCE = 1e-6  # of the log-likelihood an answer
SMALLEST = 1e-10  # a probability that is none
FEWEST_ANSWERS = 5  # a unit; below, a warning


@dataclass(frozen=True, slots=True)
class Guess:
    """A unit's probable group, 1..6, and how probable; ties go to the lower."""

    group: int
    probability: float


def guesses(rows: Sequence[AnswerRow]) -> dict[UnitName, Guess]:
    """The probable group of every unit that some answer gives one."""
    # One order, so that sums round alike however the answers come.
    rows = sorted((row for row in rows if row.group is not None), key=_order)
    units = {name: n for n, name in enumerate(dict.fromkeys(row.name for row in rows))}
    workers = {name: n for n, name in enumerate(dict.fromkeys(row.worker for row in rows))}
    probable = dawid_skene(
        np.array([units[row.name] for row in rows], dtype=np.int64),
        np.array([workers[row.worker] for row in rows], dtype=np.int64),
        np.array([(row.group or 0) - 1 for row in rows], dtype=np.int64),
        len(GROUPS),
    )
    # Rounded, so that what is equal but for the order of sums stays a tie.
    best = probable.round(9).argmax(axis=1) if units else []
    return {name: Guess(int(best[n]) + 1, float(probable[n, best[n]])) for name, n in units.items()}


def _order(row: AnswerRow) -> tuple[str, str, int, str, int]:
    return *row.name, row.worker, row.answer


def dawid_skene(
    unit: np.ndarray,
    worker: np.ndarray,
    label: np.ndarray,
    label_count: int,
    rounds: int = ROUNDS,
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
    units, workers = int(unit.max()) + 1, int(worker.max()) + 1
    votes = summed(unit * label_count + label, np.ones((1, len(unit))), units * label_count)
    probable = votes.reshape(units, label_count)
    probable = probable / probable.sum(axis=1, keepdims=True)
    said = worker * label_count + label
    # Where nothing is known of a worker, the labels that they ever chose are equally likely.
    floor = np.zeros(workers * label_count)
    floor[said] = SMALLEST
    last = -np.inf
    for _ in range(rounds):
        counts = np.maximum(summed(said, probable[unit].T.copy(), len(floor)), floor)
        counts = counts.reshape(label_count, workers, label_count)
        says = counts / counts.sum(axis=2, keepdims=True)  # (true labels, workers, said labels)
        prior = np.maximum(probable.mean(axis=0), SMALLEST)
        logs = np.log(says[:, worker, label])  # (true labels, answers)
        likely = np.log(prior) + summed(unit, logs, units).T  # (units, labels)
        most = likely.max(axis=1, keepdims=True)
        scaled = np.exp(likely - most)
        probable = divided(scaled, scaled.sum(axis=1, keepdims=True))
        now = float((most[:, 0] + np.log(scaled.sum(axis=1))).sum()) / len(unit)
        if now - last < tolerance:
            break
        last = now
    return probable
