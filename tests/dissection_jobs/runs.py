"""Runs of a small network over forty pictures, and workers that die."""

from django.utils.timezone import now

from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import RunRequest
from annotator.models.claims import LEASE

SMALL = "tests.dissect.custom_networks:small"


def request(images, **options):
    """A request for `deep`, 8 units, in two shards of 32 and 8 images."""
    values = {"network": SMALL, "layers": ["deep"], "images": str(images), "top": 8, "shards": 2}
    return RunRequest(**values | {"device": "cpu"} | options)


def cut(images, **options):
    """A run that is prepared: its shards wait."""
    run = enqueue_run("rooms", request(images, **options))
    assert do_next_job(run)
    run.refresh_from_db()
    return run


def finish(run):
    """Do all that is left of a run."""
    while do_next_job(run):
        pass
    run.refresh_from_db()
    return run


def lose(row):
    """The worker that holds a row is not heard of until its lease has ended."""
    type(row).objects.filter(pk=row.pk).update(renewed_at=now() - 2 * LEASE)
