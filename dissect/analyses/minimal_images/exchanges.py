"""Exchanges after the greedy order: kept segments for removed ones, so that less is kept.

The greedy order removes one segment at a time and never takes one back, so what it keeps is not
the least that holds the class. Exchanges go on from there to a fixed point, where none that is
tried lowers the kept area, or to a budget of forwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from dissect.analyses.minimal_images.search import BATCH, Kept, Subject

DEFAULT_BUDGET = 500  # forwards
FEW_SEGMENTS = 12  # up to which more than one is exchanged at a time
# How many kept segments go, and how many removed ones come back.
ONE_FOR_ONE = ((1, 0), (1, 1))
SEVERAL = ((1, 0), (1, 1), (2, 0), (2, 1), (1, 2), (1, 3))

Ended = Literal["fixed point", "budget"]


@dataclass(frozen=True)
class Exchange:
    """One exchange: the segments that went and came back, and what was left then."""

    gone: tuple[int, ...]
    back: tuple[int, ...]
    kept_share: float
    probability: float


@dataclass(frozen=True)
class Exchanges:
    """What exchanges make of a minimal image.

    Attributes:
        kept: (segments,), what is left after the last one.
        probability: of the class then.
        ended: by a "fixed point": no exchange that is tried lowers the kept area while the class
            holds; or by the "budget" of forwards.
        kinds: what was tried, as (kept segments that go, removed ones that come back).
        forwards: spent on exchanges.
    """

    kept: Kept
    probability: float
    steps: tuple[Exchange, ...]
    ended: Ended
    kinds: tuple[tuple[int, int], ...]
    forwards: int


def exchanges(
    subject: Subject, kept: Kept, probability: float, budget: int = DEFAULT_BUDGET
) -> Exchanges:
    """Exchange segments while that lowers the kept area and the class holds.

    Of all exchanges that hold, the one that lowers the area most comes first. With more than
    FEW_SEGMENTS segments only one goes for one that comes back, and nothing is claimed to be the
    least.

    Args:
        kept: (segments,), to start from; the class holds there with `probability`.
        budget: the most forwards to spend.
    """
    kinds = SEVERAL if len(kept) <= FEW_SEGMENTS else ONE_FOR_ONE
    steps: list[Exchange] = []
    before = subject.forwards
    while True:
        for tried in _in_batches(_candidates(subject, kept, kinds)):
            tried = tried[: budget - (subject.forwards - before)]
            if not len(tried):
                return Exchanges(kept, probability, tuple(steps), "budget", kinds, budget)
            probabilities, held = subject.try_out(tried)
            if held.any():
                break
        else:
            spent = subject.forwards - before
            return Exchanges(kept, probability, tuple(steps), "fixed point", kinds, spent)
        first = int(held.argmax())
        gone, back = np.flatnonzero(kept & ~tried[first]), np.flatnonzero(~kept & tried[first])
        kept, probability = tried[first], float(probabilities[first])
        share = subject.share(kept)
        steps.append(Exchange(tuple(gone.tolist()), tuple(back.tolist()), share, probability))


def _candidates(subject: Subject, kept: Kept, kinds: tuple[tuple[int, int], ...]) -> list[Kept]:
    """What would be kept after each exchange that lowers the area, the largest gain first."""
    areas = subject.segments.areas
    candidates = []
    for going, coming in kinds:
        for gone in combinations(np.flatnonzero(kept).tolist(), going):
            for back in combinations(np.flatnonzero(~kept).tolist(), coming):
                gain = int(areas[list(gone)].sum() - areas[list(back)].sum())
                if gain > 0:
                    after = kept.copy()
                    after[list(gone)], after[list(back)] = False, True
                    candidates.append((gain, after))
    return [after for _, after in sorted(candidates, key=lambda candidate: -candidate[0])]


def _in_batches(candidates: list[Kept]) -> Iterator[Kept]:
    """(n, segments) of up to BATCH candidates at a time."""
    for start in range(0, len(candidates), BATCH):
        yield np.stack(candidates[start : start + BATCH])
