"""The command `manage.py dissect` with 1,000 photographs, start and import included / bare loop.

CPU seconds of both, with one thread for torch: other work of the machine hardly changes them, while
threads that wait for each other would be counted as working. The command makes a study
on SQLite, loads AlexNet, dissects the layer `features` (256 units) at --top 60, stores pictures and
masks, and imports the dissection. The bare loop only decodes and forwards, in a process that has
loaded everything before its clock starts.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.row import Row, at_most
from benchmarks.world import COUNT, ROOT, alexnet, bare_loop, photographs

REPEATS = 3
MAX_RATIO = 1.6
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


def measure(count: int = COUNT, repeats: int = REPEATS) -> list[Row]:
    """The row. `python -m benchmarks.whole_command 200 1` is a quick run that stores nothing."""
    ratio = median(_command_seconds(count) / _bare_seconds(count) for _ in range(repeats))
    name = f"command `dissect` with {count:,} photographs, start and import included / bare loop"
    return [at_most(name, ratio, MAX_RATIO)]


def _bare_seconds(count: int) -> float:
    command = [sys.executable, "-m", "benchmarks.whole_command", "bare", str(count)]
    environment = {**os.environ, **ONE_THREAD}
    process = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    return float(process.stdout)


def print_bare_seconds(count: int) -> None:
    bare_loop(alexnet(), photographs(64))  # kernels are warm
    images, start = photographs(count), process_time()
    bare_loop(alexnet(), images)
    print(process_time() - start)


def _command_seconds(count: int) -> float:
    images = photographs(count)
    with TemporaryDirectory() as folder:
        lines = Path(folder, "images.txt")
        lines.write_text("\n".join(str(images.root / path) for path in images.paths))
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DEBUG": "True"}
        environment |= ONE_THREAD
        command = [sys.executable, "manage.py", "dissect", "bench", "--images", str(lines)]
        command += ["--network", "torchvision:alexnet", "--layers", "features", "--top", "60"]
        before = _children()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True
        )
        migrated = _children()
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        print(
            f"migrating {migrated - before:.1f} s, command {_children() - migrated:.1f} s",
            file=sys.stderr,
        )
        return _children() - migrated


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        print_bare_seconds(int(sys.argv[2]))
    else:
        print(measure(*map(int, sys.argv[1:])))
