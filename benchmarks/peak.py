"""Peak memory of this process."""

import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """The peak resident set size so far, in megabytes of 1e6 bytes.

    On Linux it is read from /proc, because ru_maxrss of a new process starts at its parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
