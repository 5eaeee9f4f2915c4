"""Cuts the tiles of HITs from stored pictures, and draws their insets."""

import io
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image as Pillow

from annotator import storage
from dissect.format.picture_list import content_name
from dissect.format.tile_drawing import INSET_PX, cut_tile, draw_inset, jpeg
from dissect.format.tiles import WHOLE, Box

THREADS = 8  # reading from the storage; Pillow decodes and encodes outside of Python's lock
Cut = tuple[str, Box]  # the file of a picture, and the square of it that a tile shows


@dataclass(frozen=True)
class TileFile:
    """A tile that is cut from a picture.

    Attributes:
        name: of its file, a hash of its content.
        size: of its file, in bytes.
        source_px: side of the square of the picture that it shows, in pixels of the picture; the
            fewer, the more it is enlarged.
        picture_size: of the picture's file, in bytes.
        sharpness: as `sharpness_of` measures it.
    """

    name: str
    size: int
    source_px: float
    picture_size: int
    sharpness: tuple[float, float]


def cut_tiles(cuts: Iterable[Cut], is_stored: bool = True) -> dict[Cut, TileFile]:
    """Cut tiles in threads; each picture is read and decoded once, however many it gives.

    Args:
        is_stored: whether the tiles are stored, unless they are there; otherwise they are only
            measured.
    """
    boxes: dict[str, set[Box]] = defaultdict(set)
    for picture, box in cuts:
        boxes[picture].add(box)

    def cut(name: str) -> dict[Cut, TileFile]:
        content = storage.read(f"pictures/{name}")
        with Pillow.open(io.BytesIO(content)) as picture:
            picture.load()
            squares = {box: cut_tile(picture, box) for box in boxes[name]}
            width = picture.width
        tiles = {box: (jpeg(square), sharpness_of(square)) for box, square in squares.items()}
        return {
            (name, box): TileFile(
                name=_stored(tile) if is_stored else content_name(tile, ".jpg"),
                size=len(tile),
                source_px=box.side * width,
                picture_size=len(content),
                sharpness=sharpness,
            )
            for box, (tile, sharpness) in tiles.items()
        }

    with ThreadPoolExecutor(THREADS, thread_name_prefix="tiles") as pool:
        results = list(pool.map(cut, sorted(boxes)))
    return {key: tile for result in results for key, tile in result.items()}


def sharpness_of(picture: Pillow.Image) -> tuple[float, float]:
    """How sharp a picture is: the mean difference of neighbours, and how it falls off.

    Returns:
        The mean absolute difference of pixels side by side, in levels of grey, and that as a share
        of the difference at a distance of two. Both are small where a picture is blurred, and the
        second where it is enlarged.
    """
    grey = np.asarray(picture.convert("L"), dtype=np.int16)
    near, far = (float(np.abs(grey[:, by:] - grey[:, :-by]).mean()) for by in (1, 2))
    return near, near / max(far, 1e-9)


def size_and_sharpness(name: str) -> tuple[float, float, float]:
    """Bytes of a stored picture, and how sharp it is, as `sharpness_of` measures it."""
    content = storage.read(f"pictures/{name}")
    with Pillow.open(io.BytesIO(content)) as picture:
        return len(content), *sharpness_of(picture)


def opened_picture(name: str) -> Pillow.Image:
    """Read and decode a stored picture."""
    with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
        return picture.convert("RGB")


def _stored(tile: bytes) -> str:
    name = content_name(tile, ".jpg")
    storage.keep(f"pictures/{name}", lambda: tile)
    return name


def inset_sheet(cuts: Iterable[Cut], columns: int) -> bytes:
    """Draw the insets of a HIT's tiles as one JPEG, in slot order, row by row.

    An inset is the whole picture, small, with a frame around what its tile shows.
    """
    insets = [draw_inset(_small_picture(picture), box) for picture, box in cuts]
    rows = -(-len(insets) // columns)
    sheet = Pillow.new("RGB", (columns * INSET_PX, rows * INSET_PX))
    for number, inset in enumerate(insets):
        sheet.paste(inset, (number % columns * INSET_PX, number // columns * INSET_PX))
    return jpeg(sheet)


def _small_picture(name: str) -> Pillow.Image:
    """A picture at the size of an inset; the same ones are shown for many units."""
    return Pillow.frombytes("RGB", (INSET_PX, INSET_PX), _small_pixels(name))


@cache
def _small_pixels(name: str) -> bytes:
    with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
        picture.draft("RGB", (2 * INSET_PX, 2 * INSET_PX))  # decodes at a smaller scale
        return draw_inset(picture.convert("RGB"), WHOLE).tobytes()
