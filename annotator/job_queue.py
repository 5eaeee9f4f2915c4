"""The queue of jobs: requests become rows; without a broker, waiting rows are worked off here.

The tables are the queue: `Run`, `Shard`, `Analysis` and `Publication` rows wait until a worker
claims them.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from annotator.analysis_requests import analysis_request
from annotator.crowd.audit import Actor
from annotator.interruptions.outages import foreground
from annotator.job_requests import BadRequest, RunRequest
from annotator.models import Analysis, Network, Publication, Run, Shard, Study
from annotator.models.display_names import BadDisplayName, checked_display_name
from annotator.publishing import PublishRequest
from annotator.tasks import analyse, collect, dissect, notify_workers, publish


def enqueue_run(study_name: str, request: RunRequest) -> Run:
    """Put a run into the job queue, or resume the unfinished one with the same request.

    The study is made by its first run.

    Raises:
        ValidationError: a study cannot have that name.
        BadRequest: another network has the display name already.
    """
    study = Study.get_or_add(study_name, top_count=request.top)
    with transaction.atomic():
        # One request at a time: of two equal ones the second finds the run of the first.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        _check_display_name(study, request)
        run = _resumed_run(study, request)
        if run is None:
            run = Run.objects.create(study=study, request=request.model_dump(mode="json"))
    notify_workers(dissect, run.pk, run.queue)
    return run


def _check_display_name(study: Study, request: RunRequest) -> None:
    """Refuse a display name before a network is dissected that could not have it afterwards."""
    if not request.display_name:
        return
    try:
        name = checked_display_name(request.display_name)
    except BadDisplayName as error:
        raise BadRequest(f"--display-name: {error}") from error
    if study.networks.filter(display_name=name).exclude(spec=request.network).exists():
        raise BadRequest(
            f"--display-name: another network of study {study} is already called {name!r}."
        )


def _resumed_run(study: Study, request: RunRequest) -> Run | None:
    """The newest unfinished run with this request; a failed one waits again, its shards too.

    A failed run may go on without some more images; it keeps what is collected.
    """
    unfinished = study.runs.exclude(status=Run.Status.DONE).order_by("-pk")
    run = next((run for run in unfinished if _is_same(_stored_request(run), request)), None)
    if run is None:
        return None
    skipped = (*run.request.get("skip", ()), *request.skip)
    if run.status == Run.Status.FAILED:
        _resume(run, tuple(dict.fromkeys(skipped)))
    elif set(request.skip) - set(run.request.get("skip", ())):
        raise BadRequest(
            f"Run {run.pk} dissects {request.network} already: --skip leaves images out of a run "
            "that is new or has failed."
        )
    else:
        _end_pauses(run)
    return run


def _end_pauses(run: Run) -> None:
    """Let a run that was put off go on at once, since somebody asks for it."""
    Run.objects.filter(pk=run.pk).update(retry_at=None)
    run.shards.update(retry_at=None)


def _is_same(stored: RunRequest | None, request: RunRequest) -> bool:
    return stored is not None and stored.model_copy(update={"skip": request.skip}) == request


def _resume(run: Run, skipped: tuple[str, ...]) -> None:
    """Let a failed run wait again; claim numbers stay, so that no slow worker writes to it."""
    run.shards.exclude(status=Shard.Status.DONE).update(
        status=Shard.Status.WAITING, done_count=F("stored_count"), lost_count=0,
        reading=None, suspect=None, suspect_count=0,
    )  # fmt: skip
    run.status = Run.Status.COLLECTING if run.shards.exists() else Run.Status.WAITING
    run.request |= {"skip": list(skipped)}
    run.error, run.finished_at, run.began_at, run.lost_count = "", None, None, 0
    run.save(update_fields=["status", "request", "error", "finished_at", "began_at", "lost_count"])
    _end_pauses(run)


def _stored_request(run: Run) -> RunRequest | None:
    try:
        return RunRequest.of(run.request)
    except BadRequest:
        return None


def enqueue_analysis(network: Network, kind: str, options: Mapping[str, Any]) -> Analysis:
    """Put an analysis into the job queue, or return the same one that waits there, runs or is done.

    Args:
        kind: a command of `python -m dissect`. options: its options, without dashes in front.

    Raises:
        BadRequest: there is no such kind, or an option is wrong.
    """
    request = analysis_request(kind, options)
    stored = request.options()
    ended = [Analysis.Status.FAILED, Analysis.Status.CANCELED]
    same = network.analyses.filter(kind=kind, request=stored).exclude(status__in=ended)
    analysis = same.order_by("pk").last()
    if analysis is None:
        forwards = request.forwards(network.study.image_count)
        analysis = network.analyses.create(kind=kind, request=stored, forwards=forwards)
        notify_workers(analyse, analysis.pk)
    return analysis


def enqueue_publication(
    study: Study, request: PublishRequest, by: Actor, cents: int
) -> Publication:
    """Put a publication into the job queue, or return the one that waits there or runs.

    Args:
        cents: what `by` agreed to, the most that it costs.
    """
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if unfinished := study.publications.unfinished().first():
            return unfinished
        publication = study.publications.create(
            request=request.model_dump(mode="json"),
            account=by.account,
            actor_name=by.name[:150],
            cents=cents,
        )
    notify_workers(publish, publication.pk)
    return publication


def do_next_job(run: Run | None = None) -> bool:
    """Work off the next job of the queue in this process; False if none is waiting.

    Args:
        run: only the jobs of this run, for somebody who waits for it; None is any job.
    """
    if run is not None:
        with foreground():
            return _do_next_job_of(Run.objects.waiting().filter(pk=run.pk), run.shards.waiting())
    if not is_any_waiting():
        return False
    if analysis := Analysis.objects.waiting().in_queue_order().first():
        analyse(analysis.pk)  # first, since somebody waits for it on a page
    elif publication := Publication.objects.waiting().order_by("pk").first():
        publish(publication.pk)
    else:
        return _do_next_job_of(Run.objects.waiting(), Shard.objects.waiting())
    return True


def _do_next_job_of(runs: QuerySet[Run], shards: QuerySet[Shard]) -> bool:
    """Do the next waiting job of some runs, or of some shards; False if there is none."""
    if run := runs.order_by("pk").first():
        dissect(run.pk)
    elif shard := shards.order_by("run", "number").first():
        collect(shard.pk)
    else:
        return False
    return True


def is_any_waiting() -> bool:
    """Whether any job waits in the queue, in one query."""
    models = (Analysis, Publication, Run, Shard)
    first, *others = [model.objects.waiting().order_by().values_list("pk") for model in models]
    return bool(list(first.union(*others, all=True)[:1]))
