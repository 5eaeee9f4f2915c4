"""What gradients say an occluder changes: equal to occlusion where a unit is linear."""

import numpy as np
import pytest
import torch

from dissect.errors import UnsupportedLayer
from dissect.networks.registry import load_network
from dissect.receptive_fields.discrepancy import Peak, discrepancies
from dissect.receptive_fields.gradient import first_order_discrepancies
from dissect.receptive_fields.occluders import Occluders

OCCLUDERS = Occluders(size=5, stride=4, fill="constants")


def noise(network, count=1):
    side = network.preprocessing.crop
    generator = torch.Generator().manual_seed(4)
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator)


def test_a_linear_unit_changes_as_its_gradient_says():
    network = load_network("tests.dissect.custom_networks:small")
    pixels = noise(network, 3)
    peaks = [Peak(0, 3, 4), Peak(5, 0, 0), Peak(2, 23, 11)]

    estimated = first_order_discrepancies(network, "stem", pixels, peaks, OCCLUDERS)

    for one, image, peak in zip(estimated, pixels, peaks, strict=True):
        exact = discrepancies(network, "stem", image, [peak], OCCLUDERS)[0]
        assert exact.max() > 0
        assert one == pytest.approx(exact, abs=1e-4 * float(exact.max()))


def test_behind_a_relu_the_gradient_comes_near():
    network = load_network("tests.dissect.custom_networks:small")
    pixels, peak = noise(network), Peak(3, 5, 6)

    estimated = first_order_discrepancies(network, "deep", pixels, [peak], OCCLUDERS)[0]

    exact = discrepancies(network, "deep", pixels[0], [peak], OCCLUDERS)[0]
    assert np.array_equal(estimated > 0, exact > 0)
    assert np.corrcoef(estimated.ravel(), exact.ravel())[0, 1] > 0.9


def test_the_networks_parameters_keep_no_gradient():
    network = load_network("tests.dissect.custom_networks:small")

    first_order_discrepancies(network, "deep", noise(network), [Peak(0, 2, 2)], OCCLUDERS)

    assert all(parameter.grad is None for parameter in network.model.parameters())


def test_a_network_without_gradients_is_a_sentence():
    network = load_network("tests.dissect.receptive_fields.test_gradient:rounded")

    with pytest.raises(UnsupportedLayer, match="Layer 'cells' has no gradient"):
        first_order_discrepancies(network, "cells", noise(network), [Peak(0, 2, 2)], OCCLUDERS)


class Rounded(torch.nn.Module):
    """Its layer forgets how it was computed."""

    input_size = 32

    def __init__(self):
        super().__init__()
        self.cells = Detached()

    def forward(self, x):
        return self.cells(x).mean(dim=(2, 3))


class Detached(torch.nn.Module):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, 8).detach()


def rounded():
    return Rounded()


@pytest.mark.parametrize("layer", ["stem", "deep"])
def test_constant_occluders_are_the_root_mean_square_of_three(layer):
    network = load_network("tests.dissect.custom_networks:small")
    pixels, peak = noise(network)[0], Peak(1, 4, 4)

    combined = discrepancies(network, layer, pixels, [peak], OCCLUDERS)

    each = [
        discrepancies(network, layer, pixels, [peak], Occluders(5, 4, "constant", value=value))
        for value in (0, 128, 255)
    ]
    assert combined == pytest.approx(np.sqrt(np.mean(np.square(each), axis=0)))
