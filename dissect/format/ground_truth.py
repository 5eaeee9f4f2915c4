"""Reads what a folder of images is known to show: masks of concepts, and the class of each image.

    DIR/images/a/b.jpg
    DIR/classes.csv             index, name; optionally group (1 to 6) and level
    DIR/masks/a/b.png           one channel of indices, where there is one level
    DIR/masks/LEVEL/a/b.png     the same, where classes.csv has a column `level`
    DIR/labels.csv              the class of each image: file or path, and ..index, class or name

Index 0 is no concept unless classes.csv names it. The names void, unlabeled and `unlabelled` say
that the content is unknown: such pixels count neither for nor against a unit.
"""

import csv
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import NoGroundTruth
from dissect.format.picture_list import View

UNKNOWN = {"void", "unlabeled", "unlabelled"}
OBJECT = 5  # the semantic group of a concept whose row names none
MAX_INDEX = 65535
TRUTH_PX = 112  # side at which masks are compared with the regions of units
ONE_CHANNEL = {"1", "L", "P", "I", "I;16"}  # Pillow's modes

Indices = NDArray[Any]  # of any integer type


@dataclass(frozen=True)
class Concept:
    """Something that masks show.

    Attributes:
        level: "" where there is only one.
        index: in the masks of its level.
        group: its semantic group, from 1 to 6.
    """

    level: str
    index: int
    name: str
    group: int = OBJECT


NO_CONCEPT = Concept("", 0, "", 0)


@dataclass(frozen=True)
class GroundTruth:
    """The masks of a folder of images.

    Attributes:
        folder: DIR above.
        concepts: in the order of classes.csv, without those whose content is unknown.
        unknown: by level, the indices whose content is unknown.
    """

    folder: Path
    concepts: tuple[Concept, ...]
    unknown: dict[str, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(concept.level for concept in self.concepts))

    @property
    def labels(self) -> tuple[Concept, ...]:
        """The concepts by the numbers of `label_maps`; number 0 is no concept."""
        return (NO_CONCEPT, *self.concepts)

    def names(self) -> list[str]:
        """The images that have a mask at the first level, by `mask_name`, sorted."""
        masks = self.folder / "masks" / self.levels[0]
        return sorted(p.relative_to(masks).with_suffix("").as_posix() for p in masks.rglob("*.png"))

    def seen(self, image: Path, level: str, view: View, side: int) -> Indices | None:
        """What the network's view of an image shows at a level.

        Args:
            image: its path, below DIR/images.
            side: of the result, in cells.

        Returns:
            (side, side) indices; None where the image has no mask.

        Raises:
            NoGroundTruth: the mask cannot be read, or is no picture of indices.
        """
        image, images = absolute_path(image), absolute_path(self.folder / "images")
        if not image.is_relative_to(images):
            return None
        return self._view_of_mask(mask_name(image.relative_to(images)), level, view, side)

    def label_maps(self, name: str, view: View, side: int) -> NDArray[np.uint16]:
        """The labels in the network's view of an image, at every level.

        Args:
            name: of the image, by `mask_name`.
            side: of the result, in cells.

        Returns:
            (side, side, levels) numbers in `labels`; 0 where the image has no mask.

        Raises:
            NoGroundTruth: a mask cannot be read, or is no picture of indices.
        """
        maps = np.zeros((side, side, len(self.levels)), dtype=np.uint16)
        for number, level in enumerate(self.levels):
            indices = self._view_of_mask(name, level, view, side)
            if indices is not None:
                maps[:, :, number] = self._numbers[level][indices]
        return maps

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.uint16]]:
        """By level, (MAX_INDEX + 1,): the number in `labels` of each index."""
        numbers = {level: np.zeros(MAX_INDEX + 1, dtype=np.uint16) for level in self.levels}
        for number, concept in enumerate(self.concepts, start=1):
            numbers[concept.level][concept.index] = number
        return numbers

    def _view_of_mask(self, name: str, level: str, view: View, side: int) -> Indices | None:
        path = self.folder / "masks" / level / f"{name}.png"
        return view.sampled(_read_mask(path), side) if path.is_file() else None


def absolute_path(path: Path) -> Path:
    """The path by which ground truth knows an image: from the root, links not followed."""
    return Path(os.path.abspath(path))


