"""How fast a run goes and how long it will take, for whoever waits for it."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.template import Context, Template
from django.utils.timezone import now

from annotator.dissection_jobs.progress import RunProgress
from annotator.models import Run, Shard, Study
from annotator.models.jobs import GPU_QUEUE, QUEUE

pytestmark = pytest.mark.django_db
PAGE = Template('{% include "studies/_pace.html" with pace=run.pace only %}')


def run_of(**fields):
    study = Study.objects.create(name="rooms")
    return Run.objects.create(study=study, request={}, total_count=1000, **fields)


def rendered(run):
    return PAGE.render(Context({"run": run})).strip()


@pytest.mark.parametrize(
    ("done", "seconds", "words"),
    [
        (400, 30, "· 10 per second · about 1 minute left"),
        (130, 60, "· 0.5 per second · about 29 minutes left"),
        (900, 40, "· 20 per second · less than a minute left"),
        (101, 60, "· 0.017 per second · about 15 hours left"),
    ],
)
def test_a_stage_shows_its_pace_and_the_time_left(done, seconds, words):
    began = now() - timedelta(seconds=seconds)
    run = run_of(began_at=began, began_with=100, done_count=done)

    assert rendered(run) == words


def test_a_run_shows_no_pace_before_anything_is_done():
    assert rendered(run_of()) == ""
    assert rendered(Run(began_at=now(), began_with=7, done_count=7, total_count=9)) == ""


def test_collecting_begins_with_its_first_progress_not_with_the_queue():
    run = run_of(status=Run.Status.COLLECTING)
    shard = Shard.objects.create(run=run, number=0, first=0, stop=1000, done_count=64)

    run.count_collected()
    shard.done_count = 256
    shard.save()
    run.count_collected()

    run.refresh_from_db()
    assert (run.began_with, run.done_count) == (64, 256)
    assert run.began_at is not None


def test_each_later_stage_begins_anew():
    run = run_of()
    assert run.claim()
    progress = RunProgress(run)

    progress("drawing pictures", 3, 50)
    progress("drawing pictures", 50, 50)
    progress.close()

    run.refresh_from_db()
    assert (run.stage, run.began_with, run.done_count) == ("drawing pictures", 3, 50)
    assert Run.objects.filter(began_at__lte=Now()).exists()


@pytest.mark.parametrize(
    ("device", "queue"),
    [("auto", QUEUE), ("cpu", QUEUE), ("cuda", GPU_QUEUE), ("cuda:1", GPU_QUEUE)],
)
def test_only_who_asks_for_a_gpu_by_name_waits_for_one(device, queue):
    assert Run(request={"device": device}).queue == queue
