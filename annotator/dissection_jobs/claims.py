"""Holds a claimed job while it is worked on: renews its lease, and says how each error ends it.

What is the job's own fault ends it with a sentence. What is not (the worker stops, the database is
away, another worker has claimed it) puts it back into the queue, where nothing counts against it.
While the storage is away or full it is put off, longer each time; only in the foreground, where
somebody reads the sentence, does it end.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event

from django.db import connection

from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.study_binding import StudyMismatch
from annotator.interruptions import stopping
from annotator.interruptions.companion import companion
from annotator.interruptions.outages import DATABASE_AWAY, is_foreground, patiently
from annotator.job_requests import BadRequest
from annotator.models.claims import LEASE, Claimable
from annotator.storage import StorageDown
from dissect.errors import DissectError, StoreError

log = logging.getLogger(__name__)

SENTENCES = (BadRequest, DissectError, DissectionError, StudyMismatch, StorageDown)
# A worker that hangs, and so gets no further for so long, may lose its job to another one.
MAX_SILENT_SECONDS = 3600.0


class LostClaim(Exception):
    """Another worker has claimed this job, so this worker must not write to it."""


@contextmanager
def working_on(job: Claimable, fail: Callable[[str], object]) -> Iterator[None]:
    """Hold a claimed job while the block works on it, whatever comes.

    Args:
        fail: ends the job with a sentence.

    Raises:
        KeyboardInterrupt: the job is put back.
        OperationalError, InterfaceError: the database stayed away; the job is put back.
        Exception: any error whose text is no sentence, for the log; the job has ended.
    """
    try:
        with companion(partial(_renew, job), "lease"):
            yield
    except LostClaim:
        log.warning("%s was canceled or claimed by another worker; this one stops.", job)
    except stopping.WorkerStopping:
        _put_back(job)
    except (KeyboardInterrupt, SystemExit, *DATABASE_AWAY):
        _put_back(job)
        raise
    except SENTENCES as error:
        text = str(error)
        if may_pass(error) and not is_foreground():
            log.warning("%s is put off: %s", job, text)
            patiently(lambda: job.put_off(text))
        else:
            patiently(lambda: fail(text))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        patiently(lambda: fail(text))
        raise


def may_pass(error: BaseException | None) -> bool:
    """Whether a job can be claimed again after an error: a storage was away, which may pass."""
    while error is not None and not isinstance(error, StorageDown | StoreError):
        error = error.__cause__
    return error is not None and error.may_pass


def _put_back(job: Claimable) -> None:
    with suppress(*DATABASE_AWAY):  # then the lease ends by itself
        job.put_back()


def write_claimed(job: Claimable, **fields: object) -> None:
    """Write to the row of a job, while its claim holds, which renews the lease.

    Waits while the database is away.

    Raises:
        LostClaim: another worker has claimed the job.
    """
    if not patiently(lambda: job.write(**fields)):
        raise LostClaim


def _renew(job: Claimable, ended: Event) -> None:
    """Renew the lease of a job until it ends, since a step may take longer than a lease."""
    started = time.monotonic()
    while not ended.wait(LEASE.total_seconds() / 3):
        if time.monotonic() > max(started, job.stepped_at) + MAX_SILENT_SECONDS:
            return
        with suppress(*DATABASE_AWAY):
            job.write()
        connection.close()
