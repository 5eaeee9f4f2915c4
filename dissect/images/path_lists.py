"""Text files that list images: a path or s3:// URL a line, with what else people put there.

Read as well: comments (#), a label behind the path, CSV with a header, quotes, any Unicode
encoding with a byte order mark. What a line is, its text alone decides: a line that ends as an
image's name does is a path.
"""

import codecs
import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dissect.errors import ImagesError
from dissect.format.names import on_one_line
from dissect.images.formats import IMAGE_ENDINGS
from dissect.storage.s3 import is_s3

MAX_SHOWN = 400  # characters of a line
PATH_COLUMNS = (
    "path", "file", "image", "filename", "file_name", "filepath", "file_path", "image_path",
    "imagepath", "image_name", "image_file", "img", "img_path", "url", "uri",
)  # fmt: skip
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SEPARATORS = ",;\t|"
NO_SEPARATOR = "\x1f"  # of a table with one column
ENDINGS = tuple(IMAGE_ENDINGS)
ENDING = "|".join(map(re.escape, ENDINGS))
# A path, and something behind it; the path ends with the last ending that a separator follows.
LABELLED = re.compile(rf"(?P<path>.+(?:{ENDING}))\s*[\s{SEPARATORS}]\s*(?P<rest>\S.*)", re.I | re.S)


@dataclass(frozen=True)
class PathList:
    """What a text file lists.

    Attributes:
        paths: as they are written there, in its order.
        labelled: how many lines have something behind the path, which is not read.
    """

    paths: Sequence[str]
    labelled: int = 0


def read_path_list(file: Path) -> PathList:
    """Read the paths that a text file lists; the images need not exist.

    Raises:
        ImagesError: it is no text, or a table without a column of paths.
    """
    text = _text_of(file)
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    lines = [line for line in lines if line and not _is_comment(line, file)]
    if lines and not _is_path(lines[0], file):
        if separator := next((mark for mark in SEPARATORS if mark in lines[0]), None):
            return _table(file, text, separator)
        if lines[0].lower() in PATH_COLUMNS:
            return _table(file, text, NO_SEPARATOR)
        if lines[0].split()[0].lower() in PATH_COLUMNS:
            del lines[0]  # a header
    split = [_split(line, file) for line in lines]
    return PathList([path for path, _ in split], sum(labelled for _, labelled in split))


def encode_path_list(paths: Sequence[str]) -> bytes:
    r"""Write paths as a text file that `read_path_list` reads as the same, whatever they hold.

    >>> encode_path_list(["a.png"])
    b'path\n"a.png"\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([path] for path in paths)
    return os.fsencode("path\n" + text.getvalue())


def looks_like(line: str) -> str:
    """Say what a line of a list looks like that names no file; empty where nothing is known."""
    if re.match(r"(https?|ftp|gs)://", line):
        return "It looks like a web address: download the images, and list the files"
    if line[:1] in "{[":
        return "It looks like JSON: give a path a line"
    if re.search(r"[*?]", line):
        return "It looks like a pattern: list the files it stands for, or name their folder"
    if re.match(r"[A-Za-z]:\\|.*\\.*\\", line):
        return "It looks like a path of Windows: write / for \\, from the list's folder"
    if "," in line or "\t" in line or " " in line:
        where = "before" if line.lower().endswith(ENDINGS) else "behind"
        return f"It looks like a path with something {where} it: give the path alone"
    return "Paths are relative to the list's folder"


def _text_of(file: Path) -> str:
    content = file.read_bytes()
    for mark, encoding in MARKS:
        if content.startswith(mark):
            try:
                return content.removeprefix(mark).decode(encoding)
            except UnicodeDecodeError as error:
                raise ImagesError(f"{str(file)!r} begins as {encoding}, and is not.") from error
    if b"\0" in content:
        even, odd = content[::2].count(0), content[1::2].count(0)
        if max(even, odd) > len(content) // 4 and min(even, odd) * 8 < max(even, odd):
            raise ImagesError(
                f"{str(file)!r} looks like UTF-16 without its mark: save it as UTF-8."
            )
        raise ImagesError(f"{str(file)!r} is no image, no .tar and no text file that lists paths.")
    return os.fsdecode(content)


def _is_comment(line: str, file: Path) -> bool:
    return line.startswith("#") and not os.path.exists(file.parent / line)


def _is_path(line: str, file: Path) -> bool:
    """Whether a line is a path, maybe with something behind it, and not the header of a table."""
    path, _ = _split(line, file)
    return path.lower().endswith(ENDINGS) or is_s3(line) or os.path.exists(file.parent / line)


def _table(file: Path, text: str, separator: str) -> PathList:
    """The column of paths of a table with a header; names in quotes may hold anything."""
    table = io.StringIO(re.sub(r"\A(\s*(#.*)?[\r\n]+)+", "", text), newline="")
    rows = [row for row in csv.reader(table, delimiter=separator) if row]
    header = [name.strip().lower() for name in rows[0]]
    column = next((header.index(name) for name in PATH_COLUMNS if name in header), None)
    if column is None:
        raise ImagesError(
            f"{str(file)!r} looks like a table, under the line {separator.join(rows[0])!r}, and "
            "none of its columns is called path, file or image: rename one, or give a path a line."
        )
    rows = [row for row in rows[1:] if len(row) >= len(header) or not row[0].startswith("#")]
    paths = [row[column].strip() for row in rows if len(row) > column]
    return PathList([path for path in paths if path])


def _split(line: str, file: Path) -> tuple[str, bool]:
    """The path of a line, and whether there is something behind it."""
    if line[0] == '"' and not os.path.exists(file.parent / line):
        separator = next((mark for mark in SEPARATORS if f'"{mark}' in line), ",")
        row = next(csv.reader([line], delimiter=separator))
        return row[0], len(row) > 1
    if line.lower().endswith(ENDINGS) or is_s3(line):
        return line, False
    labelled = LABELLED.fullmatch(line)
    if not labelled or os.path.exists(file.parent / line):
        return line, False
    return labelled["path"], True


def none_there(file: Path, paths: Sequence[str]) -> str:
    """Why a list of paths names no file: a sentence about its lines."""
    first = paths[0][:MAX_SHOWN]
    return (
        f"None of the {len(paths):,} lines of {on_one_line(str(file))} names a file; the first is "
        f"{on_one_line(first)!r}. {looks_like(first)}."
    )