def mask_name(path: Path | str) -> str:
    """What ground-truth masks call an image, given its path relative to DIR or to DIR/images.

    >>> mask_name("images/a/b.jpg")
    'a/b'
    """
    return Path(str(path).removeprefix("images/")).with_suffix("").as_posix()


def _read_mask(path: Path) -> Indices:
    """(height, width) indices."""
    try:
        with Image.open(path) as mask:
            mode, indices = mask.mode, np.asarray(mask)
    except Exception as error:  # Pillow's decoders raise errors of many kinds on broken files
        raise NoGroundTruth(f"The mask {path} cannot be read: {error}.") from error
    if mode not in ONE_CHANNEL:
        raise NoGroundTruth(f"The mask {path} is {mode}, not one channel of indices.")
    if indices.dtype == np.bool_:
        return indices.astype(np.uint8)
    if indices.min(initial=0) < 0 or indices.max(initial=0) > MAX_INDEX:
        raise NoGroundTruth(f"The mask {path} has indices outside 0 to {MAX_INDEX}.")
    return indices


def has_masks(folder: Path) -> bool:
    """Whether a folder is a DIR with ground truth: classes.csv and masks."""
    return (folder / "classes.csv").is_file() and (folder / "masks").is_dir()


def ground_truth_of(source: str) -> GroundTruth:
    """Read what a source of images is known to show, its ground truth, in DIR/images or DIR.

    Raises:
        NoGroundTruth: there is none, or it cannot be read.
    """
    folder = Path(source)
    for root in (folder, folder.parent):
        if has_masks(root):
            return read_ground_truth(root)
    raise NoGroundTruth(
        f"{source or 'The study'} has no ground truth: simulated workers answer from masks, so "
        "classes.csv and masks/ must be beside images/."
    )


def read_ground_truth(folder: Path) -> GroundTruth:
    """Read a folder's ground truth: the concepts in its classes.csv, and where their masks are.

    Raises:
        NoGroundTruth: its classes.csv cannot be read, lacks a column or names no concept.
    """
    rows = read_rows(folder / "classes.csv")
    try:
        named = [concept for row in rows if (concept := _concept(row)).name]
    except (KeyError, ValueError, AttributeError) as error:
        raise NoGroundTruth(
            f"{folder / 'classes.csv'} needs columns index (0 to {MAX_INDEX}) and name, and "
            "perhaps group (1 to 6) and level; it has "
            f"{', '.join(filter(None, rows[0])) if rows else 'no rows'}."
        ) from error
    unknown: dict[str, frozenset[int]] = {}
    concepts = []
    for concept in named:
        if concept.name.lower() in UNKNOWN:
            unknown[concept.level] = unknown.get(concept.level, frozenset()) | {concept.index}
        else:
            concepts.append(concept)
    if not concepts:
        raise NoGroundTruth(f"{folder / 'classes.csv'} names no concepts.")
    return GroundTruth(folder, tuple(concepts), unknown)


def _concept(row: dict[str, str]) -> Concept:
    index = int(row["index"])
    if not 0 <= index <= MAX_INDEX:
        raise ValueError(index)
    group = int(row.get("group") or OBJECT)
    return Concept(row.get("level") or "", index, row["name"].strip(), group)


def read_labels(folder: Path) -> dict[str, str]:
    """Read a folder's ground truth of classes, labels.csv: each image's, by path relative to DIR.

    Raises:
        NoGroundTruth: labels.csv cannot be read or lacks a column.
    """
    rows = read_rows(folder / "labels.csv")
    columns = list(filter(None, rows[0])) if rows else []  # None: values without a header
    image = next((name for name in columns if name in ("file", "path", "image")), None)
    label = next((name for name in columns if name.endswith("index")), None)
    label = label or next((name for name in columns if name in ("class", "name")), None)
    if rows and not (image and label):
        raise NoGroundTruth(
            f"{folder / 'labels.csv'} needs a column file or path, and one of class, name or "
            f"..index; it has {', '.join(columns)}."
        )
    labels = {}
    for row in rows:
        path = Path(row[image or ""])
        path = path if path.parts[:1] == ("images",) else "images" / path
        labels[path.as_posix()] = row[label or ""]
    return labels


def read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoGroundTruth(f"{path} cannot be read: {error}.") from error
