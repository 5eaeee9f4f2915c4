"""A database goes away now and then: it restarts, or another process holds its lock for long."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from annotator.interruptions import stopping

log = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
MAX_WAIT_SECONDS = 600.0
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 5.0

T = TypeVar("T")
_is_foreground: ContextVar[bool] = ContextVar("is_foreground", default=False)


@contextmanager
def foreground() -> Iterator[None]:
    """Work for somebody who waits at a terminal: what is away ends the job with its sentence."""
    token = _is_foreground.set(True)
    try:
        yield
    finally:
        _is_foreground.reset(token)


def is_foreground() -> bool:
    return _is_foreground.get()


def patiently(query: Callable[[], T]) -> T:
    """The result of a query that is asked again while the database is away, for ten minutes.

    Within a transaction it is asked once, because the transaction is lost with its connection.

    Raises:
        OperationalError, InterfaceError: the database stayed away, or the worker is to stop.
    """
    until, pause = time.monotonic() + MAX_WAIT_SECONDS, FIRST_PAUSE_SECONDS
    while True:
        try:
            return query()
        except DATABASE_AWAY as error:
            is_over = time.monotonic() + pause > until
            if is_over or connection.in_atomic_block or stopping.is_asked():
                raise
            log.warning("The database does not answer (%s). Asking again.", str(error).strip())
        close_old_connections()
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)
