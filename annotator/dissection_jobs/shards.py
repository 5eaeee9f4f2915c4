"""Cuts a run into shards, and collects one: forwards its images and stores the partial result.

While a shard is collected, a checkpoint of it is stored now and then, from which the next worker
goes on. A worker that takes over from a lost one first reads the images one at a time, and writes
down which: so it is known whether an image kills workers, and which image it is.
"""

import logging
import shlex
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import Sum
from tqdm import tqdm

from annotator.dissection_jobs.claims import working_on, write_claimed
from annotator.dissection_jobs.loaded_jobs import Job, job_of
from annotator.dissection_jobs.progress import RowProgress
from annotator.interruptions import stopping
from annotator.interruptions.outages import patiently
from annotator.models import Shard
from annotator.models.claims import MAX_LOST
from dissect.errors import BadDissection, ImagesError, StoreError
from dissect.format.names import on_one_line
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect_range
from dissect.topk.results import PartialResult
from dissect.topk.stored_results import origin_in, result_from_bytes, result_origin, result_to_bytes

log = logging.getLogger(__name__)

MIN_SECONDS = 30.0  # from one checkpoint to the next
MIN_SECONDS_PER_SECOND = 20.0  # and for each second that storing one takes, so a twentieth at most
IMAGES_PER_SHARD = 2048  # minutes of work, far below the visibility timeout of any broker


class Checkpoints:
    """Stores what is collected of a claimed shard, now and then and before its worker stops.

    Args:
        name: of its file in the job's store.
        origin: of the partial result.
        reached: how many images of the shard were collected before.
    """

    def __init__(
        self, name: str, shard: Shard, job: Job, origin: dict[str, Any], reached: int
    ) -> None:
        self.name, self.shard, self.job, self.origin = name, shard, job, origin
        self.began_with = reached
        self.due_at = time.monotonic() + MIN_SECONDS

    def store_if_due(self, partial: PartialResult, done: int) -> None:
        """Store a result with so many more images, if it is time or the worker stops.

        A store that fails changes nothing: the last checkpoint stays.

        Raises:
            LostClaim: another worker has claimed the shard.
        """
        reached = self.began_with + done
        is_due = time.monotonic() >= self.due_at or stopping.is_asked()
        if not is_due or reached >= self.shard.stop - self.shard.first:
            return
        started = time.monotonic()
        content = result_to_bytes(partial, self.origin | {"reached": reached})
        write_claimed(self.shard)
        try:
            self.job.store.put(self.name, content)
        except StoreError as error:
            log.warning("%s goes on without a checkpoint: %s", self.shard, error)
        else:
            write_claimed(
                self.shard, done_count=reached, stored_count=reached, lost_count=0, retry_count=0
            )
        ended = time.monotonic()
        self.due_at = ended + max(MIN_SECONDS, MIN_SECONDS_PER_SECOND * (ended - started))


def stored_checkpoint(
    name: str, shard: Shard, job: Job, origin: dict[str, Any]
) -> tuple[PartialResult | None, int]:
    """The stored checkpoint of a shard and how many of its images are in it; (None, 0) without one.

    One from another kind of machine is left alone: its last digits differ.
    """
    if not job.store.has(name):
        return None, 0
    try:
        content = job.store.get(name)
        reached = int(origin_in(content)["reached"])
        partial = result_from_bytes(content, origin, job.network, job.wanted, job.images)
    except (BadDissection, KeyError) as error:
        log.warning("%s starts from its beginning: %s", shard, error)
        return None, 0
    collected = range(shard.first, shard.first + reached)
    if any(place in collected and place not in partial.bad for place in job.skipped):
        return None, 0  # it has an image that is to be left out now
    return partial, reached


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


class PartialNames(NamedTuple):
    """The files of a shard's partial results, in the folder of the dissection."""

    whole: str
    checkpoint: str


def partial_names(shard: Shard) -> PartialNames:
    """Name the files of a shard: its partial result, and what is collected of it so far."""
    stem = f"partials/{shard.number:05d}"
    return PartialNames(f"{stem}.npz", f"{stem}.checkpoint.npz")


