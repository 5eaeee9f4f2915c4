"""Checkpoints of a shard: what is collected so far, from where the next worker goes on."""

import logging
import time
from typing import Any

from annotator.dissection_jobs.claims import write_claimed
from annotator.dissection_jobs.jobs import Job
from annotator.interruptions import stopping
from annotator.models import Shard
from dissect.errors import BadDissection, StoreError
from dissect.topk.results import PartialResult
from dissect.topk.stored_results import origin_in, result_from_bytes, result_to_bytes

log = logging.getLogger(__name__)

MIN_SECONDS = 30.0  # from one checkpoint to the next
MIN_SECONDS_PER_SECOND = 20.0  # and for each second that storing one takes, so a twentieth at most


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
