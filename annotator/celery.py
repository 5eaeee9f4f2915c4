"""The Celery app. The database holds the jobs; a message only tells a worker to look at a row."""

import os

from celery import Celery
from celery.signals import worker_init, worker_shutting_down

from annotator.interruptions import stopping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")

app = Celery("annotator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["annotator"])


@worker_init.connect
def _starts(**details: object) -> None:
    stopping.withdraw()


@worker_shutting_down.connect
def _stops(**details: object) -> None:
    """Let the jobs of this worker end at their next step, long before it would be killed."""
    stopping.ask()
