"""Sources of images: a folder, a list of paths, tar shards, or an S3 bucket.

Finding images opens none of them. Their order is fixed, and an image is identified by its place in
it: folders, shards and buckets are sorted by name, a text file keeps its own order.
"""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dissect.errors import ImagesError
from dissect.format.names import on_one_line
from dissect.images.formats import IMAGE_ENDINGS
from dissect.images.machine_faults import refuse_machine_fault
from dissect.images.memory import check_file_size
from dissect.images.path_lists import none_there, read_path_list
from dissect.images.tar_shards import (
    COMPRESSED,
    ShardIndex,
    expand_shard_pattern,
    index_shard,
    read_member,
)
from dissect.machine import usable_cores
from dissect.storage.s3 import Bucket, is_s3, split_url

ABSENT = -1  # the size of a listed image that does not exist
MAX_ENDINGS = 8  # counted by name
MAX_REQUESTS = 32  # to a bucket at a time; they wait for the network, so they may outnumber cores


@dataclass(frozen=True)
class Source:
    """Images in a fixed order, none of them opened.

    Attributes:
        root: the folder that paths are relative to; for a bucket its URL.
        paths: relative, with forward slashes; from a text file as they are written there.
        sizes: in bytes, ABSENT for an image that does not exist.
        file: returns the path or the bytes of the image at a place.
        threads: number of threads that reading profits from.
        notes: sentences about what was not looked at.
    """

    root: Path
    paths: Sequence[str]
    sizes: Sequence[int]
    file: Callable[[int], Path | BinaryIO]
    threads: int = field(default_factory=usable_cores)
    notes: tuple[str, ...] = ()


def find_source(place: str) -> Source:
    """Open a source of images: a path, pattern of shards or s3:// URL; it may have none.

    Raises:
        ImagesError: the place does not exist or cannot be read.
        StoreError: the bucket cannot be reached.
    """
    if is_s3(place):
        return _bucket(place)
    path = Path(place)
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:
        raise ImagesError(f"{place[:200]!r} cannot be read: {error.strerror}.") from error
    if is_folder:
        return _folder(path)
    if is_file:
        return _file(path)
    if shards := expand_shard_pattern(place):
        return _shards(*shards)
    raise ImagesError(f"There is no folder or list of images {place!r}.")


def _folder(root: Path) -> Source:
    """All images below a folder; where there are none, those in tar shards below it."""
    images, others = [], []
    for path, size in _files_below(root):
        if _has_image_ending(path):
            images.append((path, size))
        else:
            others.append(path)
    shards = [path for path in others if path.lower().endswith(".tar")]
    compressed = [path for path in others if path.lower().endswith(COMPRESSED)]
    if not images and shards:
        rest = [path for path in others if path not in set(shards)]
        return _shards(root, shards, rest)
    if not images and compressed:
        index_shard(root / min(compressed))  # raises the error that says what to do
    images.sort()
    source = files_source(root, [path for path, _ in images], [size for _, size in images])
    return replace(source, notes=_not_looked_at(others))


def _file(path: Path) -> Source:
    """An image, a tar shard or a text file."""
    name = path.name.lower()
    if name.endswith((".tar", *COMPRESSED)):
        return _shards(path.parent, [path.name])
    if _has_image_ending(name):
        return files_source(path.parent, [path.name], [path.stat().st_size])
    return _list(path)


def files_source(root: Path, paths: Sequence[str], sizes: Sequence[int]) -> Source:
    """Make a source of images that are in files of their own."""
    return Source(root, paths, sizes, lambda place: root / paths[place])


def _list(path: Path) -> Source:
    """A text file with a path or s3:// URL a line; paths are relative to its folder."""
    listed = read_path_list(path)
    lines = listed.paths
    remote = [line for line in lines if is_s3(line)]
    buckets = {bucket: Bucket(f"s3://{bucket}") for bucket in {split_url(url)[0] for url in remote}}
    sizes = _sizes(buckets, remote)

    def file(place: int) -> Path | BinaryIO:
        if not is_s3(lines[place]):
            return path.parent / lines[place]
        bucket, key = split_url(lines[place])
        return _object(buckets[bucket], key, sizes[lines[place]])

    line_sizes = [sizes[line] if is_s3(line) else size_of(path.parent / line) for line in lines]
    if lines and set(line_sizes) == {ABSENT}:
        raise ImagesError(none_there(path, lines))
    threads = MAX_REQUESTS if remote else usable_cores()
    note = (
        f"{path}: what stands behind the path in {listed.labelled:,} of {len(lines):,} lines is "
        "not read; labels are read from labels.csv."
    )
    notes = (note,) if listed.labelled else ()
    return Source(path.parent, lines, line_sizes, file, threads, notes)


def _sizes(buckets: dict[str, Bucket], urls: Sequence[str]) -> dict[str, int]:
    """The size of each object, by its URL; ABSENT for those that do not exist."""
    sizes = dict.fromkeys(urls, ABSENT)
    for name, bucket in buckets.items():
        split = {url: split_url(url) for url in urls}
        urls_by_key = {key: url for url, (place, key) in split.items() if key and place == name}
        sizes |= {urls_by_key[key]: size for key, size in bucket.sizes(urls_by_key)}
    return sizes


