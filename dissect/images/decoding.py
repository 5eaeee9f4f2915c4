"""From an image file to RGB: what the values of each kind of file mean.

docs/reference/pictures.md is the table of kinds and values; what is not in it is refused with a
reason, and never read as something else. An RGB picture of 8 bits is returned as Pillow reads it.
"""

import io
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from dissect.errors import ImagesError
from dissect.images.formats import missing_package, readable_formats
from dissect.images.machine_faults import refuse_machine_fault
from dissect.images.memory import MAX_PIXELS, room_for
from dissect.images.sixteen_bits import has_sixteen_bits, read_sixteen_bits
from dissect.images.tiff import NotForTifffile, is_deep, is_tiff, pillow_reads_rightly, read_tiff
from dissect.images.values import picture_of_values

VERSION = 2  # raised when a kind of file gets other values; part of the fingerprint
ORIENTATION = 0x0112  # EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FULL_RANGE = ("PPM", "JPEG2000")  # formats whose 16-bit values Pillow scales to 0 to 65,535

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow warns of half as many; `room_for` refuses these


def read_image(file: Path | BinaryIO, shorter_side: int | None = None) -> Image.Image:
    """Decode one image file to RGB, with its EXIF rotation; the first frame of an animation.

    Args:
        shorter_side: libjpeg may scale a JPEG to a half, a quarter or an eighth, as long as its
            shorter side keeps these pixels. None: every image is read whole.

    Raises:
        ImagesError: it cannot be read, or would take too much memory.
        StoreError: its disk, or the network to it, fails now; the image itself may be readable.
    """
    try:
        if isinstance(file, Path) and not stat.S_ISREG(os.stat(file).st_mode):
            raise ImagesError("it is no regular file")  # reading a pipe would never end
        return _read(file, shorter_side)
    except ImagesError:
        raise
    except Exception as error:  # on broken files Pillow's decoders may raise anything
        refuse_machine_fault(error, file)
        raise ImagesError(_reason(error)) from error


def read_picture(image: Image.Image) -> Image.Image:
    """Decode a Pillow image as `read_image` decodes a file: in RGB, with its EXIF rotation.

    Raises:
        ImagesError: it cannot be decoded, or would take too much memory.
    """
    try:
        with room_for(*image.size, image.format):
            image.load()
            return _turned(_in_rgb(image), _orientation(image))
    except ImagesError:
        raise
    except Exception as error:  # on broken files Pillow's decoders may raise anything
        raise ImagesError(_reason(error)) from error


def _read(file: Path | BinaryIO, shorter_side: int | None) -> Image.Image:
    try:
        opened = Image.open(file, formats=readable_formats())
    except UnidentifiedImageError:
        if is_tiff(file):
            picture, orientation = read_tiff(file)
            return _turned(_in_rgb(picture), orientation)
        raise ImagesError(missing_package(file) or _unknown(file)) from None
    # Room for the whole: libjpeg keeps all of a progressive picture, however it scales.
    with opened as image, room_for(*image.size, image.format):
        if shorter_side is not None and image.format == "JPEG" and image.mode == "RGB":
            image.draft("RGB", (shorter_side, shorter_side))
        return _decoded(image, file)


def _decoded(image: Image.Image, file: Path | BinaryIO) -> Image.Image:
    """An opened image in RGB and upright."""
    if image.format == "TIFF" and is_deep(image.tag_v2):  # type: ignore[attr-defined]
        try:
            picture, orientation = read_tiff(file)
            return _turned(_in_rgb(picture), orientation)
        except NotForTifffile:
            if not pillow_reads_rightly(image.tag_v2):  # type: ignore[attr-defined]
                raise
    if has_sixteen_bits(image):
        return _turned(_in_rgb(read_sixteen_bits(image, file)), _orientation(image))
    image.load()
    return _turned(_in_rgb(image), _orientation(image))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF of a picture that is whole
        return 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _in_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode in RGB; transparent parts show white."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _of_numbers(image)
    if image.mode == "CMYK" and image.info.get("icc_profile"):
        return _of_ink(image)
    if image.mode == "LAB":
        return _of_lab(image)
    if image.has_transparency_data:
        return _on_white(image)
    return image.convert("RGB")


def _of_numbers(image: Image.Image) -> Image.Image:
    """Wide and floating gray, as `values` scales it; a transparent number shows white."""
    numbers = np.asarray(image)
    white = 65_535 if image.format in FULL_RANGE and image.mode != "F" else None
    picture = picture_of_values(numbers, white)
    if "transparency" in image.info:
        picture.paste(255, mask=Image.fromarray(numbers == image.info["transparency"]))
    return picture.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    opacity = image.getchannel("A")
    if opacity.getextrema()[1] == 0:
        raise ImagesError("it is transparent everywhere, so there is nothing to see")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=opacity)
    return canvas


def _of_ink(image: Image.Image) -> Image.Image:
    """CMYK by its profile of inks; a profile of other colors says nothing of inks."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    if profile.profile.xcolor_space.strip() != "CMYK":
        return image.convert("RGB")
    return _by_profile(image, profile)


def _of_lab(image: Image.Image) -> Image.Image:
    return _by_profile(image, ImageCms.createProfile("LAB"))


def _by_profile(image: Image.Image, profile: Any) -> Image.Image:
    srgb = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(profile, srgb, image.mode, "RGB")
    picture = ImageCms.applyTransform(image, transform)
    assert picture is not None
    return picture


def _unknown(file: Path | BinaryIO) -> str:
    size = file.stat().st_size if isinstance(file, Path) else file.seek(0, os.SEEK_END)
    if size == 0:
        return "the file is empty"
    return "cannot identify image file: it is in no format that is read"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # without the path, which the message has anyway
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
