"""What images are known to show: a folder's masks of concepts, and its table of classes.

    DIR/images/a/b.jpg
    DIR/classes.csv             index,name and perhaps group (1 to 6) and level
    DIR/masks/a/b.png           one channel of indices, where there is one level
    DIR/masks/LEVEL/a/b.png     where classes.csv has a column `level`
    DIR/labels.csv              the class of each image: file or path, and ..index, class or name

Index 0 is nothing, unless classes.csv names it. void, unlabeled and unlabelled are no concepts:
nobody knows what is there, so such pixels count neither for nor against a unit.
"""

import csv
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import NoGroundTruth
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing

UNKNOWN = {"void", "unlabeled", "unlabelled"}
OBJECT = 5  # DESIGN's group of a concept whose table names none
HIGHEST = 255


@dataclass(frozen=True)
class Concept:
    """Something with a name that masks show. Level "" where there is one level alone."""

    level: str
    index: int
    name: str
    group: int = OBJECT


@dataclass(frozen=True)
class Truth:
    """The masks of a folder of images.

    Attributes:
        folder: DIR above.
        concepts: in the order of classes.csv, without those that say that nothing is known.
        unknown: level -> indices that say so.
    """

    folder: Path
    concepts: tuple[Concept, ...]
    unknown: dict[str, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(concept.level for concept in self.concepts))

    def seen(
        self, image: Path, level: str, shape: Preprocessing, side: int
    ) -> NDArray[np.uint8] | None:
        """What the network's view of an image shows at a level.

        Args:
            image: its path. side: of the view wanted, in pixels.

        Returns:
            (side, side) of indices, or None where the image has no mask.

        Raises:
            NoGroundTruth: the mask cannot be read, or is no picture of indices.
        """
        image, inside = whole_path(image), self.folder / "images"
        if not image.is_relative_to(inside):
            return None
        path = (self.folder / "masks" / level / image.relative_to(inside)).with_suffix(".png")
        if not path.is_file():
            return None
        try:
            with Image.open(path) as mask:
                mask.load()
        except Exception as error:  # Pillow's decoders raise what they like on broken files
            raise NoGroundTruth(f"The mask {path} cannot be read: {error}.") from error
        if mask.mode not in ("L", "P"):
            raise NoGroundTruth(f"The mask {path} is {mask.mode}, not one channel of indices.")
        box = shape.box(mask.width, mask.height)
        return np.asarray(mask.resize((side, side), Image.Resampling.NEAREST, box=box))


def whole_path(path: Path) -> Path:
    """A path from the root on, links left as they are: masks lie where images are said to be."""
    return Path(os.path.abspath(path))


def images_folder(source: str | Path) -> Path:
    """DIR/images where a folder with ground truth is named, else what was named."""
    path = Path(source)
    inside = path / "images"
    return inside if (path / "classes.csv").is_file() and inside.is_dir() else path


def folder_of(images: ImageList, table: str) -> Path | None:
    """The folder with a table, of which the images lie in `images`."""
    root = whole_path(images.root / images.paths[0]).parent
    for folder in (root, *root.parents):
        if folder.name == "images" and (folder.parent / table).is_file():
            return folder.parent
    return None


def find_truth(images: ImageList) -> Truth:
    """The masks that belong to images.

    Raises:
        NoGroundTruth: there are none, or their table makes no sense.
    """
    folder = folder_of(images, "classes.csv")
    if folder is None or not (folder / "masks").is_dir():
        raise NoGroundTruth(
            f"{images.source} has no masks: they are looked for in DIR/masks, named in "
            "DIR/classes.csv, where the images lie in DIR/images."
        )
    rows = _rows(folder / "classes.csv")
    try:
        every = [
            Concept(
                row.get("level") or "", _index(row["index"]), row["name"].strip(),
                int(row.get("group") or OBJECT),
            )
            for row in rows
        ]  # fmt: skip
    except (KeyError, ValueError, AttributeError) as error:
        raise NoGroundTruth(
            f"{folder / 'classes.csv'} needs columns index (0 to {HIGHEST}) and name, and perhaps "
            f"group (1 to 6) and level; it has {', '.join(rows[0]) if rows else 'no rows'}."
        ) from error
    unknown: dict[str, frozenset[int]] = {}
    for concept in every:
        if concept.name.lower() in UNKNOWN:
            unknown[concept.level] = unknown.get(concept.level, frozenset()) | {concept.index}
    known = tuple(concept for concept in every if concept.name.lower() not in UNKNOWN)
    if not known:
        raise NoGroundTruth(f"{folder / 'classes.csv'} names no concepts.")
    return Truth(folder, known, unknown)


def _index(text: str) -> int:
    index = int(text)
    if not 0 <= index <= HIGHEST:
        raise ValueError(index)
    return index


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoGroundTruth(f"{path} cannot be read: {error}.") from error


def find_labels(images: ImageList) -> dict[Path, str]:
    """The class of each image by its whole path, an index or a name; empty where none is known.

    Raises:
        NoGroundTruth: there is a labels.csv without the columns it needs.
    """
    folder = folder_of(images, "labels.csv")
    if folder is None:
        return {}
    rows = _rows(folder / "labels.csv")
    names = list(rows[0]) if rows else []
    where = next((name for name in names if name in ("file", "path", "image")), None)
    what = next((name for name in names if name.endswith("index")), None)
    what = what or next((name for name in names if name in ("class", "name")), None)
    if rows and not (where and what):
        raise NoGroundTruth(
            f"{folder / 'labels.csv'} needs a column file or path, and one of class, name or "
            f"..index; it has {', '.join(names)}."
        )
    found = {}
    for row in rows:
        path = Path(row[where or ""])
        path = path if path.parts[:1] == ("images",) else "images" / path
        found[whole_path(folder / path)] = row[what or ""]
    return found
