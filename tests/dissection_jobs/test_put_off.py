"""A storage that is away or full puts a job off, longer each time; the job goes on by itself."""

import errno
from datetime import timedelta

import pytest
from django.utils.timezone import now

from annotator.dissection_jobs.claims import working_on
from annotator.dissection_reader import DissectionError
from annotator.interruptions.outages import foreground
from annotator.job_queue import do_next_job, enqueue_analysis, enqueue_run
from annotator.models import Analysis, Run, Shard
from annotator.models.claims import FIRST_PAUSE, MAX_PAUSE
from annotator.storage import StorageDown
from dissect.errors import StoreError
from tests.crowd.studies import published_study
from tests.dissection_jobs.runs import cut, request
from tests.storage.test_broken import full_for

AWAY = "The storage is away."
FAILED, COLLECTING, DONE = Run.Status.FAILED, Run.Status.COLLECTING, Run.Status.DONE


@pytest.fixture
def shard(installation, noise):
    """The first shard of a run, not yet collected."""
    return cut(noise).shards.select_related("run__study").order_by("number").first()


def ends(job, error):
    """Claim a job, and let it end with an error; the job as it is then."""
    assert job.claim()
    with working_on(job, job.run.fail if isinstance(job, Shard) else job.fail):
        raise error
    job.refresh_from_db()
    return job


def raised_from(cause):
    error = DissectionError("The pictures cannot be read.")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        StoreError(AWAY, may_pass=True),
        StorageDown(AWAY, may_pass=True),
        StorageDown(AWAY, may_pass=True, is_repeated=False),
        raised_from(StorageDown(AWAY, may_pass=True)),
    ],
    ids=["the store", "the pictures", "a full disk", "an error raised from it"],
)
def test_what_may_pass_puts_a_job_off_and_says_so(shard, error):
    ended = ends(shard, error)

    assert (ended.status, ended.lost_count) == (Shard.Status.WAITING, 0)
    assert ended.retry_at > now()
    run = Run.objects.get()
    assert (run.status, run.error) == (COLLECTING, str(error))
    assert ended not in Shard.objects.waiting()


@pytest.mark.parametrize(
    "error",
    [
        StoreError("There is no bucket 'results'."),
        StorageDown("s3://results/a cannot be used (AccessDenied).", may_pass=False),
        DissectionError("mask 3 is broken"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_somebody_has_to_mend_ends_the_run(shard, error):
    ends(shard, error)

    assert (Run.objects.get().status, Run.objects.get().error) == (FAILED, str(error))


def test_who_waits_at_a_terminal_gets_the_sentence_at_once(shard):
    with foreground():
        ends(shard, StoreError(AWAY, may_pass=True))

    assert (Run.objects.get().status, Run.objects.get().error) == (FAILED, AWAY)


def test_each_time_in_a_row_it_waits_twice_as_long_up_to_five_minutes(shard):
    pauses = []
    for _ in range(9):
        ended = ends(shard, StoreError(AWAY, may_pass=True))
        pauses.append(ended.retry_at - ended.renewed_at)
        Shard.objects.update(retry_at=now() - timedelta(seconds=1))

    assert pauses == [min(FIRST_PAUSE * 2**n, MAX_PAUSE) for n in range(9)]


def test_a_run_that_was_put_off_goes_on_by_itself_and_forgets_it(installation, noise, monkeypatch):
    run = enqueue_run("rooms", request(noise))
    full_for(monkeypatch, lambda path: "partials" in path)
    assert do_next_job()
    assert do_next_job()
    assert not do_next_job() or not do_next_job()  # both shards are put off, and none waits
    run.refresh_from_db()
    assert (run.status, "No space left" in run.error) == (COLLECTING, True)

    monkeypatch.undo()
    Shard.objects.update(retry_at=now() - timedelta(seconds=1))
    while do_next_job():
        pass

    run.refresh_from_db()
    assert (run.status, run.error) == (DONE, "")


def test_a_job_that_is_put_off_keeps_no_other_waiting(shard, noise):
    other = enqueue_run("attic", request(noise, shards=1))
    ends(shard, StoreError(AWAY, may_pass=True))
    Shard.objects.filter(number=1).update(retry_at=now() + timedelta(hours=1))

    while do_next_job():
        pass

    other.refresh_from_db()
    assert (other.status, Run.objects.get(study__name="rooms").status) == (DONE, COLLECTING)


def test_asking_again_ends_the_pause(shard, noise):
    ends(shard, StoreError(AWAY, may_pass=True))

    enqueue_run("rooms", request(noise))

    assert shard in Shard.objects.waiting()


def test_an_analysis_is_put_off_too(installation):
    analysis = enqueue_analysis(published_study().networks.get(), "layers", {})
    assert analysis.claim()
    with working_on(analysis, lambda error: None):
        raise StoreError(AWAY, may_pass=True)

    analysis.refresh_from_db()
    assert (analysis.status, analysis.error) == (Analysis.Status.WAITING, AWAY)
    assert not Analysis.objects.waiting().exists()


@pytest.mark.parametrize(
    ("number", "passes"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, True), (errno.EACCES, False),
     (errno.EROFS, False)],
)  # fmt: skip
def test_a_full_disk_may_pass_and_a_forbidden_folder_does_not(
    tmp_path, number, passes, monkeypatch
):
    from dissect.storage.store import store_at

    def refuse(source, target):
        raise OSError(number, "no")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(StoreError) as refused:
        store_at(str(tmp_path)).put("a/b", b"c")

    assert refused.value.may_pass == passes
