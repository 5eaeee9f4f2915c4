"""manage.py work: jobs one after another, and in a thread what is due at intervals."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from annotator.interruptions import stopping
from annotator.interruptions.companion import companion
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.job_queue import do_next_job
from annotator.tasks import (
    end_market_sessions,
    expire_lapsed_assignments,
    keep_only_what_is_needed,
    pay_upkeep,
    store_due_quality,
    take_due_snapshots,
    tell_requesters,
)

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0  # after errors in a row
GRACE_SECONDS = 5.0  # to come to the next step of a job
# As Celery beat does where it runs.
UPKEEP = (
    expire_lapsed_assignments,
    take_due_snapshots,
    store_due_quality,
    end_market_sessions,
    pay_upkeep,
    keep_only_what_is_needed,
    tell_requesters,
)
MAX_JOIN_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Do waiting jobs, one after another, where there is no broker; beside them expire "
        "assignments and make due reports. Ctrl-C stops it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is waiting")

    def handle(self, *, once: bool, **options: Any) -> None:
        self.stderr.write("Waiting for runs. Stop with Ctrl-C.")
        try:
            with _stopping_on_signals():
                if once:
                    self._work_once()
                else:
                    # A report that is being made then is made again another time.
                    with companion(_keep_up, "upkeep", MAX_JOIN_SECONDS):
                        self._work()
        except KeyboardInterrupt:
            pass
        if not once or stopping.is_asked():
            self.stderr.write("Stopped.")

    def _work_once(self) -> None:
        try:
            while not stopping.is_asked() and do_next_job():
                pass
        except DATABASE_AWAY as error:
            raise CommandError(f"The database does not answer ({_line(error)}).") from error

    def _work(self) -> None:
        """Do jobs for ever. An error has ended its job, or passes: it never ends the worker."""
        errors = 0
        while not stopping.is_asked():
            pause = PAUSE_SECONDS
            try:
                is_done = do_next_job()
                errors = 0
                if is_done:
                    continue
            except Exception as error:
                self._report(error)
                close_old_connections()
                pause = min(PAUSE_SECONDS * 2**errors, MAX_PAUSE_SECONDS)
                errors += 1
            time.sleep(pause)

    def _report(self, error: Exception) -> None:
        if isinstance(error, DATABASE_AWAY):
            self.stderr.write(f"The database does not answer ({_line(error)}). Trying again.")
        else:
            log.error("A job ended with an error; the worker goes on.", exc_info=error)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the job at its next step, or after GRACE_SECONDS anywhere."""
    stopping.withdraw()
    handlers = {signal.SIGTERM: _stop, signal.SIGINT: _stop, signal.SIGALRM: _stop_now}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGINT and stopping.is_asked():
        raise KeyboardInterrupt  # Ctrl-C twice
    stopping.ask()
    signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)


def _stop_now(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _keep_up(ended: Event) -> None:
    """Expire assignments and make due reports, which do not wait for a dissection that way."""
    due = dict.fromkeys(UPKEEP, 0.0)
    while not ended.is_set():
        for task in due:
            if time.monotonic() >= due[task] and not ended.is_set():
                _do(task)
                due[task] = time.monotonic() + _interval(task.name)
        ended.wait(max(0.0, min(due.values()) - time.monotonic()))


def _do(task: Callable[[], object]) -> None:
    """Do one task of the upkeep; an error is logged, and the next time may go well."""
    try:
        task()
    except Exception:
        log.exception("%s failed; it is done again later.", task)
        close_old_connections()


def _interval(name: str) -> float:
    """The seconds from one time to the next at which the upkeep does a task."""
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    return float(next(entry["schedule"] for entry in entries if entry["task"] == name))
