"""Baselines of the demo's networks: classifiers that see only colors, or only one object.

Their accuracy is printed beside that of the networks. If a network were not better, the pictures
would be too easy. Pictures are rendered into memory.
"""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from dissect.demo.canvas import Bytes
from dissect.demo.concepts import OBJECTS
from dissect.demo.scenes import KINDS, render

_SEEN_PX = 40  # an object with fewer visible pixels does not count as seen
_BINS = 8  # of a color channel


@dataclass(frozen=True, slots=True)
class Samples:
    """Labeled pictures of one kind, in the order in which they are rendered."""

    classes: tuple[str, ...]
    images: Tensor  # (pictures, 3, 128, 128) uint8
    targets: Tensor  # (pictures,) int64, indices into classes
    seen: Tensor  # (pictures, objects) bool, whether at least 40 pixels show the object

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(OBJECTS)


def _objects_seen(labels: Bytes) -> Bytes:
    """(objects,): 1 if enough pixels show the object. Labels start at 1."""
    pixels = np.bincount(labels.ravel(), minlength=len(OBJECTS) + 1)[1:]
    return (pixels >= _SEEN_PX).astype(np.uint8)


def rendered(kind: str, count: int, seed: int) -> Samples:
    """Render the samples of baselines and of training into memory, the classes in turn."""
    classes = KINDS[kind][0]
    images = torch.empty(count, 3, 128, 128, dtype=torch.uint8)
    seen = torch.empty(count, len(OBJECTS), dtype=torch.bool)
    for place in tqdm(range(count), desc=f"{kind}s", unit="picture", disable=None):
        picture = render(kind, place, seed)
        images[place] = torch.from_numpy(picture.pixels).permute(2, 0, 1)
        seen[place] = torch.from_numpy(_objects_seen(picture.labels["object"])).bool()
    return Samples(classes, images, torch.arange(count) % len(classes), seen)


def color_histograms(images: Tensor) -> Tensor:
    """The color histograms of a baseline, (images, 512): roots of the shares of 8 x 8 x 8 bins.

    Args:
        images: (images, 3, height, width) uint8.
    """
    step = 256 // _BINS
    red, green, blue = (images[:, channel].long() // step for channel in range(3))
    bins = ((red * _BINS + green) * _BINS + blue).flatten(1)  # (images, pixels)
    counts = torch.zeros(len(images), _BINS**3)
    counts.scatter_add_(1, bins, torch.ones(bins.shape))
    return (counts / bins.shape[1]).sqrt()


def histogram_accuracy(train: Samples, held_out: Samples, steps: int = 400) -> float:
    """Measure a baseline: held-out accuracy of logistic regression on color histograms."""
    inputs, tests = color_histograms(train.images), color_histograms(held_out.images)
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-3
    inputs, tests = (inputs - mean) / spread, (tests - mean) / spread
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Linear(inputs.shape[1], len(train.classes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), train.targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        right = model(tests).argmax(1) == held_out.targets
    return int(right.sum()) / len(right)


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """A rule that names the scene by one object: `if_seen` if it is seen, else `otherwise`."""

    object: str
    if_seen: str
    otherwise: str
    accuracy: float


@dataclass(frozen=True, slots=True)
class TellingObject:
    """The most telling object: of the pictures that show it, `share` are of `scene`."""

    object: str
    scene: str
    share: float


def _seen_by_scene(samples: Samples) -> Tensor:
    """How many pictures of each scene show each object, (objects, scenes)."""
    scenes = nn.functional.one_hot(samples.targets, len(samples.classes)).float()
    return samples.seen.float().T @ scenes


def best_object_rule(train: Samples, held_out: Samples) -> ObjectRule:
    """Find the baseline that best predicts the demo scene from whether one object is seen."""
    seen = _seen_by_scene(train)
    unseen = torch.bincount(train.targets, minlength=len(train.classes)) - seen
    right = seen.amax(1) + unseen.amax(1)
    chosen = int(right.argmax())
    if_seen, otherwise = int(seen[chosen].argmax()), int(unseen[chosen].argmax())
    predictions = torch.where(held_out.seen[:, chosen], if_seen, otherwise)
    return ObjectRule(
        object=train.objects[chosen],
        if_seen=train.classes[if_seen],
        otherwise=train.classes[otherwise],
        accuracy=int((predictions == held_out.targets).sum()) / len(predictions),
    )


def most_telling_object(samples: Samples) -> TellingObject:
    """Find the most telling object of the baselines: most of its pictures show one scene."""
    counts = _seen_by_scene(samples)
    chosen = int((counts.amax(1) / counts.sum(1).clamp(min=1)).argmax())
    scene = int(counts[chosen].argmax())
    share = int(counts[chosen, scene]) / max(1, int(counts[chosen].sum()))
    return TellingObject(samples.objects[chosen], samples.classes[scene], share)


def scene_baselines(train: Samples, held_out: Samples) -> dict[str, object]:
    """The baselines that guess the demo scene from a single object, as rows of accuracy.json."""
    return {
        "best_object_rule": asdict(best_object_rule(train, held_out)),
        "most_telling_object": asdict(most_telling_object(held_out)),
    }
