"""What a run may take of its machine: the cores, and the memory of the batch before."""

import ctypes
import gc
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
LARGEST_KEPT_BYTES = 32 << 20  # of one buffer; the most that glibc allows
KEPT_BYTES = 256 << 20  # in all
NEW_OBJECTS = 10_000  # between searches for garbage; Python's own 700 suit small programs
SETTINGS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def usable_cores() -> int:
    """How many cores this process may run on: those it was held to, or all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache
def keep_freed_memory() -> bool:
    """Keep the memory of a batch for the next, on machines whose C library is glibc.

    glibc returns freed buffers of some megabytes to the system, which has to clear each page again
    for the next batch. A batch of 32 images lost up to a third of its decoding time in that way.
    Nothing is changed where the environment has such settings already.

    Returns:
        Whether the process keeps them now.
    """
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in SETTINGS):
        return False
    mallopt = ctypes.CDLL(None).mallopt
    mmap_is_set = mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
    return bool(mmap_is_set and mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Spend less of the machine's time on garbage: Python rarely looks for it, and not at its end.

    Loading torch makes half a million objects that live as long as the process. Searching them
    again and again, and once more at the end, takes more than a second.
    """
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    try:
        yield
    finally:
        gc.freeze()
