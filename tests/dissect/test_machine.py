"""What a run takes of its machine."""

import os
import platform
import resource
import subprocess
import sys

import pytest

from dissect.machine import SETTINGS, usable_cores

PAGES = (3 * 20 << 20) // resource.getpagesize()
# Makes and drops three buffers of 20 MB, twenty times, and prints how often a page was cleared.
CYCLE = """
import resource, sys
from dissect.machine import keep_freed_memory
if sys.argv[1] == "keep":
    print(keep_freed_memory())
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    buffers = [bytearray(20 << 20) for _ in range(3)]
    for buffer in buffers:
        buffer[::4096] = b"x" * len(buffer[::4096])
    del buffers, buffer
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc keeps its memory so")


def cycle(how, **settings):
    bare = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, "-c", CYCLE, how]
    run = subprocess.run(command, env=bare | settings, capture_output=True, text=True, check=True)
    return run.stdout.split()


@glibc
def test_the_buffers_of_a_batch_are_used_again_for_the_next_one():
    assert int(cycle("as it was")[-1]) > 10 * PAGES

    is_set, cleared = cycle("keep")

    assert is_set == "True"
    assert int(cleared) < 2 * PAGES


@glibc
def test_settings_of_the_environment_hold():
    is_set, cleared = cycle("keep", MALLOC_TRIM_THRESHOLD_="0")

    assert is_set == "False"
    assert int(cleared) > 10 * PAGES


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no cores can be chosen here")
def test_a_process_held_to_one_core_uses_one():
    held = "import os; from dissect.machine import usable_cores; os.sched_setaffinity(0, {0}); "
    command = [sys.executable, "-c", held + "print(usable_cores())"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)

    assert run.stdout == "1\n"
    assert usable_cores() == len(os.sched_getaffinity(0))
