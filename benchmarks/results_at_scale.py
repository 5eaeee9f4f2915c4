"""10,000 units with five answers each on PostgreSQL: pages, snapshots and the marks export.

`python -m benchmarks.results_at_scale STEP NAME` runs one step, each in its own process.
"""

import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.peak import peak_mb
from benchmarks.row import Row, at_most, seconds
from tests.services import postgres

UNITS = {"quarter": 2_500, "whole": 10_000}
REPEATS = 5


def measure() -> list[Row]:
    """Build both studies, take their snapshots, read their pages, stream their marks."""
    with postgres() as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "SECRET_KEY": "a secret key of fifty characters for benchmarks only",
        }
        for name in UNITS:
            _log(name, _step("build", name, environment))
        snapshots = {name: _step("snapshot", name, environment) for name in UNITS}
        pages = _step("pages", "whole", environment)
        marks = {name: _step("marks", name, environment) for name in UNITS}
    for figures in (*snapshots.values(), pages, *marks.values()):
        _log("", figures)
    # Processor seconds, which depend little on other work of the machine.
    per_unit = {name: figures["cpu"] / UNITS[name] for name, figures in snapshots.items()}
    return [
        at_most("report page, 10,000 units and 50,000 answers: seconds", pages["report"], 1.0),
        at_most(
            "overview of a study, 10,000 units and 50,000 answers: seconds", pages["overview"], 0.2
        ),
        at_most(
            "unit page among 10,000 units, its layer not yet read: seconds", pages["unit"], 0.2
        ),
        at_most(
            "snapshot: processor seconds of an answer among 50,000 / among 12,500",
            per_unit["whole"] / per_unit["quarter"],
            1.3,
        ),
        at_most(
            "marks export: peak memory for 3,150,000 rows / for 787,500",
            marks["whole"]["peak_mb"] / marks["quarter"]["peak_mb"],
            1.2,
        ),
    ]


def _log(name: str, figures: dict[str, Any]) -> None:
    print(name, json.dumps(figures), file=sys.stderr, flush=True)


def _step(step: str, name: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.results_at_scale", step, name]
    process = subprocess.run(
        command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(process.stdout))


def build(name: str) -> dict[str, Any]:
    from django.core.management import call_command

    from annotator.models import Mark
    from benchmarks.crowded import crowded_study

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    call_command("collectstatic", verbosity=0, interactive=False, stdout=sys.stderr)
    duration = seconds(lambda: crowded_study(name, UNITS[name]))
    return {"step": f"build {name}", "seconds": duration, "marks": Mark.objects.count()}


def snapshot(name: str) -> dict[str, Any]:
    from annotator.models import Study
    from annotator.results.output.figures.page_figures import figures_in
    from annotator.tasks import current_snapshot

    start = process_time()
    report_snapshot = current_snapshot(Study.objects.get(name=name))
    cpu = process_time() - start
    figures = seconds(lambda: figures_in(report_snapshot))
    return {
        "step": f"snapshot {name}",
        "seconds": report_snapshot.seconds,
        "cpu": cpu,
        "figures": figures,
        "peak_mb": peak_mb(),
    }


def pages(name: str) -> dict[str, Any]:
    """Median seconds of a study's pages, and of units whose layer this process has not read."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from annotator.models import Layer

    import_module("annotator.wsgi")  # loads the pages' code, as a server does when it starts
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.create_user("reader", is_staff=True))
    report = f"/results/{name}/"
    first = _page_seconds(client, report)
    layers = Layer.objects.filter(network__study__name=name).select_related("network")
    layer_pages = [f"{report}{layer.network.slug}/{layer.slug}/" for layer in layers]
    unit_pages = [f"{page}500" for page in layer_pages]
    cold = [_page_seconds(client, page) for page in unit_pages]
    return {
        "step": "pages",
        "first_report": first,
        "report": median(_page_seconds(client, report) for _ in range(REPEATS)),
        "overview": median(_page_seconds(client, f"/studies/{name}/") for _ in range(REPEATS)),
        "unit": median(cold),
        "slowest_unit": max(cold),
        "unit_again": median(_page_seconds(client, page) for page in unit_pages),
        "layer": median(_page_seconds(client, page) for page in layer_pages),
    }


def _page_seconds(client: Any, address: str) -> float:
    start = perf_counter()
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    return perf_counter() - start


def marks(name: str) -> dict[str, Any]:
    from annotator.models import Study
    from annotator.results.output.exports.answers import MARKS, mark_rows
    from annotator.results.output.exports.columns import ExportTable
    from annotator.results.output.exports.formats import as_csv

    study = Study.objects.get(name=name)
    sheet = ExportTable("marks", "", MARKS, lambda: mark_rows(study))
    start, lines = perf_counter(), 0
    for piece in as_csv(sheet):
        lines += piece.count(b"\n")
    duration = perf_counter() - start
    return {"step": f"marks {name}", "rows": lines - 1, "seconds": duration, "peak_mb": peak_mb()}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
    import django

    django.setup()
    steps = {"build": build, "snapshot": snapshot, "pages": pages, "marks": marks}
    print(json.dumps(steps[sys.argv[1]](sys.argv[2])))
