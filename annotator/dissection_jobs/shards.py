"""Collects one shard: forwards its images, stores its partial result, says that it is there."""

import logging
import time

from django.db.models import Sum
from tqdm import tqdm

from annotator.dissection_jobs.jobs import Job, job_of
from annotator.dissection_jobs.progress import LostClaim, is_time
from annotator.models import Shard
from dissect.errors import DissectError
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect_range
from dissect.topk.results import result_origin, result_to_bytes

log = logging.getLogger(__name__)


def partial_name(shard: Shard) -> str:
    return f"partials/{shard.number:05d}.npz"


def collect_shard(shard: Shard) -> None:
    """Do a claimed shard.

    Its partial result is stored only while the claim is held, and counts from the moment that its
    row says so; a slow worker that lost its claim leaves at most the same bytes again.
    """
    run = shard.run
    if shard.claim_number > Shard.MAX_CLAIMS:
        run.fail(_lost_too_often(shard))
        return
    try:
        job = job_of(run)
        content = _collected(shard, job)
        if not shard.write():
            raise LostClaim
        job.store.put(partial_name(shard), content)
    except LostClaim:
        log.warning("%s was taken over by another worker; this one stops.", shard)
        return
    except DissectError as error:
        run.fail(str(error))
        return
    shard.write(status=Shard.Status.DONE, done_count=shard.stop - shard.first)
    run.count_collected()


def _collected(shard: Shard, job: Job) -> bytes:
    starts = range(shard.first, shard.stop, BATCH_SIZE)
    before = _collected_before(shard)
    with tqdm(
        total=len(job.images), initial=before, desc=_title(shard), unit="image", disable=None
    ) as bar:
        written_at = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal written_at
            bar.update(before + done - bar.n)
            if is_time(written_at):
                written_at = time.monotonic()
                if not shard.write(done_count=done):
                    raise LostClaim
                shard.run.count_collected()

        partial = collect_range(
            job.network, job.wanted, job.images, starts, job.device, BATCH_SIZE, progress
        )
    return result_to_bytes(partial, result_origin(job.network, job.wanted, job.images, job.device))


def _collected_before(shard: Shard) -> int:
    """Images of other shards that are collected: the bar is the whole run's."""
    others = shard.run.shards.exclude(pk=shard.pk).aggregate(done=Sum("done_count"))
    return others["done"] or 0


def _title(shard: Shard) -> str:
    count = shard.run.shards.count()
    return "forwarding images" + (f", shard {shard.number + 1} of {count}" if count > 1 else "")


def _lost_too_often(shard: Shard) -> str:
    """Which image the last worker had reached: one that kills every worker is near it."""
    reached = shard.first + shard.done_count
    try:
        images = job_of(shard.run).images
        name = images.paths[min(reached, len(images) - 1)]
    except DissectError as error:
        name = f"number {reached} ({error})"
    return (
        f"Shard {shard.number + 1} was lost {Shard.MAX_CLAIMS} times; its last worker had come to "
        f"image {name}. Take that image away or give workers more memory, then ask again: what "
        "is collected stays."
    )
