"""Peak memory of a whole dissection (AlexNet's pool1, 64 units), 8,000 images against 1,000.

Each in a process of its own, whose peak the system keeps.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.row import Row, at_most

FEW, MANY = 1000, 8000


def measure() -> list[Row]:
    return [
        at_most("peak memory, 8,000 images / 1,000 images", peak(MANY) / peak(FEW), 1.10),
    ]


def peak(count: int) -> int:
    """Kilobytes (on macOS bytes) that a dissection of so many images takes at most."""
    command = [sys.executable, "-m", "benchmarks.memory", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout)


def main(count: int) -> None:
    import resource

    from benchmarks.world import DEVICE, alexnet, photographs
    from dissect.dissection import Settings, dissect
    from dissect.store import Folder

    with TemporaryDirectory() as folder:
        images, store = photographs(count), Folder(Path(folder))
        dissect(alexnet(), ["features.2"], images, store, Settings(top=60), str(DEVICE))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(int(sys.argv[1]))
