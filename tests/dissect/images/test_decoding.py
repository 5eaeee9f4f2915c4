"""What each kind of image file is read as: docs/reference/pictures.md as a table of tests.

A row is a file, and the shades that it shows or the reason why it is skipped. The shades of the
first rows are a ramp from black to white, whatever numbers hold it: never black.
"""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from dissect.errors import ImagesError
from dissect.images.decoding import read_image
from dissect.images.formats import readable_formats
from tests.dissect.images.image_files import (
    by_pillow,
    cmyk_profile,
    grey_image,
    one_bit_png,
    png,
    tiff,
)

RAMP = np.linspace(0, 1, 48).reshape(6, 8)  # (height, width)
COLOURS = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], axis=2)
OPACITY = RAMP.T.reshape(6, 8)
GREY_ALPHA, RGBA = np.dstack([RAMP, OPACITY]), np.dstack([COLOURS, OPACITY])
ALPHA = {"extrasamples": ["unassalpha"]}
GREY_TWO = {"photometric": "minisblack", "planarconfig": "contig"} | ALPHA


def shown(colours, opacity=None):
    """The slow definition: a share of white to 0 to 255, on white where it is transparent."""
    colours = np.broadcast_to(colours[..., None] if colours.ndim == 2 else colours, (6, 8, 3))
    if opacity is not None:
        colours = colours * opacity[..., None] + (1 - opacity[..., None])
    return (colours * 255).round()


def whole(values, white, kind="u2"):
    return (values * white).round().astype(kind)


def with_hole(values, hole):
    changed = values.astype(np.float32)
    changed[0, 0] = hole
    return changed