def collect_shard(shard: Shard) -> None:
    """Collect a claimed shard, or fail its run with a sentence.

    The partial result is stored only while the claim is held, and counts once the row says DONE. A
    slow worker that lost its claim stores at most the same bytes again.
    """
    run = shard.run
    with working_on(shard, run.fail):
        if shard.suspect_count >= Shard.MAX_LOST_AT_AN_IMAGE or shard.lost_count >= MAX_LOST:
            run.fail(_lost_too_often(shard))
            return
        job = job_of(run)
        names = partial_names(shard)
        content = _partial_result(shard, job)
        write_claimed(shard)
        job.store.put(names.whole, content)
        write_claimed(shard, status=Shard.Status.DONE, done_count=shard.stop - shard.first)
        patiently(run.count_collected)
        job.store.remove(names.checkpoint)


def _partial_result(shard: Shard, job: Job) -> bytes:
    """Forward the images of a shard; progress on its row renews the lease."""
    origin = result_origin(job.network, job.wanted, job.images, job.device)
    names, others = partial_names(shard), _collected_by_others(shard)
    begun, reached = stored_checkpoint(names.checkpoint, shard, job, origin)
    row, images = RowProgress(shard), job.images
    if shard.lost_count:
        _read_one_by_one(shard, job, max(reached, shard.done_count))
        images = replace(images, threads=1)  # as few large images in memory as possible
    checkpoints = Checkpoints(names.checkpoint, shard, job, origin, reached)
    # The bar is the whole run's.
    with tqdm(
        total=len(images), initial=others + reached, desc=_title(shard), unit="image", disable=None
    ) as bar:

        def progress(done: int, total: int) -> None:
            bar.update(others + reached + done - bar.n)
            if row.write(done_count=reached + done):
                patiently(shard.run.count_collected)

        starts = range(shard.first + reached, shard.stop, BATCH_SIZE)
        partial = collect_range(
            job.network, job.wanted, images, starts, job.device, BATCH_SIZE, progress,
            begun, checkpoints.store_if_due,
        )  # fmt: skip
    return result_to_bytes(partial, origin)


def _collected_by_others(shard: Shard) -> int:
    others = shard.run.shards.exclude(pk=shard.pk)
    return others.aggregate(done=Sum("done_count"))["done"] or 0


def _read_one_by_one(shard: Shard, job: Job, reached: int) -> None:
    """Read the images that a lost worker had not reached, each alone and announced on the row."""
    row = RowProgress(shard)
    for place in range(shard.first + reached, shard.stop):
        row.write(is_due=True, reading=place)
        with suppress(ImagesError):  # it will be skipped, with the reason
            job.network.preprocessing.pixels(job.images.open(place))
    row.write(is_due=True, reading=None)


def _title(shard: Shard) -> str:
    count = shard.run.shards.count()
    return "forwarding images" + (f", shard {shard.number + 1} of {count}" if count > 1 else "")


def _lost_too_often(shard: Shard) -> str:
    """Why the run fails: because of one image, if workers were lost while they read it."""
    images = job_of(shard.run).images
    if shard.suspect_count >= Shard.MAX_LOST_AT_AN_IMAGE:
        name = images.paths[shard.suspect]
        return (
            f"{shard.suspect_count} workers in a row died while they read image "
            f"{on_one_line(name)}, which probably takes more memory than they have. Give workers "
            f"more memory, or run the command again with --skip {shlex.quote(name)}: "
            "what is collected stays, and the dissection names the image as skipped."
        )
    reached = on_one_line(images.paths[min(shard.first + shard.done_count, len(images) - 1)])
    return (
        f"{shard.lost_count} workers in a row were lost with shard {shard.number + 1}, the last "
        f"one near image {reached}, but none while it read an image alone: they were killed from "
        "outside, or the network needs more memory than they have. Give workers more memory, then "
        "run the command again: what is collected stays."
    )
