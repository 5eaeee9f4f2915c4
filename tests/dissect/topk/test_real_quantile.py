"""Real photographs: regions and overlaps are those that the exact quantile gives."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dissect.analyses.net_dissection import overlaps
from dissect.images.image_list import find_images
from dissect.images.masks_and_labels import find_truth
from dissect.networks.registry import load_network
from dissect.segmentation.regions import quantile_segmenter, quantile_thresholds, unit_regions
from dissect.topk.batches import Passes
from dissect.topk.collect import collect

PHOTOGRAPHS = 208
LAYER, CELLS = "fire9", 13 * 13  # of a map
UNITS = range(0, 512, 16)
CPU = torch.device("cpu")

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def network(shared_data):
    weights = shared_data / "weights" / "squeezenet_bn_places365.pth"
    return load_network("squeezenet_bn_places365", str(weights))


@pytest.fixture(scope="module")
def streets(shared_data, tmp_path_factory):
    """208 photographs of streets; their masks are found from their paths."""
    paths = sorted((shared_data / "camvid" / "images").rglob("*.jpg"))[:PHOTOGRAPHS]
    listed = tmp_path_factory.mktemp("streets") / "list.txt"
    listed.write_text("\n".join(map(str, paths)))
    return find_images(listed)


def exact_quantiles(network, images):
    """(units,): the lowest activation that at most .5 % of all cells exceed."""
    maps = [maps[LAYER] for _, maps in Passes(images, 1, CPU).over(network, [LAYER])]
    cells = torch.cat(maps).transpose(0, 1).flatten(1)  # (units, cells)
    assert cells.shape[1] == PHOTOGRAPHS * CELLS
    return cells.sort(dim=1, descending=True).values[:, int(0.005 * cells.shape[1])].numpy()


def test_regions_and_iou_of_208_photographs_are_those_of_the_exact_quantile(network, streets):
    layer = collect(network, [LAYER], streets, top=10, device=CPU).layers[0]
    exact = replace(layer, threshold=exact_quantiles(network, streets))

    assert np.array_equal(layer.threshold, exact.threshold)
    regions, exact_regions = (
        unit_regions(network, one, quantile_segmenter(one), streets, CPU) for one in (layer, exact)
    )
    assert all(np.array_equal(regions(unit), exact_regions(unit)) for unit in UNITS)
    cuts = {"as dissected": quantile_thresholds(layer), "exact": quantile_thresholds(exact)}
    iou = {name: iou_of(network, streets, cut) for name, cut in cuts.items()}
    assert np.array_equal(iou["as dissected"], iou["exact"])
    assert iou["exact"].max() > 0.04  # so there is something to differ in


def iou_of(network, images, cut):
    """(units, concepts), over all images."""
    passes = Passes(images, 1, CPU)
    units = {LAYER: list(UNITS)}
    overlap = overlaps(network, {LAYER: cut}, find_truth(images), passes, units)
    return overlap[LAYER].iou([0, 1])
