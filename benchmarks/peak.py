"""The most memory that this process ever had resident."""

import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """Megabytes (1e6 bytes).

    Not ru_maxrss where Linux tells better: that of a new process begins with its parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
