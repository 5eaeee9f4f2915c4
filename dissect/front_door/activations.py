"""The activation maps of one image, and how sparse units are over many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from torch import Tensor

from dissect.analyses.activation_maps import (
    SILENT_SHARE,
    Sparsity,
    activation_sheet,
    maps_of,
    sparsity,
)
from dissect.analyses.right_images import RightImages, right_images
from dissect.errors import ImagesError
from dissect.front_door.arguments import (
    AUTO,
    AnyDirections,
    AnyNetwork,
    Device,
    layer_names,
    open_asked,
    opened,
    stage,
    units_of,
)
from dissect.front_door.results import Result, Row, counted, counted_by_layer, drawn, skipped_images
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImage, AnyImages, images_of
from dissect.render.contact_sheets import ContactSheet
from dissect.render.heatmap import map_figure
from dissect.topk.batches import Passes, StageProgress

MAX_SHOWN_UNITS = 128  # of a layer in the picture of a result


@dataclass(frozen=True)
class LayerMaps:
    """The activation maps of a layer for the image that is shown.

    Attributes:
        units: those asked for.
        maps: (units of the layer, height, width) float32, in the layer's own unit of activation.
        sparsity: of all units of the layer over the image set: `silent` (units,) the share of cells
            at most 1 % of the unit's maximum, `zero` that of exact zeros, and `maximum`.
    """

    units: tuple[int, ...]
    maps: Tensor = field(repr=False)
    sparsity: Sparsity = field(repr=False)

    def peak(self, unit: int) -> tuple[float, int, int]:
        """The highest activation of a unit in the image, and its cell: y and x, from 0."""
        values = self.maps[unit]
        return float(values.max()), *divmod(int(values.argmax()), values.shape[1])


@dataclass(frozen=True, repr=False)
class Activations(Result):
    """The activation maps of one image.

    Attributes:
        image: its path, or its place in memory. picture: itself.
        layers: by name.
        image_count: images that sparsity is over.
        silent_share: cells up to this share of the unit's maximum are silent.
        skipped: path to the reason why an image could not be read.
        chosen: how `right` chose the image; None where it did not.
    """

    network: str
    image: str
    picture: Image.Image
    layers: Mapping[str, LayerMaps]
    image_count: int
    silent_share: float
    skipped: Mapping[str, str]
    chosen: RightImages | None
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        rows = []
        for name, one in self.layers.items():
            for unit in one.units:
                peak, y, x = one.peak(unit)
                rows.append({
                    "layer": name, "unit": unit, "sparsity": float(one.sparsity.silent[unit]),
                    "zeros": float(one.sparsity.zero[unit]),
                    "maximum": float(one.sparsity.maximum[unit]), "peak": peak, "y": y, "x": x,
                })  # fmt: skip
        return rows

    def summary(self) -> str:
        layers = counted_by_layer({name: len(one.units) for name, one in self.layers.items()})
        over = counted(self.image_count, "image")
        return f"{layers} of {self.network} for {self.image}; sparsity over {over}"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({
            f"{name}: black is 0, blue below": self.sheet(name, one.units[:MAX_SHOWN_UNITS])
            for name, one in self.layers.items()
        })  # fmt: skip

    def sheet(
        self, layer: str, units: Sequence[int] | None = None, normalise: str = "unit"
    ) -> ContactSheet:
        """A picture of a layer's maps with the numbers of their units.

        Args:
            normalise: whose largest activation is full white: that of each "unit", or the "layer".
        """
        one = self.layers[layer]
        return activation_sheet(one.maps, one.units if units is None else units, normalise)

    def over_image(self, layer: str, unit: int) -> ContactSheet:
        """One map over the image, which stays gray where the unit is silent."""
        return map_figure(self.preprocessing, self.picture, self.layers[layer].maps[unit])


def activations(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    image: AnyImage | None = None,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    right: bool = False,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Activations:
    """In a notebook or script, show one image's activation maps, and how sparse units are.

    >>> from PIL import Image
    >>> gray = Image.new("RGB", (128, 128), "gray")
    >>> shown = activations("dissect.demo.networks:scene_0", "relu5", gray, units=[3])
    >>> shown.layers["relu5"].maps.shape  # (units, height, width)
    torch.Size([128, 8, 8])

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset; sparsity is over them.
        image: whose maps are shown; the first of `images` by default.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        right: show one of `images` that the network gets right, by labels.csv beside them.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer the maps (units, height, width), and over the images the sparsity of each
        unit, 0 to 1. y and x are cells of the map.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        ImagesError: the image, or none of the images, can be read.
        BadSetting: a unit does not exist.

    Source:
        After the slides on Zhou et al. 2015, arXiv:1412.6856; docs/recap.md.
    """
    names, listed = layer_names(layers), images_of(images)
    with opened(network, device, directions, names) as (own, chosen_device):
        own.move(chosen_device)
        chosen = right_images(own, listed, 1) if right and image is None else None
        path, picture = _shown(listed, image, chosen.places[0] if chosen else 0)
        maps = maps_of(own, names, picture)
        numbers = {name: units_of(units, len(maps[name]), name) for name in maps}
        passes = Passes(listed, 2, chosen_device, stage(progress, "forwarding"))
        sparse = sparsity(own, names, passes)
    return Activations(
        network=own.spec,
        image=path,
        picture=picture,
        layers={name: LayerMaps(tuple(numbers[name]), maps[name], sparse[name]) for name in maps},
        image_count=len(listed) - len(passes.bad),
        silent_share=SILENT_SHARE,
        skipped=skipped_images(listed, passes.bad),
        chosen=chosen,
        preprocessing=own.preprocessing,
    )


def _shown(images: ImageList, image: AnyImage | None, place: int) -> tuple[str, Image.Image]:
    """The name of the image to show, and itself: that of a place if none is chosen.

    Raises:
        ImagesError: it cannot be read.
    """
    if image is None:
        return images.paths[place], open_asked(images, place)
    if isinstance(image, (str, Path)) and not Path(image).exists():
        raise ImagesError(f"There is no image '{image}'.")
    name = str(image) if isinstance(image, (str, Path)) else "the image in memory"
    try:
        return name, images_of([image]).open(0)
    except ImagesError as error:
        raise ImagesError(f"The image '{name}' cannot be read: {error}.") from error
