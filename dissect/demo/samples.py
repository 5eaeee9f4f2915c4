"""Rendered pictures in memory, ready to train and to test on."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from dissect.demo.canvas import Bytes
from dissect.demo.concepts import OBJECTS
from dissect.demo.scenes import KINDS, render

_SEEN_PX = 40  # an object with fewer pixels in sight does not count as seen


@dataclass(frozen=True, slots=True)
class Samples:
    """Pictures of one kind, in the order in which they are rendered."""

    classes: tuple[str, ...]
    images: Tensor  # (pictures, 3, 128, 128) uint8
    targets: Tensor  # (pictures,) int64, places in classes
    seen: Tensor  # (pictures, objects) bool, whether at least 40 pixels show the object

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(OBJECTS)


def _objects_seen(labels: Bytes) -> Bytes:
    pixels = np.bincount(labels.ravel(), minlength=len(OBJECTS) + 1)[1:]
    return (pixels >= _SEEN_PX).astype(np.uint8)


def rendered(kind: str, count: int, seed: int) -> Samples:
    """Render `count` pictures of a kind ("scene" or "object"), every class in its turn."""
    classes = KINDS[kind][0]
    images = torch.empty(count, 3, 128, 128, dtype=torch.uint8)
    seen = torch.empty(count, len(OBJECTS), dtype=torch.bool)
    for place in tqdm(range(count), desc=f"{kind}s", unit="picture", disable=None):
        picture = render(kind, place, seed)
        images[place] = torch.from_numpy(picture.pixels).permute(2, 0, 1)
        seen[place] = torch.from_numpy(_objects_seen(picture.labels["object"])).bool()
    return Samples(classes, images, torch.arange(count) % len(classes), seen)
