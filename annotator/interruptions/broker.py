"""The broker, which carries messages to Celery workers. A dead one stops no page and no command.

The tables are the queue: while no message gets through, rows wait, and workers find them when the
broker is back.
"""

import logging
import time

from celery import Task
from django.conf import settings
from django.db import transaction
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError

CHECK_SECONDS = 5.0  # for which one look at the broker serves
RETRY_SECONDS = 0.1  # before the second try to connect, while a page waits
log = logging.getLogger(__name__)
_last_check: tuple[float, str, bool] = (0.0, "", False)  # when, of which broker, whether it is down


def send_on_commit(task: Task, pk: int, queue: str | None = None) -> None:
    """Send the broker a message on commit; that the broker is dead is only logged."""

    def send() -> None:
        try:
            task.apply_async((pk,), queue=queue)
        except (OperationalError, OSError) as error:
            log.warning(
                "The broker cannot be reached (%s): %s of row %s waits until it is back.",
                error, task.name.rpartition(".")[2], pk,
            )  # fmt: skip

    transaction.on_commit(send)


def message_count(queue: str, connection: Connection) -> int:
    """How many messages of a queue no worker has taken yet."""
    try:
        declared = connection.default_channel.queue_declare(queue, passive=True)
    except ChannelError:  # no such queue: with Redis, an empty one
        return 0
    return int(declared.message_count)


def is_broker_down() -> bool:
    """Whether there is a broker and it cannot be reached; a look at it serves for 5 seconds."""
    global _last_check
    url = settings.BROKER_URL
    if not url:
        return False
    at, of, was_down = _last_check
    if of == url and time.monotonic() - at < CHECK_SECONDS:
        return was_down
    is_down = not _is_reachable(url)
    _last_check = (time.monotonic(), url, is_down)
    return is_down


def _is_reachable(url: str) -> bool:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 1}
    try:
        with Connection(url, transport_options=options) as connection:
            connection.ensure_connection(max_retries=1, interval_start=RETRY_SECONDS, timeout=1)
    except (OperationalError, OSError):
        return False
    return True
