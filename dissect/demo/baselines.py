"""How far one gets without looking at shapes, or by looking at one object only.

Both are printed beside the networks: a network that did no better than these would show that the
demo world gives its scenes away.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from dissect.demo.samples import Samples

_BINS = 8  # a channel


def color_histograms(images: Tensor) -> Tensor:
    """The square roots of the shares of 8 x 8 x 8 colours, (images, 512).

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
    """What a multinomial logistic regression on colour histograms reaches on held-out pictures."""
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
    """ "If you see `object`, say `if_seen`, else `otherwise`": the best such rule, held out."""

    object: str
    if_seen: str
    otherwise: str
    accuracy: float


@dataclass(frozen=True, slots=True)
class TellingObject:
    """The object whose sight tells most: the share of one scene among pictures that show it."""

    object: str
    scene: str
    share: float


def _seen_by_scene(samples: Samples) -> Tensor:
    """How many pictures of each scene show each object, (objects, scenes)."""
    scenes = nn.functional.one_hot(samples.targets, len(samples.classes)).float()
    return samples.seen.float().T @ scenes


def best_object_rule(train: Samples, held_out: Samples) -> ObjectRule:
    """Choose the rule on training pictures, measure it on held-out ones."""
    seen = _seen_by_scene(train)
    unseen = torch.bincount(train.targets, minlength=len(train.classes)) - seen
    right = seen.amax(1) + unseen.amax(1)
    chosen = int(right.argmax())
    if_seen, otherwise = int(seen[chosen].argmax()), int(unseen[chosen].argmax())
    said = torch.where(held_out.seen[:, chosen], if_seen, otherwise)
    return ObjectRule(
        object=train.objects[chosen],
        if_seen=train.classes[if_seen],
        otherwise=train.classes[otherwise],
        accuracy=int((said == held_out.targets).sum()) / len(said),
    )


def most_telling_object(samples: Samples) -> TellingObject:
    """Over objects, the largest share of one scene among the pictures that show the object."""
    sights = _seen_by_scene(samples)
    chosen = int((sights.amax(1) / sights.sum(1).clamp(min=1)).argmax())
    scene = int(sights[chosen].argmax())
    share = int(sights[chosen, scene]) / max(1, int(sights[chosen].sum()))
    return TellingObject(samples.objects[chosen], samples.classes[scene], share)


def scene_baselines(train: Samples, held_out: Samples) -> dict[str, object]:
    """What one object alone says about the scene."""
    return {
        "best_object_rule": asdict(best_object_rule(train, held_out)),
        "most_telling_object": asdict(most_telling_object(held_out)),
    }
