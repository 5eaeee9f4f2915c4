"""Celery tasks: an id goes in, nothing comes out.

The tables are the queue: a message only tells a worker to look at a row. So every task is
idempotent, and a message that is lost or delivered twice does no harm.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import import_module

from celery import Task, current_app, shared_task
from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.access import number_deletion, sessions
from annotator.crowd.audit import Actor
from annotator.crowd.quality.workers import flagged_workers
from annotator.crowd.review.automatic_approvals import approve_due
from annotator.crowd.review.quality_index import store_quality
from annotator.crowd.scheduling import leases
from annotator.crowd.watch.notices import tell
from annotator.interruptions import stopping
from annotator.interruptions.broker import message_count, send_on_commit
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.models import Analysis, Publication, Run, Shard, Snapshot, Study, Worker
from annotator.models.jobs import QUEUE
from annotator.outgoing import webhook
from annotator.pay.top_up import owe_shortfalls
from annotator.public_url import public_address
from annotator.publishers.base import PublishError
from annotator.publishing import NotPublishable, PublishRequest, offer_of, publish_request
from annotator.results.loading.answers import Crowd
from annotator.results.output.snapshots import lifecycle, requests
from annotator.retention.ages import delete_by_age
from annotator.retention.stored_tokens import hash_stored_tokens
from annotator.storage import StorageDown

log = logging.getLogger(__name__)

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


@shared_task(acks_late=True, reject_on_worker_lost=True, **REPEATED)
def dissect(run_id: int) -> None:
    """Celery task: prepare or finish one run. Idempotent: one worker claims it."""
    # Imported here so that web processes, which only enqueue, never load torch.
    from annotator.dissection_jobs.runs import advance

    run = Run.objects.get(pk=run_id)
    if run.claim():
        for shard in advance(run):
            notify_workers(collect, shard.pk, run.queue)


@shared_task(acks_late=True, reject_on_worker_lost=True, **REPEATED)
def collect(shard_id: int) -> None:
    """Celery task: collect one shard of a run; after the last, `dissect` finishes the run."""
    from annotator.dissection_jobs.shards import collect_shard

    shard = Shard.objects.select_related("run__study").get(pk=shard_id)
    if shard.claim():
        collect_shard(shard)
        if Run.objects.waiting().filter(pk=shard.run_id).exists():
            notify_workers(dissect, shard.run_id, shard.run.queue)


@shared_task(acks_late=True, reject_on_worker_lost=True, **REPEATED)
def analyse(analysis_id: int) -> None:
    """Celery task: answer one waiting analysis: the first in the queue, not the one that came.

    A message says that something waits, and there is one for each row; which goes first, the
    table says.
    """
    from annotator.dissection_jobs.analyses import analyse as answer

    waiting = Analysis.objects.waiting().in_queue_order().select_related("network__study")
    for analysis in waiting:
        if analysis.claim():
            answer(analysis)
            return


@shared_task(acks_late=True, reject_on_worker_lost=True, **REPEATED)
def publish(publication_id: int) -> None:
    """Celery task: publish what a waiting row asks for. Idempotent: one worker claims it."""
    from annotator.dissection_jobs.claims import working_on

    publication = Publication.objects.select_related("study", "account").get(pk=publication_id)
    if publication.claim():
        with working_on(publication, publication.fail):
            _publish(publication)


def _publish(publication: Publication) -> None:
    """Carry out a claimed publication; every HIT is a step, after which it may be put back."""
    from annotator.dissection_jobs.claims import write_claimed

    study, by = publication.study, Actor(publication.actor_name, publication.account)
    steps = publication.done_count

    def step(count: int) -> None:
        nonlocal steps
        steps += count
        write_claimed(publication, done_count=steps)
        stopping.stop_if_asked()

    try:
        request = PublishRequest.of(publication.request)
        total = steps + len(offer_of(study, request).plan.new_hits)
        write_claimed(publication, total_count=total, began_at=Now(), began_with=steps)
        publish_request(study, request, by, step)
    except (NotPublishable, PublishError) as error:
        publication.fail(str(error))
    else:
        publication.finish()


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


@shared_task(**REPEATED)
def requeue_lost_runs() -> None:
    """Celery task: notify workers of every waiting row whose queue is empty.

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


