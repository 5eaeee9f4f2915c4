"""Empirical receptive fields: the part of an image that changes a unit, measured by occlusion.

A small patch hides each place of a unit's top images in turn: black, gray and white, combined by
root mean square, since one of noise averages to gray and hardly changes gray parts of an image. The
change of the activation at the unit's peak gives a map over the image, its discrepancies. The maps
are shifted so that the peak is in the middle, and averaged (Zhou et al. 2015, arXiv:1412.6856).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dissect.errors import UnsupportedLayer
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.receptive_fields.discrepancy import Peak, discrepancies
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import Field
from dissect.topk.batches import Progress
from dissect.topk.ranking import Ranking

DEFAULT_TOP_IMAGES = 25
LEVEL = 0.5  # the field is where the average map exceeds this share of its maximum
LEVELS = (0.25, LEVEL, 0.75)

Maps = NDArray[np.float32]


@dataclass(frozen=True)
class EmpiricalFields:
    """The fields of some units of a layer.

    Attributes:
        sizes: for each level, (units,) in pixels: the square root of the area where the average
            discrepancy exceeds this share of its maximum. NaN for a unit that no occluder changes.
        corrected: (units,), the size at LEVEL with the occluder's width taken out (RMS widths).
        cut: (units,), whether the field at LEVEL ends where no top image reaches. All peaks then
            lie at one edge of the image, so only a part of the field was measured.
        maps: (units, top images, rows, columns), the discrepancies at each place of the occluder.
    """

    units: tuple[int, ...]
    sizes: Mapping[float, NDArray[np.float64]]
    cut: NDArray[np.bool_]
    maps: Maps
    corrected: NDArray[np.float64]

    def mean(self, level: float = LEVEL, uncut: bool = False) -> float | None:
        """Mean size in pixels of the units with a size; None where no unit has one.

        Args:
            uncut: leave out the units whose field is cut.
        """
        sizes = self._measured(level, uncut)
        return float(sizes.mean()) if len(sizes) else None

    def median(self, level: float = LEVEL) -> float | None:
        """Median size in pixels of the units with a size; None where no unit has one.

        Units whose field is cut are left out, unless they are most of them.
        """
        sizes = self._measured(level, uncut=True)
        if 2 * len(sizes) < self.count():
            sizes = self._measured(level, uncut=False)
        return float(np.median(sizes)) if len(sizes) else None

    def spread(self, level: float = LEVEL, uncut: bool = False) -> float | None:
        """Standard deviation over the same units; None for fewer than two."""
        sizes = self._measured(level, uncut)
        return float(sizes.std(ddof=1)) if len(sizes) > 1 else None

    def count(self, uncut: bool = False) -> int:
        """The number of these units."""
        return len(self._measured(LEVEL, uncut))

    def corrected_mean(self) -> float | None:
        """Mean corrected size in pixels of the units with a size; None where no unit has one."""
        known = self.corrected[~np.isnan(self.corrected)]
        return float(known.mean()) if len(known) else None

    def as_json(self) -> dict[str, Any]:
        """The measured fields as JSON: mean size in pixels, deviation, and each unit's size.

        "corrected" is the mean size with the occluder's width taken out.

        unit_count units have a size, silent_count units are changed by no occluder, cut_count
        fields are cut by the image's edge. "uncut" leaves these out.
        """
        return {
            "mean": self.mean(),
            "std": self.spread(),
            "corrected": self.corrected_mean(),
            "unit_count": self.count(),
            "silent_count": len(self.units) - self.count(),
            "cut_count": int(self.cut.sum()),
            "uncut": {
                "mean": self.mean(uncut=True),
                "std": self.spread(uncut=True),
                "unit_count": self.count(uncut=True),
            },
            "levels": {
                str(level): {"mean": self.mean(level), "std": self.spread(level)}
                for level in LEVELS
            },
            "units": {
                str(unit): None if math.isnan(size) else float(size)
                for unit, size in zip(self.units, self.sizes[LEVEL], strict=True)
            },
        }

    def _measured(self, level: float, uncut: bool) -> NDArray[np.float64]:
        sizes = self.sizes[level]
        return sizes[~np.isnan(sizes) & ~(self.cut & uncut)]


def empirical_fields(
    network: Network,
    info: LayerInfo,
    field: Field,
    images: ImageList,
    top: Ranking,
    units: Sequence[int],
    occluders: Occluders,
    progress: Progress | None = None,
) -> EmpiricalFields:
    """Measure empirical fields: of some units of a layer, over their top images.

    Memory is 21 KB for each unit and top image at 224 px, whatever the number of images.

    Args:
        field: the layer's theoretical field, which locates a cell in the image.
        top: (units, k) of all units of the layer; all k images are averaged (METHODS: 25).
        units: the units to measure.
        progress: called with the number of images done and their total.

    Raises:
        UnsupportedLayer: the layer's map is a single cell.
        BadSetting: the network's view is smaller than the occluder.

    Source:
        Zhou et al. 2015, arXiv:1412.6856.
    """
    if info.map_size == (1, 1):
        raise UnsupportedLayer(
            f"Layer {info.name!r} has no space: its map is one cell, so it has no receptive field "
            "to measure. Choose a layer before the image is averaged."
        )
    maps = _maps(network, info.name, images, top, units, occluders, progress)
    return fields_of_maps(maps, field, top, units, occluders, network.preprocessing.crop)


def fields_of_maps(
    maps: Maps,
    field: Field,
    top: Ranking,
    units: Sequence[int],
    occluders: Occluders,
    side: int,
) -> EmpiricalFields:
    """Find the empirical fields of units in their discrepancy maps, which are averaged.

    Args:
        maps: (units, top images, rows, columns).
        top: (units, k) of all units of the layer.
        side: pixels along a side of the network's view.
    """
    sizes, cut, corrected = [], [], []
    for row, unit in enumerate(units):
        mean = average_map(maps[row], peak_centres(field, top, unit), occluders, side)
        sizes.append([field_size(mean, level) for level in LEVELS])
        cut.append(is_cut(mean))
        corrected.append(corrected_size(mean, occluders.size))
    by_level = dict(zip(LEVELS, np.array(sizes).T, strict=True))
    return EmpiricalFields(tuple(units), by_level, np.array(cut), maps, np.array(corrected))


def _maps(
    network: Network,
    layer: str,
    images: ImageList,
    top: Ranking,
    units: Sequence[int],
    occluders: Occluders,
    progress: Progress | None,
) -> Maps:
    """Discrepancies (units, top images, rows, columns), with one set of copies for each image."""
    steps = len(occluders.starts(network.preprocessing.crop))
    maps = np.zeros((len(units), len(top), steps, steps), dtype=np.float32)
    shared = _by_image(top, units)
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    for done, (image, uses) in enumerate(shared.items(), start=1):
        pixels = network.preprocessing.pixels(images.open(image)).to(device)
        peaks = [_peak(top, units[row], rank) for row, rank in uses]
        rows, ranks = np.array(uses).T
        maps[rows, ranks] = discrepancies(network, layer, pixels, peaks, occluders)
        if progress:
            progress(done, len(shared))
    return maps


def _by_image(top: Ranking, units: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """For each image the (row of the unit, rank) pairs that use it."""
    shared: dict[int, list[tuple[int, int]]] = {}
    for row, unit in enumerate(units):
        for rank in range(len(top)):
            shared.setdefault(int(top.image[unit, rank]), []).append((row, rank))
    return dict(sorted(shared.items()))


def _peak(top: Ranking, unit: int, rank: int) -> Peak:
    return Peak(unit, int(top.y[unit, rank]), int(top.x[unit, rank]))


def peak_centres(field: Field, top: Ranking, unit: int) -> list[tuple[float, float]]:
    """The pixels that a unit's empirical field is centered on, one for each top image."""
    return [field.centre(int(y), int(x)) for y, x in zip(top.y[unit], top.x[unit], strict=True)]


