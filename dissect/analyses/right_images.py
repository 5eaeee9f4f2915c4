"""Choose images that a network classifies right, for analyses for which nobody chose images."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dissect.errors import BadSetting, ImagesError
from dissect.format.ground_truth import absolute_path
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_labels
from dissect.networks.classes import class_count, class_index, probabilities
from dissect.networks.registry import Network
from dissect.topk.sampling import hash64

MAX_LOOKED_AT = 256  # images to forward at most, however long the image list is
ENOUGH_LOOKED_AT = 64  # images to forward if enough are right, but of more classes than wanted
BATCH = 16  # images forwarded together
ORDER_SEED = 23

# Called with an image's pixels (channels, height, width) uint8, its class, and its probability.
Accepts = Callable[[Tensor, int, float], bool]


@dataclass
class RightImages:
    """The chosen images, and how many others were left out.

    Attributes:
        labelled: whether labels say which class is right. Without labels the network's own best
            class counts as right.
        places: of the chosen images in the image list, sorted by class, then by place.
        looked_at: number of images forwarded.
        wrong: of these, images that the network classifies wrong.
        refused: of these, images that the caller does not accept.
        unreadable: images that cannot be read.
    """

    labelled: bool
    places: list[int] = field(default_factory=list)
    looked_at: int = 0
    wrong: int = 0
    refused: int = 0
    unreadable: int = 0


def chosen_facts(chosen: RightImages | None) -> dict[str, Any] | None:
    """Describe a choice of right images as plain data; None if none were to be chosen."""
    if chosen is None:
        return None
    return {name: value for name, value in asdict(chosen).items() if name != "places"}


def labels_of(network: Network, images: ImageList) -> dict[int, int]:
    """The class for which a network is right about each image, by labels.csv: its index.

    Returns:
        Place in the list to index of the class.
    """
    labels, count = find_labels(images), class_count(network)
    indices: dict[int, int] = {}
    for place in range(len(images) if labels else 0):
        name = labels.get(absolute_path(images.location(place)))
        try:
            if name is not None:
                indices[place] = class_index(network, name, count)
        except BadSetting:
            continue  # a class that the network does not have
    return indices


def right_images(
    network: Network,
    images: ImageList,
    count: int,
    per_class: int = 1,
    accepts: Accepts = lambda pixels, class_index, probability: True,
) -> RightImages:
    """Choose images that a network classifies right, of as few classes as `per_class` allows.

    Images are forwarded in a hashed order, so the choice is always the same. At most MAX_LOOKED_AT
    images are forwarded, or ENOUGH_LOOKED_AT if `count` of them are right. If no label is a class
    of the network, its own best class counts as right.

    Args:
        network: its model on the device to use.
        count: images wanted. Fewer are chosen if too few are right.
        per_class: images of one class, at most.
        accepts: called with each right image; False leaves it out.

    Raises:
        ImagesError: no image is right and accepted.
    """
    labels = labels_of(network, images)
    chosen = RightImages(labelled=bool(labels))
    by_class: dict[int, list[int]] = {}
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    for place, pixels, best, probability in _predictions(network, images, labels, device, chosen):
        of_class = by_class.setdefault(best, [])
        if labels and labels[place] != best:
            chosen.wrong += 1
        elif len(of_class) == per_class:
            continue
        elif not accepts(pixels, best, probability):
            chosen.refused += 1
        else:
            of_class.append(place)
        full = sum(len(places) == per_class for places in by_class.values())
        right = sum(map(len, by_class.values()))
        if full * per_class >= count or (right >= count and chosen.looked_at >= ENOUGH_LOOKED_AT):
            break
    chosen.places = _by_class(by_class, count)
    if not chosen.places:
        raise ImagesError(_why_none(chosen, images))
    return chosen


def _by_class(by_class: dict[int, list[int]], count: int) -> list[int]:
    """At most `count` places from the fullest classes, ordered by class and place."""
    fullest = sorted(by_class.values(), key=lambda places: (-len(places), places))
    taken = [place for places in fullest for place in places][:count]
    class_of = {place: index for index, places in by_class.items() for place in places}
    return sorted(taken, key=lambda place: (class_of[place], place))


def _predictions(
    network: Network,
    images: ImageList,
    labels: dict[int, int],
    device: torch.device,
    chosen: RightImages,
) -> Iterator[tuple[int, Tensor, int, float]]:
    """Yield (place, pixels, best class, its probability) of images, in hashed order."""
    places = np.array(sorted(labels) or range(len(images)), dtype=np.int64)
    hashed = places[np.argsort(hash64(places, seed=ORDER_SEED), kind="stable")][:MAX_LOOKED_AT]
    for start in range(0, len(hashed), BATCH):
        batch = []
        for place in hashed[start : start + BATCH].tolist():
            try:
                pixels = network.preprocessing.pixels(images.open(place))
                batch.append((place, pixels.to(device)))
            except ImagesError:
                chosen.unreadable += 1
        if batch:
            outputs = probabilities(network, torch.stack([pixels for _, pixels in batch]))
            for (place, pixels), output in zip(batch, outputs, strict=True):
                chosen.looked_at += 1
                best = int(output.argmax())
                yield place, pixels, best, float(output[best])


def _why_none(chosen: RightImages, images: ImageList) -> str:
    if chosen.refused:
        return (
            f"None of {chosen.looked_at} images of {images.source} can be used. The network "
            f"classifies {chosen.wrong} wrong, and of {chosen.refused} it predicts the class from "
            "the fill alone. Choose another fill."
        )
    return (
        f"The network classifies none of {chosen.looked_at} images of {images.source} right. "
        "Choose images yourself."
    )