def size_of(path: Path) -> int:
    """The size in bytes of a file in a source of images, or ABSENT."""
    try:
        return os.stat(path).st_size
    except OSError as error:
        refuse_machine_fault(error, path)
        return ABSENT


def _shards(root: Path, shards: Sequence[str], others: Sequence[str] = ()) -> Source:
    """Images in tar shards: sorted by shard, then by name within it; others lie beside them."""
    indexes = {shard: index_shard(root / shard) for shard in sorted(shards)}
    members = [
        (shard, member) for shard, index in indexes.items() for member in sorted(index.members)
    ]
    images = [(shard, member) for shard, member in members if _has_image_ending(member.name)]
    rest = [member.name for _, member in members if not _has_image_ending(member.name)]
    return Source(
        root,
        [f"{shard}/{member.name}" for shard, member in images],
        [member.size for _, member in images],
        lambda place: BytesIO(read_member(root / images[place][0], images[place][1])),
        notes=(*_not_looked_at([*others, *rest]), *_replaced(indexes)),
    )


def _replaced(indexes: Mapping[str, ShardIndex]) -> list[str]:
    """A sentence for each shard that holds several files of one name."""
    return [
        f"{shard} holds {index.replaced:,} {'file' if index.replaced == 1 else 'files'} with the "
        "name of a later one: the later one is read, as tar does."
        for shard, index in indexes.items()
        if index.replaced
    ]


def _bucket(url: str) -> Source:
    """Images below a prefix of a bucket, sorted by key."""
    bucket = Bucket(url)
    listed = dict(bucket.below())
    paths = sorted(key for key in listed if _has_image_ending(key))
    if not paths and any(key.lower().endswith((".tar", *COMPRESSED)) for key in listed):
        raise ImagesError(f"Tar shards are read from folders: copy those of {url} to one.")
    return Source(
        Path(url),
        paths,
        [listed[key] for key in paths],
        lambda place: _object(bucket, paths[place], listed[paths[place]]),
        MAX_REQUESTS,
        _not_looked_at([key for key in listed if not _has_image_ending(key)]),
    )


def _object(bucket: Bucket, key: str, size: int) -> BinaryIO:
    check_file_size(size)
    content = bucket.read(key) if key else None
    if content is None:
        raise ImagesError(f"there is no {key} in {bucket}")
    return BytesIO(content)


def _files_below(root: Path) -> Iterator[tuple[str, int]]:
    """Relative paths and sizes of regular files, and of links to them.

    Raises:
        ImagesError, StoreError: a folder cannot be listed, so its images would be missing.
    """
    seen = {os.path.realpath(root)}
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_refuse_unlisted):
        folders[:] = [name for name in folders if _is_new(os.path.join(folder, name), seen)]
        inside = Path(folder).relative_to(root).as_posix()
        for name in files:
            status = _regular_file(os.path.join(folder, name))
            if status is not None:
                yield name if inside == "." else f"{inside}/{name}", status.st_size


def _refuse_unlisted(error: OSError) -> None:
    refuse_machine_fault(error, Path(error.filename))
    raise ImagesError(
        f"The folder {on_one_line(str(error.filename))} cannot be listed ({error.strerror}), so "
        "its images would be missing: let this user read it, or move it away."
    ) from error


def _is_new(folder: str, seen: set[str]) -> bool:
    """Whether a folder is seen for the first time; a link to a parent folder would never end."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True


def _regular_file(path: str) -> os.stat_result | None:
    try:
        status = os.stat(path)
    except OSError as error:
        refuse_machine_fault(error, Path(path))
        return None  # a broken or circular link
    return status if stat.S_ISREG(status.st_mode) else None


def _has_image_ending(path: str) -> bool:
    """Whether a source takes a file for an image, by the ending of its name."""
    return os.path.splitext(path)[1].lower() in IMAGE_ENDINGS


def _not_looked_at(paths: Sequence[str]) -> tuple[str, ...]:
    """A sentence that counts the files that are no images, by ending; none where there are none.

    >>> _not_looked_at(["labels.csv", "a.txt", "b.txt", "README"])
    ('Not looked at: 4 files: 2 .txt, 1 .csv, 1 without an ending.',)
    """
    if not paths:
        return ()
    endings = Counter(os.path.splitext(path)[1].lower() for path in paths)
    counts = sorted(endings.items(), key=lambda pair: (-pair[1], pair[0] == "", pair[0]))
    parts = [
        f"{count:,} {on_one_line(ending) or 'without an ending'}"
        for ending, count in counts[:MAX_ENDINGS]
    ]
    if rest := sum(count for _, count in counts[MAX_ENDINGS:]):
        parts.append(f"{rest:,} others")
    files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    return (f"Not looked at: {files}: {', '.join(parts)}.",)
