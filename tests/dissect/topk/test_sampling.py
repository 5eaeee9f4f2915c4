import numpy as np
import pytest
from PIL import Image

from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking
from dissect.topk.sampling import (
    catch_candidates,
    cells_of_each,
    hash64,
    in_random_order,
    sampled_cells,
    sampled_images,
)


def splitmix64_slowly(number: int, seed: int) -> int:
    """The finalizer of Steele et al. 2014 in Python's own integers."""
    mask = (1 << 64) - 1
    z = (number + 0x9E3779B97F4A7C15 * (seed + 1)) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def test_hashes_are_those_of_splitmix64():
    numbers = np.array([0, 1, 2, 10**12])

    for seed in (0, 7):
        expected = [splitmix64_slowly(int(number), seed) for number in numbers]
        assert hash64(numbers, seed).tolist() == expected


def test_the_sample_of_images_is_fixed_and_all_of_a_small_list():
    assert sampled_images(100).tolist() == list(range(100))
    large = sampled_images(10_000)
    assert len(set(large.tolist())) == 4096
    assert np.array_equal(large, sampled_images(10_000))
    assert 4500 < large.mean() < 5500


def test_each_image_has_its_own_draw_of_cells_whatever_its_companions():
    together = sampled_cells(np.array([3, 4, 5]), cell_count=400, limit=64)

    assert together.shape == (3, 64)
    assert all(len(set(row)) == 64 for row in together.tolist())
    assert not np.array_equal(together[0], together[1])
    assert np.array_equal(together[1:2], sampled_cells(np.array([4]), 400, 64))


def test_a_small_map_is_sampled_whole():
    assert sampled_cells(np.array([8, 9]), cell_count=5, limit=5).tolist() == [[0, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize(("images", "cells"), [(1, 262_144), (208, 1260), (1000, 262), (4096, 64)])
def test_a_unit_has_one_budget_of_cells_whatever_the_number_of_images(images, cells):
    assert cells_of_each(images) == cells
    assert images * cells <= 262_144 < images * (cells + 1)


def test_a_random_order_has_every_place_once_and_depends_on_the_key_alone():
    order = in_random_order(50, "0123456789abcdef")

    assert sorted(order.tolist()) == list(range(50))
    assert np.array_equal(order, in_random_order(50, "0123456789abcdefff"))
    assert not np.array_equal(order, in_random_order(50, "1123456789abcdef"))


def ranking_of(scores: list[float]) -> Ranking:
    """One unit's images, in the order of their places."""
    score = np.array([scores], dtype=np.float32)
    zeros = np.zeros_like(score, dtype=np.int32)
    return Ranking(score, score, np.arange(len(scores))[None], zeros, zeros)


def test_catch_candidates_are_the_lowest_five_percent_but_at_least_24():
    small, large = ranking_of(list(range(100))), ranking_of(list(range(1000)))

    assert catch_candidates(small, small, shown=0).image[0].tolist() == list(range(24))
    assert catch_candidates(large, large, shown=0).image[0].tolist() == list(range(50))


def test_images_that_tie_with_the_last_candidate_are_candidates():
    sample = ranking_of([0.0] * 20 + [1.0] * 10 + [2.0] * 30)

    assert catch_candidates(sample, sample, shown=0).image[0].tolist() == list(range(30))


def test_catch_candidates_are_not_simply_the_first_images_where_all_tie(tmp_path):
    for number in range(200):
        shade = 255 if number % 4 == 0 else 0
        Image.new("RGB", (64, 64), (shade, 0, 0)).save(tmp_path / f"{number:03d}.png")
    network = load_network("tests.dissect.custom_networks:bright")

    images = find_images(tmp_path)
    layer = collect(network, ["cells"], images, top=20, shown=10, keep_duplicates=True).layers[0]

    low = layer.low.image[0][layer.low.image[0] >= 0]
    assert len(low) == 96  # of 150 black pictures
    assert not set(low.tolist()) & set(range(0, 200, 4))
    assert low.max() > 150
    assert layer.saturated.tolist() == [True, True, True]
