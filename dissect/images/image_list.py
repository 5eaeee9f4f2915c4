"""Lists of images. An image has a place in its list and opens in RGB, rotated as EXIF says."""

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from dissect.errors import ImagesError
from dissect.images.sources import Source, files_source, find_source, size_of

MAX_PIXELS = 178_956_970  # Pillow's limit: a larger image may be a decompression bomb


@dataclass(frozen=True)
class ImageList:
    """Images in a fixed order. The place of an image in `paths` is its id.

    Attributes:
        source: the folder, file, pattern or URL that the user named.
        root: the folder that paths are relative to; for a bucket its URL.
        paths: relative, with forward slashes; from a text file as they are written there.
        sha256: over all paths and sizes in bytes, in order; it identifies the list.
        file: returns the path or the bytes of the image at a place.
        threads: number of threads that reading profits from.
    """

    source: str
    root: Path
    paths: tuple[str, ...]
    sha256: str
    file: Callable[[int], Path | BinaryIO] = field(repr=False, compare=False)
    threads: int = field(default=1, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.paths)

    def open(self, place: int) -> Image.Image:
        """One image, as `read_image` returns it.

        Raises:
            ImagesError: the image cannot be read.
            StoreError: its bucket does not answer; the image itself may be readable.
        """
        return read_image(self.file(place))


def find_images(source: str | Path) -> ImageList:
    """List the images that a source holds.

    >>> len(find_images("photographs"))
    5000

    Args:
        source: one of
            a folder, searched with all its subfolders and sorted by relative path; if it holds tar
                shards instead of images, the images in the shards;
            a text file with a path or s3:// URL on each line, in its order, with paths relative to
                the file's folder;
            a tar shard in the layout of WebDataset, or a pattern such as shards-{000..010}.tar,
                sorted by shard and then by name;
            s3://bucket/prefix, sorted by key;
            an image.

    Raises:
        ImagesError: the source does not exist or holds no image.
        StoreError: its bucket cannot be read.
    """
    images = find_source(str(source))
    if not images.paths:
        raise ImagesError(f"There are no images in {str(source)!r}.")
    return _image_list(str(source), images)


def images_from_paths(source: str, root: Path, paths: Sequence[str]) -> ImageList:
    """Make an image list of some paths; the images need not exist.

    Args:
        source: what the user named, for messages.
        root: the folder that paths are relative to.
    """
    return _image_list(source, files_source(root, paths, [size_of(root / path) for path in paths]))


def _image_list(name: str, source: Source) -> ImageList:
    digest = hashlib.sha256()
    for path, size in zip(source.paths, source.sizes, strict=True):
        digest.update(f"{path}\t{size}\n".encode("utf-8", "surrogateescape"))
    paths = tuple(source.paths)
    return ImageList(name, source.root, paths, digest.hexdigest(), source.file, source.threads)


def read_image(file: Path | BinaryIO) -> Image.Image:
    """Read one image of a list in RGB, with its EXIF rotation; the first frame of an animation.

    Raises:
        ImagesError: it cannot be read, or has more than MAX_PIXELS.
    """
    try:
        if isinstance(file, Path) and not stat.S_ISREG(os.stat(file).st_mode):
            raise ImagesError(f"{file} is no regular file")  # reading a pipe would never end
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImagesError(f"{image.width} x {image.height} is above {MAX_PIXELS:,} pixels")
            image.load()
            return _in_rgb(ImageOps.exif_transpose(image))
    except ImagesError:
        raise
    except Exception as error:  # on broken files Pillow's decoders may raise anything
        raise ImagesError(_reason(error)) from error


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit grey scaled to 8 bits; other wide or floating values stretched from their range."""
    values = np.asarray(image, dtype=np.float64)
    if image.mode.startswith("I;16") or (values.min() >= 0 and 255 < values.max() <= 65535):
        values = values / 257
    elif values.min() < 0 or values.max() > 255:
        spread = float(values.max() - values.min())
        values = (values - values.min()) * (255 / spread if spread else 0)
    return Image.fromarray(values.round().astype(np.uint8)).convert("RGB")


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
