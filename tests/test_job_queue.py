"""The queue of jobs: a request is a row, and the same request is the same row until it is done."""

import json

import pytest

from annotator import job_queue
from annotator.dissection_jobs.runs import withdraw_failed_run
from annotator.job_queue import do_next_job, enqueue_analysis, enqueue_run
from annotator.job_requests import BadRequest, RunRequest
from annotator.models import Analysis, Run, Shard, Study
from tests.crowd.studies import published_study
from tests.test_job_requests import OLD_ROW

pytestmark = pytest.mark.django_db
REQUEST = RunRequest(network="n", layers=["a"], images="/pictures", top=7)


def shard(run, number, status):
    return Shard.objects.create(
        run=run, number=number, first=32 * number, stop=32 * number + 32, status=status,
        claim_number=2, done_count=5,
    )  # fmt: skip


def test_the_first_run_makes_the_study():
    run = enqueue_run("rooms", REQUEST)

    assert (run.study.name, run.study.top_count, run.status) == ("rooms", 7, Run.Status.WAITING)
    assert RunRequest.of(Run.objects.get().request) == REQUEST


def test_the_same_request_is_the_same_run_until_it_is_done():
    run = enqueue_run("rooms", REQUEST)

    assert enqueue_run("rooms", REQUEST) == run
    assert enqueue_run("rooms", REQUEST.model_copy(update={"top": 8})) != run
    Run.objects.update(status=Run.Status.DONE)
    assert enqueue_run("rooms", REQUEST) != run


def test_a_failed_run_is_resumed_with_what_is_collected():
    run = enqueue_run("rooms", REQUEST)
    shard(run, 0, Shard.Status.DONE)
    shard(run, 1, Shard.Status.RUNNING)
    run.fail("The power went out.")

    resumed = enqueue_run("rooms", REQUEST)

    assert (resumed, resumed.status, resumed.error) == (run, Run.Status.COLLECTING, "")
    fields = ("status", "claim_number", "done_count")
    assert list(run.shards.order_by("number").values_list(*fields)) == [
        (Shard.Status.DONE, 2, 5),
        (Shard.Status.WAITING, 2, 0),  # the claim number never falls
    ]


def test_a_failed_run_of_an_earlier_version_is_resumed():
    study = Study.objects.create(name="rooms")
    old = Run.objects.create(study=study, request=json.loads(OLD_ROW), status=Run.Status.FAILED)

    assert enqueue_run("rooms", RunRequest.of(json.loads(OLD_ROW))) == old


def test_a_run_that_failed_without_anything_collected_leaves_no_trace():
    run = enqueue_run("rooms", REQUEST)

    withdraw_failed_run(run)

    assert (Run.objects.count(), Study.objects.count()) == (0, 0)


def test_what_is_collected_keeps_a_failed_run():
    run = enqueue_run("rooms", REQUEST)
    shard(run, 0, Shard.Status.DONE)

    withdraw_failed_run(run)

    assert Run.objects.get() == run


def test_a_withdrawn_run_leaves_the_other_runs_of_the_study_and_unbinds_its_images():
    run = enqueue_run("rooms", REQUEST)
    other = enqueue_run("rooms", REQUEST.model_copy(update={"top": 8}))
    Study.objects.update(image_list_sha256="abc")

    withdraw_failed_run(run)

    assert Run.objects.get() == other
    assert Study.objects.get().image_list_sha256 == ""


def test_the_same_question_is_asked_once_unless_it_failed():
    network = published_study().networks.get()
    first = enqueue_analysis(network, "layers", {})

    assert enqueue_analysis(network, "layers", {}) == first
    Analysis.objects.update(status="failed")
    assert enqueue_analysis(network, "layers", {}) != first


def test_a_wrong_question_makes_no_row():
    with pytest.raises(BadRequest):
        enqueue_analysis(published_study().networks.get(), "filters", {"layers": ["-x"]})

    assert not Analysis.objects.exists()


def test_questions_come_first_then_runs_then_shards_by_number(monkeypatch):
    done = []
    for task, model in (("analyse", Analysis), ("dissect", Run), ("collect", Shard)):

        def do(pk, task=task, model=model):
            done.append(task)
            model.objects.filter(pk=pk).update(status="done")

        monkeypatch.setattr(job_queue, task, do)
    cut = enqueue_run("rooms", REQUEST)
    shard(cut, 0, Shard.Status.WAITING)
    Run.objects.update(status=Run.Status.COLLECTING)
    enqueue_run("rooms", REQUEST.model_copy(update={"top": 8}))
    enqueue_analysis(published_study("other").networks.get(), "layers", {})

    assert not do_next_job(Run(pk=0))
    while do_next_job():
        pass

    assert done == ["analyse", "dissect", "collect", "dissect"]
