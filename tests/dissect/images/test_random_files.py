"""Random image files, drawn header by header: read as the slow definition says, or skipped with
one reason; never a traceback, never another picture without a word.
"""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dissect.errors import ImagesError
from dissect.images.decoding import read_image
from dissect.images.preprocessing import Preprocessing
from tests.dissect.images.image_files import by_pillow, png, tiff

KINDS = ["u1", "u2", "u4", "i2", "i4", "f2", "f4", "f8"]
TOPS = {  # the largest number that a drawn picture may hold
    "u1": [255], "u2": [1, 255, 1023, 4095, 16383, 65535], "u4": [255, 4095, 65535, 2**32 - 1],
    "i2": [255, 4095, 32767], "i4": [255, 65535, 2**31 - 1],
    "f2": [1, 3, 200, 60000], "f4": [1, 3, 100, 255, 4095, 1e6], "f8": [1, 255, 1e300],
}  # fmt: skip
patiently = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def black_and_white_slowly(numbers, kind):
    """The table of docs/reference/pictures.md, a number at a time; None: skipped."""
    least, largest = min(numbers), max(numbers)
    if not all(np.isfinite(number) for number in numbers):
        return None
    if least >= 0 and kind[0] == "f" and largest <= 1:
        return 0, 1
    if least >= 0 and kind[0] == "f" and any(number != int(number) for number in numbers):
        if 64 <= largest <= 255:
            return 0, 255
    elif least >= 0:
        for white in (255, 4095, 32767 if kind == "i2" else 65535):
            if largest <= white:
                return 0, white
    return None if least == largest else (least, largest)


def shown_slowly(values, kind, negative=False, multiplied=False):
    """(height, width, 3) shades of (height, width, bands) numbers; None: skipped."""
    bands = values.shape[2]
    colours = values[..., : bands - (bands in (2, 4))].astype(float)
    ends = black_and_white_slowly(colours.ravel().tolist(), kind)
    if ends is None:
        return None
    shares = ((colours - ends[0]) / (ends[1] - ends[0])).clip(0, 1)
    shares = 1 - shares if negative else shares
    if shares.shape[2] == 1:
        shares = shares.repeat(3, axis=2)
    if bands in (2, 4):
        opacity = opacity_slowly(values[..., -1].astype(float), kind, ends[1])
        if opacity is None or not (opacity * 255).round().any():
            return None
        shares = shares * opacity[..., None] + 1 - opacity[..., None]
    return shares * 255


def opacity_slowly(opacity, kind, white):
    if not np.isfinite(opacity).all():
        return None
    if kind[0] == "f":
        tops = [1, 255, 4095, 65535, opacity.max()]
        return opacity / next(top for top in tops if opacity.max() <= top)
    tops = [255, 4095, 32767 if kind == "i2" else 65535, np.iinfo(kind).max]
    return opacity / next(top for top in tops if max(opacity.max(), white) <= top)


@st.composite
def numbers(draw, kinds=tuple(KINDS), bands=(1, 2, 3, 4)):
    """(height, width, bands) of any type and range, sometimes below 0, constant or not finite."""
    kind, count = draw(st.sampled_from(kinds)), draw(st.sampled_from(bands))
    shape = (draw(st.integers(1, 12)), draw(st.integers(1, 12)), count)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    top = draw(st.sampled_from(TOPS[kind]))
    values = rng.random(shape) * top
    if count in (1, 3) and kind[0] in "if" and draw(st.booleans()):
        values -= top / 3
    if draw(st.integers(0, 9)) == 0:
        values[...] = values.flat[0]
    if kind[0] == "f" and draw(st.integers(0, 4)) == 0:
        values.flat[0] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    with np.errstate(over="ignore"):
        return values.astype(kind), kind


def read(file):
    """The picture, or why it is skipped; anything but an ImagesError fails the test."""
    try:
        return read_image(file)
    except ImagesError as error:
        return str(error)


