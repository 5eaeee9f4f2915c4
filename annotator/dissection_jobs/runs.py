"""Prepares a claimed run before its shards are collected, and finishes it afterwards."""

import json
from contextlib import suppress

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from annotator.dissection_jobs.claims import working_on, write_claimed
from annotator.dissection_jobs.directions import store_directions
from annotator.dissection_jobs.loaded_jobs import Job, job_of
from annotator.dissection_jobs.progress import RunProgress
from annotator.dissection_jobs.random_images import write_random_images
from annotator.dissection_jobs.shards import partial_names, shard_ranges
from annotator.dissection_jobs.study_networks import (
    controlled_diameters,
    controlled_network,
    existing_network,
    unused_name,
)
from annotator.dissection_reader import SharedPictures, load_dissection, serve_pictures
from annotator.dissection_reader.study_binding import bind_study
from annotator.models import Network, Run, Shard, Study
from annotator.models.claims import MAX_LOST
from annotator.models.display_names import BadDisplayName
from dissect.dissection.manifest_facts import image_facts
from dissect.dissection.writer import write_dissection
from dissect.errors import BadDissection
from dissect.format.manifest import MANIFEST_FILE
from dissect.topk.results import PartialResult, finish
from dissect.topk.stored_results import result_from_bytes, result_origin
from dissect.topk.unit_sample import with_sample


def advance(run: Run) -> list[Shard]:
    """Prepare a claimed run, or finish it if its shards are collected.

    A failure ends the run with a sentence. An unexpected one is raised as well, for the log.

    Returns:
        The shards to collect; none if the run is done or has failed.
    """
    with working_on(run, run.fail):
        if run.lost_count >= MAX_LOST:
            run.fail(_lost_too_often(run))
        elif run.shards.exists():
            _finish(run)
        else:
            return _prepare(run)
    return []


def _lost_too_often(run: Run) -> str:
    return (
        f"{MAX_LOST} workers in a row were lost with this run, the last one while "
        f"{run.stage or 'loading the network'}: they were killed from outside, or need more memory "
        "than they have. Give workers more memory, then run the command again: what is collected "
        "stays."
    )


def _prepare(run: Run) -> list[Shard]:
    """Check a run against its study and cut it into shards; none if there is nothing to collect."""
    job, study = job_of(run), run.study
    bind_study(study, image_facts(job.images), job.settings.options())
    base = controlled_network(study, job)
    if job.request.has_directions:
        with RunProgress(run) as progress:
            store_directions(job.network, job.images, job.request, job.store, job.device, progress)
        job = job_of(run)
    if network := existing_network(study, job):
        _rename(network, job)
        _end(run, network)
        return []
    if base is not None and job.request.random_images:
        _write_random_images(run, job, base)
        return []
    with transaction.atomic():
        ranges = shard_ranges(len(job.images), job.request.shards)
        shards = Shard.objects.bulk_create(
            Shard(run=run, number=number, first=first, stop=stop)
            for number, (first, stop) in enumerate(ranges)
        )
        write_claimed(
            run,
            status=Run.Status.COLLECTING,
            stage="forwarding images",
            done_count=0,
            total_count=len(job.images),
            began_at=None,
            lost_count=0,
            retry_count=0,
            error="",
        )
    return shards


def _write_random_images(run: Run, job: Job, base: Network) -> None:
    with RunProgress(run) as progress:
        if not _is_written(job):
            write_random_images(job, base, progress)
        _load(run, job, progress)


def _finish(run: Run) -> None:
    """Merge, segment, draw and store. Resumable: a dissection that is written is not made again."""
    job = job_of(run)
    with RunProgress(run) as progress:
        if not _is_written(job):
            collected = finish(_merged(run, job), job.wanted, job.images)
            if job.sample:
                collected = with_sample(collected, job.sample, job.network)
            write_dissection(
                job.network, collected, job.images, job.store, job.settings, job.device, progress,
                shared=SharedPictures(job.prefix),
                diameters=controlled_diameters(run.study, job),
            )  # fmt: skip
        _load(run, job, progress)
    for shard in run.shards.all():
        for name in partial_names(shard):
            job.store.remove(name)


def _is_written(job: Job) -> bool:
    """Whether the manifest, which is written last, is whole: after a power cut it may be empty."""
    if not job.store.has(MANIFEST_FILE):
        return False
    try:
        return bool(json.loads(job.store.get(MANIFEST_FILE)))
    except ValueError:
        return False


def _load(run: Run, job: Job, progress: RunProgress) -> None:
    """Serve the pictures of a written dissection, make its rows, and end the run."""
    serve_pictures(job.prefix, lambda done, total: progress("storing pictures", done, total))
    progress("storing rows", 0, 1)
    with transaction.atomic():
        network = load_dissection(run.study, job.prefix, unused_name(run.study, job))
        _rename(network, job)
        _end(run, network)


def _rename(network: Network, job: Job) -> None:
    """Give a network the display name that its run asks for; one that is taken changes nothing."""
    if job.request.display_name:
        with suppress(BadDisplayName):
            network.rename(job.request.display_name)


def _merged(run: Run, job: Job) -> PartialResult:
    """The union of all shards, whose partial results are read one after another."""
    of = result_origin(job.network, job.wanted, job.images, job.device)
    merged: PartialResult | None = None
    for shard in run.shards.order_by("number"):
        try:
            content = job.store.get(partial_names(shard).whole)
            partial = result_from_bytes(content, of, job.network, job.wanted, job.images)
            _check_skipped(shard, partial, job)
        except BadDissection as error:
            _collect_again(shard)
            raise BadDissection(
                f"{error} Run the command again, and only shard {shard.number + 1} is collected "
                "again."
            ) from error
        if merged is None:
            merged = partial
        else:
            merged.merge(partial)
    assert merged is not None
    return merged


def _check_skipped(shard: Shard, partial: PartialResult, job: Job) -> None:
    """Refuse the result of a shard that was collected before one of its images was left out."""
    for place in job.skipped.intersection(range(shard.first, shard.stop)):
        if place not in partial.bad:
            raise BadDissection(
                f"Shard {shard.number + 1} was collected with image {job.images.paths[place]}, "
                "which --skip leaves out."
            )


def _collect_again(shard: Shard) -> None:
    Shard.objects.filter(pk=shard.pk).update(
        status=Shard.Status.WAITING, done_count=0, stored_count=0
    )


def _end(run: Run, network: Network) -> None:
    write_claimed(
        run, status=Run.Status.DONE, network=network, stage="", error="", finished_at=Now()
    )


def withdraw_failed_run(run: Run) -> None:
    """Delete a failed run that has no results, and a study that it leaves empty."""
    study = run.study
    if run.shards.filter(Q(status=Shard.Status.DONE) | Q(stored_count__gt=0)).exists():
        return
    run.delete()
    if not study.networks.exists() and not study.runs.exists():
        study.delete()
    elif not study.networks.exists():
        Study.objects.filter(pk=study.pk).update(image_list_sha256="")
