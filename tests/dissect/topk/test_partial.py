"""A pass in pieces: merged in any order, through files, it is the whole pass to the bit."""

import itertools

import numpy as np
import pytest
import torch

from dissect.errors import BadDissection
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.collect import collect, collect_range
from dissect.topk.ranking import Ranking
from dissect.topk.results import (
    TopKSettings,
    finish,
    result_from_bytes,
    result_origin,
    result_to_bytes,
)

WANTED = TopKSettings(("stem", "deep", "head"), top=12, shown=6)
BLOCK = 8
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network():
    return load_network("tests.dissect.custom_networks:small")


@pytest.fixture(scope="module")
def images(noise_folder):
    return find_images(noise_folder)


@pytest.fixture(scope="module")
def whole(network, images):
    return collect(network, WANTED.layers, images, top=12, shown=6, batch_size=BLOCK)


def shards_of(network, images, count):
    """The bytes of so many shards of whole blocks."""
    starts = np.array_split(np.arange(0, len(images), BLOCK), count)
    of = result_origin(network, WANTED, images, CPU)
    return [
        result_to_bytes(collect_range(network, WANTED, images, _range(part), CPU, BLOCK), of)
        for part in starts
    ]


def _range(starts):
    return range(int(starts[0]), int(starts[-1]) + BLOCK, BLOCK)


def merged(network, images, parts):
    of = result_origin(network, WANTED, images, CPU)
    loaded = [result_from_bytes(part, of, network, WANTED, images) for part in parts]
    for other in loaded[1:]:
        loaded[0].merge(other)
    return finish(loaded[0], WANTED, images)


def assert_same(found, wanted):
    assert found.bad == wanted.bad
    for mine, theirs in zip(found.layers, wanted.layers, strict=True):
        for name in ("maximum", "threshold", "saturated"):
            assert np.array_equal(getattr(mine, name), getattr(theirs, name)), name
        for ranking in ("top", "low"):
            for name in Ranking.__dataclass_fields__:
                one, other = getattr(mine, ranking), getattr(theirs, ranking)
                assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert torch.equal(mine.maps, theirs.maps)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_shards_give_the_same_bits_as_the_whole_pass(network, images, whole, count):
    assert_same(merged(network, images, shards_of(network, images, count)), whole)


def test_shards_merge_in_any_order(network, images, whole):
    shards = shards_of(network, images, 3)

    for order in itertools.permutations(range(3)):
        assert_same(merged(network, images, [shards[i] for i in order]), whole)


@pytest.mark.parametrize(
    ("name", "other"),
    [("weights_sha256", "f" * 64), ("images_sha256", "0" * 64), ("fingerprint", {"threads": 99})],
)
def test_a_partial_result_of_another_origin_is_refused(network, images, name, other):
    of = result_origin(network, WANTED, images, CPU)
    content = result_to_bytes(
        collect_range(network, WANTED, images, range(0, 8, 8), CPU, BLOCK), {**of, name: other}
    )

    with pytest.raises(BadDissection, match=f"A partial result has {name}"):
        result_from_bytes(content, of, network, WANTED, images)


@pytest.mark.parametrize("cut", [0, 10, 5000])
def test_a_torn_partial_result_is_one_sentence(network, images, cut):
    of = result_origin(network, WANTED, images, CPU)
    content = shards_of(network, images, 4)[0][:cut]

    with pytest.raises(BadDissection, match="A partial result cannot be read"):
        result_from_bytes(content, of, network, WANTED, images)
