"""The noise of filters, judged by a Fourier transform written out."""

import cmath
import math

import numpy as np
import pytest
import torch

from dissect.analyses.filter_noise import filter_noise, fine_share, random_filters, roughness
from dissect.analyses.filter_weights import convolution
from dissect.networks.registry import load_network


def fine_share_slowly(filters):
    """(units,): every frequency by its own sum over every pixel."""
    shares = []
    for one in filters.tolist():
        size = len(one[0])
        whole = fine = 0.0
        for fy in range(size):
            for fx in range(size):
                y, x = min(fy, size - fy) / size, min(fx, size - fx) / size
                for channel in one:
                    value = sum(
                        channel[row][column]
                        * cmath.exp(-2j * math.pi * (fy * row + fx * column) / size)
                        for row in range(size)
                        for column in range(size)
                    )
                    whole += abs(value) ** 2
                    fine += abs(value) ** 2 * (math.hypot(y, x) > 0.25)
        shares.append(fine / whole)
    return shares


@pytest.mark.parametrize("size", [5, 6, 7])
def test_the_share_of_fine_detail_is_that_of_the_fourier_sums(size):
    filters = torch.randn(4, 2, size, size, generator=torch.Generator().manual_seed(size))

    assert np.allclose(fine_share(filters), fine_share_slowly(filters), atol=1e-6)


def test_a_flat_filter_has_no_fine_detail_and_a_chessboard_nothing_else():
    flat = torch.ones(1, 1, 6, 6)
    board = ((torch.arange(6)[:, None] + torch.arange(6)) % 2 * 2.0 - 1)[None, None]

    assert fine_share(torch.cat([flat, board, 0 * flat])).tolist() == pytest.approx([0, 1, 0])


def test_an_untrained_layer_is_as_noisy_as_random_ones_and_a_smooth_one_is_not():
    network = load_network("tests.dissect.planted:wide")

    untrained = filter_noise(network, "stem")
    network.model.stem.weight.data[:] = torch.hann_window(9)[1:8, None] * torch.hann_window(9)[1:8]
    smooth = filter_noise(network, "stem")

    for noise in (untrained.fine, untrained.rough):
        assert noise.counts()["like_random"] >= 0.8 * 64
    for noise in (smooth.fine, smooth.rough):
        assert noise.counts() == {"smoother": 64, "like_random": 0, "noisier": 0}


def roughness_slowly(weights):
    """Of one filter: every pair of neighbors by itself."""
    channels, height, width = weights.shape
    pairs = []
    for c, y, x in np.ndindex(channels, height, width):
        pairs += [(weights[c, y, x], weights[c, y + 1, x])] if y + 1 < height else []
        pairs += [(weights[c, y, x], weights[c, y, x + 1])] if x + 1 < width else []
    power = np.mean(weights**2)
    return np.mean([(a - b) ** 2 for a, b in pairs]) / (2 * power)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_roughness_is_that_of_every_pair_of_neighboring_weights(size):
    filters = torch.randn(4, 2, size, size, generator=torch.Generator().manual_seed(size))

    slow = [roughness_slowly(one) for one in filters.double().numpy()]

    assert roughness(filters).tolist() == pytest.approx(slow, rel=1e-5)


def test_roughness_of_3_by_3_filters_is_1_for_noise_0_for_flat_and_2_for_a_chessboard():
    noise = torch.randn(200, 16, 3, 3, generator=torch.Generator().manual_seed(1))
    flat = torch.ones(1, 2, 3, 3)
    board = ((torch.arange(3)[:, None] + torch.arange(3)) % 2 * 2.0 - 1).expand(1, 2, 3, 3)

    assert roughness(noise).mean() == pytest.approx(1, abs=0.02)
    assert roughness(torch.cat([flat, board, 0 * flat])).tolist() == pytest.approx([0, 2, 0])


def test_smooth_3_by_3_filters_are_told_from_random_ones():
    network = load_network("tests.dissect.custom_networks:small")
    untrained = filter_noise(network, "deep")
    ramp = torch.arange(3.0)[:, None] + torch.arange(3.0)
    network.model.deep.weight.data[:] = ramp + torch.randn(8, 6, 1, 1)

    smooth = filter_noise(network, "deep")

    assert untrained.fine is None
    assert smooth.fine is None
    assert untrained.rough.counts()["like_random"] >= 4
    assert smooth.rough.counts()["smoother"] == 8


def test_random_filters_are_the_same_layer_at_its_own_random_initialization():
    layer = convolution(load_network("tests.dissect.custom_networks:small"), "stem")

    drawn = random_filters(layer, seed=0)

    torch.manual_seed(0)
    fresh = torch.nn.Conv2d(3, 6, 5, stride=2, padding=2)
    assert torch.equal(drawn, fresh.weight)
    assert not torch.equal(drawn, layer.weight)
