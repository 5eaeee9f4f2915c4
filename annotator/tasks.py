"""Celery tasks: ids in, nothing out. Rows are the truth; a message is only the bell."""

from celery import shared_task

from annotator.models import Run


@shared_task(acks_late=True, reject_on_worker_lost=True)
def dissect(run_id: int) -> None:
    """Dissect one run. Harmless if delivered twice: one worker claims it."""
    # Imported here so that web processes, which only enqueue, never load torch.
    from annotator.dissecting import dissect_run

    run = Run.objects.get(pk=run_id)
    if run.claim():
        dissect_run(run)


@shared_task
def requeue_lost_runs() -> None:
    """Ring again for runs that nobody holds: a broker may lose a message, a worker may die."""
    for run in Run.objects.waiting(Run.LEASE):
        dissect.delay(run.pk)
