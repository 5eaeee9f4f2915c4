"""The images that excite each unit most, with the regions that it looks at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from dissect.errors import BadSetting
from dissect.format.masks import unpack_regions
from dissect.front_door.arguments import (
    AUTO,
    AnyDirections,
    AnyNetwork,
    Device,
    layer_names,
    opened,
    stage,
    units_by_layer,
)
from dissect.front_door.results import Result, Row, counted, counted_by_layer, drawn, skipped_images
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.render.contact_sheets import ContactSheet, labelled_rows
from dissect.render.cutouts import cutouts, small_views
from dissect.segmentation.regions import quantile_segmenter, unit_regions
from dissect.topk.batches import StageProgress
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer, PassResult
from dissect.topk.unit_sample import UnitSample, with_sample

SHOWN_UNITS, SHOWN_IMAGES = 8, 9  # of a layer in the picture of a result


@dataclass(frozen=True)
class RegionFinder:
    """Gives exemplars their regions, for which it may take another forward.

    Attributes:
        asked: the network as the caller gave it; it is opened again where it is a user's module.
        own: what that was opened as.
    """

    asked: AnyNetwork
    own: Network
    device: Device
    directions: AnyDirections | None
    layers: Sequence[str]
    images: ImageList

    def __call__(self, layer: CollectedLayer) -> Callable[[int], Tensor]:
        """Find the regions of a layer: a function from a unit to (top, height, width) bool."""
        again = self.asked if isinstance(self.asked, nn.Module) else self.own
        with opened(again, self.device, self.directions, self.layers) as (own, chosen):
            packed = unit_regions(own, layer, quantile_segmenter(layer), self.images, chosen)
        return lambda unit: torch.from_numpy(unpack_regions(packed(unit)))


@dataclass(frozen=True)
class LayerExemplars:
    """The top images of some units of a layer; `units` are the rows of all arrays.

    Attributes:
        units: their numbers in the layer.
        image: (units, top) int64, places in the image list, best first.
        score: (units, top) float32, by which they are ranked: the maximum of the map, or its sum.
        y, x: (units, top) int32, the cell of the map's peak, from 0.
        maximum, threshold: (units,) float32, the highest activation and the 0.995 quantile.
        dead: (units,) bool, whether all images give the unit one score.
        saturated: (units,) bool, whether more images reach the top score than are kept.
        collected: what the pass over the images found for the whole layer.
    """

    layer: str
    units: tuple[int, ...]
    image: NDArray[np.int64]
    score: NDArray[np.float32]
    y: NDArray[np.int32]
    x: NDArray[np.int32]
    maximum: NDArray[np.float32]
    threshold: NDArray[np.float32]
    dead: NDArray[np.bool_]
    saturated: NDArray[np.bool_]
    collected: CollectedLayer = field(repr=False)
    _find_regions: RegionFinder = field(repr=False)

    @cached_property
    def _regions(self) -> Callable[[int], Tensor]:
        return self._find_regions(self.collected)

    def regions(self, unit: int) -> Tensor:
        """The regions that a unit looks at in its top images: (top, 224, 224) bool, best first.

        A region is the map, upsampled, above the unit's 0.995 quantile over the images (Bau et al.
        2017, arXiv:1704.05796); where no cell passes it, the region is empty.

        Raises:
            BadSetting: the unit is not among `units`.
        """
        if unit not in self.units:
            raise BadSetting(f"Unit {unit} of layer {self.layer!r} was not asked for.")
        return self._regions(unit)


@dataclass(frozen=True, repr=False)
class Exemplars(Result):
    """The top images of units.

    Attributes:
        layers: by name.
        images: the image list; `images.paths[place]` names an image, `images.open(place)` opens it.
        skipped: path to the reason why an image could not be read.
        copies: path of an image left out to that of the image with the same pixels.
        by: the score of an image, "max" or "sum" of its map.
    """

    network: str
    layers: Mapping[str, LayerExemplars]
    images: ImageList
    skipped: Mapping[str, str]
    copies: Mapping[str, str]
    by: str
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        return [
            {"layer": name, "unit": unit, "rank": rank + 1, "score": float(one.score[row, rank]),
             "y": int(one.y[row, rank]), "x": int(one.x[row, rank]),
             "image": self.images.paths[one.image[row, rank]]}
            for name, one in self.layers.items()
            for row, unit in enumerate(one.units)
            for rank in range(one.image.shape[1])
        ]  # fmt: skip

    def summary(self) -> str:
        layers = counted_by_layer({name: len(one.units) for name, one in self.layers.items()})
        top = next(iter(self.layers.values())).image.shape[1]
        return f"top {top} of {counted(len(self.images), 'image')} for {layers} of {self.network}"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({f"{name}: top images": self.sheet(name) for name in self.layers})

    def sheet(self, layer: str, units: Sequence[int] | None = None) -> ContactSheet:
        """A picture of a layer: a row of top images for each unit, its regions lit.

        Args:
            units: those shown; the first 8 by default.
        """
        one = self.layers[layer]
        shown = list(one.units[:SHOWN_UNITS] if units is None else units)
        ranks = min(SHOWN_IMAGES, one.image.shape[1])
        places = {unit: one.image[one.units.index(unit), :ranks].tolist() for unit in shown}
        every = sorted({place for of_unit in places.values() for place in of_unit})
        views = small_views(self.images, every, self.preprocessing, self.images.threads)
        rows = [cutouts(views, places[unit], one.regions(unit)[:ranks].numpy()) for unit in shown]
        return labelled_rows(rows, [f"unit {unit}" for unit in shown])


def exemplars(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    top: int = 60,
    by: str = "max",
    keep_duplicates: bool = False,
    sample: int | None = None,
    seed: int = 0,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Exemplars:
    """In a notebook or script, find the images that excite each unit most, in one pass over all.

    >>> top = exemplars("dissect.demo.networks:scene_0", "relu5", "scenes/images", top=9)
    >>> top.layers["relu5"].image.shape  # (units, top)
    (128, 9)
    >>> top.layers["relu5"].regions(3).shape  # (top, height, width)
    torch.Size([9, 224, 224])

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names, as `layers` lists them.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        top: images for each unit.
        by: the score of an image: "max" of its activation map, or "sum". The other breaks ties,
            then the earlier image comes first.
        keep_duplicates: rank every copy of an image; otherwise images of equal pixels stand once.
        sample: take so many units of each layer, drawn in strata of firing share from those that
            are not dead (of latents: nor dense).
        seed: of the sample.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer arrays (units, top): images, scores in the layer's own unit of activation,
        and the cells (y, x) of the peaks. Memory: at most 1 GiB for the maps of top images.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        ImagesError: there are fewer images that can be read than `top`.
        BadSetting: a unit does not exist, or `units` and `sample` are both given.

    Source:
        Zhou et al. 2015, arXiv:1412.6856; regions: Bau et al. 2017, arXiv:1704.05796.
    """
    if sample is not None and units is not None:
        raise BadSetting("--units names units and --sample draws them: take one of them.")
    names, listed = layer_names(layers), images_of(images)
    with opened(network, device, directions, names) as (own, chosen):
        numbers = units_by_layer(own, names, units)
        drawn_sample = None if sample is None else UnitSample(sample, seed)
        if drawn_sample:
            drawn_sample.check(layer_infos(own, names))
        collected = collect(
            own, names, listed, top, device=chosen, by=by, keep_duplicates=keep_duplicates,
            progress=stage(progress, "forwarding"),
        )  # fmt: skip
        if drawn_sample:
            collected = with_sample(collected, drawn_sample, own)

    find_regions = RegionFinder(network, own, device, directions, names, listed)
    return _result(own, collected, numbers, listed, by, find_regions)


def _result(
    network: Network,
    collected: PassResult,
    units: Mapping[str, Sequence[int]],
    images: ImageList,
    by: str,
    find_regions: RegionFinder,
) -> Exemplars:
    layers = {}
    for layer in collected.layers:
        name, top = layer.info.name, layer.top
        rows = list(units[name] if layer.sample is None else layer.units)
        layers[name] = LayerExemplars(
            layer=name,
            units=tuple(rows),
            image=top.image[rows],
            score=top.score_by(by)[rows],
            y=top.y[rows],
            x=top.x[rows],
            maximum=layer.maximum[rows],
            threshold=layer.threshold[rows],
            dead=layer.activity.dead[rows],
            saturated=layer.saturated[rows],
            collected=layer,
            _find_regions=find_regions,
        )
    paths = images.paths
    return Exemplars(
        network=network.spec,
        layers=layers,
        images=images,
        skipped=skipped_images(images, collected.bad),
        copies={paths[place]: paths[first] for place, first in collected.copies.items()},
        by=by,
        preprocessing=network.preprocessing,
    )
