"""Writes demo pictures with their masks as a folder that `dissect` and the simulated crowd read.

    DIR/images/<class>/<n>.jpg           128 x 128
    DIR/masks/<level>/<class>/<n>.png    128 x 128, one channel, indices of classes.csv
    DIR/classes.csv                      index,name,group,level
    DIR/labels.csv                       path,kind,class     (kind: scene or object)

labels.csv is written last: a folder that has it is complete.
"""

import csv
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from dissect.demo import DemoError
from dissect.demo.concepts import LEVELS, class_rows
from dissect.demo.scenes import Picture, render

#: Kind of a folder -> the kinds of picture that alternate in it.
FOLDER_KINDS = {"mixed": ("scene", "object"), "scenes": ("scene",), "objects": ("object",)}


def pictures(count: int, seed: int, kind: str = "mixed") -> Iterator[Picture]:
    """Render a demo folder's pictures; with "mixed", every second one shows a single object."""
    kinds = FOLDER_KINDS[kind]
    for place in range(count):
        yield render(kinds[place % len(kinds)], place // len(kinds), seed)


def write_folder(folder: Path, count: int, seed: int, kind: str = "mixed") -> None:
    """Render a demo folder of pictures with their masks. After an error nothing is left of it.

    Raises:
        DemoError: the folder is not empty, or cannot be written.
    """
    if count < 1:
        raise DemoError(f"--count must be at least 1, got {count}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DemoError(f"{folder} is not an empty folder; name a new one, or empty it first.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as draft:
            shown = tqdm(pictures(count, seed, kind), total=count, unit="picture", disable=None)
            _write(Path(draft) / "folder", shown)
            if folder.exists():
                folder.rmdir()
            shutil.move(Path(draft) / "folder", folder)
    except OSError as error:
        raise DemoError(f"{folder} cannot be written: {error}.") from error


def _write(folder: Path, shown: Iterable[Picture]) -> None:
    rows = []
    for place, picture in enumerate(shown):
        path = Path(picture.name.replace(" ", "_")) / f"{place:05d}.jpg"
        _save(Image.fromarray(picture.pixels), folder / "images" / path, quality=94, subsampling=0)
        for level in LEVELS:
            mask = folder / "masks" / level / path.with_suffix(".png")
            _save(Image.fromarray(picture.labels[level]), mask, compress_level=1)
        rows.append((path.as_posix(), picture.kind, picture.name))
    _table(folder / "classes.csv", ("index", "name", "group", "level"), class_rows())
    _table(folder / "labels.csv", ("path", "kind", "class"), rows)


def _save(picture: Image.Image, path: Path, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def _table(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
