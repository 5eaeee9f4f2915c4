"""Break an installation for some minutes, and print what was injected, accepted, lost and doubled.

It needs PostgreSQL and Redis (python tests/services.py install PostgreSQL Redis).
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos.trial import run_trial


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; returns the exit status, 1 if anything was lost or needed a hand."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15, help="of faults (15)")
    parser.add_argument("--seed", type=int, default=1, help="of their order (1)")
    parser.add_argument("--people", type=int, default=6, help="who answer at once (6)")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep all logs there")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends what it started
    report = run_trial(options.minutes, options.seed, options.people, logs=options.logs)
    print(report)
    return int(not report.holds)


if __name__ == "__main__":
    sys.exit(main())
