"""The places of an image that a class depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from PIL import Image

from dissect.analyses.occlusion import OcclusionMap, occlusion_map
from dissect.analyses.right_images import RightImages, right_images
from dissect.errors import ImagesError
from dissect.front_door.arguments import AUTO, AnyNetwork, Device, open_asked, opened, stage
from dissect.front_door.results import Result, Row, counted, drawn
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.networks.classes import class_name
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import DEFAULT_SIZE, DEFAULT_STRIDE, FILLS, Occluders
from dissect.render.contact_sheets import ContactSheet
from dissect.render.heatmap import HEAT, LARGE_FONT_PX, with_colour_bar
from dissect.topk.batches import StageProgress

MIN_P, MAX_P = 0.5, 0.97  # of an image that `right` chooses, if there is one


@dataclass(frozen=True)
class OccludedImage:
    """One image, and what hiding its places does to a class.

    Attributes:
        image: its path, or its place in memory. place: in the image list.
        class_name, best: the class looked at, and the one predicted for the unchanged image.
        map: `grid` (rows, columns), the probability of the class with the occluder at row x stride,
            column x stride px; `predicted` (rows, columns), the class predicted with it.
        names: of the classes in `predicted`, by their indices.
    """

    image: str
    place: int
    class_name: str
    best: str
    map: OcclusionMap = field(repr=False)
    names: Mapping[int, str] = field(repr=False)


@dataclass(frozen=True, repr=False)
class Occlusions(Result):
    """Occlusion maps of some images.

    Attributes:
        occluded: in the order of the images.
        occluders: what hid each place; px of its side and from one place to the next.
        chosen: how `right` chose the images; None where it did not.
    """

    network: str
    occluded: tuple[OccludedImage, ...]
    occluders: Occluders
    images: ImageList
    chosen: RightImages | None
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        """A row for each image; `lowest` is the class's lowest probability over all places."""
        return [
            {"image": one.image, "class": one.class_name, "probability": one.map.probability,
             "lowest": float(one.map.grid.min()), "best": one.best,
             "places": one.map.grid.size,
             "changed": int((one.map.predicted != one.map.best).sum())}
            for one in self.occluded
        ]  # fmt: skip

    def summary(self) -> str:
        occluders = self.occluders
        return (
            f"{counted(len(self.occluded), 'image')} for {self.network}, occluder {occluders.size} "
            f"px, stride {occluders.stride} px, fill {occluders.fill}"
        )

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({
            f"{one.image}: {one.class_name}, probability {one.map.probability:.2f}": self.sheet(row)
            for row, one in enumerate(self.occluded)
        })  # fmt: skip

    def sheet(self, row: int) -> ContactSheet:
        """A heat map of one image: bright where hiding a place lowers the probability."""
        one = self.occluded[row]
        picture = one.map.drawn(self.preprocessing, self.images.open(one.place), self.occluders)
        largest = max(float((one.map.probability - one.map.grid).max()), 0.0)
        return with_colour_bar(
            ContactSheet(picture, ()), HEAT, "no loss", f"probability -{largest:.2f}", LARGE_FONT_PX
        )


def occlusion(
    network: AnyNetwork,
    images: AnyImages,
    *,
    class_: str | int | None = None,
    occluder: int = DEFAULT_SIZE,
    stride: int = DEFAULT_STRIDE,
    fill: str = FILLS[0],
    seed: int = 0,
    right: int | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Occlusions:
    """In a notebook or script, find the places of an image that a class depends on, by hiding each.

    >>> from PIL import Image
    >>> gray = Image.new("RGB", (128, 128), "gray")
    >>> hidden = occlusion("dissect.demo.networks:scene_0", gray, stride=16)
    >>> hidden.occluded[0].map.grid.shape  # (rows, columns)
    (8, 8)

    Args:
        network: a SPEC, a `Network` or an nn.Module that puts out (images, classes), alone or in a
            dictionary as "logits".
        images: one image or several: a path, pictures, arrays (height, width, channels) or tensors
            (channels, height, width).
        class_: its name or index; the class that the network predicts by default.
        occluder: its side in px.
        stride: px from one place to the next.
        fill: what it hides with: "zero" (before normalization, so black), "mean" (the image's mean
            color), "random" (noise) or "blur".
        seed: of the noise.
        right: look at so many of the images that the network gets right, each of another class.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the places done and their number.

    Returns:
        For each image the probability of the class, 0 to 1, with the occluder at each place:
        (rows, columns), and the class then predicted.

    Raises:
        UnsupportedLayer: the network is no classifier.
        BadSetting: there is no such class, or the occluder is larger than the view.
        ImagesError: an image cannot be read, or none is right.

    Source:
        After the slides on Zhou et al. 2015, arXiv:1412.6856.
    """
    listed, occluders = images_of(images), Occluders(occluder, stride, fill, seed)
    with opened(network, device) as (own, chosen_device):
        own.move(chosen_device)
        chosen = _unsaturated(own, listed, right) if right else None
        occluded = []
        for place in chosen.places if chosen else range(len(listed)):
            image, path = open_asked(listed, place), listed.paths[place]
            pixels = own.preprocessing.pixels(image).to(chosen_device)
            name = None if class_ is None else str(class_)
            steps = stage(progress, f"occluding {PurePath(path).name}")
            result = occlusion_map(own, pixels, occluders, name, steps)
            occluded.append(_described(own, place, path, result))
    return Occlusions(own.spec, tuple(occluded), occluders, listed, chosen, own.preprocessing)


def _described(network: Network, place: int, path: str, result: OcclusionMap) -> OccludedImage:
    indices = sorted({int(index) for index in result.predicted.ravel()} | {result.best})
    return OccludedImage(
        image=path,
        place=place,
        class_name=class_name(network, result.class_index),
        best=class_name(network, result.best),
        map=result,
        names={index: class_name(network, index) for index in indices},
    )


def _unsaturated(network: Network, images: ImageList, count: int) -> RightImages:
    """Choose right images whose probability a small square can lower; if there are none, any."""
    try:
        return right_images(
            network, images, count, accepts=lambda pixels, best, p: MIN_P <= p <= MAX_P
        )
    except ImagesError:
        return right_images(network, images, count)
