"""Finds images and reads them: turned as EXIF says, in RGB, each bad one named."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from dissect.errors import ImagesError

MOST_PIXELS = 178_956_970


@dataclass(frozen=True)
class ImageList:
    """Images in their order: the place of an image in `paths` is its id.

    Attributes:
        source: what the user named.
        root: the folder that paths are relative to.
        paths: relative, with forward slashes.
        sha256: over the paths and sizes in bytes, in order; two lists are the same if it is.
    """

    source: str
    root: Path
    paths: tuple[str, ...]
    sha256: str

    def __len__(self) -> int:
        return len(self.paths)

    def open(self, place: int) -> Image.Image:
        return read_image(self.root / self.paths[place])


def find_images(source: str | Path) -> ImageList:
    """The images of a folder, sorted by relative path, of a list in its order, or one image.

    Args:
        source: a folder, searched with all folders in it, a text file with a path a line,
            relative to the file's folder, or an image.

    Raises:
        ImagesError: it is missing or holds no image.
    """
    path = Path(source)
    if path.is_dir():
        paths = sorted(_images_below(path))
    elif path.suffix.lower() in _readable_endings() and path.is_file():
        paths = [path.name]
    elif path.is_file():
        paths = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    else:
        raise ImagesError(f"There is no folder or list of images {str(source)!r}.")
    if not paths:
        raise ImagesError(f"There are no images in {str(source)!r}.")
    root = path if path.is_dir() else path.parent
    return ImageList(str(source), root, tuple(paths), _list_sha256(root, paths))


def _images_below(root: Path) -> Iterator[str]:
    """Relative paths of regular files, or links to them, with an ending that Pillow reads."""
    endings = _readable_endings()
    seen = {os.path.realpath(root)}
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if _is_new(os.path.join(folder, name), seen)]
        for name in files:
            path = os.path.join(folder, name)
            if os.path.splitext(name)[1].lower() in endings and _is_regular(path):
                yield Path(path).relative_to(root).as_posix()


def _is_new(folder: str, seen: set[str]) -> bool:
    """Whether a folder was not visited yet: a link to a folder above it would never end."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False  # a link to nothing, or in a circle


def _readable_endings() -> set[str]:
    known = Image.registered_extensions()
    return {ending for ending, form in known.items() if form in Image.OPEN}


def _list_sha256(root: Path, paths: list[str]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            size = os.stat(root / path).st_size
        except OSError:
            size = -1
        digest.update(f"{path}\t{size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def read_image(path: Path) -> Image.Image:
    """One image, turned as its EXIF says, in RGB; of an animation the first frame.

    Raises:
        ImagesError: it cannot be read, or has more than 178,956,970 pixels.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ImagesError(f"{image.width} x {image.height} is above {MOST_PIXELS:,} pixels")
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
