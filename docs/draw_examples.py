"""Draws the example pictures of the annotators' instructions: tiles of demo pictures, as HITs show.

    python -m docs.draw_examples

They are of another world than the demo studies, so that nobody sees a picture of a study before.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from dissect.demo.canvas import SIZE
from dissect.demo.concepts import indices
from dissect.demo.scenes import render
from dissect.format.region_parts import parts_of
from dissect.format.tile_drawing import draw_tile, jpeg
from dissect.format.tiles import LIT, WHOLE, crop_box

FOLDER = Path(__file__).parent.parent / "annotator" / "static" / "examples"
SEED = 7
TILE_PX = 160
GROWTH_PX = 5  # regions of units never follow the edge of a thing exactly


class Example(NamedTuple):
    """A scene of the demo world, by its place, and what of it is lit."""

    place: int
    level: str
    concept: str


#: Name of a tile's file -> what it shows. Tiles of one example have one name and are numbered.
EXAMPLES = {
    "name-1": Example(77, "part", "wheel"),
    "name-2": Example(25, "part", "wheel"),
    "name-3": Example(37, "part", "wheel"),
    "name-4": Example(87, "part", "wheel"),
    "name-5": Example(65, "part", "wheel"),
    "mark": Example(130, "object", "clock"),
    "nothing-1": Example(120, "object", "window"),
    "nothing-2": Example(77, "object", "cow"),
    "nothing-3": Example(42, "object", "lamp"),
    "nothing-4": Example(136, "surface", "water"),
    "nothing-5": Example(10, "object", "rug"),
    "group-1": Example(113, "color", "red"),
    "group-2": Example(91, "texture", "bricks"),
    "group-3": Example(68, "surface", "grassland"),
    "group-4": Example(46, "part", "head"),
    "group-5": Example(15, "object", "car"),
    "group-6": Example(72, "scene", "kitchen"),
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, example in EXAMPLES.items():
        (FOLDER / f"{name}.jpg").write_bytes(jpeg(draw_example(example)))


def draw_example(example: Example) -> Image.Image:
    """Draw one example tile; a scene is shown whole, anything else cropped around its region."""
    picture = render("scene", example.place, SEED)
    mask = picture.labels[example.level] == indices(example.level)[example.concept]
    pixels = Image.fromarray(picture.pixels)
    if example.level == "scene":
        return draw_tile(pixels, np.zeros_like(mask, dtype=np.uint8), WHOLE, TILE_PX)
    region = _largest_part(_grown(mask))
    ys, xs = np.nonzero(region)
    box = crop_box(region, (float(np.median(ys)) / SIZE, float(np.median(xs)) / SIZE))
    return draw_tile(pixels, np.where(region, LIT, 0).astype(np.uint8), box, TILE_PX)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    image = Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MaxFilter(GROWTH_PX))
    return np.asarray(image) > 0


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    labels = parts_of(mask).labels()
    return labels == np.argmax(np.bincount(labels[labels > 0]))


if __name__ == "__main__":
    main()
