"""Reads the ground truth beside a folder of images: which label every pixel has, at every level.

    ROOT/images/a/b.jpg
    ROOT/classes.csv                 index, name; group (1 to 6, else 5) and level where given
    ROOT/masks/a/b.png               one channel, class indices
    ROOT/masks/<level>/a/b.png       the same, where classes.csv has a column `level`

Index 0 says that nothing is labelled there, unless classes.csv names it otherwise.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

OBJECT = 5  # the semantic group of a class whose row names none
NEVER_CONCEPTS = {"void", "unlabeled", "unlabelled"}
NOTHING = 0  # the label of a pixel that has none


class NoGroundTruth(Exception):
    """The image source has no masks, or they cannot be read."""


@dataclass(frozen=True)
class Label:
    """One class of the ground truth; `level` is empty where there is only one."""

    name: str
    group: int
    level: str


@dataclass(frozen=True)
class View:
    """What a network sees of an image: the shorter side resized, the centre cropped, in pixels."""

    resize: int
    crop: int

    def rows_and_columns(
        self, width: int, height: int, side: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where a side x side grid over the view lies in the image, nearest pixel.

        Places outside the image (a crop larger than what was resized) take its border.
        """
        scale = min(width, height) / self.resize
        steps = (np.arange(side) + 0.5) / side * self.crop * scale
        rows = (height - self.crop * scale) / 2 + steps
        columns = (width - self.crop * scale) / 2 + steps
        return (
            np.clip(rows.astype(np.intp), 0, height - 1),
            np.clip(columns.astype(np.intp), 0, width - 1),
        )


class GroundTruth:
    """The labels of a folder of images.

    Attributes:
        labels: by label number, from 1; labels[0] stands for nothing.
        levels: their folders; one nameless level where classes.csv has no column `level`.
    """

    def __init__(self, root: Path, labels: Sequence[Label], numbers: dict[str, NDArray]) -> None:
        self.root = root
        self.labels = labels
        self.levels = tuple(numbers)
        self._numbers = numbers  # level: class index -> label number

    def maps(self, name: str, view: View, side: int) -> NDArray[np.uint16]:
        """Labels under a grid over the network's view of an image.

        Args:
            name: of the image, by `mask_name`.

        Returns:
            (side, side, levels) label numbers; nothing where an image has no mask.
        """
        found = np.zeros((side, side, len(self.levels)), dtype=np.uint16)
        for place, level in enumerate(self.levels):
            mask = self.root / "masks" / level / f"{name}.png"
            if mask.is_file():
                indices = _read_mask(mask)
                rows, columns = view.rows_and_columns(indices.shape[1], indices.shape[0], side)
                found[:, :, place] = self._numbers[level][indices[np.ix_(rows, columns)]]
        return found

    def names(self) -> list[str]:
        """The images that have a mask, sorted."""
        masks = self.root / "masks" / self.levels[0]
        return sorted(p.relative_to(masks).with_suffix("").as_posix() for p in masks.rglob("*.png"))


def ground_truth(source: str) -> GroundTruth:
    """The ground truth of an image source: the folder of images, or the one that holds it.

    Raises:
        NoGroundTruth: it has none.
    """
    folder = Path(source)
    for root in (folder, folder.parent):
        if (root / "classes.csv").is_file() and (root / "masks").is_dir():
            return _read(root)
    raise NoGroundTruth(
        f"{source or 'The study'} has no ground truth: simulated workers answer from masks, so "
        "classes.csv and masks/ must stand beside images/."
    )


def _read(root: Path) -> GroundTruth:
    path = root / "classes.csv"
    labels = [Label("", 0, "")]
    numbers: dict[str, NDArray] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                level, index, name = row.get("level") or "", int(row["index"]), row["name"].strip()
                of_level = numbers.setdefault(level, np.zeros(1 << 16, dtype=np.uint16))
                if name and name.lower() not in NEVER_CONCEPTS:
                    of_level[index] = len(labels)
                    labels.append(Label(name, int(row.get("group") or OBJECT), level))
    except (OSError, KeyError, ValueError, IndexError, csv.Error) as error:
        raise NoGroundTruth(f"{path} cannot be read; it needs index,name: {error!r}.") from error
    if len(labels) == 1:
        raise NoGroundTruth(f"{path} names no class.")
    return GroundTruth(root, labels, numbers)


def mask_name(path: str) -> str:
    """What the masks call an image: no suffix, no `images/` (there if the source is the root)."""
    return Path(path.removeprefix("images/")).with_suffix("").as_posix()


def _read_mask(path: Path) -> NDArray[np.uint16]:
    try:
        with Pillow.open(path) as picture:
            indices = np.asarray(picture)
    except OSError as error:
        raise NoGroundTruth(f"The mask {path} cannot be read: {error}.") from error
    if indices.ndim != 2:
        raise NoGroundTruth(f"The mask {path} has {indices.shape[-1]} channels; it needs one.")
    return indices.astype(np.uint16)
