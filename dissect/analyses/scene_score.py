"""Scores of scenes that named units segmented, against ground-truth masks.

Concepts that no unit is named for count as background in the masks too. The baseline is the
answer that everything is background.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dissect.analyses.scene_segmentation import BACKGROUND, concept_key
from dissect.errors import BadSetting
from dissect.format.ground_truth import TRUTH_PX, GroundTruth
from dissect.images.preprocessing import Preprocessing

OBJECT_LEVEL = "object"  # scored unless another level is named

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class VisibleMask:
    """A mask in the network's view (side, side): numbers in `scored`, and where it is labeled."""

    labels: Labels
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class MaskedTruth:
    """The masks of one level, limited to the concepts that units are named for.

    Attributes:
        scored: concepts of both masks and units, as `concept_key` writes them.
        index: the number of each in the masks.
    """

    truth: GroundTruth
    level: str
    scored: tuple[str, ...]
    index: tuple[int, ...]

    @classmethod
    def of_level(cls, truth: GroundTruth, level: str | None, concepts: Sequence[str]) -> Self:
        """The masks of the level named, or of a default one.

        The default is "object", or the first level where there is none.

        Raises:
            BadSetting: the masks have no such level.
        """
        chosen = level or (OBJECT_LEVEL if OBJECT_LEVEL in truth.levels else truth.levels[0])
        if chosen not in truth.levels:
            raise BadSetting(
                f"The masks have no level {chosen!r}; they have {', '.join(truth.levels)}."
            )
        index = {concept_key(one.name): one.index for one in truth.concepts if one.level == chosen}
        both = tuple(one for one in concepts if one in index)
        return cls(truth, chosen, both, tuple(index[one] for one in both))

    def seen(self, image: Path, shape: Preprocessing, side: int) -> VisibleMask | None:
        """Read the image's mask; None where it has none."""
        indices = self.truth.seen(image, self.level, shape, side)
        if indices is None:
            return None
        labels = np.full(indices.shape, BACKGROUND, dtype=np.int64)
        for number, index in enumerate(self.index):
            labels[indices == index] = number
        return VisibleMask(labels, ~np.isin(indices, list(self.truth.unknown.get(self.level, ()))))

    def numbers(self, labels: Labels, concepts: Sequence[str]) -> Labels:
        """Translate numbers in `concepts` to numbers in `scored`; others become background."""
        place = {concept: number for number, concept in enumerate(self.scored)}
        table = np.array([place.get(one, BACKGROUND) for one in concepts] + [BACKGROUND])
        return np.asarray(table[labels])  # BACKGROUND, -1, is the table's last

    def labels(self, image: Path, shape: Preprocessing, concepts: Sequence[str]) -> Labels | None:
        """The mask as numbers in `concepts`, so that it is drawn in the same colors."""
        seen = self.seen(image, shape, TRUTH_PX)
        if seen is None:
            return None
        table = np.array([concepts.index(one) for one in self.scored] + [BACKGROUND])
        return np.asarray(table[seen.labels])


class Scores:
    """Confusion matrix of predicted labels and masks, over pixels of several images.

    Args:
        concepts: those that are scored; anything else, predicted or true, is background.
    """

    def __init__(self, concepts: Sequence[str]) -> None:
        self.concepts, self.image_count = tuple(concepts), 0
        # (true, predicted), the last of both is background
        self.counts = np.zeros((len(concepts) + 1, len(concepts) + 1), dtype=np.int64)

    def add(self, truth: Labels, predicted: Labels, known: NDArray[np.bool_]) -> None:
        """Add one image (side, side) of numbers of concepts; `known` says where it is labeled."""
        size = len(self.concepts) + 1
        pairs = (truth[known] % size) * size + predicted[known] % size
        self.counts += np.bincount(pairs, minlength=size * size).reshape(size, size)
        self.image_count += 1

    def accuracy(self) -> float:
        """The share of labeled pixels that are right."""
        return float(np.trace(self.counts) / max(self.counts.sum(), 1))

    def background_accuracy(self) -> float:
        """The accuracy of the answer that everything is background."""
        return float(self.counts[-1].sum() / max(self.counts.sum(), 1))

    def ious(self) -> dict[str, float]:
        """Intersection over union of each concept that is in a mask, and of "background"."""
        right, true = np.diag(self.counts), self.counts.sum(axis=1)
        either = self.counts.sum(axis=0) + true - right
        names = [*self.concepts, "background"]
        return {name: float(right[i] / either[i]) for i, name in enumerate(names) if true[i]}

    def mean_iou(self) -> float:
        """The mean over the concepts that are in a mask, and background."""
        return float(np.mean(list(self.ious().values()) or [0.0]))

    def background_mean_iou(self) -> float:
        """The mean IoU of the answer that everything is background: 0 for each concept."""
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
