"""Tasks that work off one waiting row: a run, a shard of it, an analysis, a publication.

How a task is sent to Celery's workers, and how it is repeated, stands here for all tasks.
"""

from celery import Task, shared_task
from django.conf import settings
from django.db.models.functions import Now

from annotator.crowd.audit import Actor
from annotator.interruptions import stopping
from annotator.interruptions.broker import send_on_commit
from annotator.interruptions.outages import DATABASE_AWAY
from annotator.models import Analysis, Publication, Run, Shard
from annotator.publishers.base import PublishError
from annotator.publishing import NotPublishable, PublishRequest, offer_of, publish_request
from annotator.storage import StorageDown

# A task that finds the database or the storage away is repeated, later each time.
REPEATED = {
    "autoretry_for": (*DATABASE_AWAY, StorageDown),
    "retry_backoff": 2,
    "retry_backoff_max": 60,
    "max_retries": 8,
}


def notify_workers(task: Task, pk: int, queue: str | None = None) -> None:
    """Send Celery the task of a job, once this transaction is committed.

    Does nothing without a broker: then `manage.py work` looks for waiting rows itself. A broker
    that cannot be reached fails nothing: the row waits.

    Args:
        queue: the Celery queue; None is the one of the task (settings.CELERY_TASK_ROUTES).
    """
    if settings.BROKER_URL:
        send_on_commit(task, pk, queue)


@shared_task(name="annotator.tasks.dissect", acks_late=True, reject_on_worker_lost=True, **REPEATED)
def dissect(run_id: int) -> None:
    """Celery task: prepare or finish one run. Idempotent: one worker claims it."""
    # Imported here so that web processes, which only enqueue, never load torch.
    from annotator.dissection_jobs.runs import advance

    run = Run.objects.get(pk=run_id)
    if run.claim():
        for shard in advance(run):
            notify_workers(collect, shard.pk, run.queue)


@shared_task(name="annotator.tasks.collect", acks_late=True, reject_on_worker_lost=True, **REPEATED)
def collect(shard_id: int) -> None:
    """Celery task: collect one shard of a run; after the last, `dissect` finishes the run."""
    from annotator.dissection_jobs.shards import collect_shard

    shard = Shard.objects.select_related("run__study").get(pk=shard_id)
    if shard.claim():
        collect_shard(shard)
        if Run.objects.waiting().filter(pk=shard.run_id).exists():
            notify_workers(dissect, shard.run_id, shard.run.queue)


@shared_task(name="annotator.tasks.analyse", acks_late=True, reject_on_worker_lost=True, **REPEATED)
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


@shared_task(name="annotator.tasks.publish", acks_late=True, reject_on_worker_lost=True, **REPEATED)
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
