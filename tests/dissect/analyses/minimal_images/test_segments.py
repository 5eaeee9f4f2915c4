"""Edges and regions, and superpixels: the segments that minimal images are made of."""

import numpy as np
import pytest
import torch

from dissect.analyses.minimal_images.segments import (
    edges_and_regions,
    regions_only,
    renumbered,
    superpixels,
)
from dissect.errors import BadSetting
from tests.dissect.planted import GREEN, rectangle


def tensor(picture):
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())


def test_superpixels_end_at_edges_and_have_no_gaps_in_their_numbers():
    picture = rectangle(GREEN, (13, 7, 50, 41))

    segments = superpixels(tensor(picture), 16)

    assert sorted(set(segments.ravel().tolist())) == list(range(segments.max() + 1))
    assert 8 <= segments.max() + 1 <= 24
    inside = (picture[..., 1] > 0)[1:-1, 1:-1]
    for segment in range(segments.max() + 1):
        share = inside[segments[1:-1, 1:-1] == segment].mean()
        assert min(share, 1 - share) < 0.25  # a pixel of edge belongs to either side


def test_the_edge_of_a_shape_is_one_chain_and_comes_before_the_regions():
    picture = rectangle(GREEN, (16, 12, 48, 44))

    segments = edges_and_regions(tensor(picture), 8)

    assert sorted(set(segments.labels.ravel().tolist())) == list(range(segments.count))
    border = np.zeros((64, 64), dtype=bool)
    border[12:44, 16:48] = True
    border[13:43, 17:47] = False  # one pixel wide
    assert (segments.labels[border] == 0).all()
    assert (segments.labels == 0).sum() < 6 * border.sum()
    assert (segments.regions != 0).all()  # below a chain there is a region
    off = segments.labels != 0
    assert np.array_equal(segments.labels[off], segments.regions[off])
    assert segments.areas.sum() == 64 * 64


def test_at_most_half_of_the_segments_are_chains_and_the_longest_ones():
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    for row, length in [(6, 6), (20, 26), (34, 40), (48, 54)]:
        picture[row : row + 6, 4 : 4 + length] = 255

    segments = edges_and_regions(tensor(picture), 4)

    chains = [label for label in range(segments.count) if not (segments.regions == label).any()]
    assert chains == [0, 1]
    assert (segments.labels[48, 8:50] == 0).all()
    assert (segments.labels[34, 8:40] == 1).all()
    assert not np.isin(segments.labels[:14], chains).any()


def test_an_image_without_edges_is_all_regions():
    flat = torch.full((3, 64, 64), 90, dtype=torch.uint8)

    segments = edges_and_regions(flat, 9)

    assert np.array_equal(segments.labels, segments.regions)
    assert segments.count == 9


def test_grey_images_of_one_channel_have_edges_too():
    picture = tensor(rectangle((200, 200, 200), (16, 12, 48, 44)))

    one, three = edges_and_regions(picture[:1], 8), edges_and_regions(picture, 8)

    assert ((one.labels == 0) == (three.labels == 0)).mean() > 0.99


def test_labels_are_numbered_in_their_order():
    assert renumbered(np.array([[7, 3], [7, 200]])).tolist() == [[1, 0], [1, 2]]
    assert regions_only(np.array([[7, 3], [7, 200]])).count == 3


@pytest.mark.parametrize("cut", [superpixels, edges_and_regions])
def test_one_segment_is_no_segmentation(cut):
    with pytest.raises(BadSetting, match="at least 2 segments, not 1"):
        cut(torch.zeros((3, 8, 8), dtype=torch.uint8), 1)
