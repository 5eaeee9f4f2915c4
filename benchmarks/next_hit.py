"""Milliseconds of CPU to find and to take a worker's next HIT among 10,000, on SQLite.

The worker has had some HITs before; what all queues have in common is read once beforehand, as a
process of the service does.
"""

import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.row import Row, at_most
from benchmarks.world import ROOT

LAYERS, UNITS_OF_LAYER, PLACES = 20, 500, 3
HAD = 20  # HITs that the worker has taken before
REPEATS = 15
MAX_MS = 10


def measure() -> list[Row]:
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DEBUG": "True",
                       "DJANGO_SETTINGS_MODULE": "annotator.settings"}  # fmt: skip
        process = subprocess.run(
            [sys.executable, "-m", "benchmarks.next_hit"], cwd=ROOT, env=environment, check=True,
            text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    find, take = map(float, process.stdout.split())
    return [
        at_most("finding the next HIT among 10,000: milliseconds of CPU", find, MAX_MS),
        at_most("taking the next HIT among 10,000: milliseconds of CPU", take, MAX_MS),
    ]


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from annotator.crowd.scheduling.scheduler import next_hit, take_next
    from tests.crowd.studies import published_study, workers

    settings.DEBUG = False  # or Django keeps every query
    call_command("migrate", verbosity=0)
    layers = tuple(("net", f"layer{number}", UNITS_OF_LAYER) for number in range(LAYERS))
    study = published_study(layers=layers, places=PLACES, tops=1, catches=0, worker_share=1)
    finding, taken = [], []
    for worker in workers(study, *(f"w{number}" for number in range(2))):
        for _ in range(HAD + REPEATS):
            start = process_time()
            next_hit(worker)
            finding.append(process_time() - start)
            start = process_time()
            assignment = take_next(worker)
            taken.append(process_time() - start)
            assert assignment is not None
            assignment.status = "returned"
            assignment.save(update_fields=["status"])
    for seconds in (finding, taken):
        print(1000 * median(seconds[-REPEATS:]))


if __name__ == "__main__":
    main()
