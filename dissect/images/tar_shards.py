"""Reads images from tar shards in the layout of WebDataset without unpacking them.

A shard is indexed once, from its headers alone. A member is then read at its offset, so reading is
thread-safe and costs no more than the member's bytes.
"""

import os
import posixpath
import re
import tarfile
from itertools import product
from pathlib import Path
from typing import NamedTuple

from dissect.errors import ImagesError

COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
COMPRESSED_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
BLOCK_BYTES = 512  # of a tar
MAX_LINKS = 40  # in a chain; the limit of Linux
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class Member(NamedTuple):
    """A file in a tar, and where its bytes are."""

    name: str
    offset: int
    size: int


def index_shard(shard: Path) -> list[Member]:
    """Index a tar shard: its regular files and links to them; the last of equal names counts.

    Raises:
        ImagesError: the file is no tar, or is compressed, truncated or damaged.
    """
    try:
        with shard.open("rb") as file:
            if file.read(6).startswith(COMPRESSED_MAGIC):
                raise ImagesError(
                    f"{shard} is compressed, so its members cannot be read in place: decompress it "
                    "to a plain .tar, or unpack it to a folder."
                )
        with tarfile.open(shard, "r:") as tar:
            return _members(tar, shard)
    except tarfile.ReadError as error:
        raise ImagesError(f"{shard} is no tar, or was not copied whole: {error}.") from error
    except OSError as error:
        raise ImagesError(f"{shard} cannot be read: {error.strerror}.") from error


def _members(tar: tarfile.TarFile, shard: Path) -> list[Member]:
    files: dict[str, Member] = {}
    links: dict[str, str] = {}  # name to target
    for header in tar:
        name = _inside(header.name)
        if header.isreg() and header.sparse is None:
            files[name] = Member(name, header.offset_data, header.size)
        elif header.islnk():
            links[name] = _inside(header.linkname)
        elif header.issym():
            links[name] = _inside(posixpath.join(posixpath.dirname(name), header.linkname))
        tar.members.clear()  # type: ignore[attr-defined]  # tarfile keeps a kilobyte for each
    _check_end(tar, shard)
    return [*files.values(), *_resolved(links, files)]


def _inside(name: str) -> str:
    """A member's name without parts that lead out of a folder, as pictures are saved under it."""
    return posixpath.normpath(posixpath.join("/", name)).lstrip("/")


def _resolved(links: dict[str, str], files: dict[str, Member]) -> list[Member]:
    """Links that end at a file; broken and circular links are left out."""
    members = []
    for name, target in links.items():
        for _ in range(MAX_LINKS):
            if target not in links:
                break
            target = links[target]
        if target in files and name not in files:
            members.append(files[target]._replace(name=name))
    return members


def _check_end(tar: tarfile.TarFile, shard: Path) -> None:
    """Refuse a truncated or damaged header, which tarfile takes for the end of the tar."""
    after = _read(shard, tar.offset, BLOCK_BYTES)
    if after.strip(b"\0") or 0 < len(after) < BLOCK_BYTES:
        raise ImagesError(f"{shard} is damaged, or was not copied whole.")


def read_member(shard: Path, member: Member) -> bytes:
    """Read the bytes of one member of a tar shard.

    Raises:
        ImagesError: the shard is shorter than when it was indexed, or cannot be read.
    """
    try:
        content = _read(shard, member.offset, member.size)
    except OSError as error:
        raise ImagesError(f"{shard} cannot be read: {error.strerror}") from error
    if len(content) < member.size:
        raise ImagesError(f"{shard} ends before {member.name} does")
    return content


def _read(path: Path, offset: int, size: int) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.pread(handle, size, offset)  # thread-safe: moves no file position
    finally:
        os.close(handle)


def expand_shard_pattern(pattern: str) -> tuple[Path, list[str]] | None:
    """The folder and the tar shards that a pattern names; None where it is no pattern.

    Numbers are padded with zeros to the width of the first. All shards must exist.

    >>> expand_shard_pattern("photos/shards-{000..001}.tar")
    (PosixPath('photos'), ['shards-000.tar', 'shards-001.tar'])

    Raises:
        ImagesError: a shard is missing.
    """
    if not RANGE.search(pattern):
        return None
    folder, rest = _before_ranges(pattern)
    pieces = RANGE.split(rest)  # text, first, last, text, first, last, ..., text
    choices = [
        [f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1)]
        for first, last in zip(pieces[1::3], pieces[2::3], strict=True)
    ]
    names = [
        "".join(part for pair in zip(pieces[::3], (*numbers, ""), strict=True) for part in pair)
        for numbers in product(*choices)
    ]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing or not names:
        which = missing[0] if missing else "any"
        raise ImagesError(
            f"{pattern!r} names {len(names)} shards, of which {len(missing)} are missing; "
            f"there is no {folder / which}."
        )
    return folder, names


def _before_ranges(pattern: str) -> tuple[Path, str]:
    """The folder in front of the first range, and the rest of the pattern."""
    start = pattern.index("{")
    cut = pattern.rfind("/", 0, start) + 1
    return Path(pattern[:cut] or "."), pattern[cut:]
