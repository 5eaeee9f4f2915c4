"""Images as the integral of gradients, judged by planted ramps, discs and sums of bases."""

import numpy as np
import pytest
import torch

from dissect.analyses.minimal_images.gradients import bases, border_mean, integrated
from dissect.analyses.minimal_images.segments import edges_and_regions, regions_only, superpixels

SIDE = 96


def noise(channels=3):
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (channels, 40, 56), dtype=torch.uint8, generator=generator)


def test_the_integral_of_all_gradients_is_the_image():
    image = noise().numpy().astype(float)

    integral = integrated(np.diff(image, axis=1), np.diff(image, axis=2))

    assert integral == pytest.approx(image - image.mean(axis=(1, 2), keepdims=True), abs=1e-6)


def test_gradients_that_are_no_image_are_met_by_least_squares():
    rng = np.random.default_rng(0)
    down, right = rng.normal(size=(5, 7)), rng.normal(size=(6, 6))

    integral = integrated(down, right)

    equations, wanted = [], []  # the slow way: one equation for each pair of neighbors
    for axis, values in ((0, down), (1, right)):
        for y, x in np.ndindex(values.shape):
            row = np.zeros((6, 7))
            row[y, x], row[y + (axis == 0), x + (axis == 1)] = -1, 1
            equations.append(row.ravel())
            wanted.append(values[y, x])
    slow = np.linalg.lstsq(np.array(equations), np.array(wanted), rcond=None)[0].reshape(6, 7)
    assert integral == pytest.approx(slow - slow.mean(), abs=1e-9)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("cut", [edges_and_regions, lambda *a: regions_only(superpixels(*a))])
def test_all_bases_together_are_the_image_to_a_thousandth(cut, channels):
    pixels = noise(channels)
    pixels[:, 10:30, 10:40] //= 4

    images, border = bases(pixels, cut(pixels, 12))

    image = images.sum(axis=0) + border[:, None, None]
    assert np.abs(image - pixels.numpy()).max() <= 1e-3


def disc_on_ramp(slope, level):
    """A disc that is brighter by a level than the ramp it lies on; and the ramp, unrounded."""
    ramp = np.tile(40 + slope * np.arange(SIDE), (SIDE, 1))
    y, x = np.mgrid[:SIDE, :SIDE]
    inside = (y - 44) ** 2 + (x - 50) ** 2 < 18**2
    picture = np.repeat((ramp + level * inside).round().astype(np.uint8)[None], 3, axis=0)
    return torch.from_numpy(picture), ramp


@pytest.mark.parametrize("slope", [0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("level", [40, 70, -30])
def test_a_planted_disc_removed_leaves_the_ramp_to_one_gray_level(slope, level):
    pixels, ramp = disc_on_ramp(slope, level)
    segments = edges_and_regions(pixels, 10)
    chains = np.setdiff1d(segments.labels, segments.regions)

    images, border = bases(pixels, segments)

    assert chains.tolist() == [0]  # the disc is its edge
    left = images[1:].sum(axis=0) + border[:, None, None]
    assert np.abs(left - ramp).max() <= 1.0


def test_what_is_far_from_a_removed_segment_stays_as_it_is():
    pixels, _ = disc_on_ramp(0.5, 70)
    images, _ = bases(pixels, edges_and_regions(pixels, 10))

    assert np.abs(images[0][:, :, [0, -1]]).max() < 0.5
    assert border_mean(images[0].astype(float)) == pytest.approx(0, abs=1e-3)
