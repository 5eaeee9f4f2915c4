"""Prepares and finishes runs."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models.functions import Now

from annotator.dissection_jobs.directions import keep_directions, wants_directions
from annotator.dissection_jobs.fitting import RunError, already_there, control_of, fitted, free_name
from annotator.dissection_jobs.jobs import Job, job_of, ranges
from annotator.dissection_jobs.progress import LostClaim, Progress
from annotator.dissection_jobs.random_images import write_random_images
from annotator.dissection_jobs.shards import partial_name
from annotator.dissection_reader import DissectionError, load_dissection, serve_pictures
from annotator.models import Network, Run, Shard
from dissect.dissection.writer import write_dissection
from dissect.errors import BadDissection, DissectError
from dissect.topk.results import PartialResult, finish, result_from_bytes, result_origin

log = logging.getLogger(__name__)


def advance(run: Run) -> list[Shard]:
    """Take a claimed run one step on.

    Before it is cut it is prepared: the shards to collect are returned, none if its network is in
    the study already. When all of them are collected it is finished.
    """
    step: Callable[[Run], list[Shard]] = _finish if run.shards.exists() else _prepare
    try:
        return step(run)
    except LostClaim:
        log.warning("%s was taken over by another worker; this one stops.", run)
    except (DissectError, DissectionError, RunError) as error:
        run.fail(str(error))
    except Exception as error:
        run.fail(f"{type(error).__name__}: {error}")
        raise
    return []


def _prepare(run: Run) -> list[Shard]:
    job = job_of(run)
    study = fitted(run.study, job.images, job.settings)
    base = control_of(study, job, run.asked)
    if wants_directions(run.asked):
        with _progress(run) as progress:
            keep_directions(job.network, job.images, run.asked, job.store, job.device, progress)
        job = job_of(run)
    if known := already_there(study, job, run.asked):
        _done(run, known)
        return []
    if base is not None and run.asked.get("random_images"):
        _write_chance(run, job, base)
        return []
    with transaction.atomic():
        shards = Shard.objects.bulk_create(
            Shard(run=run, number=number, first=first, stop=stop)
            for number, (first, stop) in enumerate(ranges(len(job.images), run.asked.get("shards")))
        )
        if not run.write(
            status=Run.Status.COLLECTING,
            stage="forwarding images",
            done_count=0,
            total_count=len(job.images),
            began_at=None,
        ):
            raise LostClaim
    return shards


def _write_chance(run: Run, job: Job, base: Network) -> None:
    count, seed = run.asked["random_images"], run.asked["seed"]
    with _progress(run) as progress:
        if not _is_written(job):
            write_random_images(job, base, count, seed, progress)
        _store(run, job, progress)


def _finish(run: Run) -> list[Shard]:
    job = job_of(run)
    with _progress(run) as progress:
        if not _is_written(job):  # else an earlier try wrote all but the rows
            found = finish(_merged(run, job), job.wanted, job.images)
            write_dissection(
                job.network, found, job.images, job.store, job.settings, job.device, progress
            )
        _store(run, job, progress)
    for shard in run.shards.all():
        job.store.remove(partial_name(shard))
    return []


def _store(run: Run, job: Job, progress: Progress) -> None:
    """Serve a written dissection's pictures, make its rows, and end the run."""
    serve_pictures(job.prefix, lambda done, total: progress("storing pictures", done, total))
    progress("storing rows", 0, 1)
    with transaction.atomic():
        _done(run, load_dissection(run.study, job.prefix, free_name(run.study, job, run.asked)))


@contextmanager
def _progress(run: Run) -> Iterator[Progress]:
    progress = Progress(run)
    try:
        yield progress
    finally:
        progress.close()


def _is_written(job: Job) -> bool:
    """Whether the manifest is there and whole: one that lost its power may be empty."""
    if not job.store.has("manifest.json"):
        return False
    try:
        return bool(json.loads(job.store.get("manifest.json")))
    except ValueError:
        return False


def _merged(run: Run, job: Job) -> PartialResult:
    """The union of all shards, whose partial results are read one after another."""
    of = result_origin(job.network, job.wanted, job.images, job.device)
    whole: PartialResult | None = None
    for shard in run.shards.order_by("number"):
        try:
            content = job.store.get(partial_name(shard))
            partial = result_from_bytes(content, of, job.network, job.wanted, job.images)
        except BadDissection as error:
            raise RunError(_to_collect_again(shard, error)) from error
        if whole is None:
            whole = partial
        else:
            whole.merge(partial)
    assert whole is not None
    return whole


def _to_collect_again(shard: Shard, error: BadDissection) -> str:
    Shard.objects.filter(pk=shard.pk).update(status=Shard.Status.WAITING)
    return f"{error} Ask again, and shard {shard.number + 1} alone is collected once more."


def _done(run: Run, network: Network) -> None:
    if not run.write(
        status=Run.Status.DONE, network=network, stage="", error="", finished_at=Now()
    ):
        raise LostClaim
