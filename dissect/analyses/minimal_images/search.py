"""The search for a minimal image: segments go, least harm first, and then some are exchanged.

Zhou et al. 2015, arXiv:1412.6856, section 2: "at each iteration, remove the segment that produces
the smallest decrease of the correct classification score, until the image is incorrectly
classified".

The greedy order removes one segment at a time and never takes one back, so what it keeps is not
the least that holds the class. Exchanges go on from there to a fixed point, where none that is
tried lowers the kept area, or to a budget of forwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.analyses.minimal_images.fills import Simplifier, simplifier
from dissect.analyses.minimal_images.segments import Segments
from dissect.errors import BadSetting
from dissect.networks.classes import probabilities
from dissect.networks.registry import Network

DEFAULT_DRAWS = 100
BATCH = 16  # images forwarded together

Kept = NDArray[np.bool_]  # (segments,) or (height, width)
DEFAULT_BUDGET = 500  # forwards
FEW_SEGMENTS = 12  # up to which more than one is exchanged at a time
# How many kept segments go, and how many removed ones come back.
ONE_FOR_ONE = ((1, 0), (1, 1))
SEVERAL = ((1, 0), (1, 1), (2, 0), (2, 1), (1, 2), (1, 3))
Ended = Literal["fixed point", "budget"]


@dataclass(frozen=True)
class Removal:
    """One removal: the segment, and the class's probability without it."""

    segment: int
    probability: float


@dataclass(frozen=True)
class GreedyRemovals:
    """Removals in the greedy order.

    Attributes:
        probability: of the class in the whole image.
        steps: removals in order; the last one flipped the class if `flipped_at` is not None.
        flipped_at: the number of removals that flipped the class; None where it held to the end.
        kept: (segments,), what the last image that kept the class still has.
    """

    probability: float
    steps: tuple[Removal, ...]
    flipped_at: int | None
    kept: Kept

    @property
    def left_probability(self) -> float:
        """Of the class, in the last image that kept it."""
        held = self.steps[:-1] if self.flipped_at else self.steps
        return held[-1].probability if held else self.probability


@dataclass(frozen=True)
class RandomRemovals:
    """Random removals down to about the area of a minimal image.

    Attributes:
        segments: (draws, segments), what is kept. kept: (draws, height, width), the same by pixel.
        probability: (draws,), of the class.
        held: (draws,), whether the class was still the network's best.
    """

    segments: Kept
    kept: Kept
    probability: NDArray[np.float32]
    held: NDArray[np.bool_]


class Subject:
    """An image whose minimal image is looked for: what a network says when segments are removed.

    Args:
        pixels: (channels, height, width) uint8, as the network sees it, on its device.
        class_index: has to be the network's best class for the whole image.

    Attributes:
        probability: of the class in the whole image.
        forwards: images forwarded so far.

    Raises:
        BadSetting: `class_index` is not the network's best class.
    """

    def __init__(
        self, network: Network, pixels: Tensor, segments: Segments, class_index: int, fill: str
    ) -> None:
        (whole,) = probabilities(network, pixels[None])
        if int(whole.argmax()) != class_index:
            raise BadSetting(
                f"The network says class {int(whole.argmax())}, not {class_index}: a minimal image "
                "starts from one that is classified correctly."
            )
        self.network, self.segments, self.class_index = network, segments, class_index
        self.simplifier: Simplifier = simplifier(pixels, segments, fill)
        self.device, self.forwards = pixels.device, 1
        self.probability = float(whole[class_index])

    def try_out(self, kept: Kept) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Forward what is left of the image: (n, segments) -> probability and held, (n,) each."""
        shown = torch.from_numpy(np.ascontiguousarray(kept)).to(self.device)
        outputs = torch.cat(
            [
                probabilities(self.network, self.simplifier.images(batch))
                for batch in torch.split(shown, BATCH)
            ]
        )
        self.forwards += len(kept)
        held = outputs.argmax(dim=1) == self.class_index
        return outputs[:, self.class_index].cpu().numpy(), held.cpu().numpy()

    def picture(self, kept: Kept) -> Tensor:
        """What is left, (channels, height, width) uint8, where segments (segments,) are kept."""
        return self.simplifier.images(torch.from_numpy(kept[None]).to(self.device))[0]

    def share(self, kept: Kept) -> float:
        """The share of the image's area that kept segments (segments,) have."""
        areas = self.segments.areas
        return float(areas[kept].sum() / areas.sum())


def greedy_removals(subject: Subject) -> GreedyRemovals:
    """Remove segments of an image greedily until the class flips.

    Of equal probabilities the segment with the lower number goes first. The candidates of a step
    are forwarded in batches; an image of S segments costs at most S (S + 1) / 2 forwards.
    """
    kept = np.ones(subject.segments.count, dtype=bool)
    steps: list[Removal] = []
    while kept.any():
        remaining = np.flatnonzero(kept)
        candidates = np.repeat(kept[None], len(remaining), axis=0)
        candidates[np.arange(len(remaining)), remaining] = False
        probability, held = subject.try_out(candidates)
        chosen = int(probability.argmax())  # the first of equals
        steps.append(Removal(int(remaining[chosen]), float(probability[chosen])))
        if not held[chosen]:
            return GreedyRemovals(subject.probability, tuple(steps), len(steps), kept)
        kept = candidates[chosen]
    return GreedyRemovals(subject.probability, tuple(steps), None, kept)


def random_removals(
    subject: Subject, kept: Kept, draws: int = DEFAULT_DRAWS, seed: int = 0
) -> RandomRemovals:
    """Remove segments in random order until the area is nearest to that of a minimal image.

    Args:
        kept: (segments,), what the minimal image still has.
    """
    areas = subject.segments.areas
    wanted = int(areas[~kept].sum())
    rng = np.random.default_rng(seed)
    drawn = np.ones((draws, len(areas)), dtype=bool)
    for row in drawn:
        row[_random(areas, wanted, rng)] = False
    probability, held = subject.try_out(drawn)
    return RandomRemovals(drawn, drawn[:, subject.segments.labels], probability, held)


def _random(areas: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw random segments whose total area is nearest to the wanted one."""
    order = rng.permutation(len(areas))
    totals = np.concatenate([[0], np.cumsum(areas[order])])
    return order[: int(np.abs(totals - wanted).argmin())]


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
