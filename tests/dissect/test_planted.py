"""Detectors that were planted are found: their top images, peaks and regions."""

import numpy as np
import pytest
import torch

from dissect.format.masks import MASK_PX, unpack_regions
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.segmentation.regions import quantile_segmenter, unit_regions
from dissect.topk.collect import collect
from tests.dissect.planted import BLUE, GREEN, RED, SIDE, inside, rectangle, save

# Each unit's color is in three pictures at these places (left, top, right, bottom), equally
# bright, so that the larger comes first.
BOXES = [(20, 30, 60, 60), (0, 4, 24, 44), (8, 8, 40, 32)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    for unit, colour in enumerate([RED, GREEN, BLUE]):
        for place, box in enumerate(BOXES):
            # The smallest comes first in the list, so that its order cannot help.
            save(folder, f"{9 - place}-{unit}.png", rectangle(colour, box))
    for number in range(40):
        save(folder, f"grey-{number:02d}.png", np.full((SIDE, SIDE, 3), 6 * number, np.uint8))
    return folder


@pytest.fixture(scope="module")
def result(folder):
    network = load_network("tests.dissect.planted:detectors")
    return network, find_images(folder), collect(network, ["see"], find_images(folder), 3).layers[0]


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_top_images_of_planted_detectors_are_the_planted_ones(result, unit):
    _, images, layer = result

    names = [images.paths[place] for place in layer.top.image[unit]]

    assert names == [f"9-{unit}.png", f"8-{unit}.png", f"7-{unit}.png"]
    assert np.allclose(layer.top.score[unit], 1.0)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_peaks_of_planted_detectors_are_the_first_cell_of_what_was_planted(result, unit):
    _, _, layer = result

    for rank, (left, top, _, _) in enumerate(BOXES):
        assert (layer.top.y[unit, rank], layer.top.x[unit, rank]) == (top, left)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_regions_of_planted_detectors_cover_what_was_planted(result, unit):
    network, images, layer = result
    cpu = torch.device("cpu")

    packed = unit_regions(network, layer, quantile_segmenter(layer), images, cpu)(unit)
    regions = unpack_regions(packed)

    for rank, box in enumerate(BOXES):
        planted = inside(box, MASK_PX)
        iou = (regions[rank] & planted).sum() / (regions[rank] | planted).sum()
        assert iou > 0.9, (box, iou)
