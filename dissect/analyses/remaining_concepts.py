"""Which concepts remain in minimal images, beside what remains when segments go at random.

A concept remains in an image when at least half of its pixels are kept (Zhou et al. 2015,
arXiv:1412.6856, counts the objects that remain most often by class).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dissect.analyses.ground_truth import Concept, Truth
from dissect.analyses.minimal_image import Minimal, RandomRemovals
from dissect.images.preprocessing import Preprocessing

HALF = 0.5


@dataclass(frozen=True)
class Remains:
    """How much of a concept that an image shows is kept, and how often half of it is.

    Attributes:
        kept, remains: in the minimal image; remains is 0 or 1.
        random_kept, random_remains: means over random removals to the same area.
    """

    kept: float
    remains: float
    random_kept: float
    random_remains: float


def remains_of(minimal: Minimal, random: RandomRemovals, seen: NDArray[np.bool_]) -> Remains:
    """One concept in one image.

    Args:
        seen: (height, width), where the concept is; somewhere, at least.
    """
    kept = float(minimal.kept[seen].mean())
    drawn = random.kept[:, seen].mean(axis=1)  # (draws,)
    return Remains(kept, float(kept >= HALF), float(drawn.mean()), float((drawn >= HALF).mean()))


def remaining(
    truth: Truth, image: Path, shape: Preprocessing, minimal: Minimal, random: RandomRemovals
) -> dict[Concept, Remains]:
    """Every concept that the network's view of an image shows."""
    found = {}
    for level in truth.levels:
        indices = truth.seen(image, level, shape, minimal.kept.shape[0])
        if indices is None:
            continue
        for concept in truth.concepts:
            seen = indices == concept.index
            if concept.level == level and seen.any():
                found[concept] = remains_of(minimal, random, seen)
    return found


@dataclass(frozen=True)
class Often:
    """A concept over the minimal images of one class: means over the images that show it."""

    concept: Concept
    image_count: int
    mean: Remains


def most_often(images: Iterable[Mapping[Concept, Remains]]) -> list[Often]:
    """Concepts over the images of a class, the ones that remain most often first.

    Equal ones: the concept in more images first, then by name.
    """
    by_concept: dict[Concept, list[Remains]] = {}
    for image in images:
        for concept, remains in image.items():
            by_concept.setdefault(concept, []).append(remains)
    found = [Often(concept, len(all_), _mean(all_)) for concept, all_ in by_concept.items()]
    return sorted(found, key=lambda one: (-one.mean.remains, -one.image_count, one.concept.name))


def _mean(remains: list[Remains]) -> Remains:
    columns = zip(
        *((r.kept, r.remains, r.random_kept, r.random_remains) for r in remains), strict=True
    )
    return Remains(*(float(np.mean(column)) for column in columns))
