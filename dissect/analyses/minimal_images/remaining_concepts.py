"""Which concepts remain in minimal images, compared with random removals.

A concept remains in an image if at least half of its pixels are kept. Zhou et al. 2015,
arXiv:1412.6856, counts the objects that remain most often, by class.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dissect.format.ground_truth import Concept, GroundTruth
from dissect.images.preprocessing import Preprocessing

HALF = 0.5


@dataclass(frozen=True)
class RemainingShare:
    """How much of a concept is kept, and how often at least half of it is.

    Attributes:
        kept: its share that is visible in the minimal image.
        remains: 1 if that is at least half, else 0; over several images their mean.
        random_kept, random_remains: the same as means over random removals to the same area.
    """

    kept: float
    remains: float
    random_kept: float
    random_remains: float


def remains_of(
    kept: NDArray[np.bool_], random: NDArray[np.bool_], seen: NDArray[np.bool_]
) -> RemainingShare:
    """Measure how much of one concept remains in a minimal image, and in random removals.

    Args:
        kept: (height, width), what is left. random: (draws, height, width), the same at random.
        seen: (height, width), where the concept is; not empty.
    """
    share = float(kept[seen].mean())
    drawn = random[:, seen].mean(axis=1)  # (draws,)
    return RemainingShare(
        share, float(share >= HALF), float(drawn.mean()), float((drawn >= HALF).mean())
    )


def remaining(
    truth: GroundTruth,
    image: Path,
    shape: Preprocessing,
    kept: NDArray[np.bool_],
    random: NDArray[np.bool_],
) -> dict[Concept, RemainingShare]:
    """Measure for every concept in the network's view how much remains in the minimal image."""
    by_concept = {}
    for level in truth.levels:
        indices = truth.seen(image, level, shape, kept.shape[0])
        if indices is None:
            continue
        for concept in truth.concepts:
            seen = indices == concept.index
            if concept.level == level and seen.any():
                by_concept[concept] = remains_of(kept, random, seen)
    return by_concept


@dataclass(frozen=True)
class ConceptFrequency:
    """A concept in the minimal images of one class; `mean` is over the images that show it."""

    concept: Concept
    image_count: int
    mean: RemainingShare


def concept_frequencies(
    images: Iterable[Mapping[Concept, RemainingShare]],
) -> list[ConceptFrequency]:
    """Rank concepts by how often they remain in the minimal images of one class.

    Ties: the concept that is in more images comes first, then the order is by name.
    """
    by_concept: dict[Concept, list[RemainingShare]] = {}
    for image in images:
        for concept, remains in image.items():
            by_concept.setdefault(concept, []).append(remains)
    frequencies = [
        ConceptFrequency(concept, len(all_), _mean(all_)) for concept, all_ in by_concept.items()
    ]
    return sorted(
        frequencies, key=lambda row: (-row.mean.remains, -row.image_count, row.concept.name)
    )


def _mean(remains: list[RemainingShare]) -> RemainingShare:
    columns = zip(
        *((r.kept, r.remains, r.random_kept, r.random_remains) for r in remains), strict=True
    )
    return RemainingShare(*(float(np.mean(column)) for column in columns))
