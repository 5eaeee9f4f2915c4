"""Writes a folder of files: all of it, or nothing, and never over something else."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = ".unitscope"  # a folder with this file may be replaced by another of its kind


class FolderRefused(Exception):
    """A folder cannot be written. Its text is one sentence."""


@contextmanager
def replaced_folder(folder: Path, kind: str) -> Iterator[Path]:
    """Fill a folder: the block writes into an empty one, which takes its place at the end.

    If the block fails, the folder is left as it was.

    Args:
        kind: what the folder holds, such as `site`; an older one of its kind is replaced.

    Raises:
        FolderRefused: the folder holds something else.
        OSError: a file cannot be written.
    """
    folder = folder.absolute()
    _check(folder, kind)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield partial
        (partial / MARKER).write_text(f"{kind}\nUnitscope made this folder, and may replace it.\n")
        partial.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _check(folder: Path, kind: str) -> None:
    if folder.exists() and not folder.is_dir():
        raise FolderRefused(f"{folder} is a file; name a folder.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    marker = folder / MARKER
    if not marker.is_file() or marker.read_text().partition("\n")[0] != kind:
        raise FolderRefused(f"{folder} is not empty and holds no {kind}; name another folder.")
