"""How well scenes segmented by named units agree with masks.

What the units are not named for is background, in the masks too: nobody can say what no unit
stands for. The answer that all is background is what a segmentation has to beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dissect.analyses.ground_truth import Truth
from dissect.analyses.scene_segmentation import BACKGROUND, plain
from dissect.errors import BadSetting
from dissect.images.preprocessing import Preprocessing
from dissect.segmentation.upsample import MASK_PX

OBJECTS = "object"  # the level that is scored where masks have it

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """A mask of an image: (side, side) numbers in `scored`, and where anything is known."""

    labels: Labels
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class MaskedTruth:
    """The masks of one level, for the concepts that units are named for.

    Attributes:
        scored: the concepts that both have, as `plain` writes them.
        index: of each in the masks.
    """

    truth: Truth
    level: str
    scored: tuple[str, ...]
    index: tuple[int, ...]

    def seen(self, image: Path, shape: Preprocessing, side: int) -> Seen | None:
        """None where the image has no mask."""
        indices = self.truth.seen(image, self.level, shape, side)
        if indices is None:
            return None
        labels = np.full(indices.shape, BACKGROUND, dtype=np.int64)
        for number, index in enumerate(self.index):
            labels[indices == index] = number
        return Seen(labels, ~np.isin(indices, list(self.truth.unknown.get(self.level, ()))))

    def numbers(self, labels: Labels, concepts: Sequence[str]) -> Labels:
        """Numbers in `concepts` as numbers in `scored`; others are background."""
        place = {concept: number for number, concept in enumerate(self.scored)}
        table = np.array([place.get(one, BACKGROUND) for one in concepts] + [BACKGROUND])
        return np.asarray(table[labels])  # BACKGROUND, -1, is the table's last

    def labels(self, image: Path, shape: Preprocessing, concepts: Sequence[str]) -> Labels | None:
        """What the mask shows as numbers in `concepts`, to be drawn like what is said."""
        seen = self.seen(image, shape, MASK_PX)
        if seen is None:
            return None
        table = np.array([concepts.index(one) for one in self.scored] + [BACKGROUND])
        return np.asarray(table[seen.labels])


def masked_truth(truth: Truth, level: str | None, concepts: Sequence[str]) -> MaskedTruth:
    """The masks at a level: the one named, else "object", else the first.

    Raises:
        BadSetting: the masks have no such level.
    """
    chosen = level or (OBJECTS if OBJECTS in truth.levels else truth.levels[0])
    if chosen not in truth.levels:
        raise BadSetting(
            f"The masks have no level {chosen!r}; they have {', '.join(truth.levels)}."
        )
    index = {plain(one.name): one.index for one in truth.concepts if one.level == chosen}
    both = tuple(one for one in concepts if one in index)
    return MaskedTruth(truth, chosen, both, tuple(index[one] for one in both))


class Scores:
    """Agreement of labels with masks, pixel by pixel, over images.

    Args:
        concepts: those that are scored; anything else, said or true, is background.
    """

    def __init__(self, concepts: Sequence[str]) -> None:
        self.concepts, self.image_count = tuple(concepts), 0
        # Row: what is true; column: what is said; the last of both is background.
        self.counts = np.zeros((len(concepts) + 1, len(concepts) + 1), dtype=np.int64)

    def add(self, truth: Labels, said: Labels, known: NDArray[np.bool_]) -> None:
        """Take in one image: (side, side) numbers of concepts or BACKGROUND, and what is known."""
        size = len(self.concepts) + 1
        pairs = (truth[known] % size) * size + said[known] % size
        self.counts += np.bincount(pairs, minlength=size * size).reshape(size, size)
        self.image_count += 1

    def accuracy(self) -> float:
        """The share of known pixels that are said right."""
        return float(np.trace(self.counts) / max(self.counts.sum(), 1))

    def background_accuracy(self) -> float:
        """What answering background everywhere has."""
        return float(self.counts[-1].sum() / max(self.counts.sum(), 1))

    def ious(self) -> dict[str, float]:
        """Intersection over union of each concept that is there, and of "background"."""
        right, true = np.diag(self.counts), self.counts.sum(axis=1)
        either = self.counts.sum(axis=0) + true - right
        names = [*self.concepts, "background"]
        return {name: float(right[i] / either[i]) for i, name in enumerate(names) if true[i]}

    def mean_iou(self) -> float:
        """Over the concepts that are there, and background."""
        return float(np.mean(list(self.ious().values()) or [0.0]))

    def background_mean_iou(self) -> float:
        """What answering background everywhere has: its own share, and 0 for each concept."""
        return self.background_accuracy() / max(len(self.ious()), 1)

    def facts(self, level: str) -> dict[str, Any]:
        return {
            "level": level,
            "image_count": self.image_count,
            "accuracy": self.accuracy(),
            "mean_iou": self.mean_iou(),
            "background_accuracy": self.background_accuracy(),
            "background_mean_iou": self.background_mean_iou(),
            "iou": self.ious(),
        }
