"""The pass, a whole dissection, and drawing, each against a simpler way.

The pass collects the five layers of the paper, AlexNet's pool1, pool2, conv3, conv4 and pool5,
1,152 units, with top-120, low images, maxima, quantiles and maps. It is compared with a bare loop,
which decodes and forwards the same images in the same blocks and decodes ahead in threads as well.

A whole dissection is of the layer `features` (256 units) at --top 60: 120 masks a unit, every
picture in its sizes, tables, manifest. It stores pictures and masks separately. Drawing exemplars
at 112 px with both in one picture, as other tools do, is a row of its own.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch.nn import functional as F

from benchmarks.row import Row, at_least, at_most, median_ratio, seconds
from benchmarks.world import DEVICE, LAYERS, alexnet, bare_loop, photographs
from dissect.dissection.writer import Settings, dissect
from dissect.format.masks import Regions, unpack_regions
from dissect.render.cutouts import CUTOUT_PX, render_exemplars, small_views
from dissect.segmentation.regions import quantile_segmenter
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer

SHOWN = 63  # 60 top images and 3 catch images
ONE_BY_ONE = 32  # units drawn one by one; the time for all is extrapolated from them


def measure() -> list[Row]:
    network, images = alexnet(), photographs()

    def bare() -> None:
        bare_loop(network, images)

    bare()  # warms up files and kernels for all rows
    return [
        at_most(
            "collecting pass over five layers / bare decode+forward loop",
            median_ratio(lambda: collect(network, LAYERS, images, 120, 60, DEVICE), bare),
            1.10,
        ),
        at_most(
            "whole dissection, 256 units, 1,000 photographs / bare loop",
            median_ratio(_whole, bare),
            1.4,
        ),
        at_least("drawing 63 exemplars of 256 units: one by one / batched", _drawing_ratio(), 5),
    ]


def _whole() -> None:
    with TemporaryDirectory() as folder:
        store = Folder(Path(folder))
        dissect(alexnet(), ["features"], photographs(), store, Settings(top=60), str(DEVICE))


def _drawing_ratio() -> float:
    layer = collect(alexnet(), ["features"], photographs(), 120, 60, DEVICE).layers[0]
    units = range(layer.info.unit_count)
    sample = units[:: len(units) // ONE_BY_ONE]
    ratio = median_ratio(lambda: _draw_one_by_one(layer, sample), lambda: drawn(layer, units))
    return ratio * len(units) / len(sample)


def drawn(layer: CollectedLayer, units: Iterable[int]) -> dict[int, list[bytes]]:
    """Every unit's exemplars as JPEG of 112 px, each image opened once."""
    places = layer.top.image[:, :SHOWN]
    threads = cpu_count() or 1
    views = small_views(photographs(), np.unique(places).tolist(), alexnet().preprocessing, threads)
    regions = _regions(layer)

    def draw(unit: int) -> list[bytes]:
        return render_exemplars(views, places[unit].tolist(), regions(unit))

    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(units, pool.map(draw, units), strict=True))


def _regions(layer: CollectedLayer) -> Callable[[int], Regions]:
    maps, cut = layer.maps, quantile_segmenter(layer)
    assert maps is not None
    return lambda unit: unpack_regions(cut(maps[unit, :SHOWN], np.full(SHOWN, unit)))


def _draw_one_by_one(layer: CollectedLayer, units: Iterable[int]) -> None:
    """Open, decode, upsample, light and encode every exemplar separately."""
    maps, shape, images = layer.maps, alexnet().preprocessing, photographs()
    assert maps is not None
    for unit in units:
        for rank in range(SHOWN):
            place = int(layer.top.image[unit, rank])
            views = small_views(images, [place], shape, 1)
            size = (CUTOUT_PX, CUTOUT_PX)
            larger = F.interpolate(maps[unit, rank][None, None], size=size, mode="bilinear")
            region = larger[0] > float(layer.threshold[unit])
            render_exemplars(views, [place], region.numpy())


if __name__ == "__main__":  # for a profiler
    print(seconds(lambda: bare_loop(alexnet(), photographs())), seconds(_whole))
