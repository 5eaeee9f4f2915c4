"""Image lists of what a notebook holds: paths, Pillow images, arrays, tensors, a Dataset.

| an image is | and holds |
|---|---|
| a str or Path | a file, as `decoding` reads it |
| a Pillow image of any mode | what a file of that mode holds |
| an array (height, width) or (height, width, channels) | uint8, or floats from 0 to 1 |
| a tensor (height, width) or (channels, height, width) | the same |
| a tuple or list of one of these and a label | the first; labels are not read |
| a dictionary with one of these as "image" | that |

Channels are 1 (gray), 3 (RGB) or 4 (RGB and opacity), laid out as torchvision's `to_pil_image` has
them. Floats are turned into 256 shades, as a file would hold them; numbers outside 0 to 1, such as
those of normalized tensors, are refused.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.errors import BadSetting, ImagesError
from dissect.images.image_list import ImageList, find_images, images_from_paths
from dissect.machine import usable_cores

CHANNELS = (1, 3, 4)
KINDS = (
    "a path, a Pillow image, an array (height, width, channels) or a tensor (channels, height, "
    "width)"
)

AnyImage = str | Path | Image.Image | NDArray[Any] | Tensor
AnyImages = ImageList | AnyImage | Sequence[Any]


def images_of(images: AnyImages) -> ImageList:
    """List a sequence of paths, pictures, arrays or tensors as images, each with a place.

    >>> from PIL import Image
    >>> len(images_of([Image.new("RGB", (8, 8)), np.zeros((8, 8, 3), dtype=np.uint8)]))
    2

    Args:
        images: an image list; what `find_images` takes; one image; or a sequence of images, such
            as a list, a Dataset, or an array or tensor of one more axis.

    Raises:
        ImagesError: there are no images, or a path is none.
        BadSetting: it is no sequence, or an item of a list is no image.
        StoreError: as `find_images`.
    """
    if isinstance(images, ImageList):
        return images
    if isinstance(images, (str, Path)):
        return find_images(images)
    items = [images] if _is_single(images) else images
    if not (hasattr(items, "__len__") and hasattr(items, "__getitem__")) or isinstance(items, dict):
        raise BadSetting(
            f"Images are a folder, {KINDS}, or a sequence of these, not {type(images).__name__}; "
            "a generator becomes one by list(...)."
        )
    if not len(items):
        raise ImagesError("There are no images: the sequence is empty.")
    if isinstance(items, (list, tuple)):
        for place, item in enumerate(items):
            _check_kind(item, place)
        if all(isinstance(item, (str, Path)) for item in items):
            return _of_paths([os.fspath(item) for item in items])
    return _in_memory(items)


def _is_single(images: Any) -> bool:
    if isinstance(images, (np.ndarray, Tensor)):
        return images.ndim <= 3
    return isinstance(images, Image.Image)


def _of_paths(paths: Sequence[str]) -> ImageList:
    images = images_from_paths(f"the {len(paths):,} paths", Path(), paths)
    if not any(Path(path).exists() for path in paths):
        raise ImagesError(f"None of the {len(paths):,} paths is there; the first is {paths[0]!r}.")
    return images


def _in_memory(items: Any) -> ImageList:
    """The image list of a sequence, whose items are fetched when they are needed, one at a time."""
    fetching = Lock()  # a Dataset may not be used by several threads, nor a picture be decoded

    def file(place: int) -> Path | Image.Image:
        with fetching:
            item = _image_in(items[place])
            if isinstance(item, (str, Path)):
                return Path(item)
            picture = _picture_of(item, place)
            if getattr(picture, "fp", None) is not None:
                _load(picture)
            return picture

    return ImageList(
        source=f"the {len(items):,} images in memory",
        root=Path(),
        paths=tuple(str(place) for place in range(len(items))),
        sha256="",
        file=file,
        threads=usable_cores(),
    )


def _load(picture: Image.Image) -> None:
    try:
        picture.load()
    except Exception as error:  # on broken files Pillow's decoders may raise anything
        raise ImagesError(str(error) or type(error).__name__) from error


def _image_in(item: Any) -> Any:
    """The image of a Dataset's item, which may come with a label."""
    if isinstance(item, (tuple, list)) and item:
        return item[0]
    if isinstance(item, dict) and "image" in item:
        return item["image"]
    return item


def _check_kind(item: Any, place: int) -> None:
    image = _image_in(item)
    if not isinstance(image, (str, Path, Image.Image, np.ndarray, Tensor)):
        raise BadSetting(f"Image {place} is {type(image).__name__}, not {KINDS}.")
    if isinstance(image, (np.ndarray, Tensor)):
        _check_axes(image, place)


def _check_axes(values: NDArray[Any] | Tensor, place: int) -> None:
    is_tensor = isinstance(values, Tensor)
    channels = values.shape[0 if is_tensor else 2] if values.ndim == 3 else 1
    if values.ndim not in (2, 3) or channels not in CHANNELS or 0 in values.shape:
        axes = "(channels, height, width)" if is_tensor else "(height, width, channels)"
        raise BadSetting(
            f"Image {place} has the shape {tuple(values.shape)}; it must be (height, width) or "
            f"{axes}, with 1, 3 or 4 channels."
        )


def _picture_of(item: Any, place: int) -> Image.Image:
    """A Pillow image of an item that is no path.

    Raises:
        BadSetting: it is no image.
    """
    _check_kind(item, place)
    if isinstance(item, Image.Image):
        return item
    values = item.detach().cpu() if isinstance(item, Tensor) else torch.from_numpy(item.copy())
    if isinstance(item, Tensor) and values.ndim == 3:
        values = values.permute(1, 2, 0)
    shades = _shades(values, place).numpy()
    grey = shades.ndim == 3 and shades.shape[2] == 1
    return Image.fromarray(np.ascontiguousarray(shades[..., 0] if grey else shades))


def _shades(values: Tensor, place: int) -> Tensor:
    """uint8 as it is, floats from 0 to 1 in 256 shades."""
    if values.dtype == torch.uint8:
        return values
    kind = str(values.dtype).removeprefix("torch.")
    numbers = values.to(torch.float64)
    low, high = float(numbers.min()), float(numbers.max())
    if values.dtype.is_floating_point and low >= 0 and high <= 1:
        return (255 * numbers).round().to(torch.uint8)
    raise BadSetting(
        f"Image {place} holds {kind} from {low:.4g} to {high:.4g}; give uint8, or floats from 0 to "
        "1, as they are before the network's own mean and std."
    )
