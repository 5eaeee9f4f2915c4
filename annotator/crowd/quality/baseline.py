"""What one answer is held against: all answers of its study together."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from annotator.crowd.quality.answer_rows import QualityRow

TOO_FAST = 1 / 3  # of the study's median time
MIN_TIMES = 10  # answers that a median needs before anything is fast
BAD_CATCH = 1 / 3  # of its workers keep a bad catch image
MIN_JUDGES = 3  # workers before a catch image is called bad
NOTHING = 0  # stands for "nothing in common" among groups


class CatchImage(NamedTuple):
    """A catch image: how many workers were asked about it, and how many kept it."""

    exemplar: int
    unit: int
    asked: int
    kept: int


@dataclass(frozen=True)
class Baseline:
    """What a study's answers are held against: all of them together.

    Attributes:
        usual_seconds: their median; None while there are too few.
        bad_catch: exemplars that leave every score.
        votes: unit to its counted answers' groups.
        same_words: worker and words to the units that they were given to.
        sayers: unit and words to the workers who said them.
    """

    usual_seconds: float | None = None
    bad_catch: frozenset[int] = frozenset()
    votes: dict[int, Counter[int]] = field(default_factory=dict)
    same_words: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    sayers: dict[tuple[int, str], set[str]] = field(default_factory=dict)


def baseline_of(rows: Sequence[QualityRow]) -> Baseline:
    """Look at all answers of a study once."""
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
    """Catch images that more than a third of those asked kept at first submit, worst first.

    They fit the unit after all, so keeping them says nothing about a worker.
    """
    asked: Counter[tuple[int, int]] = Counter()
    kept: Counter[tuple[int, int]] = Counter()
    for row in rows:
        asked.update((row.unit, exemplar) for exemplar in row.catch)
        kept.update((row.unit, exemplar) for exemplar in row.catch_kept)
    bad = [
        CatchImage(exemplar, unit, n, kept[unit, exemplar])
        for (unit, exemplar), n in asked.items()
        if n >= MIN_JUDGES and kept[unit, exemplar] > BAD_CATCH * n
    ]
    return sorted(bad, key=lambda image: (-image.kept / image.asked, image.exemplar))


def others_of(row: QualityRow, whole: Baseline) -> Counter[int]:
    """The groups of the counted answers about the same unit, this one left out."""
    others = Counter(whole.votes.get(row.unit, {}))
    if row.scores and row.is_counted:
        others[row.group or NOTHING] -= 1
    return +others


def is_fast(row: QualityRow, whole: Baseline) -> bool:
    """Under a third of the study's median, whatever that is."""
    if row.seconds is None or whole.usual_seconds is None:
        return False
    return row.seconds < TOO_FAST * whole.usual_seconds


def words_of(row: QualityRow) -> str:
    return sorted_words(row.concept) if row.scores else ""


def sorted_words(concept: str) -> str:
    """The words alone, in one order and lower case: near-duplicates become duplicates."""
    return " ".join(sorted(re.findall(r"\w+", concept.casefold())))