def average_map(
    maps: Maps, centres: Sequence[tuple[float, float]], occluders: Occluders, side: int
) -> NDArray[np.float64]:
    """Average a unit's discrepancy maps, shifted so that the peaks are in the middle.

    The discrepancy of a pixel in an image is the mean over the occluders that cover it. A pixel of
    the result averages only the images that have a covered pixel there.

    Args:
        maps: (images, rows, columns) of the occluders' places.
        centres: for each image the pixel (row, column) of the peak.
        side: pixels along a side of the network's view.

    Returns:
        (2 * side - 1, 2 * side - 1), the peak's pixel in the middle; NaN where no image reaches.
    """
    covers = _covers(occluders, side)  # (side, places)
    times = covers.sum(axis=1)
    covered = np.outer(times, times)  # (side, side), occluders over each pixel
    total = np.zeros((2 * side - 1, 2 * side - 1))
    count = np.zeros_like(total)
    for image, (y, x) in zip(maps.astype(np.float64), centres, strict=True):
        pixels = covers @ image @ covers.T / np.maximum(covered, 1)  # (side, side)
        # The middle of a border cell may lie outside the image: the nearest pixel stands for it.
        row, column = (side - 1 - min(max(math.floor(middle), 0), side - 1) for middle in (y, x))
        area = np.s_[row : row + side, column : column + side]
        total[area] += pixels
        count[area] += covered > 0
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _covers(occluders: Occluders, side: int) -> NDArray[np.float64]:
    """(side, places): 1 where an occluder covers a pixel, along one side."""
    pixel = np.arange(side)[:, None]
    start = occluders.starts(side)
    return ((pixel >= start) & (pixel < start + occluders.size)).astype(np.float64)


def field_size(mean: NDArray[np.float64], level: float = LEVEL) -> float:
    """The size in pixels of an empirical field: root of the area above a share of its maximum.

    NaN where no occluder changed the unit.
    """
    highest = float(np.nanmax(mean, initial=0.0))
    return float(np.sqrt((mean > level * highest).sum())) if highest > 0 else float("nan")


def corrected_size(mean: NDArray[np.float64], occluder_px: int) -> float:
    """The size in pixels of an empirical field, corrected for the blur by the occluder's width.

    An average map is the field, blurred by the occluder and again by the mean over the occluders
    that cover a pixel. Variances of blurs add up, so the size shrinks as the map's RMS width does
    without theirs. NaN where no occluder changed the unit; 0 where nothing but blur was measured.
    """
    weight = np.nan_to_num(mean)
    total = weight.sum()
    if not total > 0:
        return float("nan")
    variance = 0.0  # mean over both axes, px^2
    for axis in (0, 1):
        line = weight.sum(axis=1 - axis) / total
        places = np.arange(len(line))
        variance += (line @ places**2 - (line @ places) ** 2) / 2
    blur = 2 * (occluder_px**2 - 1) / 12  # of two boxes
    return field_size(mean) * float(np.sqrt(max(0.0, 1 - blur / variance))) if variance else 0.0


def is_cut(mean: NDArray[np.float64], level: float = LEVEL) -> bool:
    """Whether an empirical field is cut: it borders on a pixel that no image covers."""
    inside = np.pad(mean > level * np.nanmax(mean, initial=0.0), 1)
    border = inside[2:, 1:-1] | inside[:-2, 1:-1] | inside[1:-1, 2:] | inside[1:-1, :-2]
    return bool((border & np.isnan(mean)).any())
