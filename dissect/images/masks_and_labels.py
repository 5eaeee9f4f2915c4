"""Finds the ground truth that belongs to a list of images (its files: dissect.format.ground_truth).

Masks and labels are looked for by where the images lie, in DIR/images or below it; links are not
followed, so a link to a photograph has the masks of the folder that holds the link.
"""

from pathlib import Path

from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import (
    GroundTruth,
    absolute_path,
    has_masks,
    read_ground_truth,
    read_labels,
)
from dissect.images.image_list import ImageList


def images_folder(source: str | Path) -> Path:
    """DIR/images where a DIR with ground truth is named, else the path itself."""
    path = Path(source)
    images = path / "images"
    return images if (path / "classes.csv").is_file() and images.is_dir() else path


def find_folder(images: ImageList, table: str) -> Path | None:
    """The DIR that holds a table and whose images these are; None where there is none."""
    first = absolute_path(images.root / images.paths[0])
    for folder in first.parents:
        if folder.name == "images" and (folder.parent / table).is_file():
            return folder.parent
    return None


def find_truth(images: ImageList) -> GroundTruth:
    """The masks that belong to images.

    Raises:
        NoGroundTruth: there are none, or classes.csv cannot be used.
    """
    folder = find_folder(images, "classes.csv")
    if folder is None or not has_masks(folder):
        raise NoGroundTruth(
            f"{images.source} has no masks: they are looked for in DIR/masks, named in "
            "DIR/classes.csv, where the images lie in DIR/images."
        )
    return read_ground_truth(folder)


def find_labels(images: ImageList) -> dict[Path, str]:
    """The class of each image, an index or a name, by absolute path; empty where none is known.

    Raises:
        NoGroundTruth: there is a labels.csv that cannot be used.
    """
    folder = find_folder(images, "labels.csv")
    if folder is None:
        return {}
    return {absolute_path(folder / path): label for path, label in read_labels(folder).items()}
