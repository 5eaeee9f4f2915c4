"""Near copies: found after another compression, not among different pictures, in groups."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dissect.render.near_copies import grey_of, near_copies, perceptual_hash


def picture(number):
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 7, 3), dtype=np.uint8))
    return coarse.resize((224, 224), Image.Resampling.BICUBIC)


def compressed(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def groups_of(*pictures):
    """Groups of the ranks of pictures whose places are in the order of their ranks."""
    greys = {place: grey_of(each) for place, each in enumerate(pictures)}
    return near_copies(np.arange(len(pictures))[None], greys).get(0, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda image: compressed(image, 75),
        lambda image: compressed(image, 40),
        lambda image: image.resize((112, 112)).resize((224, 224)),
        lambda image: image.point(lambda value: min(255, value + 2)),
        lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    ],
    ids=["JPEG 75", "JPEG 40", "half size", "brighter", "blurred"],
)
def test_a_picture_that_was_processed_again_is_a_near_copy(change):
    assert groups_of(picture(1), picture(2), change(picture(1))) == [[1, 3]]


def test_different_pictures_mirrored_ones_and_flat_ones_of_other_shades_are_none():
    flat = [Image.new("RGB", (224, 224), (shade,) * 3) for shade in (0, 60, 120)]
    mirrored = picture(0).transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    assert groups_of(*map(picture, range(12)), mirrored, *flat) == []


def test_flat_pictures_of_one_shade_are_near_copies():
    flat = [Image.new("RGB", (224, 224), (shade,) * 3) for shade in (60, 64, 65)]

    # 65 differs from 60 by more than 4 levels: chains do not join.
    assert groups_of(*flat) == [[1, 2]]


def test_groups_are_ranks_with_that_of_the_lowest_place_first():
    again = compressed(picture(1), 60)
    greys = {7: grey_of(picture(1)), 3: grey_of(again), 5: grey_of(picture(2)), 4: grey_of(again)}
    images = np.array([[7, 5, 3, 4], [5, 7, -1, -1]])

    assert near_copies(images, greys) == {0: [[3, 4, 1]]}


def test_the_hash_is_that_of_the_orthogonal_cosine_transform():
    grey = grey_of(picture(5))
    steps = np.arange(32) + 0.5
    low = [
        sum(
            grey[y, x] * np.cos(np.pi / 32 * v * steps[y]) * np.cos(np.pi / 32 * u * steps[x])
            for y in range(32)
            for x in range(32)
        )
        * (np.sqrt(0.5) if v == 0 else 1)
        * (np.sqrt(0.5) if u == 0 else 1)
        for v in range(8)
        for u in range(8)
    ]

    assert np.array_equal(perceptual_hash(grey), np.array(low) > np.median(low[1:]))
