"""Queries and CPU time of one answer: a worker takes a HIT, opens it, saves a draft and submits.

Each request passes all middleware, in one process with SQLite (or DATABASE_URL), among 100 HITs
and among 10,000. What all queues have in common is read once beforehand, as a process of the
service does.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from benchmarks.row import Row, at_most
from benchmarks.world import ROOT

FEW, MANY = 100, 10_000
LAYERS, PLACES = 20, 3
WORKERS, EACH = 3, 15
MAX_QUERIES, MAX_MS, MAX_GROWTH = 8, 10, 1.3
ANSWER = {"concept": "green ball", "group": "5", "second_group": "", "says": "concept"}
DRAFT = {"concept": "ball", "group": 5, "says": "concept", "marked": [3], "view": "region",
         "views": ["region"]}  # fmt: skip
TRACE = {"part": "1", "active_seconds": 1.5, "paste_count": 0, "focus_lost_count": 0,
         "seen_ms": {"0": 300, "5": 200}, "mark_order": [3], "views": ["region"]}  # fmt: skip
STEPS = ("next", "page", "ahead", "draft", "submit")


def measure() -> list[Row]:
    """The rows. `DATABASE_URL=... python -m benchmarks.answering 10000` prints every step."""
    few, many = measured(FEW), measured(MANY)
    for hits, steps in ((FEW, few), (MANY, many)):
        print(f"{hits} HITs: {json.dumps(steps)}", file=sys.stderr)
    growth = sum(many[step]["ms"] for step in STEPS) / sum(few[step]["ms"] for step in STEPS)
    rows = [
        at_most("CPU time of one answer among 10,000 HITs / among 100", growth, MAX_GROWTH),
    ]
    for step in ("next", "ahead"):
        queries, ms = many[step]["queries"], many[step]["ms"]
        rows += [
            at_most(f"queries of `{step}` among 10,000 HITs", queries, MAX_QUERIES),
            at_most(f"milliseconds of CPU of `{step}` among 10,000 HITs", ms, MAX_MS),
        ]
    return rows


def measured(hits: int) -> dict[str, dict[str, float]]:
    """Median queries and milliseconds of CPU of each step, in a process and a database anew."""
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DEBUG": "True",
                       "DJANGO_SETTINGS_MODULE": "annotator.settings"}  # fmt: skip
        process = subprocess.run(
            [sys.executable, "-m", "benchmarks.answering", str(hits)], cwd=ROOT, env=environment,
            check=True, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    return dict(json.loads(process.stdout))


class Measured:
    """A worker's browser: keeps the CPU time and the queries of every step."""

    def __init__(self, worker: Any) -> None:
        from django.test import Client

        from annotator.tokens.sessions import SessionStore

        session = SessionStore()
        session["worker"] = worker.pk
        session.save()
        self.client = Client(SERVER_NAME="localhost")
        self.client.cookies["sessionid"] = session.session_key
        self.steps: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def answer(self) -> None:
        """Take one HIT and answer it, as a browser does."""
        hit = self.step("next", "/hits/next/", {}).headers["Location"]
        self.step("page", hit)
        self.step("ahead", f"{hit}ahead/")
        body = {"revision": 0, "content": DRAFT, "trace": TRACE}
        self.step("draft", f"{hit}draft/", json.dumps(body))
        form = ANSWER | {"then": "stop", "marked": "3", "trace": json.dumps(TRACE | {"part": "2"})}
        self.step("submit", hit, form)

    def step(self, name: str, path: str, data: Any = None) -> Any:
        from django.db import connection

        options = {"content_type": "application/json"} if isinstance(data, str) else {}
        send = self.client.get if data is None else self.client.post
        before, count = process_time(), 0

        def counted(execute: Any, *arguments: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*arguments)

        with connection.execute_wrapper(counted):
            response = send(path, data, **options) if data is not None else send(path)
        self.steps[name].append((1000 * (process_time() - before), count))
        if response.status_code >= 400 or response.headers.get("Location") == "/hits/next/":
            raise RuntimeError(f"{path} answered {response.status_code}.")
        return response


def invited_workers(study: Any, count: int = WORKERS) -> list[Any]:
    """People who came by an invite link and agreed to the consent text."""
    from annotator.crowd.access.consent import agree, newest_text
    from annotator.models import Invitation, Worker

    invitation = Invitation.objects.create(study=study)
    people = [Worker.objects.create(study=study, invitation=invitation) for _ in range(count)]
    for worker in people:
        agree(worker, newest_text(study).version)
    return people


def main(hits: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from annotator.models.study import new_key
    from benchmarks.crowded import open_study

    settings.DEBUG = False  # or Django keeps every query
    settings.ALLOWED_HOSTS = ["localhost"]
    call_command("migrate", verbosity=0)
    study = open_study(f"{hits} HITs {new_key()[:8]}", LAYERS, hits // LAYERS, PLACES)
    browsers = [Measured(each) for each in invited_workers(study)]
    for _ in range(EACH):
        for browser in browsers:
            browser.answer()
    steps = {}
    for name in STEPS:
        rows = [row for browser in browsers for row in browser.steps[name][2:]]  # all is warm
        steps[name] = {
            "ms": round(median(ms for ms, _ in rows), 2),
            "queries": median(count for _, count in rows),
        }
    print(json.dumps(steps))


if __name__ == "__main__":
    main(int(sys.argv[1]))
