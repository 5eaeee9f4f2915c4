"""Copies stand once, judged by the definition: drop copies first, then rank what is left."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dissect.errors import ImagesError
from dissect.images.image_list import ImageList
from dissect.topk.collect import collect, collect_range
from dissect.topk.copies import Views, first_of_each, view_digest
from dissect.topk.results import TopKSettings, finish
from dissect.topk.stored_results import result_from_bytes, result_origin, result_to_bytes
from tests.dissect.topk.test_collect import all_maps, top_slowly

BATCH_SIZE = 8
CPU = torch.device("cpu")
LAYERS = ("deep", "head")


def picture(number):
    """The bytes of a file; pictures that differ in their number alone differ in pixels."""
    rng = np.random.default_rng(number)
    file = io.BytesIO()
    pixels = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    pixels.resize((64, 48), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


PICTURES = [picture(number) for number in range(20)]


def images_of(numbers):
    """An image list that holds pictures by number; None is one that cannot be read."""
    files = [b"torn" if number is None else PICTURES[number] for number in numbers]
    paths = tuple(f"{place}.png" for place in range(len(files)))
    return ImageList("list", Path(), paths, repr(numbers), lambda place: io.BytesIO(files[place]))


def distinct_places(numbers):
    """The first place of each picture."""
    return [place for place, number in enumerate(numbers)
            if number is not None and number not in numbers[:place]]  # fmt: skip


def merged(network, wanted, images, parts):
    """The result of ranges of batches that are stored, read back and merged in the given order."""
    origin = result_origin(network, wanted, images, CPU)
    loaded = []
    for starts in parts:
        partial = collect_range(network, wanted, images, starts, CPU, BATCH_SIZE)
        content = result_to_bytes(partial, origin)
        loaded.append(result_from_bytes(content, origin, network, wanted, images))
    for other in loaded[1:]:
        loaded[0].merge(other)
    return finish(loaded[0], wanted, images)


@pytest.fixture(scope="module")
def picture_maps(network):
    """The maps of every picture, in each layer."""
    return {name: all_maps(network, images_of(range(20)), name, BATCH_SIZE) for name in LAYERS}


@st.composite
def partitions(draw):
    """Numbers of pictures with many copies, and ranges of batches in the order of their merge."""
    numbers = draw(st.lists(st.integers(0, 19), min_size=20, max_size=44))
    numbers += draw(st.permutations(range(6)))  # enough that differ
    edges = range(BATCH_SIZE, len(numbers), BATCH_SIZE)
    cuts = [0, *sorted(draw(st.sets(st.sampled_from(edges)))), len(numbers)]
    parts = [range(a, b, BATCH_SIZE) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
    return numbers, draw(st.permutations(parts))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(partition=partitions(), top=st.integers(2, 9), by=st.sampled_from(["max", "sum"]))
def test_any_partition_gives_what_dropping_copies_first_gives(
    network, picture_maps, partition, top, by
):
    numbers, parts = partition
    images, places = images_of(numbers), distinct_places(numbers)
    wanted = TopKSettings(LAYERS, top=top, shown=2, by=by)

    result = merged(network, wanted, images, parts)

    assert result.copies == {
        place: numbers.index(number) for place, number in enumerate(numbers) if place not in places
    }
    for name, layer in zip(LAYERS, result.layers, strict=True):
        maps = picture_maps[name][[numbers[place] for place in places]]  # (distinct, units, ...)
        expected = top_slowly(maps, top, by)  # indices of places
        assert np.array_equal(layer.top.image, np.array(places)[expected])
        units = torch.arange(maps.shape[1])[:, None]
        assert torch.equal(layer.maps, maps[torch.from_numpy(expected), units])
        scores = (maps.amax(dim=(2, 3)) if by == "max" else maps.sum(dim=(2, 3))).numpy()
        assert np.array_equal(layer.saturated, (scores == scores.max(axis=0)).sum(axis=0) > 2)
        firing = (scores > 0).mean(axis=0).astype(np.float32)
        assert np.array_equal(layer.activity.firing_share, firing)
        low = [set(row[row >= 0].tolist()) for row in layer.low.image]
        assert all(row <= set(places) for row in low)


def test_thirty_copies_of_one_picture_are_one_top_image(network):
    images = images_of([*range(20), *[3] * 30])

    result = collect(network, ["deep"], images, top=12)

    assert sorted(result.copies) == list(range(20, 50))
    assert set(result.copies.values()) == {3}
    assert all(len(set(row.tolist())) == 12 for row in result.layers[0].top.image)
    kept = collect(network, ["deep"], images, top=31, keep_duplicates=True)
    assert kept.copies == {}
    assert all(
        {3, *range(20, 50)} <= set(row.tolist())
        for row in collect(network, ["deep"], images, top=50, keep_duplicates=True)
        .layers[0]
        .top.image
    )


def test_without_copies_nothing_differs_from_keeping_them(network, images):
    dropped = collect(network, ["deep"], images, top=12, shown=6).layers[0]

    kept = collect(network, ["deep"], images, top=12, shown=6, keep_duplicates=True).layers[0]

    assert torch.equal(dropped.maps, kept.maps)
    for ranking in ("top", "low"):
        for name, array in vars(getattr(dropped, ranking)).items():
            assert np.array_equal(array, getattr(getattr(kept, ranking), name)), name


def test_copies_are_equal_in_decoded_pixels_whatever_their_files_are(network):
    file = io.BytesIO()
    Image.open(io.BytesIO(PICTURES[4])).save(file, "BMP")
    images = images_of([*range(10), 0])
    as_bmp = replace(
        images, file=lambda place: file if place == 10 else io.BytesIO(PICTURES[place])
    )

    assert collect(network, ["deep"], as_bmp, top=5).copies == {10: 4}


def test_unreadable_images_are_copies_of_nothing(network):
    result = collect(network, ["deep"], images_of([None, *range(10), None, 2]), top=5)

    assert sorted(result.bad) == [0, 11]
    assert result.copies == {12: 3}


def test_more_top_images_than_differ_are_refused_with_the_way_out(network):
    with pytest.raises(
        ImagesError, match=r"Only 10 of 40 images in list differ.*--top 10 or less.*--keep-dup"
    ):
        collect(network, ["deep"], images_of([*range(10)] * 4), top=11)


def test_copies_have_the_catch_candidates_and_shares_of_one_image(network):
    numbers = [*range(20), *[5] * 40]

    once, often = (
        collect(network, ["deep"], images_of(each), top=8, shown=4).layers[0]
        for each in (numbers[:20], numbers)
    )

    assert np.array_equal(often.low.image, once.low.image)
    for name, array in vars(once.activity).items():
        assert np.array_equal(array, getattr(often.activity, name)), name


@given(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=1, max_size=3))
def test_the_first_column_of_each_image_stays(images):
    image = np.array(images, dtype=np.int64)
    order = np.argsort(-image, axis=1, kind="stable")

    chosen = first_of_each(order, image)

    firsts = [list(dict.fromkeys(order[unit].tolist(), None)) for unit in range(len(image))]
    for unit, columns in enumerate(firsts):
        seen, expected = set(), []
        for column in columns:
            if image[unit, column] not in seen:
                seen.add(image[unit, column])
                expected.append(column)
        assert chosen[unit].tolist() == expected[: chosen.shape[1]]
    assert chosen.shape[1] == min(len(set(row)) for row in images)


def test_views_are_read_as_they_were_stored():
    views, digests = Views(), [bytes([number]) * 16 for number in (1, 2, 1, 3)]
    views.add(np.array([4, 5, 7, 9]), digests)

    again = Views()
    again.fill(views.arrays())

    assert again.copies() == views.copies() == {7: 4}
    assert again.merge(views) == {}


def test_one_pixel_makes_another_view():
    view = torch.zeros(3, 4, 4, dtype=torch.uint8)
    other = view.clone()
    other[2, 3, 3] = 1

    assert view_digest(view) == view_digest(view.clone())
    assert view_digest(view) != view_digest(other)