IMAGES = {
    # 16 bits, of which 8, 12 or all are used
    "12 bits in a 16-bit TIFF": (tiff(whole(RAMP, 4095)), shown(RAMP)),
    "12 bits in a 16-bit PNG": (png(whole(RAMP, 4095)), shown(RAMP)),
    "12 bits a color in a PNG": (png(whole(COLOURS, 4095)), shown(COLOURS)),
    "12 bits a color in a TIFF": (
        tiff(whole(COLOURS, 4095), photometric="rgb"), shown(COLOURS)),
    "8 bits in a 16-bit TIFF": (tiff(whole(RAMP, 255)), shown(RAMP)),
    "16 bits": (tiff(whole(RAMP, 65535)), shown(RAMP)),
    "16 bits, big-endian": (tiff(whole(RAMP, 65535, ">u2"), byteorder=">"), shown(RAMP)),
    "16 bits in a BigTIFF": (tiff(whole(RAMP, 65535), bigtiff=True), shown(RAMP)),
    "16 bits, 0 is white": (
        tiff(whole(RAMP, 65535), photometric="miniswhite"), shown(1 - RAMP)),
    "12 bits, 0 is white": (
        tiff(whole(RAMP, 4095), photometric="miniswhite"), shown(1 - RAMP)),
    "8 bits, 0 is white": (
        tiff(whole(RAMP, 255, "u1"), photometric="miniswhite"), shown(1 - RAMP)),
    "16 bits, signed": (tiff(whole(RAMP, 32767, "i2")), shown(RAMP)),
    "32 bits": (tiff(whole(RAMP, 4e9, "u4")), shown(RAMP)),
    "below 0": (tiff(whole(RAMP, 2000, "i4") - 1000), shown(RAMP)),
    "16 bits a color, PNG": (png(whole(COLOURS, 65535)), shown(COLOURS)),
    "16 bits a color in planes": (
        tiff(whole(np.moveaxis(COLOURS, 2, 0), 65535), photometric="rgb",
             planarconfig="separate"), shown(COLOURS)),
    "16 bits a color, compressed": (
        tiff(whole(COLOURS, 65535), photometric="rgb", compression="zlib"), shown(COLOURS)),
    "16 bits, LZW": (
        by_pillow(Image.fromarray(whole(RAMP, 4095)), "TIFF", compression="tiff_lzw"), shown(RAMP)),
    "a PGM says what is white": (
        io.BytesIO(b"P5 8 6 65535\n" + whole(RAMP / 32, 65535, ">u2").tobytes()), shown(RAMP / 32)),
    # numbers with fractions
    "floats from 0 to 1": (tiff(RAMP.astype("f4")), shown(RAMP)),
    "halves from 0 to 1": (tiff(RAMP.astype("f2")), shown(RAMP)),
    "doubles from 0 to 1": (tiff(RAMP), shown(RAMP)),
    "dark floats stay dark": (tiff(RAMP.astype("f4") / 4), shown(RAMP / 4)),
    "floats from -1 to 1": (tiff(2 * RAMP - 1), shown(RAMP)),
    "floats from 0 to 3.5": (tiff(3.5 * RAMP), shown(RAMP)),
    "floats from 0 to 200": (tiff(RAMP * 200), shown(RAMP * 200 / 255)),
    "floats from 0 to 1e9": (tiff(RAMP * 1e9), shown(RAMP)),
    "whole floats to 4095": (tiff(whole(RAMP, 4095, "f4")), shown(RAMP)),
    "a float for each color": (tiff(COLOURS.astype("f4"), photometric="rgb"), shown(COLOURS)),
    "NaN": (tiff(with_hole(RAMP, np.nan)), "1 of its 48 values are NaN or infinite"),
    "infinite": (tiff(with_hole(RAMP, -np.inf)), "1 of its 48 values are NaN or infinite"),
    "NaN in a color": (
        tiff(with_hole(COLOURS, np.nan), photometric="rgb"), "3 of its 144 values are NaN"),
    # 1 bit and palettes
    "1 bit": (by_pillow(grey_image(RAMP * 255).point(lambda v: 255 * (v > 127), "1"), "PNG"),
              shown((RAMP > 0.5) * 1.0)),
    "1 bit in a TIFF": (tiff(RAMP > 0.5, photometric="minisblack"), shown((RAMP > 0.5) * 1.0)),
    "1 bit, fax": (
        by_pillow(Image.fromarray(RAMP > 0.5), "TIFF", compression="group4"),
        shown((RAMP > 0.5) * 1.0)),
    # opacity, on white
    "gray and opacity": (tiff(whole(GREY_ALPHA, 255, "u1"), **GREY_TWO), shown(RAMP, OPACITY)),
    "gray and opacity in planes": (
        tiff(whole(np.moveaxis(GREY_ALPHA, 2, 0), 255, "u1"), photometric="minisblack",
             planarconfig="separate", **ALPHA), shown(RAMP, OPACITY)),
    "opaque colors of 12 bits": (
        tiff(np.dstack([whole(COLOURS, 4095), np.full_like(RAMP, 65535, "u2")]),
             photometric="rgb", **ALPHA), shown(COLOURS)),
    "a number that nothing explains": (
        tiff(np.full((6, 8), 3.5)), r"all of its values are 3\.5, so nothing says which are black"),
    "gray and opacity of 16 bits": (
        tiff(whole(GREY_ALPHA, 65535), **GREY_TWO), shown(RAMP, OPACITY)),
    "gray and opacity of 16 bits, PNG": (png(whole(GREY_ALPHA, 65535)), shown(RAMP, OPACITY)),
    "gray and opacity of 12 bits, PNG": (png(whole(GREY_ALPHA, 4095)), shown(RAMP, OPACITY)),
    "colors and opacity": (png(whole(RGBA, 255, "u1"), 8), shown(COLOURS, OPACITY)),
    "colors and opacity of 16 bits": (png(whole(RGBA, 65535)), shown(COLOURS, OPACITY)),
    "colors and opacity in WebP": (
        by_pillow(Image.fromarray(whole(RGBA, 255, "u1")), "WEBP", lossless=True, exact=True),
        shown(COLOURS, OPACITY)),
    "floats and opacity": (
        tiff(RGBA.astype("f4"), photometric="rgb", **ALPHA), shown(COLOURS, OPACITY)),
    "a transparent gray": (png(whole(RAMP, 255, "u1"), 8, b"\0\0"), shown(np.where(RAMP, RAMP, 1))),
    "a transparent gray of 16 bits": (
        png(whole(RAMP, 65535), 16, b"\0\0"), shown(np.where(RAMP, RAMP, 1))),
    "a transparent color of 16 bits": (
        png(whole(COLOURS, 65535), 16, whole(COLOURS[0, 0], 65535, ">u2").tobytes()),
        shown(np.where((COLOURS[0, 0] == COLOURS).all(axis=2)[..., None], 1, COLOURS))),
    "transparent everywhere": (
        png(whole(RGBA * [1, 1, 1, 0], 255, "u1"), 8), "transparent everywhere"),
    # others
    "five channels": (
        tiff(whole(np.dstack([COLOURS, GREY_ALPHA]), 255, "u1"), photometric="minisblack",
             planarconfig="contig"), "5 channels"),
    "a stack is its first page": (
        tiff(np.stack([whole(RAMP, 65535), whole(RAMP, 0)]), photometric="minisblack"),
        shown(RAMP)),
    # where the package is installed, it says that this is no whole file
    "HEIC": (
        io.BytesIO(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "pip install pillow-heif|no format"),
    "nothing": (io.BytesIO(b""), "the file is empty"),
    "text": (io.BytesIO(b"a page of words"), "in no format that is read"),
    "PostScript is never run": (io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n"), "in no format"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_file_has_the_right_shades_or_is_skipped_with_a_reason(name):
    file, expected = IMAGES[name]
    file.seek(0)

    if isinstance(expected, str):
        with pytest.raises(ImagesError, match=expected):
            read_image(file)
    else:
        picture = read_image(file)
        assert picture.mode == "RGB"
        assert np.abs(np.asarray(picture, dtype=float) - expected).max() <= 2


HEIC = {
    "grey": (Image.fromarray(whole(RAMP, 255, "u1")), shown(RAMP)),
    "colours": (Image.fromarray(whole(COLOURS, 255, "u1")), shown(COLOURS)),
    "colors and opacity": (Image.fromarray(whole(RGBA, 255, "u1")), shown(COLOURS, OPACITY)),
}


@pytest.mark.parametrize("name", HEIC)
def test_heic_has_the_right_shades_where_its_package_is_installed(name):
    assert "HEIF" in readable_formats()
    image, expected = HEIC[name]
    large = image.resize((image.width * 16, image.height * 16), Image.Resampling.NEAREST)

    picture = read_image(by_pillow(large, "HEIF", quality=-1, chroma=444))

    assert picture.mode == "RGB"
    middles = np.asarray(picture, dtype=float)[8::16, 8::16]
    assert np.abs(middles - expected).max() <= 3


def test_a_palette_with_a_transparent_color_shows_white_there():
    image = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8), "P")
    image.putpalette([value for shade in range(256) for value in (shade, 0, 0)])
    file = by_pillow(image, "PNG", transparency=bytes([0] + [255] * 255))

    picture = np.asarray(read_image(file))

    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[0, 1].tolist() == [1, 0, 0]


def test_a_gif_with_a_transparent_color_shows_white_there():
    image = Image.fromarray(np.eye(8, dtype=np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)

    picture = np.asarray(read_image(by_pillow(image, "GIF", transparency=1)))

    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[0, 1].tolist() == [255, 0, 0]


def test_cmyk_is_read_by_its_profile():
    """Ink that is a middle gray by its profile, and cyan without one."""
    profile = cmyk_profile(lambda c, m, y, k: (0 if k else 53.6 if c else 100, 0, 0))
    ink = Image.new("CMYK", (8, 6), (255, 0, 0, 0))

    plain = read_image(by_pillow(ink, "TIFF"))
    printed = read_image(by_pillow(ink, "TIFF", icc_profile=profile))

    assert plain.getpixel((0, 0)) == (0, 255, 255)  # as Pillow converts
    assert printed.getpixel((0, 0)) == pytest.approx((128, 128, 128), abs=3)


def test_cmyk_with_a_profile_of_other_colors_is_read_without_it():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ink = Image.new("CMYK", (8, 6), (255, 0, 0, 0))

    assert read_image(by_pillow(ink, "TIFF", icc_profile=srgb)).getpixel((0, 0)) == (0, 255, 255)


def test_lab_is_read():
    lab = ImageCms.applyTransform(
        Image.new("RGB", (8, 6), (200, 100, 50)),
        ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        ),
    )

    picture = read_image(by_pillow(lab, "TIFF"))

    assert picture.getpixel((0, 0)) == pytest.approx((200, 100, 50), abs=3)


def test_the_profile_of_rgb_is_not_applied_as_the_loaders_of_networks_do_not():
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.fromarray(whole(COLOURS, 255, "u1"))

    assert read_image(by_pillow(image, "PNG", icc_profile=wide)).tobytes() == image.tobytes()


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_orientation_is_turned_upright_in_every_format(form, orientation):
    shades = np.zeros((16, 24), dtype=np.uint8)
    shades[:8, :8] = 255  # white top left
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = {
        2: shades[:, ::-1], 3: shades[::-1, ::-1], 4: shades[::-1], 5: shades.T,
        6: shades[::-1].T, 7: shades[::-1, ::-1].T, 8: shades.T[::-1],
    }.get(orientation, shades)  # fmt: skip

    picture = np.asarray(
        read_image(by_pillow(Image.fromarray(shades).convert("RGB"), form, exif=exif))
    )

    assert picture.shape[:2] == upright.shape
    assert np.abs(picture[..., 0].astype(int) - upright).mean() < 8


def test_a_wide_tiff_is_turned_upright():
    values = whole(RAMP, 65535)
    file = tiff(values, extratags=[(274, "H", 1, 6, True)])

    assert np.array_equal(np.asarray(read_image(file))[..., 0], shown(RAMP)[::-1, :, 0].T)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_does_not_lose_the_picture():
    file = by_pillow(Image.new("RGB", (8, 6), "red"), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")

    assert read_image(file).size == (8, 6)


def test_169_megapixels_of_one_bit_are_read():
    picture = read_image(one_bit_png(13_000, 13_000))

    assert picture.size == (13_000, 13_000)
    assert picture.getpixel((6_000, 6_000)) == (255, 255, 255)
