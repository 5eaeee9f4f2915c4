"""Images that a network gets right: where an analysis starts if nobody chose an image."""

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

MAX_LOOKED_AT = 256  # images, so that a choice costs little even in a list of a million
ENOUGH_LOOKED_AT = 64  # where enough images are right, though of too many classes
BATCH = 16  # images forwarded together
ORDER_SEED = 23

# Called with an image's pixels (channels, height, width) uint8, its class, and its probability.
Accepts = Callable[[Tensor, int, float], bool]


@dataclass
class RightImages:
    """The images chosen, and what was passed over.

    Attributes:
        places: in the image list, by class, then by place.
        looked_at: images forwarded. wrong, refused, unreadable: those of them that the network
            gets wrong, that the caller does not accept, and that cannot be read.
        labelled: whether labels say what is right; else the network's own best class counts.
    """

    labelled: bool
    places: list[int] = field(default_factory=list)
    looked_at: int = 0
    wrong: int = 0
    refused: int = 0
    unreadable: int = 0


def chosen_facts(chosen: RightImages | None) -> dict[str, Any] | None:
    """Describe a choice of right images as plain data; None where nobody asked for one."""
    if chosen is None:
        return None
    return {name: value for name, value in asdict(chosen).items() if name != "places"}


def labels_of(network: Network, images: ImageList) -> dict[int, int]:
    """Load the labels that tell right images: the network's class of each image in labels.csv.

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
    """Choose images that a network gets right, of as few classes as `per_class` allows.

    Images are looked at in a hashed order, so that the choice is the same every time, and at most
    MAX_LOOKED_AT of them, ENOUGH_LOOKED_AT where `count` of them are right by then. Where labels
    name no class of the network, its own best class is right.

    Args:
        network: its model on the device to use.
        count: images wanted; fewer are chosen where too few are right.
        per_class: the most of one class.
        accepts: decides about each right image that would be chosen.

    Raises:
        ImagesError: none is right.
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
    """Place, pixels, best class and its probability of images, in hashed order, in batches."""
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
            f"None of {chosen.looked_at} images of {images.source} can be used: the network gets "
            f"{chosen.wrong} wrong, and takes the fill alone for the class of {chosen.refused}. "
            "Choose another fill."
        )
    return (
        f"The network gets none of the {chosen.looked_at} images right that were looked at in "
        f"{images.source}. Choose images."
    )
