"""Network Dissection: how well each unit's region matches each concept in ground-truth masks.

A unit's region is its map, upsampled, above its 0.995 quantile over the image set; its IoU with
a concept is summed over the images that show anything at the concept's level (Bau et al. 2017,
arXiv:1704.05796). The best concept is chosen on half of the images and scored on the other half,
since the score on the half that chose it would be too high. Unknown pixels count nowhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import TRUTH_PX, Concept, GroundTruth
from dissect.images.image_list import ImageList
from dissect.networks.registry import Network
from dissect.segmentation.regions import upsampled_regions
from dissect.topk.batches import Passes
from dissect.topk.sampling import hash64

CHOOSING, SCORING = 0, 1  # the halves of the image set
HALF_SEED = 11


@dataclass(frozen=True)
class ConceptMatch:
    """A unit's best concept.

    Attributes:
        concept: chosen on one half of the images.
        chosen: its IoU on that half.
        iou: its IoU on the other half, the number to report.
        whole: its IoU on all images.
    """

    concept: Concept
    chosen: float
    iou: float
    whole: float


class ConceptOverlaps:
    """Counts pixels of units, of concepts and of both, over the two halves of an image set.

    Memory: two numbers for each unit and concept, however many images there are.

    Args:
        concepts: all of them, in the order of the ground truth.
        units: their number.
    """

    def __init__(self, concepts: Sequence[Concept], units: int) -> None:
        self.concepts = tuple(concepts)
        self.both = np.zeros((2, units, len(concepts)), dtype=np.int64)
        # A unit's pixels count for a concept only where the concept's level is known.
        self.unit = np.zeros((2, units, len(concepts)), dtype=np.int64)
        self.concept = np.zeros((2, len(concepts)), dtype=np.int64)

    def add(
        self, half: int, flat: Tensor, chosen: NDArray[np.intp], there: NDArray[np.intp],
        seen: NDArray[np.bool_], known: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Add one image at one level.

        Args:
            half: the half that the image is in.
            flat: (units, side * side) float32, 1 in a unit's region, else 0.
            chosen: places of this level's concepts.
            there: (n,), those of them that are in the image.
            seen: (n, side, side) bool, where each of these is.
            known: (side, side) bool, where the level is labeled.
        """
        # Counts stay below 2^24, so float32 holds them exactly.
        wanted = np.concatenate([seen, known[None]]).reshape(len(seen) + 1, -1)
        columns = torch.from_numpy(wanted.astype(np.float32)).to(flat.device).T
        counts = (flat @ columns).cpu().numpy().astype(np.int64)
        self.both[half][:, there] += counts[:, :-1]
        self.unit[half][:, chosen] += counts[:, -1:]
        self.concept[half][there] += np.count_nonzero(seen, axis=(1, 2))

    def iou(self, halves: Sequence[int]) -> NDArray[np.float64]:
        """Intersection over union (units, concepts); 0 where both are empty."""
        both = self.both[list(halves)].sum(axis=0)
        either = self.unit[list(halves)].sum(axis=0) + self.concept[list(halves)].sum(axis=0) - both
        return np.asarray(both / np.maximum(either, 1), dtype=np.float64)

    def best(self) -> list[ConceptMatch]:
        """Choose the best concept of each unit; of equals the first in the table."""
        choosing, scoring = self.iou([CHOOSING]), self.iou([SCORING])
        whole = self.iou([CHOOSING, SCORING])
        best = choosing.argmax(axis=1)
        return [
            ConceptMatch(
                self.concepts[place], float(choosing[unit, place]), float(scoring[unit, place]),
                float(whole[unit, place]),
            )
            for unit, place in enumerate(best.tolist())
        ]  # fmt: skip


def half_of(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The half of Network Dissection that each image is in: 0 chooses the concept, 1 scores it."""
    return (hash64(places, seed=HALF_SEED) & np.uint64(1)).astype(np.int64)


def overlaps(
    network: Network,
    cuts: dict[str, Tensor],
    truth: GroundTruth,
    passes: Passes,
    units: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, ConceptOverlaps]:
    """Count for Network Dissection how the regions of units overlap the masks of concepts.

    Args:
        cuts: layer to (all units,), the activation above which a cell is in the unit's region.
        passes: over the images, with one pass left.
        units: layer to the units that are counted, in the order of the result; None is all.

    Raises:
        NoGroundTruth: one half of the images has no mask with a concept in it.
    """
    rows = {
        layer: torch.tensor(units[layer] if units else range(len(cut)), dtype=torch.long)
        for layer, cut in cuts.items()
    }
    by_layer = {layer: ConceptOverlaps(truth.concepts, len(row)) for layer, row in rows.items()}
    masked = [0, 0]
    for places, maps in passes.over(network, list(cuts)):
        for row, (place, half) in enumerate(
            zip(places.tolist(), half_of(places).tolist(), strict=True)
        ):
            shown = list(_levels_of(truth, passes.images, place, network))
            masked[half] += bool(shown)
            for layer, cut in cuts.items() if shown else ():
                on, wanted = maps[layer].device, rows[layer]
                shown_maps = maps[layer][row][wanted.to(on)]
                regions = upsampled_regions(shown_maps, cut[wanted].to(on), TRUTH_PX)
                flat = regions.flatten(1).float()
                for level in shown:
                    by_layer[layer].add(half, flat, *level)
    if 0 in masked:
        raise NoGroundTruth(
            f"{passes.images.source} has {sum(masked)} images with masks; one at least is needed "
            "in each half, to choose a unit's concept and to score it."
        )
    return by_layer


def _levels_of(
    truth: GroundTruth, images: ImageList, place: int, network: Network
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]]:
    """Read an image's masks level by level; levels without a concept are skipped.

    Yields:
        chosen, there, seen, known, as `ConceptOverlaps.add` takes them.
    """
    path = images.location(place)
    for level in truth.levels:
        indices = truth.seen(path, level, network.preprocessing, TRUTH_PX)
        if indices is None:
            continue
        chosen = np.flatnonzero([concept.level == level for concept in truth.concepts])
        numbers = np.array([truth.concepts[place].index for place in chosen])
        shown = np.isin(numbers, np.unique(indices))  # few of all
        if shown.any():
            seen = indices[None] == numbers[shown, None, None]
            known = ~np.isin(indices, list(truth.unknown.get(level, ())))
            yield chosen, chosen[shown], seen, known
