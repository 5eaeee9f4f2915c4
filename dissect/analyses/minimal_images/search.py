"""The greedy search for a minimal image: segments go, least harm first, while the class holds.

Zhou et al. 2015, arXiv:1412.6856, section 2: "at each iteration, remove the segment that produces
the smallest decrease of the correct classification score, until the image is incorrectly
classified".
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.analyses.minimal_images.fills import Simplifier, filler, simplifier
from dissect.analyses.minimal_images.segments import Segments
from dissect.errors import BadSetting
from dissect.networks.classes import probabilities
from dissect.networks.registry import Network

DEFAULT_DRAWS = 100
BATCH = 16  # images forwarded together

Kept = NDArray[np.bool_]  # (segments,) or (height, width)


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


def is_taken_for(network: Network, pixels: Tensor, fill: str, class_index: int) -> bool:
    """Whether a search is pointless, as the network takes the fill alone, no image, for the class.

    Then no minimal image means anything: the class holds when everything is removed.
    """
    return int(probabilities(network, filler(pixels, fill)[None]).argmax()) == class_index


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
