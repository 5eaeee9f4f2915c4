"""Measures the parts that are asked for, and writes benchmarks/results.json."""

import argparse
import contextlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.readme import rewrite
from benchmarks.row import Row

RESULTS = Path(__file__).with_name("results.json")
PARTS = ["collecting", "fields", "memory", "workers", "web", "serving", "results_at_scale"]
VERSIONS = ["torch", "torchvision", "numpy", "pillow", "django", "psycopg2-binary"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and keep; exit status 1 if a row does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    asked = parser.parse_args(arguments).part
    if unknown := set(asked) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}: there are {PARTS}.")
    measured: list[Row] = []
    for part in asked or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        measured += import_module(f"benchmarks.{part}").measure()
        _keep(measured)
    print(_table(measured))
    return int(not all(row.holds for row in measured))


def _keep(measured: list[Row]) -> None:
    """Write the rows, in place of earlier ones of the same names."""
    before = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    rows = {row["name"]: row for row in before} | {row.name: asdict(row) for row in measured}
    found = {"machine": _machine(), "versions": _versions(), "rows": list(rows.values())}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    if found["machine"]["device"] == "cpu":  # what the README shows
        rewrite(found["rows"], found["machine"])


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "device": os.environ.get("DEVICE") or "cpu",
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in VERSIONS:
        with contextlib.suppress(PackageNotFoundError):  # a GPU machine may lack the service
            found[name] = version(name)
    return found


def _table(rows: list[Row]) -> str:
    lines = [
        f"{row.ratio:10.3f}  {row.target:8.2f}  {'yes' if row.holds else 'NO ':3}  {row.name}"
        for row in rows
    ]
    return "\n".join([f"{'ratio':>10}  {'target':>8}  holds", *lines])


if __name__ == "__main__":
    sys.exit(main())
