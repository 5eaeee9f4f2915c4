"""Images in tar shards, as WebDataset lays them out: read where they lie, never unpacked.

A shard is indexed once, by its headers alone; a member is then read by its offset, so threads
share nothing and no member costs more than its own bytes.
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
MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
BLOCK = 512  # bytes; tar's unit
MAX_LINKS = 40  # followed one after another, as Linux does
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class Member(NamedTuple):
    """A file in a tar: where its bytes are."""

    name: str
    offset: int
    size: int


def index_shard(shard: Path) -> list[Member]:
    """The regular files of a tar, and its links to them; of one name twice the last counts.

    Raises:
        ImagesError: it is no tar, compressed, cut off or damaged.
    """
    try:
        with shard.open("rb") as file:
            if file.read(6).startswith(MAGIC):
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
    found: dict[str, Member] = {}
    links: dict[str, str] = {}
    for member in tar:
        name = _inside(member.name)
        if member.isreg() and member.sparse is None:
            found[name] = Member(name, member.offset_data, member.size)
        elif member.islnk():
            links[name] = _inside(member.linkname)
        elif member.issym():
            links[name] = _inside(posixpath.join(posixpath.dirname(name), member.linkname))
        tar.members.clear()  # type: ignore[attr-defined]  # or it keeps a kilobyte for each
    _check_end(tar, shard)
    return [*found.values(), *_followed(links, found)]


def _inside(name: str) -> str:
    """A member's name without what would lead out of a folder: pictures are written by it."""
    return posixpath.normpath(posixpath.join("/", name)).lstrip("/")


def _followed(links: dict[str, str], found: dict[str, Member]) -> list[Member]:
    """Links that end at a file; those to nothing and in circles are left out."""
    members = []
    for name, target in links.items():
        for _ in range(MAX_LINKS):
            if target not in links:
                break
            target = links[target]
        if target in found and name not in found:
            members.append(found[target]._replace(name=name))
    return members


def _check_end(tar: tarfile.TarFile, shard: Path) -> None:
    """Refuse what tarfile takes for the end: a header that is cut off or makes no sense."""
    after = _read(shard, tar.offset, BLOCK)
    if after.strip(b"\0") or 0 < len(after) < BLOCK:
        raise ImagesError(f"{shard} is damaged, or was not copied whole.")


def read_member(shard: Path, member: Member) -> bytes:
    """The bytes of a member.

    Raises:
        ImagesError: the shard has become shorter, or cannot be read.
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
        return os.pread(handle, size, offset)  # the position is the call's own: threads may share
    finally:
        os.close(handle)


def expand_shard_pattern(pattern: str) -> tuple[Path, list[str]] | None:
    """The folder and the shards of a pattern such as photos/shards-{000..010}.tar.

    Numbers are padded with zeros to the width of the first. None: it is no such pattern.

    Raises:
        ImagesError: one of the shards is missing.
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
    """The folder that comes before the first range, and the rest."""
    start = pattern.index("{")
    cut = pattern.rfind("/", 0, start) + 1
    return Path(pattern[:cut] or "."), pattern[cut:]
