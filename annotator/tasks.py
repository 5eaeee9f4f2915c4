"""Celery tasks: ids in, nothing out. Rows are the truth; a message is only the bell."""

from celery import Task, shared_task
from django.conf import settings

from annotator.crowd.scheduling import leases
from annotator.models import Analysis, Run, Shard, Study
from annotator.reporting import take_all
from annotator.results.output.snapshots import is_due


def ring(task: Task, pk: int, queue: str | None = None) -> None:
    """Tell the workers that a row waits; without a broker they look for themselves.

    Args:
        queue: whose workers; None: those of the task (settings.CELERY_TASK_ROUTES).
    """
    if settings.BROKER_URL:
        task.apply_async_on_commit((pk,), queue=queue)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def dissect(run_id: int) -> None:
    """Take one run a step on. Harmless if delivered twice: one worker claims it."""
    # Imported here so that web processes, which only enqueue, never load torch.
    from annotator.dissection_jobs import advance

    run = Run.objects.get(pk=run_id)
    if run.claim():
        for shard in advance(run):
            ring(collect, shard.pk, run.queue)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def collect(shard_id: int) -> None:
    """Collect one shard of a run; the last one rings for the run."""
    from annotator.dissection_jobs import collect_shard

    shard = Shard.objects.select_related("run__study").get(pk=shard_id)
    if shard.claim():
        collect_shard(shard)
        if Run.objects.waiting().filter(pk=shard.run_id).exists():
            ring(dissect, shard.run_id, shard.run.queue)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def analyse(analysis_id: int) -> None:
    """Answer one analysis."""
    from annotator.dissection_jobs import analyse as answer

    analysis = Analysis.objects.select_related("network__study").get(pk=analysis_id)
    if analysis.claim():
        answer(analysis)


@shared_task
def requeue_lost_runs() -> None:
    """Ring again for work that nobody holds: a broker may lose a message, a worker may die."""
    for run in Run.objects.waiting():
        ring(dissect, run.pk, run.queue)
    for shard in Shard.objects.waiting().select_related("run"):
        ring(collect, shard.pk, shard.run.queue)
    for analysis in Analysis.objects.waiting():
        ring(analyse, analysis.pk)


@shared_task
def expire_lapsed_assignments() -> None:
    """Write down which leases have ended; their places are free without it."""
    leases.expire_lapsed()


@shared_task(acks_late=True, reject_on_worker_lost=True)
def take_snapshot(study_id: int) -> None:
    """Make the report of a study as its answers stand; the same answers, the same report."""
    from annotator.results.output.html import figures_in

    study = Study.objects.get(pk=study_id)
    for snapshot in take_all(study):
        figures_in(snapshot)


@shared_task
def take_due_snapshots() -> None:
    """Make the reports of studies whose answers have changed; with a broker, ring for them."""
    for study in Study.objects.all():
        if is_due(study):
            ring(take_snapshot, study.pk) if settings.BROKER_URL else take_snapshot(study.pk)
