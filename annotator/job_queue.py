"""Asks for runs and analyses, and does what waits where there is no broker."""

from typing import Any

from annotator.models import Analysis, Network, Run, Shard, Study
from annotator.tasks import analyse, collect, dissect, notify_workers


def enqueue_run(study_name: str, asked: dict[str, Any]) -> Run:
    """Write a run; the study is made by its first one. One that was stopped is resumed.

    Raises:
        ValidationError: a study cannot have that name.
    """
    study = Study.objects.filter(name=study_name).first()
    if study is None:
        study = Study(name=study_name, top_count=asked["top"])
        study.full_clean()
        study.save()
    run = _stopped(study, asked) or Run.objects.create(study=study, asked=asked)
    notify_workers(dissect, run.pk, run.queue)
    return run


def _stopped(study: Study, asked: dict[str, Any]) -> Run | None:
    """An unfinished run that asks for the same; one that failed is set going again."""
    same = study.runs.exclude(status=Run.Status.DONE).filter(asked=asked).order_by("-pk").first()
    if same is not None and same.status == Run.Status.FAILED:
        same.shards.exclude(status=Shard.Status.DONE).update(
            status=Shard.Status.WAITING, claim_number=0, done_count=0
        )
        same.status = Run.Status.COLLECTING if same.shards.exists() else Run.Status.WAITING
        same.error, same.finished_at, same.began_at = "", None, None
        same.save(update_fields=["status", "error", "finished_at", "began_at"])
    return same


def enqueue_analysis(network: Network, kind: str, asked: dict[str, Any]) -> Analysis:
    """Write an analysis; one that asks the same and has not failed is taken as it is.

    Args:
        kind: a command of `python -m dissect`. asked: its options.
    """
    same = network.analyses.filter(kind=kind, asked=asked).exclude(status=Analysis.Status.FAILED)
    found = same.order_by("pk").last()
    if found is None:
        found = network.analyses.create(kind=kind, asked=asked)
        notify_workers(analyse, found.pk)
    return found


def do_next_job(of: Run | None = None) -> bool:
    """Do one waiting piece of work in this process; False if none is waiting.

    Args:
        of: only of this run.
    """
    runs, shards = Run.objects.waiting(), Shard.objects.waiting()
    if of is not None:
        runs, shards = runs.filter(pk=of.pk), shards.filter(run=of)
    if of is None and (analysis := Analysis.objects.waiting().order_by("pk").first()):
        analyse(analysis.pk)  # first, since somebody sits before the page
    elif run := runs.order_by("pk").first():
        dissect(run.pk)
    elif shard := shards.order_by("run", "number").first():
        collect(shard.pk)
    else:
        return False
    return True


def withdraw_failed_run(run: Run) -> None:
    """Forget a failed run of which nothing is collected, and its study if that is all it had."""
    study = run.study
    if run.shards.filter(status=Shard.Status.DONE).exists():
        return
    run.delete()
    if not study.networks.exists() and not study.runs.exists():
        study.delete()
    elif not study.networks.exists():
        Study.objects.filter(pk=study.pk).update(image_list_sha256="")
