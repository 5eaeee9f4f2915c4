"""Tasks that beat sends again and again: settings.CELERY_BEAT_SCHEDULE says how often."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import import_module

from celery import Task, current_app, shared_task
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.access import sessions
from annotator.crowd.review.automatic_approvals import approve_due
from annotator.crowd.review.quality_index import store_quality
from annotator.crowd.scheduling import leases
from annotator.crowd.watch.notices import tell
from annotator.interruptions.broker import message_count
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.models import Analysis, Publication, Run, Shard, Study, Worker
from annotator.models.jobs import QUEUE
from annotator.outgoing import webhook
from annotator.pay.top_up import owe_shortfalls
from annotator.public_url import public_address
from annotator.results.output.snapshots import lifecycle
from annotator.retention import personal_data
from annotator.retention.ages import delete_by_age
from annotator.retention.plain_tokens import hash_plain_tokens
from annotator.tasks.jobs import REPEATED, analyse, collect, dissect, notify_workers, publish
from annotator.tasks.reports import take_snapshot

log = logging.getLogger(__name__)


@shared_task(name="annotator.tasks.requeue_lost_runs", **REPEATED)
def requeue_lost_runs() -> None:
    """Periodic task: wake the workers of every empty queue for which rows wait.

    A broker may lose messages, and a worker may die. A queue that still has messages is not added
    to, so it never holds more than a message for each row: its workers are busy, and look again.
    """
    waiting: dict[str, list[tuple[Task, int]]] = defaultdict(list)
    for run in Run.objects.waiting():
        waiting[run.queue].append((dissect, run.pk))
    for shard in Shard.objects.waiting().select_related("run"):
        waiting[shard.run.queue].append((collect, shard.pk))
    for publication in Publication.objects.waiting():
        waiting[QUEUE].append((publish, publication.pk))
    for analysis in Analysis.objects.waiting():
        waiting[QUEUE].append((analyse, analysis.pk))
    if not settings.BROKER_URL:
        return
    with current_app.connection_for_write() as connection:
        empty = [queue for queue in waiting if not message_count(queue, connection)]
    for queue in empty:
        for task, pk in waiting[queue]:
            notify_workers(task, pk, queue)


@shared_task(name="annotator.tasks.expire_lapsed_assignments", **REPEATED)
def expire_lapsed_assignments() -> None:
    """Periodic task: mark assignments whose lease has ended; their places are free already."""
    leases.expire_assignments()


@shared_task(name="annotator.tasks.pay_upkeep", **REPEATED)
def pay_upkeep() -> None:
    """Periodic task: approve what nobody decided in time, owe what the minimum pay lacks."""
    studies = Study.objects.filter(workers__kind=Worker.Kind.PERSON).distinct()
    _for_each(studies, approve_due)
    _for_each(studies, owe_shortfalls)


@shared_task(name="annotator.tasks.keep_only_what_is_needed", **REPEATED)
def keep_only_what_is_needed() -> None:
    """Periodic task: delete sessions that have ended, and what is older than settings allow.

    Tokens of a version before are hashed.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    hash_plain_tokens()
    delete_by_age()


@shared_task(name="annotator.tasks.end_market_sessions", **REPEATED)
def end_market_sessions() -> None:
    """Periodic task: end market sessions whose time is over, and delete numbers nobody needs."""
    studies = Study.objects.filter(participants__isnull=False).distinct()
    _for_each(studies, sessions.expire_sessions)
    _for_each(studies, personal_data.delete_numbers)


@shared_task(name="annotator.tasks.store_due_quality", **REPEATED)
def store_due_quality() -> None:
    """Periodic task: store the quality of answers of large studies for reviewers' pages."""
    _for_each(Study.objects.all(), store_quality)


@shared_task(name="annotator.tasks.take_due_snapshots", **REPEATED)
def take_due_snapshots() -> None:
    """Periodic task: see which studies' answers have changed, and make their snapshots.

    Workers make them if there are any.
    """
    _for_each(Study.objects.all(), _take_snapshot_if_due)


def _take_snapshot_if_due(study: Study) -> None:
    if lifecycle.is_due(study):
        if settings.BROKER_URL:
            notify_workers(take_snapshot, study.pk)
        else:
            take_snapshot(study.pk)


@shared_task(name="annotator.tasks.tell_requesters", **REPEATED)
def tell_requesters() -> None:
    """Periodic task: tell requesters what their studies have come to: done, stuck, to review.

    By mail, and by the webhook if there is one.
    """
    _for_each(Study.objects.all(), _tell)


def _tell(study: Study) -> None:
    tell(
        study,
        now(),
        lambda page, *args: public_address(reverse(page, args=args)),
        webhook.deliver if settings.WEBHOOK_URL else None,
    )


def _for_each(studies: Iterable[Study], what: Callable[[Study], object]) -> None:
    """Do something for each study. An error of one is logged, and keeps it from no other.

    Raises:
        OperationalError, InterfaceError: the database is away, for all of them.
    """
    for study in studies:
        try:
            what(study)
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("%s of study %s failed; it is done again later.", what.__name__, study)
