"""The region of each image that a unit looks at."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.format.masks import coverage_of, pack_regions, unpack_regions
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
from dissect.render.contact_sheets import ContactSheet, labelled_rows
from dissect.render.cutouts import cutouts, small_views
from dissect.segmentation.regions import quantile_thresholds, upsampled_regions
from dissect.topk.batches import Passes, StageProgress
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking, concatenated, score_maps
from dissect.topk.results import CollectedLayer

SHOWN_UNITS, SHOWN_IMAGES = 8, 9  # of a layer in the picture of a result


@dataclass(frozen=True)
class UnitRegions:
    """The regions of one unit in the images that could be read, in their order.

    Attributes:
        cut: the activation above which a region begins: the unit's 0.995 quantile.
        score: (images,) float32, the map's maximum. y, x: (images,) int32, its cell.
        coverage: (images,) float32, the region's share of the view, 0 to 1.
        side: of the view, in px.
    """

    cut: float
    score: NDArray[np.float32]
    y: NDArray[np.int32]
    x: NDArray[np.int32]
    coverage: NDArray[np.float32]
    side: int
    _packed: tuple[bytes, ...] = field(repr=False)

    def region(self, number: int) -> NDArray[np.bool_]:
        """The region in one of the images: (side, side) bool."""
        bits = np.frombuffer(zlib.decompress(self._packed[number]), dtype=np.uint8)
        return unpack_regions(bits.reshape(self.side, -1))


@dataclass(frozen=True, repr=False)
class Segmentation(Result):
    """The regions of units in images.

    Attributes:
        layers: by name, unit to its regions.
        places: (images,) int64, of the images that could be read.
        skipped: path to the reason why an image, also one of `over`, could not be read.
    """

    network: str
    layers: Mapping[str, Mapping[int, UnitRegions]]
    images: ImageList
    places: NDArray[np.int64]
    skipped: Mapping[str, str]
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        return [
            {"layer": name, "unit": unit, "image": self.images.paths[place],
             "score": float(one.score[number]), "y": int(one.y[number]), "x": int(one.x[number]),
             "coverage": float(one.coverage[number])}
            for name, units in self.layers.items()
            for unit, one in units.items()
            for number, place in enumerate(self.places.tolist())
        ]  # fmt: skip

    def summary(self) -> str:
        layers = counted_by_layer({name: len(units) for name, units in self.layers.items()})
        return f"{layers} of {self.network} in {counted(len(self.places), 'image')}"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({f"{name}: regions": self.sheet(name) for name in self.layers})

    def sheet(self, layer: str) -> ContactSheet:
        """The first units of a layer, a row each: the first images with the regions lit."""
        places = self.places[:SHOWN_IMAGES].tolist()
        views = small_views(self.images, places, self.preprocessing, self.images.threads)
        units = list(self.layers[layer].items())[:SHOWN_UNITS]
        rows = [
            cutouts(views, places, np.stack([one.region(n) for n in range(len(places))]))
            for _, one in units
        ]
        return labelled_rows(rows, [f"unit {unit}" for unit, _ in units])


class _Growing:
    """The regions of one unit while the pass over the images lasts."""

    def __init__(self, unit: int, cut: Tensor, side: int) -> None:
        self.unit, self.cut, self.side = unit, cut, side
        self.packed: list[bytes] = []
        self.coverage: list[NDArray[np.float32]] = []

    def add(self, maps: Tensor) -> None:
        """Add a batch: the maps of the unit (images, height, width)."""
        regions = pack_regions(upsampled_regions(maps.cpu(), self.cut, self.side).numpy())
        self.coverage.append(coverage_of(regions))
        self.packed += [zlib.compress(one.tobytes(), 1) for one in regions]

    def grown(self, scores: Ranking, row: int) -> UnitRegions:
        """Its regions. scores: (units, images), of which a row is the unit's."""
        return UnitRegions(
            float(self.cut), scores.score[row], scores.y[row], scores.x[row],
            np.concatenate(self.coverage), self.side, tuple(self.packed),
        )  # fmt: skip


def segment(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    over: AnyImages | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Segmentation:
    """In a notebook or script, cut out the region of each image that a unit looks at.

    The region is where the unit's activation map, upsampled bilinearly to the network's view, lies
    above the unit's 0.995 quantile over the images of `over`.

    >>> cut = segment("dissect.demo.networks:scene_0", "relu5", "scenes/images", units=[3])
    >>> cut.layers["relu5"][3].coverage.shape, cut.layers["relu5"][3].region(0).shape
    ((48,), (128, 128))

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        over: images whose quantile cuts maps; `images` by default.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each unit its score, peak cell and coverage (images,), coverage from 0 to 1, and regions
        (height, width) in px of the network's view. Memory: some 200 bytes a unit and image.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        ImagesError: none of the images can be read.
        BadSetting: a unit does not exist.

    Source:
        Bau et al. 2017, arXiv:1704.05796.
    """
    names, listed = layer_names(layers), images_of(images)
    several = listed if over is None else images_of(over)
    with opened(network, device, directions, names) as (own, chosen):
        numbers = units_by_layer(own, names, units)
        collected = collect(
            own, names, several, 1, device=chosen, progress=stage(progress, "thresholds")
        )
        growing = _growing_regions(collected.layers, numbers, own.preprocessing.crop)
        passes = Passes(listed, 1, chosen, stage(progress, "segmenting"))
        scores: dict[str, list[Ranking]] = {name: [] for name in growing}
        for places, maps in passes.over(own, names):
            for name, of_layer in growing.items():
                scores[name].append(score_maps(maps[name][:, numbers[name]], places))
                for one in of_layer:
                    one.add(maps[name][:, one.unit])
    whole = {name: concatenated(parts) for name, parts in scores.items()}
    return Segmentation(
        network=own.spec,
        layers={
            name: {one.unit: one.grown(whole[name], row) for row, one in enumerate(of_layer)}
            for name, of_layer in growing.items()
        },
        images=listed,
        places=next(iter(whole.values())).image[0],
        skipped=skipped_images(several, collected.bad) | skipped_images(listed, passes.bad),
        preprocessing=own.preprocessing,
    )


def _growing_regions(
    layers: Sequence[CollectedLayer], units: Mapping[str, Sequence[int]], side: int
) -> dict[str, list[_Growing]]:
    """The regions of each layer's units before the first image, above each unit's quantile."""
    growing = {}
    for layer in layers:
        thresholds, name = quantile_thresholds(layer), layer.info.name
        growing[name] = [_Growing(unit, thresholds[unit], side) for unit in units[name]]
    return growing
