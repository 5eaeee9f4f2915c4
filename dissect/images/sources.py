"""Where images lie: a folder, a list of paths, tar shards, or a bucket in S3.

Looking for images opens none of them. What is found has an order, by which an image is named
from then on: folders, shards and buckets are sorted by name, a list keeps its own order.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from dissect.errors import ImagesError
from dissect.images.tar_shards import COMPRESSED, expand_shard_pattern, index_shard, read_member
from dissect.storage.s3 import Bucket, is_s3, split_url

ABSENT = -1  # the size of what a list names and is not there
REQUESTS = 32  # to a bucket at a time: each waits for the network, not for a core


@dataclass(frozen=True)
class Source:
    """Images in their order, none of them opened.

    Attributes:
        root: the folder that paths are relative to.
        paths: relative to it, with forward slashes; in a list as they are written there.
        sizes: in bytes, ABSENT where there is none.
        file: what to decode for the image at a place, its path or its bytes.
        threads: how many reading at once are worth their while.
    """

    root: Path
    paths: Sequence[str]
    sizes: Sequence[int]
    file: Callable[[int], Path | BinaryIO]
    threads: int = os.cpu_count() or 1


def find_source(place: str) -> Source:
    """The images that a path, a pattern of shards or an s3:// URL names; perhaps none.

    Raises:
        ImagesError: nothing is there, or it cannot be read.
        StoreError: the bucket cannot be reached.
    """
    if is_s3(place):
        return _bucket(place)
    path = Path(place)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        return _file(path)
    if shards := expand_shard_pattern(place):
        return _shards(*shards)
    raise ImagesError(f"There is no folder or list of images {place!r}.")


def _folder(root: Path) -> Source:
    """All images below a folder; where there are none, those in tar shards below it."""
    endings = readable_endings()
    found, shards, compressed = [], [], []
    for path, size in _files_below(root):
        ending = os.path.splitext(path)[1].lower()
        if ending in endings:
            found.append((path, size))
        elif ending == ".tar":
            shards.append(path)
        elif path.lower().endswith(COMPRESSED):
            compressed.append(path)
    if not found and shards:
        return _shards(root, shards)
    if not found and compressed:
        index_shard(root / min(compressed))  # says what to do
    return _files(root, sorted(found))


def _file(path: Path) -> Source:
    """An image, a tar shard or a list."""
    name = path.name.lower()
    if name.endswith((".tar", *COMPRESSED)):
        return _shards(path.parent, [path.name])
    if os.path.splitext(name)[1] in readable_endings():
        return _files(path.parent, [(path.name, path.stat().st_size)])
    return _list(path)


def _files(root: Path, found: Sequence[tuple[str, int]]) -> Source:
    paths = [path for path, _ in found]
    return Source(root, paths, [size for _, size in found], lambda place: root / paths[place])


def _list(path: Path) -> Source:
    """A text file with a path or s3:// URL a line; paths are relative to its folder."""
    content = path.read_bytes()
    if b"\0" in content:
        raise ImagesError(f"{str(path)!r} is no image, no .tar and no text file that lists paths.")
    lines = [line.strip() for line in os.fsdecode(content).lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line]
    remote = [line for line in lines if is_s3(line)]
    buckets = {bucket: Bucket(f"s3://{bucket}") for bucket in {split_url(url)[0] for url in remote}}
    sizes = _sizes(buckets, remote)

    def file(place: int) -> Path | BinaryIO:
        if not is_s3(lines[place]):
            return path.parent / lines[place]
        bucket, key = split_url(lines[place])
        return _object(buckets[bucket], key)

    every = [sizes[line] if is_s3(line) else _size(path.parent / line) for line in lines]
    threads = REQUESTS if remote else Source.threads
    return Source(path.parent, lines, every, file, threads)


def _sizes(buckets: dict[str, Bucket], urls: Sequence[str]) -> dict[str, int]:
    """The size of each object, by its URL."""
    found = dict.fromkeys(urls, ABSENT)
    for name, bucket in buckets.items():
        split = {url: split_url(url) for url in urls}
        keys = {key: url for url, (place, key) in split.items() if key and place == name}
        found |= {keys[key]: size for key, size in bucket.sizes(keys)}
    return found


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return ABSENT


def _shards(root: Path, shards: Sequence[str]) -> Source:
    """Images in tar shards: sorted by shard, then by name within it."""
    endings = readable_endings()
    found = [
        (shard, member)
        for shard in sorted(shards)
        for member in sorted(index_shard(root / shard))
        if os.path.splitext(member.name)[1].lower() in endings
    ]
    return Source(
        root,
        [f"{shard}/{member.name}" for shard, member in found],
        [member.size for _, member in found],
        lambda place: BytesIO(read_member(root / found[place][0], found[place][1])),
    )


def _bucket(url: str) -> Source:
    """Images below a prefix of a bucket, sorted by key."""
    bucket, endings = Bucket(url), readable_endings()
    listed = dict(bucket.below())
    paths = sorted(key for key in listed if os.path.splitext(key)[1].lower() in endings)
    if not paths and any(key.lower().endswith((".tar", *COMPRESSED)) for key in listed):
        raise ImagesError(f"Tar shards are read from folders: copy those of {url} to one.")
    return Source(
        Path(url),
        paths,
        [listed[key] for key in paths],
        lambda place: _object(bucket, paths[place]),
        REQUESTS,
    )


def _object(bucket: Bucket, key: str) -> BinaryIO:
    content = bucket.read(key) if key else None
    if content is None:
        raise ImagesError(f"there is no {key} in {bucket}")
    return BytesIO(content)


def _files_below(root: Path) -> Iterator[tuple[str, int]]:
    """Relative paths and sizes of regular files, or links to them."""
    seen = {os.path.realpath(root)}
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if _is_new(os.path.join(folder, name), seen)]
        inside = Path(folder).relative_to(root).as_posix()
        for name in files:
            found = _regular(os.path.join(folder, name))
            if found is not None:
                yield name if inside == "." else f"{inside}/{name}", found.st_size


def _is_new(folder: str, seen: set[str]) -> bool:
    """Whether a folder was not visited yet: a link to a folder above it would never end."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True


def _regular(path: str) -> os.stat_result | None:
    try:
        found = os.stat(path)
    except OSError:
        return None  # a link to nothing, or in a circle
    return found if stat.S_ISREG(found.st_mode) else None


def readable_endings() -> set[str]:
    """The endings of files that Pillow reads."""
    known = Image.registered_extensions()
    return {ending for ending, form in known.items() if form in Image.OPEN}
