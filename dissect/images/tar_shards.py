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
from typing import Any, BinaryIO, NamedTuple

from dissect.errors import ImagesError
from dissect.format.names import on_one_line
from dissect.images.machine_faults import refuse_machine_fault
from dissect.images.memory import check_file_size

COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
COMPRESSED_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
BLOCK_BYTES = 512  # of a tar
MULTI_VOLUME = b"M"  # GNU's type of a file that began in another volume
MAX_LINKS = 40  # in a chain; the limit of Linux
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class Member(NamedTuple):
    """A file in a tar, and where its bytes are.

    Attributes:
        size: in bytes, the holes of a sparse file included.
        pieces: of a sparse file: where each piece of its bytes belongs, and its size; the pieces
            follow each other from `offset`, and all else is zeros.
    """

    name: str
    offset: int
    size: int
    pieces: tuple[tuple[int, int], ...] | None = None


class ShardIndex(NamedTuple):
    """What a shard holds.

    Attributes:
        replaced: how many files have the name of a later one, which counts instead.
    """

    members: list[Member]
    replaced: int


def index_shard(shard: Path) -> ShardIndex:
    """Index a tar shard: its regular files and links to them; the last of equal names counts.

    A file may hold several archives, one after the other, with zeros between them.

    Raises:
        ImagesError: the file is no tar, or is compressed, truncated or damaged; two of its
            archives have a file of one name.
    """
    try:
        with shard.open("rb") as file:
            if file.read(6).startswith(COMPRESSED_MAGIC):
                raise ImagesError(
                    f"{shard} is compressed, so its members cannot be read in place: decompress it "
                    "to a plain .tar, or unpack it to a folder."
                )
        with shard.open("rb") as file:
            return _all_members(file, shard)
    except (tarfile.TarError, OverflowError, ValueError) as error:  # of numbers in its headers
        raise ImagesError(f"{shard} is no tar, or was not copied whole: {error}.") from error
    except OSError as error:
        raise ImagesError(f"{shard} cannot be read: {error.strerror}.") from error


def _all_members(file: BinaryIO, shard: Path) -> ShardIndex:
    """The members of all archives in a file."""
    start: int | None = 0
    by_name: dict[str, Member] = {}
    replaced = 0
    while start is not None:
        file.seek(start)
        with tarfile.TarFile(fileobj=file) as tar:
            index = _members(tar, shard)
            end = tar.offset
        members = {member.name: member for member in index.members}
        replaced += index.replaced
        if twice := sorted(by_name.keys() & members.keys()):
            raise ImagesError(
                f"{shard} holds archives one after the other, and two of them have "
                f"{on_one_line(twice[0])}: split it, or unpack it to a folder."
            )
        by_name |= members
        start = _next_archive(file, end, shard)
    return ShardIndex(list(by_name.values()), replaced)


def _next_archive(file: BinaryIO, end: int, shard: Path) -> int | None:
    """Where the next archive begins behind the end of one; None where only zeros follow.

    Raises:
        ImagesError: what follows is no archive: a damaged header, which tarfile takes for the end.
    """
    file.seek(end)
    position = end
    while block := file.read(BLOCK_BYTES):
        if block.strip(b"\0"):
            break
        if len(block) < BLOCK_BYTES:
            if position == end:
                break  # not even one whole block of zeros ends the archive
            return None
        position += BLOCK_BYTES
    else:
        return None
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise ImagesError(f"{shard} is damaged, or was not copied whole.") from error
    return position


def _members(tar: tarfile.TarFile, shard: Path) -> ShardIndex:
    files: dict[str, Member] = {}
    links: dict[str, str] = {}  # name to target
    replaced = 0
    for header in tar:
        name = _inside(header.name)
        replaced += name in files and not header.isdir()
        if header.type == MULTI_VOLUME:
            raise ImagesError(
                f"{shard} is one of several volumes, and has only a part of {on_one_line(name)}: "
                "join or unpack them."
            )
        if header.isreg():
            pieces = _pieces(header)
            files[name] = Member(name, header.offset_data, header.size, pieces)
        elif header.islnk():
            links[name] = _inside(header.linkname)
        elif header.issym():
            links[name] = _inside(posixpath.join(posixpath.dirname(name), header.linkname))
        tar.members.clear()  # type: ignore[attr-defined]  # tarfile keeps a kilobyte for each
    return ShardIndex([*files.values(), *_resolved(links, files)], replaced)


def _pieces(header: tarfile.TarInfo) -> tuple[tuple[int, int], ...] | None:
    pieces: Any = header.sparse  # (start, size) of each, which its type says otherwise
    return None if pieces is None else tuple((start, size) for start, size in pieces)


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


def read_member(shard: Path, member: Member) -> bytes:
    """Read the bytes of one member of a tar shard.

    Raises:
        ImagesError: the shard is shorter than when it was indexed, or cannot be read; the member
            is too large for a picture.
    """
    check_file_size(member.size)
    stored = member.size if member.pieces is None else sum(size for _, size in member.pieces)
    try:
        content = _read(shard, member.offset, stored)
    except OSError as error:
        refuse_machine_fault(error, shard)
        raise ImagesError(f"{shard} cannot be read: {error.strerror}") from error
    if len(content) < stored:
        raise ImagesError(f"{shard} ends before {on_one_line(member.name)} does")
    return content if member.pieces is None else _with_holes(content, member)


def _with_holes(content: bytes, member: Member) -> bytes:
    """A sparse file as it was: its pieces where they belong, and zeros elsewhere."""
    whole, taken = bytearray(member.size), 0
    for start, size in member.pieces or ():
        whole[start : start + size] = content[taken : taken + size]
        taken += size
    return bytes(whole[: member.size])


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
