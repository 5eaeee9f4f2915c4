"""Finds the minimal images of a list: segments, greedy order, exchanges, random removals."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dissect.analyses.minimal_images.figure import Pair
from dissect.analyses.minimal_images.fills import GRADIENT, is_taken_for
from dissect.analyses.minimal_images.remaining_concepts import RemainingShare, remaining
from dissect.analyses.minimal_images.search import (
    DEFAULT_BUDGET,
    DEFAULT_DRAWS,
    Exchanges,
    GreedyRemovals,
    Kept,
    RandomRemovals,
    Subject,
    exchanges,
    greedy_removals,
    random_removals,
)
from dissect.analyses.minimal_images.segments import (
    DEFAULT_SEGMENTS,
    Segments,
    edges_and_regions,
    regions_only,
    superpixels,
)
from dissect.analyses.right_images import RightImages, labels_of, right_images
from dissect.errors import BadSetting, ImagesError, NoGroundTruth
from dissect.format.ground_truth import Concept, GroundTruth
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth
from dissect.networks.classes import class_index, class_name, probabilities
from dissect.networks.registry import Network

EDGES_REGIONS = "edges-regions"
SEGMENTATIONS = (EDGES_REGIONS, "superpixels", "masks")


@dataclass(frozen=True)
class MinimalImageSettings:
    """How minimal images are searched for.

    Attributes:
        segments: "edges-regions", "superpixels", "masks" or "masks:LEVEL".
        count: segments, about; masks have their own.
        fill: what stands for removed segments; empty is the gradients that stay for edges and
            regions, and black for others.
        class_name: the correct class of all images; None is that of labels.csv, else the
            network's own best.
        budget: forwards for exchanges after the greedy order; 0 is none.
        draws: random removals to compare with.

    Raises:
        BadSetting: there is no such segmentation, or no draw.
    """

    segments: str = EDGES_REGIONS
    count: int = DEFAULT_SEGMENTS
    fill: str = ""
    class_name: str | None = None
    budget: int = DEFAULT_BUDGET
    draws: int = DEFAULT_DRAWS

    def __post_init__(self) -> None:
        if self.kind not in SEGMENTATIONS or (self.level and self.kind != "masks"):
            raise BadSetting(
                "--segments is edges-regions, superpixels, masks or masks:LEVEL, "
                f"not {self.segments!r}."
            )
        for name, least, value in (("draws", 1, self.draws), ("exchanges", 0, self.budget)):
            if value < least:
                raise BadSetting(f"--{name} must be at least {least}, got {value}.")
        if not self.fill:
            fill = GRADIENT if self.kind == EDGES_REGIONS else "zero"
            object.__setattr__(self, "fill", fill)

    @property
    def kind(self) -> str:
        return self.segments.partition(":")[0]

    @property
    def level(self) -> str:
        return self.segments.partition(":")[2]


@dataclass(frozen=True)
class RandomMeans:
    """Random removals down to about the area of a minimal image, as means over the draws.

    Attributes:
        kept_share: of the area, 0 to 1. probability: of the class.
        held_share: of the draws, those in which the class was still the network's best.
    """

    draws: int
    kept_share: float
    probability: float
    held_share: float

    @classmethod
    def of(cls, random: RandomRemovals) -> "RandomMeans":
        means = (random.kept.mean(), random.probability.mean(), random.held.mean())
        return cls(len(random.held), *map(float, means))


@dataclass(frozen=True)
class MinimalImage:
    """What is left of one image, as the network sees it.

    Attributes:
        place: in the image list.
        labelled: whether a label says the class; else the network's own best is taken for right.
        probability: of the class in the whole image.
        segment_count: segments that the image was cut into.
        greedy: the greedy order. less: what exchanges leave after it.
        greedy_share, kept_share: of the area, 0 to 1, that each of these leaves.
        random: what random removals to the same area leave, as means over the draws.
        picture, random_picture: what remains, and what the first random removal leaves; where
            segments were removed with their gradients what the network saw, else removed parts
            are transparent.
        pair: the image and what is left of it, for the figure.
        remains: how much of each concept of the image's masks remains.
    """

    place: int
    class_index: int
    class_name: str
    labelled: bool
    probability: float
    segment_count: int
    greedy: GreedyRemovals
    less: Exchanges
    random: RandomMeans
    greedy_share: float
    kept_share: float
    picture: Image.Image
    random_picture: Image.Image
    pair: Pair
    remains: Mapping[Concept, RemainingShare]


class MinimalImageFinder:
    """Finds the minimal image of each image of a list; keeps what they share.

    Args:
        network: its model on the device to use.

    Raises:
        BadSetting: there is no such class. NoGroundTruth: there are no masks to segment by.
    """

    def __init__(
        self, network: Network, images: ImageList, settings: MinimalImageSettings, classes: int
    ) -> None:
        self.network, self.images, self.settings = network, images, settings
        self.device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
        name = settings.class_name
        self.chosen = class_index(network, name, classes) if name else None
        self.labels = {} if name else labels_of(network, images)
        self.truth: GroundTruth | None = None
        try:
            self.truth = find_truth(images)
        except NoGroundTruth:
            if settings.kind == "masks":
                raise

    def choose(self, count: int, per_class: int) -> RightImages:
        """Choose images that are right, of classes that the fill alone does not give."""

        def accepts(pixels: Tensor, class_index: int, probability: float) -> bool:
            return not is_taken_for(self.network, pixels, self.settings.fill, class_index)

        return right_images(self.network, self.images, count, per_class, accepts)

    def find(self, place: int) -> MinimalImage | str:
        """Find one minimal image; where the network is wrong, return the class it predicts.

        Raises:
            ImagesError: the image has no minimal image, or no mask.
        """
        pixels = self.network.preprocessing.pixels(self.images.open(place)).to(self.device)
        label = self.labels.get(place) if self.chosen is None else self.chosen
        best = int(probabilities(self.network, pixels[None])[0].argmax())
        if label is not None and label != best:
            return class_name(self.network, best)
        segments = self.segments(self.images.location(place), pixels)
        fill = self.settings.fill
        if is_taken_for(self.network, pixels, fill, best):
            raise ImagesError(
                f"the network takes the fill alone ({fill}) for {class_name(self.network, best)}, "
                f"so nothing of the image has to stay: choose another fill than {fill}"
            )
        subject = Subject(self.network, pixels, segments, best, fill)
        greedy = greedy_removals(subject)
        less = exchanges(subject, greedy.kept, greedy.left_probability, self.settings.budget)
        random = random_removals(subject, less.kept, self.settings.draws)
        return self.result(place, pixels, subject, greedy, less, random, label is not None)

    def segments(self, path: Path, pixels: Tensor) -> Segments:
        """Cut an image into the segments that the settings name."""
        if self.settings.kind == EDGES_REGIONS:
            return edges_and_regions(pixels, self.settings.count)
        if self.settings.kind == "superpixels" or self.truth is None:
            return regions_only(superpixels(pixels, self.settings.count))
        level = self.settings.level or self.truth.levels[0]
        if level not in self.truth.levels:
            raise BadSetting(
                f"The masks have no level {level!r}; they have {', '.join(self.truth.levels)}."
            )
        shape = self.network.preprocessing
        seen = self.truth.seen(path, level, shape, shape.crop)
        if seen is None:
            raise ImagesError("it has no mask")
        return regions_only(seen)

    def result(
        self, place: int, pixels: Tensor, subject: Subject, greedy: GreedyRemovals,
        less: Exchanges, random: RandomRemovals, is_labelled: bool,
    ) -> MinimalImage:  # fmt: skip
        """Describe one minimal image."""
        remains: Mapping[Concept, RemainingShare] = {}
        if self.truth is not None:
            kept = less.kept[subject.segments.labels]
            path, shape = self.images.location(place), self.network.preprocessing
            remains = remaining(self.truth, path, shape, kept, random.kept)
        name = class_name(self.network, subject.class_index)
        return MinimalImage(
            place=place,
            class_index=subject.class_index,
            class_name=name,
            labelled=is_labelled,
            probability=subject.probability,
            segment_count=subject.segments.count,
            greedy=greedy,
            less=less,
            random=RandomMeans.of(random),
            greedy_share=subject.share(greedy.kept),
            kept_share=subject.share(less.kept),
            picture=self.picture(pixels, subject, less.kept),
            random_picture=self.picture(pixels, subject, random.segments[0]),
            pair=Pair(name, _picture_of(pixels), _picture_of(subject.picture(less.kept))),
            remains=remains,
        )

    def picture(self, pixels: Tensor, subject: Subject, kept: Kept) -> Image.Image:
        """What remains: as the network saw it where gradients were removed, else cut out."""
        if self.settings.fill == GRADIENT:
            return _picture_of(subject.picture(kept))
        picture = _picture_of(pixels)
        picture.putalpha(Image.fromarray(kept[subject.segments.labels].astype(np.uint8) * 255))
        return picture


def _picture_of(pixels: Tensor) -> Image.Image:
    """A picture in color of what a network sees: (channels, height, width) uint8."""
    view = pixels.cpu().numpy()[:3].transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(view, (*view.shape[:2], 3))))
