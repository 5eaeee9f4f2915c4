"""The baseline of a study: statistics over all answers, which each answer is compared with."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from annotator.crowd.quality.answer_rows import QualityRow

MIN_TIMES = 10  # timed answers before any is called fast
BAD_CATCH = 1 / 3  # a catch image that more of its workers keep is bad
MIN_JUDGES = 3  # workers before a catch image is called bad
NOTHING = 0  # stands for "nothing in common" among groups


class CatchImage(NamedTuple):
    """A catch image: the number of workers who were shown it, and of those who kept it."""

    exemplar: int
    unit: int
    shown: int
    kept: int


@dataclass(frozen=True)
class Baseline:
    """Statistics over all answers of a study.

    Attributes:
        usual_seconds: the median time; None below MIN_TIMES timed answers.
        bad_catch: exemplars of bad catch images, which no score uses.
        votes: unit to the groups of its counted answers.
        same_words: (worker, words) to the units that the worker named with them.
        sayers: (unit, words) to the workers who named it with them.
    """

    usual_seconds: float | None = None
    bad_catch: frozenset[int] = frozenset()
    votes: dict[int, Counter[int]] = field(default_factory=dict)
    same_words: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    sayers: dict[tuple[int, str], set[str]] = field(default_factory=dict)


def baseline_of(rows: Sequence[QualityRow]) -> Baseline:
    """Compute the baseline that answers are compared with, in one pass over a study's answers."""
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    same_words: dict[tuple[str, str], set[int]] = defaultdict(set)
    sayers: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.scores and row.is_counted:
            votes[row.unit][row.group or NOTHING] += 1
        if words := words_of(row):
            same_words[row.worker, words].add(row.unit)
            sayers[row.unit, words].add(row.worker)
    times = [row.seconds for row in rows if row.seconds is not None]
    return Baseline(
        usual_seconds=median(times) if len(times) >= MIN_TIMES else None,
        bad_catch=frozenset(image.exemplar for image in bad_catch_images(rows)),
        votes=votes,
        same_words=same_words,
        sayers=sayers,
    )


def bad_catch_images(rows: Iterable[QualityRow]) -> list[CatchImage]:
    """Bad catch images, by the baseline: over a third of their workers kept them. Worst first.

    They were kept at first submit.
    They fit the unit after all, so keeping them says nothing about a worker.
    """
    shown: Counter[tuple[int, int]] = Counter()
    kept: Counter[tuple[int, int]] = Counter()
    for row in rows:
        shown.update((row.unit, exemplar) for exemplar in row.catch)
        kept.update((row.unit, exemplar) for exemplar in row.catch_kept)
    bad = [
        CatchImage(exemplar, unit, n, kept[unit, exemplar])
        for (unit, exemplar), n in shown.items()
        if n >= MIN_JUDGES and kept[unit, exemplar] > BAD_CATCH * n
    ]
    return sorted(bad, key=lambda image: (-image.kept / image.shown, image.exemplar))


def others_of(row: QualityRow, baseline: Baseline) -> Counter[int]:
    """The groups, in the baseline, of the other counted answers about an answer's unit."""
    others = Counter(baseline.votes.get(row.unit, {}))
    if row.scores and row.is_counted:
        others[row.group or NOTHING] -= 1
    return +others


def words_of(row: QualityRow) -> str:
    """The words under which the baseline counts an answer; empty if it does not score."""
    return _sorted_words(row.concept) if row.scores else ""


def _sorted_words(concept: str) -> str:
    """A concept's words as the baseline compares them: lower case, in alphabetical order."""
    return " ".join(sorted(re.findall(r"\w+", concept.casefold())))
