"""Empirical fields of linear units whose size is known: boxes and Gaussians, on rough pictures."""

from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dissect.networks.registry import load_network
from dissect.receptive_fields.empirical import corrected_size
from dissect.receptive_fields.occluders import Occluders
from tests.dissect.receptive_fields.test_empirical import measured

SIDE, REACH = 160, 97
BOXES = (11, 15, 21, 33, 47, 65)
SIGMAS = (6, 10, 16)  # px
GAUSSIAN_SIZE = np.sqrt(2 * np.pi * np.log(2))  # of a sigma: root of the area above half
TRUE = [*map(float, BOXES), *(GAUSSIAN_SIZE * sigma for sigma in SIGMAS)]


def linear_units() -> nn.Module:
    """Boxes of equal weights, then Gaussians, in cells 16 px apart."""
    place = torch.arange(REACH) - REACH // 2
    lines = [(2 * place.abs() < width).float() for width in BOXES]
    lines += [torch.exp(-(place**2) / (2 * sigma**2)) for sigma in SIGMAS]
    look = nn.Conv2d(3, len(lines), REACH, stride=16, bias=False)
    planes = torch.stack([line[:, None] * line for line in lines])
    look.weight.data = planes[:, None].repeat(1, 3, 1, 1)
    look.weight.data /= look.weight.data.sum(dim=(1, 2, 3), keepdim=True)
    model = nn.Sequential()
    model.add_module("look", look)
    model.add_module("say", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(9, 2)))
    model.input_size, model.mean, model.std = SIDE, 0.0, 1.0
    return model


@pytest.fixture(scope="module")
def rough(tmp_path_factory):
    """Pictures with structure of every size, as photographs have; their mean is gray."""
    folder = tmp_path_factory.mktemp("rough")
    rng = np.random.default_rng(1)
    for number in range(12):
        picture = np.zeros((SIDE, SIDE, 3))
        for cells in (2, 5, 10, 20, 40, 160):
            part = rng.normal(size=(cells, cells, 3)).clip(-3, 3)
            small = Image.fromarray((128 + 40 * part).astype(np.uint8))
            picture += np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) - 128.0
        Image.fromarray((128 + picture / 2).clip(0, 255).astype(np.uint8)).save(
            folder / f"{number}.png"
        )
    return folder


@cache
def fields(folder, fill):
    network = load_network(f"{__name__}:linear_units")
    return measured(network, "look", folder, Occluders(stride=6, fill=fill), k=6)[0]


@pytest.mark.parametrize("unit", [n for n, size in enumerate(TRUE) if size >= 20.5])
def test_sizes_of_planted_linear_units_are_within_15_percent_from_21_px_on(rough, unit):
    plain = fields(rough, "constants").sizes[0.5][unit]

    assert plain == pytest.approx(TRUE[unit], rel=0.15)


def test_noise_measures_large_fields_too_small_which_constants_do_not(rough):
    largest = BOXES.index(65)

    noise, constants = (fields(rough, fill).sizes[0.5][largest] for fill in ("random", "constants"))

    assert noise < constants


def test_the_corrected_size_takes_the_occluder_out(rough):
    result = fields(rough, "constants")

    assert (result.corrected < result.sizes[0.5]).all()
    gaussian = len(BOXES) + 1  # variances of Gaussians and occluders add up
    assert result.corrected[gaussian] == pytest.approx(TRUE[gaussian], rel=0.1)


@pytest.mark.parametrize("sigma", [6.0, 8.0, 20.0])
def test_the_corrected_size_of_a_blurred_gaussian_is_that_of_the_gaussian(sigma):
    place = np.arange(301) - 150
    line = np.exp(-(place**2) / (2 * sigma**2))
    box = np.ones(11) / 11
    blurred = np.convolve(np.convolve(line, box, "same"), box, "same")

    size = corrected_size(np.outer(blurred, blurred), 11)

    assert size == pytest.approx(GAUSSIAN_SIZE * sigma, rel=0.05)


def test_a_map_of_nothing_has_no_corrected_size():
    assert np.isnan(corrected_size(np.zeros((9, 9)), 3))
