"""Recomputing only what an occluder reaches, judged by one forward of the network for each."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dissect.networks.directions import Directions
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.registry import load_network
from dissect.receptive_fields.discrepancy import Peak, discrepancies, discrepancies_by_full_forward
from dissect.receptive_fields.incremental.forward import IncrementalForward
from dissect.receptive_fields.incremental.ops import NotLocal
from dissect.receptive_fields.incremental.trace import record_trace
from dissect.receptive_fields.occluders import Occluders


def photo(network, seed=0):
    """Smooth noise, as large as the network's view."""
    side = network.preprocessing.crop
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randint(0, 256, (1, 3, 9, 9), generator=generator).float()
    larger = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return larger[0].clamp(0, 255).to(torch.uint8)


def slowly(network, layer, pixels, peaks, occluders):
    """One image after another: put the square in, forward all of the network, look at the cell."""
    result = np.zeros((len(peaks), len(occluders.places(*pixels.shape[1:]))), dtype=np.float32)
    with recording(network, [layer]) as maps:
        forward(network, pixels[None])
        before = maps[layer]
        for number, (top, left) in enumerate(occluders.places(*pixels.shape[1:]).tolist()):
            copy = pixels.clone()
            square = occluders.patches(pixels, np.array([number]))[0]
            copy[:, top : top + occluders.size, left : left + occluders.size] = square
            forward(network, copy[None])
            for row, peak in enumerate(peaks):
                place = (0, peak.unit, peak.y, peak.x)
                result[row, number] = float((maps[layer][place] - before[place]).abs())
    return result, float(before.abs().max())


def peaks_of(network, layer, pixels, units):
    """Each unit's highest cell, and the four corners and the middle of the map."""
    with recording(network, [layer]) as maps:
        forward(network, pixels[None])
    _, _, height, width = maps[layer].shape
    highest = maps[layer][0].flatten(1).argmax(dim=1).tolist()
    places = [(cell // width, cell % width) for cell in highest]
    corners = [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1),
               (height // 2, width // 2)]  # fmt: skip
    result = [Peak(unit, *places[unit]) for unit in units]
    return result + [Peak(units[0], *corner) for corner in corners]


NETWORKS = [
    ("tests.dissect.custom_networks:small", "stem", 3),
    ("tests.dissect.custom_networks:small", "deep", 3),
    ("tests.dissect.branched:branched", "pool", 4),
    ("tests.dissect.branched:branched", "sum", 4),
    ("tests.dissect.branched:branched", "both", 4),
    ("torchvision:alexnet", "features.5", 53),
    ("torchvision:alexnet", "features.12", 53),
    ("torchvision:resnet18", "layer2", 71),
    ("torchvision:googlenet", "inception3a", 71),
    ("efficientnet_lite0", "_blocks.4", 71),
]


@pytest.mark.filterwarnings("ignore:The default weight initialization of GoogleNet")
@pytest.mark.parametrize(("spec", "layer", "stride"), NETWORKS)
def test_recomputing_what_an_occluder_reaches_equals_the_full_forward(spec, layer, stride):
    network = load_network(spec)
    pixels = photo(network)
    occluders = Occluders(fill="random", stride=stride)
    peaks = peaks_of(network, layer, pixels, [0, 1])
    IncrementalForward(
        record_trace(network, pixels, [layer]), layer
    )  # it is not the fall-back that is tested

    result = discrepancies(network, layer, pixels, peaks, occluders)

    expected, largest = slowly(network, layer, pixels, peaks, occluders)
    assert result.shape[0] == len(peaks)
    assert np.abs(result.reshape(expected.shape) - expected).max() <= 1e-4 * largest
    assert expected.max() > 1e-3 * largest


@pytest.mark.parametrize("layer", ["gated", "head", "last"])
def test_layers_that_windows_cannot_follow_fall_back_to_the_full_forward(layer):
    network = load_network("tests.dissect.branched:branched")
    pixels = photo(network)
    occluders = Occluders(stride=9)
    peaks = peaks_of(network, layer, pixels, [0, 2])
    with pytest.raises(NotLocal):
        IncrementalForward(record_trace(network, pixels, [layer]), layer)

    result = discrepancies(network, layer, pixels, peaks, occluders)

    expected, largest = slowly(network, layer, pixels, peaks, occluders)
    assert np.abs(result.reshape(expected.shape) - expected).max() <= 1e-4 * largest


@pytest.mark.parametrize("fill", ["zero", "mean", "blur"])
def test_both_methods_agree_for_every_fill(fill):
    network = load_network("tests.dissect.custom_networks:small")
    pixels = photo(network)
    occluders = Occluders(fill=fill, stride=5)
    peaks = peaks_of(network, "deep", pixels, [0, 5])

    result = discrepancies(network, "deep", pixels, peaks, occluders)

    full = discrepancies_by_full_forward(network, "deep", pixels, peaks, occluders).numpy()
    assert np.allclose(result.reshape(full.shape), full, atol=1e-6)


def test_directions_are_watched_like_units():
    network = load_network("tests.dissect.custom_networks:small")
    pixels = photo(network)
    turn = Directions("deep", torch.randn(3, 8, generator=torch.Generator().manual_seed(1)),
                      torch.tensor([0.0, 1.0, -1.0]))  # fmt: skip
    turned = replace(network, directions={"deep": turn})
    occluders = Occluders(fill="random", stride=4)
    peaks = peaks_of(turned, "deep", pixels, [0, 1, 2])

    result = discrepancies(turned, "deep", pixels, peaks, occluders)

    expected, largest = slowly(turned, "deep", pixels, peaks, occluders)
    assert np.abs(result.reshape(expected.shape) - expected).max() <= 1e-4 * largest


def test_an_occluder_outside_a_field_changes_nothing():
    network = load_network("tests.dissect.custom_networks:small")
    pixels = photo(network)
    occluders = Occluders(size=4, stride=4, fill="random")

    result = discrepancies(network, "stem", pixels, [Peak(0, 12, 12)], occluders)[0]

    assert set(zip(*np.nonzero(result), strict=True)) <= {(5, 5), (5, 6), (6, 5), (6, 6)}
    assert result[5, 5] > 0  # the field is pixels 22 to 26 either way
