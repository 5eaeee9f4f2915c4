"""Measure some parts, or all, and write benchmarks/results.json."""

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
PARTS = ["collecting", "fields", "memory", "latents", "workers", "web", "serving"]
PARTS += [
    "results_at_scale",
    "pictured",
    "next_hit",
    "decoding",
    "answering",
    "throughput",
    "web_memory",
    "feeding",
    "whole_command",
    "many_images",
    "demo",
]
VERSIONS = ["torch", "torchvision", "numpy", "pillow", "django", "psycopg2-binary"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, store and print rows; returns the exit status, 1 if a row does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"some of {', '.join(PARTS)} (all)")
    parts = parser.parse_args(arguments).part
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {PARTS}.")
    measured: list[Row] = []
    for part in parts or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        measured += import_module(f"benchmarks.{part}").measure()
        _store(measured)
    print(_table(measured))
    return int(not all(row.holds for row in measured))


def _store(measured: list[Row]) -> None:
    """Write the rows; they replace earlier rows of the same names."""
    earlier = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    rows = {row["name"]: row for row in earlier} | {row.name: asdict(row) for row in measured}
    results = {"machine": _machine(), "versions": _versions(), "rows": list(rows.values())}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    if results["machine"]["device"] == "cpu":  # the README has no others
        rewrite(results["rows"], results["machine"])


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "device": os.environ.get("DEVICE") or "cpu",
    }


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in VERSIONS:
        with contextlib.suppress(PackageNotFoundError):  # a GPU machine may lack the service
            versions[name] = version(name)
    return versions


def _table(rows: list[Row]) -> str:
    lines = [
        f"{row.ratio:10.3f}  {row.target:8.2f}  {'yes' if row.holds else 'NO ':3}  {row.name}"
        for row in rows
    ]
    return "\n".join([f"{'ratio':>10}  {'target':>8}  holds", *lines])


if __name__ == "__main__":
    sys.exit(main())
