"""Regions come out of sheets and packed bytes as they went in."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from dissect.errors import BadDissection
from dissect.format.masks import (
    OTHER_PART_ALPHA,
    SHEET_COLUMNS,
    decode_sheet,
    encode_bits,
    encode_overlay,
    encode_sheet,
    pack_regions,
    unpack_regions,
)

REGIONS = st.integers(1, 23).flatmap(
    lambda count: st.sampled_from([1, 3, 8, 16]).flatmap(
        lambda side: arrays(bool, (count, side, side))
    )
)


@given(REGIONS, st.integers(1, 12))
def test_a_sheet_of_either_kind_is_read_as_it_was_written(regions, columns):
    for encode in (encode_sheet, encode_overlay):
        decoded = decode_sheet(encode(regions, columns), columns)

        assert len(decoded) % columns == 0
        assert np.array_equal(decoded[: len(regions)], regions)
        assert not decoded[len(regions) :].any()


@given(st.integers(1, 5).flatmap(lambda count: arrays(bool, (count, 16, 16))))
def test_packed_regions_are_read_as_they_were_packed(regions):
    packed = pack_regions(regions)

    assert packed.nbytes * 8 == regions.size
    assert np.array_equal(unpack_regions(packed), regions)


def test_regions_stand_row_by_row_ten_in_a_row():
    regions = np.random.default_rng(0).random((13, 16, 16)) > 0.5

    sheet = np.asarray(Image.open(io.BytesIO(encode_sheet(regions))))

    assert sheet.shape == (32, 160)
    assert np.array_equal(sheet[16:, 32:48], regions[12])
    assert not sheet[16:, 48:].any()


@pytest.mark.parametrize("shape", [(1, 1), (5, 13), (24, 16)])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_png_of_bits_is_what_pillow_reads(shape, transparent):
    bits = np.random.default_rng(0).random(shape) > 0.5

    picture = Image.open(io.BytesIO(encode_bits(bits, transparent)))

    assert picture.mode == ("P" if transparent else "1")
    assert np.array_equal(np.asarray(picture) != 0, bits)
    alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    assert np.array_equal(alpha, np.where(bits | (not transparent), 255, 0))


def test_a_sheet_that_pillow_wrote_is_read():
    cells = np.random.default_rng(1).random((8, 8 * SHEET_COLUMNS)) > 0.5
    file = io.BytesIO()
    Image.fromarray(cells).save(file, "PNG", bits=1)

    regions = decode_sheet(file.getvalue())

    assert np.array_equal(np.concatenate(regions, axis=1), cells)


def saved(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no sheet of masks: cannot identify image"),
        (encode_sheet(np.ones((1, 8, 8), dtype=bool))[:-30], "no sheet of masks"),
        (saved(Image.new("1", (81, 8))), "81 x 8 pixels of 1 are not 10 squares in a row"),
        (saved(Image.new("1", (80, 9))), "80 x 9 pixels"),
        (saved(Image.new("1", (8, 8))), "8 x 8 pixels"),
        (saved(Image.new("RGB", (80, 8))), "80 x 8 pixels of RGB"),
    ],
)
def test_what_is_no_sheet_is_one_sentence(content, says):
    with pytest.raises(BadDissection, match=says):
        decode_sheet(content)


@given(st.integers(1, 5).flatmap(lambda n: arrays(np.uint8, (n, 5, 5), elements=st.integers(0, 2))))
def test_an_overlay_of_levels_has_one_alpha_a_level_and_is_read_as_regions(levels):
    sheet = encode_overlay(levels, columns=3)

    alpha = np.asarray(Image.open(io.BytesIO(sheet)).convert("RGBA"))[..., 3]
    for number, cell in enumerate(levels):
        top, left = number // 3 * 5, number % 3 * 5
        expected = np.array([0, 255, OTHER_PART_ALPHA])[cell]
        assert np.array_equal(alpha[top : top + 5, left : left + 5], expected)
    assert np.array_equal(decode_sheet(sheet, 3)[: len(levels)], levels > 0)


@pytest.mark.parametrize("first", [1, 4, 5, 12, 99, None])
def test_the_first_masks_of_a_sheet_can_be_decoded_alone(first):
    regions = np.random.default_rng(1).random((11, 16, 16)) < 0.4
    sheet = encode_sheet(regions, 4)

    decoded = decode_sheet(sheet, 4, first=first)

    rows = 3 if first is None else min(3, -(-first // 4))
    assert np.array_equal(decoded, decode_sheet(sheet, 4)[: 4 * rows])


def test_a_sheet_of_regions_takes_a_tenth_less_than_without_a_line_filter_and_runs():
    ys, xs = np.mgrid[:224, :224]
    middles = np.random.default_rng(2).integers(0, 224, (20, 8, 2))  # eight discs a region
    discs = np.array([
        np.any([(ys - y) ** 2 + (xs - x) ** 2 < 900 for y, x in region], axis=0)
        for region in middles
    ])  # fmt: skip
    # (rows, columns, side, side) to (rows, side, columns, side)
    sheet = discs.reshape(2, 10, 224, 224).swapaxes(1, 2).reshape(2 * 224, 10 * 224)

    content = encode_sheet(discs)

    plain = zlib.compress(np.pad(np.packbits(sheet, axis=1), ((0, 0), (1, 0))).tobytes(), 2)
    assert len(content) < 0.9 * len(plain)
    assert (decode_sheet(content)[:20] == discs).all()
