"""Cuts a run into shards, and collects one: forwards its images and stores the partial result."""

import logging

from django.db.models import Sum
from tqdm import tqdm

from annotator.dissection_jobs.jobs import Job, job_of
from annotator.dissection_jobs.progress import LostClaim, RowProgress, write_claimed
from annotator.job_requests import BadRequest
from annotator.models import Shard
from dissect.errors import DissectError
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect_range
from dissect.topk.results import result_origin, result_to_bytes

log = logging.getLogger(__name__)
IMAGES_PER_SHARD = 2048  # minutes of work, far below the visibility timeout of any broker


def shard_ranges(count: int, shards: int | None) -> list[tuple[int, int]]:
    """Cut the images 0 to count - 1 of a run into shards of whole blocks, as even as possible.

    Args:
        shards: how many ranges; None makes ranges of about IMAGES_PER_SHARD images.

    Returns:
        (first, stop) of each range; fewer ranges than `shards` where there are fewer blocks.

    >>> shard_ranges(100, shards=2)  # blocks of 32 images
    [(0, 64), (64, 100)]
    """
    blocks = -(-count // BATCH_SIZE)
    wanted = shards or -(-count // IMAGES_PER_SHARD)
    pieces = max(1, min(wanted, blocks))
    edges = [round(piece * blocks / pieces) * BATCH_SIZE for piece in range(pieces)] + [count]
    return list(zip(edges[:-1], edges[1:], strict=True))


def partial_name(shard: Shard) -> str:
    """The file of a shard's partial result, in the folder of the dissection."""
    return f"partials/{shard.number:05d}.npz"


def collect_shard(shard: Shard) -> None:
    """Collect a claimed shard, or fail its run with a sentence.

    The partial result is stored only while the claim is held, and counts once the row says DONE. A
    slow worker that lost its claim stores at most the same bytes again.
    """
    run = shard.run
    if shard.claim_number > Shard.MAX_CLAIMS:
        run.fail(_lost_too_often(shard))
        return
    try:
        job = job_of(run)
        content = _partial_result(shard, job)
        write_claimed(shard)
        job.store.put(partial_name(shard), content)
    except LostClaim:
        log.warning("%s was claimed by another worker; this one stops.", shard)
        return
    except (DissectError, BadRequest) as error:
        run.fail(str(error))
        return
    shard.write(status=Shard.Status.DONE, done_count=shard.stop - shard.first)
    run.count_collected()


def _partial_result(shard: Shard, job: Job) -> bytes:
    """Forward the images of a shard; progress on its row renews the lease."""
    starts = range(shard.first, shard.stop, BATCH_SIZE)
    others = shard.run.shards.exclude(pk=shard.pk).aggregate(done=Sum("done_count"))["done"] or 0
    row = RowProgress(shard)
    # The bar is the whole run's.
    with tqdm(
        total=len(job.images), initial=others, desc=_title(shard), unit="image", disable=None
    ) as bar:

        def progress(done: int, total: int) -> None:
            bar.update(others + done - bar.n)
            if row.write(done_count=done):
                shard.run.count_collected()

        partial = collect_range(
            job.network, job.wanted, job.images, starts, job.device, BATCH_SIZE, progress
        )
    return result_to_bytes(partial, result_origin(job.network, job.wanted, job.images, job.device))


def _title(shard: Shard) -> str:
    count = shard.run.shards.count()
    return "forwarding images" + (f", shard {shard.number + 1} of {count}" if count > 1 else "")


def _lost_too_often(shard: Shard) -> str:
    """Why the run fails, with the image that the last worker had reached: the cause is near it."""
    reached = shard.first + shard.done_count
    try:
        images = job_of(shard.run).images
        name = images.paths[min(reached, len(images) - 1)]
    except (DissectError, BadRequest) as error:
        name = f"number {reached} ({error})"
    return (
        f"Shard {shard.number + 1} was lost {Shard.MAX_CLAIMS} times; its last worker had reached "
        f"image {name}. Remove that image or give workers more memory, then run the command again: "
        "what is collected stays."
    )
