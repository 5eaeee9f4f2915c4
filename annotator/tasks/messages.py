"""How a task is sent to Celery's workers, and how it is repeated."""

from celery import Task
from django.conf import settings

from annotator.interruptions.broker import send_on_commit
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.storage import StorageDown

# A task that finds the database or the storage away is repeated, later each time.
REPEATED = {
    "autoretry_for": (*DATABASE_AWAY, StorageDown),
    "retry_backoff": 2,
    "retry_backoff_max": 60,
    "max_retries": 8,
}


def notify_workers(task: Task, pk: int, queue: str | None = None) -> None:
    """Notify Celery's workers of a row that waits for a task, once this transaction is committed.

    Does nothing without a broker: then `manage.py work` looks for waiting rows itself. A broker
    that cannot be reached fails nothing: the row waits.

    Args:
        queue: the Celery queue; None is the one of the task (settings.CELERY_TASK_ROUTES).
    """
    if settings.BROKER_URL:
        send_on_commit(task, pk, queue)
