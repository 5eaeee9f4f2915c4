"""Finds the masks and labels that belong to an image list (their files: format.ground_truth).

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
from dissect.images.sequences import AnyImages


def images_folder(source: str | Path) -> Path:
    """The images of a DIR that also has masks: DIR/images; any other path is returned as it is."""
    path = Path(source)
    images = path / "images"
    return images if (path / "classes.csv").is_file() and images.is_dir() else path


def with_masks(images: AnyImages) -> AnyImages:
    """DIR/images of a DIR that also has masks; other images are returned unchanged."""
    return images_folder(images) if isinstance(images, (str, Path)) else images


def _find_folder(images: ImageList, table: str) -> Path | None:
    """Find the DIR whose masks or labels belong to an image list; None where none does."""
    first = absolute_path(images.location(0))
    for folder in first.parents:
        if folder.name == "images" and (folder.parent / table).is_file():
            return folder.parent
    return None


def find_truth(images: ImageList) -> GroundTruth:
    """Find the masks that belong to an image list, beside its images.

    Raises:
        NoGroundTruth: there are none, or classes.csv cannot be used.
    """
    folder = _find_folder(images, "classes.csv")
    if folder is None or not has_masks(folder):
        raise NoGroundTruth(
            f"{images.source} has no masks: they are looked for in DIR/masks, named in "
            "DIR/classes.csv, where the images lie in DIR/images."
        )
    return read_ground_truth(folder)


def find_labels(images: ImageList) -> dict[Path, str]:
    """Find the labels of an image list: each image's class, an index or a name, by absolute path.

    Raises:
        NoGroundTruth: there is a labels.csv that cannot be used.
    """
    folder = _find_folder(images, "labels.csv")
    if folder is None:
        return {}
    return {absolute_path(folder / path): label for path, label in read_labels(folder).items()}
