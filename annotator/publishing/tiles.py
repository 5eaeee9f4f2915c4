"""Cuts the tiles of HITs from stored pictures, and draws their insets."""

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image as Pillow

from annotator import storage
from annotator.publishing.catch.sharpness import sharpness_of
from dissect.background import Background
from dissect.format.picture_list import content_name
from dissect.format.tile_drawing import cut_tile, jpeg
from dissect.format.tiles import Box

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
        sharpness: as `sharpness_of` measures it.
    """

    name: str
    size: int
    source_px: float
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
        with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
            picture.load()
            squares = {box: cut_tile(picture, box) for box in boxes[name]}
            width = picture.width
        tiles = {box: (jpeg(square), sharpness_of(square)) for box, square in squares.items()}
        return {
            (name, box): TileFile(
                name=_stored(tile) if is_stored else content_name(tile, ".jpg"),
                size=len(tile),
                source_px=box.side * width,
                sharpness=sharpness,
            )
            for box, (tile, sharpness) in tiles.items()
        }

    with Background(THREADS, name="tiles") as background:
        results = list(background.map(cut, sorted(boxes)))
    return {key: tile for result in results for key, tile in result.items()}


def opened_picture(name: str) -> Pillow.Image:
    """Read and decode a stored picture, to cut tiles from it."""
    with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
        return picture.convert("RGB")


def _stored(tile: bytes) -> str:
    name = content_name(tile, ".jpg")
    storage.keep(f"pictures/{name}", lambda: tile)
    return name
