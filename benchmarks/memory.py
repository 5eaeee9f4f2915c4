"""Peak memory of a dissection (AlexNet's pool1, 64 units) over 8,000 images and over 1,000.

Each dissection runs in its own process.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peak import peak_mb
from benchmarks.row import Row, at_most

FEW, MANY = 1000, 8000


def measure() -> list[Row]:
    few, many = peak(FEW), peak(MANY)
    print(f"{few:.0f} MB for {FEW} images, {many:.0f} MB for {MANY}", file=sys.stderr)
    return [at_most("peak memory, 8,000 images / 1,000 images", many / few, 1.10)]


def peak(count: int) -> float:
    """Peak memory of a dissection of `count` images, in megabytes."""
    command = [sys.executable, "-m", "benchmarks.memory", str(count)]
    process = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return float(process.stdout)


def main(count: int) -> None:
    from benchmarks.world import DEVICE, alexnet, photographs
    from dissect.dissection.writer import Settings, dissect
    from dissect.storage.store import Folder

    with TemporaryDirectory() as folder:
        images, store = photographs(count), Folder(Path(folder))
        dissect(alexnet(), ["features.2"], images, store, Settings(top=60), str(DEVICE))
    print(peak_mb())


if __name__ == "__main__":
    main(int(sys.argv[1]))
