"""A pass in pieces, merged in any order through files, is the whole pass to the bit."""

import itertools

import numpy as np
import pytest
import torch

from dissect.errors import BadDissection, BadSetting, ImagesError
from dissect.topk.activity import UnitActivity
from dissect.topk.collect import collect, collect_range
from dissect.topk.ranking import Ranking
from dissect.topk.results import TopKSettings, finish
from dissect.topk.stored_results import result_from_bytes, result_origin, result_to_bytes

SETTINGS = TopKSettings(("stem", "deep", "head"), top=12, shown=6)
BATCH_SIZE = 8
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def whole(network, images):
    return collect(network, SETTINGS.layers, images, top=12, shown=6, batch_size=BATCH_SIZE)


def shards_of(network, images, count):
    """The bytes of `count` shards of whole batches."""
    starts = np.array_split(np.arange(0, len(images), BATCH_SIZE), count)
    origin = result_origin(network, SETTINGS, images, CPU)
    return [
        result_to_bytes(
            collect_range(network, SETTINGS, images, _range(part), CPU, BATCH_SIZE), origin
        )
        for part in starts
    ]


def _range(starts):
    return range(int(starts[0]), int(starts[-1]) + BATCH_SIZE, BATCH_SIZE)


def merged(network, images, parts):
    origin = result_origin(network, SETTINGS, images, CPU)
    loaded = [result_from_bytes(part, origin, network, SETTINGS, images) for part in parts]
    for other in loaded[1:]:
        loaded[0].merge(other)
    return finish(loaded[0], SETTINGS, images)


def assert_same(actual, expected):
    assert actual.bad == expected.bad
    for mine, theirs in zip(actual.layers, expected.layers, strict=True):
        for name in ("maximum", "threshold", "saturated"):
            assert np.array_equal(getattr(mine, name), getattr(theirs, name)), name
        for name in UnitActivity.__dataclass_fields__:
            left, right = getattr(mine.activity, name), getattr(theirs.activity, name)
            assert np.array_equal(left, right), name
        for ranking in ("top", "low"):
            for name in Ranking.__dataclass_fields__:
                left, right = getattr(mine, ranking), getattr(theirs, ranking)
                assert np.array_equal(getattr(left, name), getattr(right, name)), name
        assert torch.equal(mine.maps, theirs.maps)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_shards_give_the_same_bits_as_the_whole_pass(network, images, whole, count):
    assert_same(merged(network, images, shards_of(network, images, count)), whole)


def test_shards_that_sample_their_maps_give_the_quantile_of_the_whole_pass(
    network, images, monkeypatch
):
    monkeypatch.setattr("dissect.topk.sampling.MAX_CELLS", 70 * 20)
    whole = collect(network, SETTINGS.layers, images, top=12, shown=6, batch_size=BATCH_SIZE)

    assert_same(merged(network, images, shards_of(network, images, 4)[::-1]), whole)


def test_shards_merge_in_any_order(network, images, whole):
    shards = shards_of(network, images, 3)

    for order in itertools.permutations(range(3)):
        assert_same(merged(network, images, [shards[i] for i in order]), whole)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("weights_sha256", "f" * 64),
        ("images_sha256", "0" * 64),
        ("quantile", None),  # as older versions wrote, which took at most 64 cells of a map
        ("fingerprint", {"threads": 99}),
    ],
)
def test_a_partial_result_of_another_origin_is_refused(network, images, name, other):
    origin = result_origin(network, SETTINGS, images, CPU)
    content = result_to_bytes(
        collect_range(network, SETTINGS, images, range(0, 8, 8), CPU, BATCH_SIZE),
        {**origin, name: other},
    )

    with pytest.raises(BadDissection, match=f"A partial result has {name}"):
        result_from_bytes(content, origin, network, SETTINGS, images)


@pytest.mark.parametrize("cut", [0, 10, 5000])
def test_a_torn_partial_result_is_one_sentence(network, images, cut):
    origin = result_origin(network, SETTINGS, images, CPU)
    content = shards_of(network, images, 4)[0][:cut]

    with pytest.raises(BadDissection, match="A partial result cannot be read"):
        result_from_bytes(content, origin, network, SETTINGS, images)


def test_settings_that_show_no_image_are_refused(images):
    with pytest.raises(BadSetting, match="at least 1, got 0"):
        TopKSettings(("deep",), top=5, shown=0).check(images)


def test_fewer_images_than_shown_are_refused(images):
    with pytest.raises(ImagesError, match="70 images, fewer than the 71"):
        TopKSettings(("deep",), top=71, shown=71).check(images)
