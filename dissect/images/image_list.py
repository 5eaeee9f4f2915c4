"""Lists of images. An image has a place in its list and opens in RGB, rotated as EXIF says."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from dissect.errors import BadSetting, ImagesError, did_you_mean
from dissect.format.names import storable
from dissect.images.decoding import read_image, read_picture
from dissect.images.sources import Source, files_source, find_source, size_of

SKIPPED = "left out by --skip"  # the reason of an image that the user left out


@dataclass(frozen=True)
class ImageList:
    """Images in a fixed order. The place of an image in `paths` is its id.

    Attributes:
        source: the folder, file, pattern or URL that the user named.
        root: the folder that paths are relative to; for a bucket its URL.
        paths: relative, with forward slashes; from a text file as they are written there. They
            are text that can be stored (`format.names`), and may differ from the files' names.
        sha256: over all paths and sizes in bytes, in order; it identifies the list. Empty where
            pictures are in memory.
        file: returns the path or the bytes of the image at a place, or the picture itself where it
            is in memory.
        threads: number of threads that reading profits from.
        notes: sentences for the user about what was not looked at.
        file_names: the paths as the file system has them.
    """

    source: str
    root: Path
    paths: tuple[str, ...]
    sha256: str
    file: Callable[[int], Path | BinaryIO | Image.Image] = field(repr=False, compare=False)
    threads: int = field(default=1, repr=False, compare=False)
    notes: tuple[str, ...] = field(default=(), repr=False, compare=False)
    file_names: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.paths)

    def open(self, place: int, shorter_side: int | None = None) -> Image.Image:
        """One image, as `read_image` returns it.

        Raises:
            ImagesError: the image cannot be read.
            StoreError: its bucket does not answer; the image itself may be readable.
        """
        file = self.file(place)
        if isinstance(file, Image.Image):
            return read_picture(file)
        return read_image(file, shorter_side)

    def location(self, place: int) -> Path:
        """Where an image lies: its masks and labels are looked for by this path."""
        return self.root / (self.file_names[place] if self.file_names else self.paths[place])


def without(images: ImageList, names: Sequence[str]) -> ImageList:
    """The same list of images, some of them left out by --skip: they keep their places.

    The list keeps its hash and every image its place, so what was collected stays of use.

    Args:
        names: paths of the list.

    Raises:
        BadSetting: an image is not in the list.
    """
    if unknown := [name for name in names if name not in images.paths]:
        hint = did_you_mean(unknown[0], images.paths)
        raise BadSetting(f"--skip: there is no image {unknown[0]!r} in {images.source}.{hint}")
    skipped = {images.paths.index(name) for name in names}

    def file(place: int) -> Path | BinaryIO | Image.Image:
        if place in skipped:
            raise ImagesError(SKIPPED)
        return images.file(place)

    return replace(images, file=file) if skipped else images


def find_images(source: str | Path) -> ImageList:
    """Make an `ImageList` of a folder, file, pattern or URL: its images, each with a place.

    >>> len(find_images("photographs"))
    5000

    Args:
        source: one of
            a folder, searched with all its subfolders and sorted by relative path; if it holds tar
                shards instead of images, the images in the shards;
            a text file with a path or s3:// URL on each line, in its order, with paths relative to
                the file's folder (comments, labels and CSV: `path_lists`);
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
        notes = "".join(f" {note}" for note in images.notes)
        raise ImagesError(f"There are no images in {str(source)!r}.{notes}")
    return _image_list(str(source), images)


def images_from_paths(source: str, root: Path, paths: Sequence[str]) -> ImageList:
    """Make an `ImageList` of some paths, each with a place; the images need not exist.

    Args:
        source: what the user named, for messages.
        root: the folder that paths are relative to.
    """
    return _image_list(source, files_source(root, paths, [size_of(root / path) for path in paths]))


def _image_list(name: str, source: Source) -> ImageList:
    digest = hashlib.sha256()
    for path, size in zip(source.paths, source.sizes, strict=True):
        digest.update(f"{path}\t{size}\n".encode("utf-8", "surrogateescape"))
    return ImageList(
        source=name,
        root=source.root,
        paths=tuple(storable(path) for path in source.paths),
        sha256=digest.hexdigest(),
        file=source.file,
        threads=source.threads,
        notes=source.notes,
        file_names=tuple(source.paths),
    )
