"""Lists of images. An image has a place in its list and opens in RGB, rotated as EXIF says."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from dissect.errors import ImagesError
from dissect.images.decoding import read_image
from dissect.images.sources import Source, files_source, find_source, size_of


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