def check(picture, expected, size):
    """A picture is as expected, or skipped with one reason where nothing is."""
    if isinstance(picture, str):
        assert expected is None, picture
        assert picture.strip()
        assert "\n" not in picture
        return
    assert expected is not None
    assert (picture.mode, picture.size) == ("RGB", size)
    assert np.abs(np.asarray(picture, dtype=float) - expected).max() <= 2
    assert Preprocessing(resize=9, crop=8).pixels(picture).shape == (3, 8, 8)


@patiently
@given(numbers(), st.data())
def test_any_tiff_is_read_as_its_numbers_say(drawn, data):
    values, kind = drawn
    bands, options = values.shape[2], {}
    options["byteorder"] = data.draw(st.sampled_from("<>"))
    options["compression"] = data.draw(st.sampled_from([None, "zlib"]))
    negative = bands == 1 and data.draw(st.booleans())
    grey = "miniswhite" if negative else "minisblack"
    options["photometric"] = "rgb" if bands > 2 else grey
    if bands in (2, 4):
        options["extrasamples"] = ["unassalpha"]
    if data.draw(st.booleans()) and bands > 1:
        stored, options["planarconfig"] = np.moveaxis(values, 2, 0), "separate"
    else:
        stored = values[..., 0] if bands == 1 else values
        options |= {"planarconfig": "contig"} if bands > 1 else {}

    file = tiff(stored.astype(options["byteorder"] + kind), **options)

    size = values.shape[1::-1]
    check(read(file), shown_slowly(values, kind, negative), size)


@patiently
@given(numbers(kinds=("u1", "u2")), st.data())
def test_any_png_is_read_as_its_numbers_say(drawn, data):
    values, kind = drawn
    stored = values[..., 0] if values.shape[2] == 1 else values

    file = png(stored, 8 if kind == "u1" else 16)

    check(read(file), shown_slowly(values, kind), values.shape[1::-1])


@patiently
@given(numbers(kinds=("u1",)), st.sampled_from(["BMP", "WEBP", "TGA", "PPM", "JPEG2000", "TIFF"]))
def test_eight_bits_in_any_format_are_read_as_they_were_written(drawn, form):
    values, kind = drawn
    image = Image.fromarray(values.squeeze(2) if values.shape[2] == 1 else values)
    if form in ("BMP", "PPM"):
        image = image.convert("RGB")
        values = np.asarray(image)
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}

    check(read(by_pillow(image, form, **options)), shown_slowly(values, kind), image.size)


FILES = [
    by_pillow(Image.effect_noise((20, 20), 90).convert(mode), form, **options).getvalue()
    for form, mode, options in [
        ("JPEG", "RGB", {}), ("JPEG", "CMYK", {"progressive": True}), ("PNG", "RGBA", {}),
        ("PNG", "P", {}), ("GIF", "P", {}), ("WEBP", "RGBA", {}), ("TIFF", "RGB", {}),
        ("TIFF", "L", {"compression": "tiff_lzw"}), ("TIFF", "F", {}), ("TIFF", "1", {}),
        ("BMP", "RGB", {}), ("JPEG2000", "RGB", {}), ("TGA", "RGBA", {}), ("ICO", "RGBA", {}),
        ("PPM", "RGB", {}), ("PCX", "P", {}), ("SGI", "RGB", {}), ("DDS", "RGBA", {}),
        ("AVIF", "RGB", {}), ("QOI", "RGBA", {}),
    ]
] + [
    tiff(np.arange(400, dtype=kind).reshape(20, 20), compression="zlib").getvalue()
    for kind in ("u2", "f4", "f8")
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.data())
def test_a_damaged_file_is_a_picture_or_one_reason(content, data):
    damaged = bytearray(content[: data.draw(st.integers(0, len(content)))])
    near = st.one_of(st.integers(0, 120), st.integers(0, len(content)))
    for place, value in data.draw(st.lists(st.tuples(near, st.integers(0, 255)), max_size=6)):
        if place < len(damaged):
            damaged[place] = value

    picture = read(io.BytesIO(bytes(damaged)))

    if isinstance(picture, str):
        assert picture.strip()
        assert "\n" not in picture
    else:
        assert picture.mode == "RGB"
        assert Preprocessing(resize=9, crop=8).pixels(picture).shape == (3, 8, 8)
