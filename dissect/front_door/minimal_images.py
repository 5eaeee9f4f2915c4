"""Minimal images: what is left of an image if segments are removed while the class stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from dissect.analyses.minimal_images.figure import sheet_of_pairs
from dissect.analyses.minimal_images.finder import (
    EDGES_REGIONS,
    MinimalImage,
    MinimalImageFinder,
    MinimalImageSettings,
)
from dissect.analyses.minimal_images.remaining_concepts import (
    ConceptFrequency,
    RemainingShare,
    concept_frequencies,
)
from dissect.analyses.minimal_images.search import DEFAULT_BUDGET, DEFAULT_DRAWS
from dissect.analyses.minimal_images.segments import DEFAULT_SEGMENTS
from dissect.analyses.right_images import RightImages
from dissect.errors import ImagesError
from dissect.format.ground_truth import Concept
from dissect.front_door.arguments import AUTO, AnyNetwork, Device, opened, stage
from dissect.front_door.results import Result, Row, counted, drawn
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import with_masks
from dissect.images.sequences import AnyImages, images_of
from dissect.networks.classes import class_count
from dissect.render.contact_sheets import ContactSheet
from dissect.topk.batches import StageProgress


@dataclass(frozen=True, repr=False)
class MinimalImages(Result):
    """The minimal images of some images.

    Attributes:
        minimal: the minimal images, in the order of the images. `picture` is what is left,
            `kept_share` its share of the area, 0 to 1, and `random` what random removals to the
            same area leave.
        wrong: by the path of an image that the network classifies wrong, the predicted class.
        skipped: by the path of an image, the reason why it has no minimal image.
        chosen: how `right` chose the images; None if it was not given.
        images: the image list. fill: what replaces removed segments.
    """

    network: str
    minimal: tuple[MinimalImage, ...]
    wrong: Mapping[str, str]
    skipped: Mapping[str, str]
    chosen: RightImages | None
    images: ImageList
    fill: str

    def rows(self) -> list[Row]:
        return [
            {"image": self.images.paths[one.place], "class": one.class_name,
             "labelled": one.labelled, "probability": one.probability,
             "flipped_at": one.greedy.flipped_at, "greedy_kept": one.greedy_share,
             "kept": one.kept_share, "ended_by": one.less.ended,
             "random_held": one.random.held_share}
            for one in self.minimal
        ]  # fmt: skip

    def summary(self) -> str:
        text = f"{counted(len(self.minimal), 'image')} for {self.network}, fill {self.fill}"
        text += f"; the network gets {len(self.wrong):,} wrong" if self.wrong else ""
        return text + (f"; {len(self.skipped):,} have none" if self.skipped else "")

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({"images, and what is left of them": self.sheet()} if self.minimal else {})

    def sheet(self) -> ContactSheet:
        """The figure of all images, each beside what is left of it, in rows by class."""
        return sheet_of_pairs([one.pair for one in self.minimal])

    def remaining(self) -> dict[str, list[ConceptFrequency]]:
        """By class the concepts of masks that remain, the most frequent first; shares of 0 to 1."""
        by_class: dict[str, list[Mapping[Concept, RemainingShare]]] = {}
        for one in self.minimal:
            by_class.setdefault(one.class_name, []).append(one.remains)
        return {name: concept_frequencies(remains) for name, remains in by_class.items()}


def minimal_image(
    network: AnyNetwork,
    images: AnyImages,
    *,
    class_: str | int | None = None,
    segments: str = EDGES_REGIONS,
    count: int = DEFAULT_SEGMENTS,
    fill: str | None = None,
    exchanges: int = DEFAULT_BUDGET,
    draws: int = DEFAULT_DRAWS,
    right: int | None = None,
    per_class: int = 2,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> MinimalImages:
    """In a notebook or script, remove an image's segments, least harm first, until the class flips.

    Then segments are exchanged: one that is left for a smaller one that was removed, and if there
    are few segments also two for one and one for two. This ends when no exchange helps, or when the
    budget of forwards is used. Images that the network classifies wrong are in `wrong`; without
    labels its own best class counts as right. Images are in `skipped` if the network predicts their
    class from the fill alone.

    Args:
        network: a SPEC, a `Network` or an nn.Module that puts out (images, classes), alone or in a
            dictionary as "logits".
        images: one image or several, or DIR with DIR/images, DIR/labels.csv and DIR/masks.
        class_: the correct class, by name or index; that of labels.csv by default.
        segments: "edges-regions" (chains of Canny's edges and the regions without them),
            "superpixels", "masks" or "masks:LEVEL".
        count: about how many segments; "masks" have their own number.
        fill: "gradient" (removed segments go with their gradients; the default for edges and
            regions), "zero" (before normalization, so black; the default for others), "mean",
            "random" or "blur".
        exchanges: the most forwards for exchanges; 0 for no exchanges.
        draws: random removals to compare with.
        right: choose this number of images that the network classifies right.
        per_class: with `right`, the most images of one class.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each image what is left, (height, width) of the network's view in px, and its share of
        the area, 0 to 1. Memory: 0.7 MB an image at 224 px.

    Raises:
        UnsupportedLayer: the network is no classifier.
        BadSetting: there is no such class, segmentation, level or fill.
        NoGroundTruth: there are no masks to segment by.
        ImagesError: `right` is given, and none of the images is right.

    Source:
        Zhou et al. 2015, arXiv:1412.6856, and its released code.
    """
    settings = MinimalImageSettings(
        segments=segments, count=count, fill=fill or "", budget=exchanges, draws=draws,
        class_name=None if class_ is None else str(class_),
    )  # fmt: skip
    listed = images_of(with_masks(images))
    minimal: list[MinimalImage] = []
    wrong: dict[str, str] = {}
    skipped: dict[str, str] = {}
    with opened(network, device) as (own, chosen_device):
        own.move(chosen_device)
        finder = MinimalImageFinder(own, listed, settings, class_count(own))
        chosen = finder.choose(right, per_class) if right else None
        places: Sequence[int] = chosen.places if chosen else range(len(listed))
        done = stage(progress, "removing segments")
        for number, place in enumerate(places, start=1):
            try:
                result = finder.find(place)
            except ImagesError as error:
                skipped[listed.paths[place]] = str(error)
            else:
                if isinstance(result, str):
                    wrong[listed.paths[place]] = result
                else:
                    minimal.append(result)
            if done:
                done(number, len(places))
    return MinimalImages(own.spec, tuple(minimal), wrong, skipped, chosen, listed, settings.fill)
