"""Prepares and finishes runs."""

import json
import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from annotator.dissecting.fitting import RunError, already_there, fitted, free_name
from annotator.dissecting.job import Job, job_of, ranges
from annotator.dissecting.progress import LostClaim, Progress
from annotator.dissecting.shards import partial_name
from annotator.models import Network, Run, Shard
from annotator.seam import SeamError, load_dissection, serve_pictures
from dissect.collect import Partial, finished
from dissect.dissection import write
from dissect.errors import BadDissection, DissectError
from dissect.partial import from_bytes, origin

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
    except (DissectError, SeamError, RunError) as error:
        run.fail(str(error))
    except Exception as error:
        run.fail(f"{type(error).__name__}: {error}")
        raise
    return []


def _prepare(run: Run) -> list[Shard]:
    job = job_of(run)
    study = fitted(run.study, job.images, job.settings)
    if known := already_there(study, job.network, list(job.layers)):
        _done(run, known)
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
        ):
            raise LostClaim
    return shards


def _finish(run: Run) -> list[Shard]:
    job, progress = job_of(run), Progress(run)
    try:
        if not _is_written(job):  # else an earlier try wrote all but the rows
            found = finished(_merged(run, job), job.wanted, job.images)
            write(job.network, found, job.images, job.store, job.settings, job.device, progress)
        serve_pictures(job.prefix, lambda done, total: progress("storing pictures", done, total))
        progress("storing rows", 0, 1)
        with transaction.atomic():
            name = free_name(run.study, job.network)
            _done(run, load_dissection(run.study, job.prefix, name))
    finally:
        progress.close()
    for shard in run.shards.all():
        job.store.remove(partial_name(shard))
    return []


def _is_written(job: Job) -> bool:
    """Whether the manifest is there and whole: one that lost its power may be empty."""
    if not job.store.has("manifest.json"):
        return False
    try:
        return bool(json.loads(job.store.get("manifest.json")))
    except ValueError:
        return False


def _merged(run: Run, job: Job) -> Partial:
    """The union of all shards, whose partial results are read one after another."""
    of = origin(job.network, job.wanted, job.images, job.device)
    whole: Partial | None = None
    for shard in run.shards.order_by("number"):
        try:
            content = job.store.get(partial_name(shard))
            partial = from_bytes(content, of, job.network, job.wanted, job.images)
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