@shared_task(**REPEATED)
def expire_lapsed_assignments() -> None:
    """Celery task: mark assignments whose lease has ended; their places are free already."""
    leases.expire_assignments()


@shared_task(**REPEATED)
def pay_upkeep() -> None:
    """Celery task: approve what nobody decided in time, owe what the minimum pay lacks."""
    studies = Study.objects.filter(workers__kind=Worker.Kind.PERSON).distinct()
    _for_each(studies, approve_due)
    _for_each(studies, owe_shortfalls)


@shared_task(**REPEATED)
def keep_only_what_is_needed() -> None:
    """Celery task: delete sessions that have ended, and what is older than settings allow.

    Tokens of a version before are hashed.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    hash_stored_tokens()
    delete_by_age()


@shared_task(**REPEATED)
def end_market_sessions() -> None:
    """Celery task: end market sessions whose time is over, and delete numbers nobody needs."""
    studies = Study.objects.filter(participants__isnull=False).distinct()
    _for_each(studies, sessions.expire_sessions)
    _for_each(studies, number_deletion.delete_numbers)


def current_snapshot(
    study: Study,
    crowd: Crowd | None = None,
    variant: str = "",
    reader: Callable[[Snapshot], object] | None = None,
) -> Snapshot:
    """The snapshot that tasks make for pages: of current answers, unless it exists already.

    Its numbers come from `results`, which knows no crowd; the workers that a quality rule flags
    come from `crowd`. This is where both meet.

    Args:
        crowd: whose answers count; None is people's as soon as there are any.
        variant: which answers count, a key of variants.VARIANTS.
        reader: called with the snapshot, and reads the database as at the same moment.

    Raises:
        StorageDown: the snapshot cannot be stored.
    """
    return lifecycle.take(study, crowd, variant, lambda: flagged_workers(study), reader)


@shared_task(acks_late=True, reject_on_worker_lost=True, **REPEATED)
def take_snapshot(study_id: int) -> None:
    """Celery task: make each kind of snapshot requested of a study, and the default one.

    Idempotent: a snapshot is named by the data that it is made of. A kind that cannot be made
    keeps no other one waiting.
    """
    from annotator.results.output.figures.page_figures import figures_in

    study = Study.objects.get(pk=study_id)
    for crowd, variant in requests.kinds(study):
        if not requests.begin(study, crowd, variant):
            continue
        try:
            figures_in(current_snapshot(study, crowd, variant))
        except DATABASE_AWAY:
            raise
        except StorageDown as error:
            log.warning("A report of study %s cannot be stored: %s", study, error)
            requests.note_failure(study, crowd, variant, str(error))
        except Exception as error:
            log.exception("A report of study %s cannot be made.", study)
            requests.note_failure(study, crowd, variant, f"{type(error).__name__}: {error}")


@shared_task(**REPEATED)
def store_due_quality() -> None:
    """Celery task: store the quality of answers that reviewers' pages of large studies show."""
    _for_each(Study.objects.all(), store_quality)


@shared_task(**REPEATED)
def take_due_snapshots() -> None:
    """Celery task: make the snapshots of studies whose answers have changed.

    Workers make them if there are any.
    """
    _for_each(Study.objects.all(), _take_snapshot_if_due)


def _take_snapshot_if_due(study: Study) -> None:
    if requests.is_due(study):
        if settings.BROKER_URL:
            notify_workers(take_snapshot, study.pk)
        else:
            take_snapshot(study.pk)


@shared_task(**REPEATED)
def tell_requesters() -> None:
    """Celery task: tell requesters what their studies have come to: done, stuck, failed, to review.

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
