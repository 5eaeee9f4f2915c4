"""Units of random images: all is drawn by a key, and every image and lender is as likely."""

import numpy as np
from scipy.stats import chisquare

from annotator.dissection_jobs.random_images import random_unit

READABLE = [3, 5, 8, 13, 21, 34, 55, 89]


def units(count, top=4):
    return [random_unit(f"key {number}", READABLE, 6, top) for number in range(count)]


def test_a_unit_shows_different_readable_images_with_each_mask_once():
    for unit in units(50):
        assert len(set(unit.images.tolist())) == 4
        assert set(unit.images.tolist()) <= set(READABLE)
        assert sorted(unit.masks.tolist()) == [0, 1, 2, 3]
        assert 0 <= unit.lender < 6


def test_the_key_alone_decides():
    first, again = (random_unit("key", READABLE, 6, 4) for _ in range(2))

    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.masks, again.masks)
    assert first.lender == again.lender


def test_every_image_and_every_lender_is_as_likely():
    drawn = units(2000)
    images = np.concatenate([unit.images for unit in drawn])
    lenders = np.array([unit.lender for unit in drawn])

    assert chisquare([(images == place).sum() for place in READABLE]).pvalue > 0.001
    assert chisquare(np.bincount(lenders, minlength=6)).pvalue > 0.001


def test_where_there_are_fewer_images_all_are_shown():
    assert sorted(random_unit("key", READABLE, 6, 60).images.tolist()) == READABLE
