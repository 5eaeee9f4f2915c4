import numpy as np
import pytest
import torch

from dissect.errors import BadSetting
from dissect.topk.ranking import Ranking, score_maps, top_k
from tests.dissect.topk.test_collect import all_maps

ARRAYS = ["score", "sum", "image", "y", "x"]


def test_equal_peaks_go_to_the_larger_sum_then_to_the_earlier_image():
    maps = torch.zeros(4, 1, 1, 3)
    maps[:, 0, 0, 0] = 6.0  # all tie at the top, as under ReLU6
    maps[2, 0, 0, 1] = 1.0

    ranking = top_k([score_maps(maps, np.array([10, 11, 12, 13]))], 4)

    assert ranking.image.tolist() == [[12, 10, 11, 13]]


def test_equal_sums_go_to_the_higher_peak_then_to_the_earlier_image():
    maps = torch.tensor([[2.0, 2.0], [3.0, 1.0], [2.0, 2.0]])[:, None, None, :]

    ranking = top_k([score_maps(maps, np.array([4, 5, 6]))], 3, by="sum")

    assert ranking.image.tolist() == [[5, 4, 6]]


def test_the_peak_is_the_first_of_equal_cells_in_reading_order():
    maps = torch.zeros(1, 1, 3, 4)
    maps[0, 0, 1, 2] = maps[0, 0, 2, 0] = 5.0

    scores = score_maps(maps, np.array([0]))

    assert (scores.y.item(), scores.x.item()) == (1, 2)


def test_partial_rankings_merge_in_any_order_to_the_same_bits(network, images):
    maps = all_maps(network, images, "deep")
    parts = [
        score_maps(maps[first:last], np.arange(first, last))
        for first, last in [(0, 20), (20, 33), (33, 70)]
    ]
    whole = top_k([score_maps(maps, np.arange(70))], 15)

    for order in [(0, 1, 2), (2, 0, 1), (1, 2, 0)]:
        merged = top_k([top_k([parts[i]], 15) for i in order], 15)
        for name in ARRAYS:
            assert np.array_equal(getattr(merged, name), getattr(whole, name))


def test_an_empty_ranking_adds_nothing():
    ranking = score_maps(torch.rand(5, 2, 3, 3), np.arange(5))

    merged = top_k([Ranking.empty(2, 0), ranking], 5)

    for name in ARRAYS:
        expected = getattr(top_k([ranking], 5), name)
        assert np.array_equal(getattr(merged, name), expected)
        assert getattr(merged, name).dtype == expected.dtype


def test_another_score_is_refused():
    with pytest.raises(BadSetting, match="by max or sum, not by 'mean'"):
        top_k([score_maps(torch.ones(1, 1, 1, 1), np.array([0]))], 1, by="mean")


def test_fewer_than_one_image_is_refused():
    with pytest.raises(BadSetting, match="at least 1, got 0"):
        top_k([Ranking.empty(3, 0)], 0)
