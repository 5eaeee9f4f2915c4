"""The demo as a newcomer waits for it: building its studies, and the slowest page of its lab.

Both are seconds over the seconds that they may take on two quiet cores. `manage.py demo` makes an
empty installation on SQLite, and `manage.py work --once` then answers each question of the lab.
"""

import os
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.row import Row, at_most, seconds
from benchmarks.world import ROOT

DEMO_SECONDS, QUESTION_SECONDS = 180, 15


def measure() -> list[Row]:
    with TemporaryDirectory(prefix="unitscope-demo-") as folder:
        demo = seconds(lambda: _manage(folder, "demo"))
        _manage(folder, "work", "--once")
        slowest = max(_question_seconds(Path(folder, "unitscope.sqlite3")))
    print(f"the demo took {demo:.0f} s, its slowest question {slowest:.1f} s", file=sys.stderr)
    return [
        at_most("building the demo, once installed / 180 s", demo / DEMO_SECONDS, 1),
        at_most("slowest default question of the demo's lab / 15 s", slowest / QUESTION_SECONDS, 1),
    ]


def _manage(folder: str, *command: str) -> None:
    environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DEBUG": "True"}
    arguments = [sys.executable, "manage.py", *command]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, capture_output=True)


def _question_seconds(database: Path) -> list[float]:
    """How long a worker took for each analysis of the lab.

    Raises:
        RuntimeError: one of them is not done.
    """
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT kind, status, started_at, finished_at FROM annotator_analysis"
        ).fetchall()
    if undone := [kind for kind, status, *_ in rows if status != "done"]:
        raise RuntimeError(f"Not done: {', '.join(undone)}.")
    times = [(datetime.fromisoformat(at) for at in row[2:]) for row in rows]
    return [(finished - started).total_seconds() for started, finished in times]
