"""Images by place: turned as EXIF says, in RGB, each bad one named."""

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
from dissect.images.sources import ABSENT, Source, find_source

MAX_PIXELS = 178_956_970


@dataclass(frozen=True)
class ImageList:
    """Images in their order: the place of an image in `paths` is its id.

    Attributes:
        source: what the user named.
        root: the folder that paths are relative to; of a bucket its URL.
        paths: relative, with forward slashes; in a list as they are written there.
        sha256: over the paths and sizes in bytes, in order; two lists are the same if it is.
        file: what is decoded for the image at a place, its path or its bytes.
        threads: how many reading at once are worth their while.
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
        """One image, turned as its EXIF says, in RGB.

        Raises:
            ImagesError: it cannot be read.
            StoreError: it may well be readable, but its bucket does not answer.
        """
        return read_image(self.file(place))


def find_images(source: str | Path) -> ImageList:
    """The images that a user names.

    Args:
        source: one of
            a folder, searched with all folders in it, sorted by relative path; where it holds
                no images but tar shards, the images in these;
            a text file with a path or s3:// URL a line, in its order, paths relative to the file's
                folder;
            a tar shard (WebDataset's layout), or a pattern of them such as shards-{000..010}.tar,
                sorted by shard and then by name in it;
            s3://bucket/prefix, sorted by key;
            an image.

    Raises:
        ImagesError: it is missing or holds no image.
        StoreError: its bucket cannot be read.
    """
    found = find_source(str(source))
    if not found.paths:
        raise ImagesError(f"There are no images in {str(source)!r}.")
    return ImageList(
        str(source), found.root, tuple(found.paths), _sha256(found), found.file, found.threads
    )


def images_from_paths(source: str, root: Path, paths: Sequence[str]) -> ImageList:
    """The images that some other table names.

    Args:
        source: what names them. root: the folder that paths are relative to.
    """
    sizes = [_size(root / path) for path in paths]
    found = Source(root, paths, sizes, lambda place: root / paths[place])
    return ImageList(source, root, tuple(paths), _sha256(found), found.file, found.threads)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return ABSENT


def _sha256(found: Source) -> str:
    digest = hashlib.sha256()
    for path, size in zip(found.paths, found.sizes, strict=True):
        digest.update(f"{path}\t{size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def read_image(file: Path | BinaryIO) -> Image.Image:
    """One image, turned as its EXIF says, in RGB; of an animation the first frame.

    Raises:
        ImagesError: it cannot be read, or has more than 178,956,970 pixels.
    """
    try:
        if isinstance(file, Path) and not stat.S_ISREG(os.stat(file).st_mode):
            raise ImagesError(f"{file} is no regular file")  # a pipe would never end
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImagesError(f"{image.width} x {image.height} is above {MAX_PIXELS:,} pixels")
            image.load()
            return _in_rgb(ImageOps.exif_transpose(image))
    except ImagesError:
        raise
    except Exception as error:  # Pillow's decoders raise what they like on broken files
        raise ImagesError(_reason(error)) from error


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit grey scaled to 8 bits; wider or floating values stretched from their own range."""
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
