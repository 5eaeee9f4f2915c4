"""Names that file systems take and databases, tables or pages may not."""

import os
from pathlib import Path

# The bytes of a file's name: its path in databases and exports, and on pages and in text tables.
NAMES = {
    b"caf\xe9.png": (r"caf\xe9.png", r"caf\xe9.png"),
    "café.png".encode(): ("café.png", "café.png"),
    b"two\nlines.png": ("two\nlines.png", r"two\nlines.png"),
    b"tab\tand\x1b[31mred.png": ("tab\tand\x1b[31mred.png", r"tab\tand\x1b[31mred.png"),
    "\u202egnp.exe.png".encode(): ("\u202egnp.exe.png", r"\u202egnp.exe.png"),
    "a\u200bb.png".encode(): ("a\u200bb.png", r"a\u200bb.png"),
    b"<b>&amp;.png": ("<b>&amp;.png", "<b>&amp;.png"),
    b"x" * 251 + b".png": ("x" * 251 + ".png", "x" * 251 + ".png"),
}
DEEP = Path(*(["d" * 200] * 6)) / "deep.png"  # beyond 1,000 characters


def write_pictures(folder, save):
    """Save a picture under each name.

    Args:
        save: called with a path and a number.
    """
    (folder / DEEP.parent).mkdir(parents=True)
    save(folder / DEEP, len(NAMES))
    for number, name in enumerate(NAMES):
        save(os.path.join(os.fsencode(folder), name), number)
    return folder
