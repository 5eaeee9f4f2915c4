"""Peak memory of a web process that answers 5,000 mixed requests, bundles and figures among them.

One gunicorn process with four threads, as in docker-compose.yml, and PostgreSQL; 1,000 units with
five answers each. Eight visitors at once: of 100 requests 70 are pages of units, 20 of layers and
the report, 4 tables (two of them Parquet), 3 figures, 2 files of the report, and 1 a bundle.
"""

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.installation import installation
from benchmarks.row import Row, at_most
from benchmarks.throughput import descendants

REQUESTS, VISITORS, UNITS = 5_000, 8, 1_000
MAX_MB = 220
SHARES = {"unit": 70, "layer": 15, "report": 5, "answers.csv": 2, "answers.parquet": 1,
          "marks.parquet": 1, "figure": 3, "report.html": 1, "results.json": 1,
          "bundle": 1}  # fmt: skip


def measure(requests: int = REQUESTS) -> list[Row]:
    """The row. `python -m benchmarks.web_memory 500` is a quick run that stores nothing."""
    with installation(MALLOC_ARENA_MAX="2") as here:  # as in the Dockerfile
        cookie, *addresses = here.words("benchmarks.web_memory", "study")
        with here.gunicorn(processes=1) as port:
            draw = random.Random(0)
            kinds = draw.choices(list(SHARES), list(SHARES.values()), k=requests)
            paths = [draw.choice([a for a in addresses if _kind(a) == kind]) for kind in kinds]
            with ThreadPoolExecutor(VISITORS) as pool:
                codes = set(pool.map(lambda path: _get(port, path, cookie), paths))
            peak = max(map(peak_mb_of, descendants(os.getpid(), "gunicorn")))
    assert codes == {200}, codes
    name = f"peak memory of a web process, {requests:,} mixed requests with bundles and figures: MB"
    return [at_most(name, peak, MAX_MB)]


def _kind(address: str) -> str:
    if "/figures/" in address:
        return "figure"
    last = address.rpartition("/")[2]
    if last in SHARES:
        return last
    if last == "bundle.zip":
        return "bundle"
    return "unit" if last.isdigit() else "layer" if address.count("/") > 3 else "report"


def _get(port: int, path: str, cookie: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    while response.read(1 << 20):
        pass
    connection.close()
    return response.status


def peak_mb_of(pid: int) -> float:
    """The peak resident set size of a running process, in megabytes of 1e6 bytes."""
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(lines["VmHWM"].split()[0]) * 1024 / 1e6


def write_study() -> None:
    """Make the study, its snapshot and a reader; print the cookie and the addresses to open."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import (
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
        get_user_model,
    )
    from django.core.management import call_command

    from annotator.models import Layer
    from annotator.results.output.figures.page_figures import figures_in
    from annotator.tasks import current_snapshot
    from annotator.tokens.sessions import SessionStore
    from benchmarks.crowded import crowded_study

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    figures_in(current_snapshot(crowded_study("load", UNITS)))  # as a worker process does
    reader = get_user_model().objects.create_user("reader", is_staff=True)
    session = SessionStore()
    session[SESSION_KEY] = str(reader.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session.save()
    print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    for layer in Layer.objects.select_related("network"):
        page = f"/results/load/{layer.network.slug}/{layer.slug}/"
        print(page, *(f"{page}{number}" for number in range(layer.unit_count)))
    tables = ("answers.csv", "answers.parquet", "marks.parquet")
    print("/results/load/", *(f"/results/load/tables/{table}" for table in tables))
    files = ("report.html", "results.json", "bundle.zip")
    figures = (f"figures/{name}.{kind}" for name in ("curves", "groups") for kind in ("pdf", "png"))
    print(*(f"/results/load/{file}" for file in (*files, *figures)))


if __name__ == "__main__":
    if sys.argv[1:] == ["study"]:
        write_study()
    else:
        print(measure(*map(int, sys.argv[1:])))
