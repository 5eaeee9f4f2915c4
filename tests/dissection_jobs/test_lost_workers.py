"""Workers that stop, die or lose their database: no work is lost, and only a culprit is blamed."""

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from annotator.dissection_jobs import claims, shards
from annotator.dissection_jobs.shards import collect_shard
from annotator.interruptions import outages, stopping
from annotator.job_queue import do_next_job, enqueue_run
from annotator.models import Run, Shard, Study
from dissect.errors import StoreError
from dissect.images import image_list
from tests.dissection_jobs.dying_workers import (
    COLLECTING,
    DONE,
    FAILED,
    WAITING,
    again,
    dies,
    finish_shards,
    stop_after,
    while_forwarding,
)
from tests.dissection_jobs.runs import finish, lose, request


def test_a_worker_that_is_asked_to_stop_keeps_what_it_has_and_counts_as_no_loss(
    shard, installation, monkeypatch
):
    assert shard.claim()
    with monkeypatch.context() as patch:
        stop_after(patch, 2, stopping.ask)
        collect_shard(shard)
    stopping.withdraw()

    put_back = again(shard)
    assert (put_back.status, put_back.stored_count) == (WAITING, 96)  # it ends at the next block
    assert put_back.claim()
    assert put_back.lost_count == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, OperationalError])
def test_what_is_not_its_fault_puts_a_job_back(shard, monkeypatch, error):
    def how():
        raise error

    stop_after(monkeypatch, 1, how)
    assert shard.claim()

    with pytest.raises(error):
        collect_shard(shard)

    assert (again(shard).status, again(shard).lost_count) == (WAITING, 0)
    assert Run.objects.get().status == COLLECTING


def test_a_disk_that_fails_ends_the_run_keeps_what_there_is_and_skips_no_image(
    shard, monkeypatch, many, every_block
):
    def stale(file, *scale):
        if file.name == "77.png":  # in the last block
            raise StoreError("77.png cannot be read now (Stale file handle)")
        return read(file, *scale)

    read = image_list.read_image
    with monkeypatch.context() as patch:
        patch.setattr(image_list, "read_image", stale)
        patch.setattr(shards, "MIN_SECONDS", 0.0)
        assert finish(shard.run).error == "77.png cannot be read now (Stale file handle)"
    begun = again(shard).stored_count

    resumed = finish(enqueue_run("rooms", request(many, shards=1)))

    assert begun > 0
    assert (resumed.pk, resumed.status) == (shard.run_id, Run.Status.DONE)
    assert resumed.network.manifest["images"]["skipped"] == []


def test_a_database_that_restarts_costs_a_pause(shard, monkeypatch):
    monkeypatch.setattr(outages.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(outages, "close_old_connections", lambda: None)
    monkeypatch.setattr(outages, "connection", Outside)
    write, refusals = Shard.write, iter([True, True, False, True, False])

    def away(shard, **fields):
        if next(refusals, False):
            raise OperationalError("the database system is starting up")
        return write(shard, **fields)

    monkeypatch.setattr(Shard, "write", away)
    assert shard.claim()
    collect_shard(shard)

    assert next(refusals, None) is None
    assert (again(shard).status, again(shard).lost_count) == (DONE, 0)


class Outside:
    """A connection outside any transaction, unlike that of a test."""

    in_atomic_block = False


def test_a_run_whose_database_is_away_waits_and_does_not_fail(shard, monkeypatch):
    def away(*arguments):
        raise OperationalError("server closed the connection unexpectedly")

    finish_shards(shard)
    monkeypatch.setattr("annotator.dissection_jobs.runs.load_dissection", away)

    with pytest.raises(OperationalError):
        do_next_job(shard.run)

    run = Run.objects.get()
    assert (run.status, run.error) == (COLLECTING, "")
    assert run in Run.objects.waiting()


def test_losses_without_progress_end_the_run_and_blame_no_image(shard, monkeypatch):
    for _ in range(3):
        dies(shard, monkeypatch, while_forwarding)

    finish(shard.run)

    assert shard.run.status == FAILED
    assert "3 workers in a row were lost with shard 1" in shard.run.error
    assert "none while it read an image alone" in shard.run.error


def test_losses_between_which_a_shard_gets_further_never_end_it(shard, monkeypatch, every_block):
    for _ in range(4):
        dies(shard, monkeypatch, while_forwarding)

    assert again(shard).stored_count == 4 * 32
    assert finish(shard.run).status == Run.Status.DONE


def test_claim_numbers_only_rise(shard, many):
    slow = again(shard)
    assert slow.claim()
    numbers = [slow.claim_number]
    for _ in range(3):
        Run.objects.get().fail("The power went out.")
        enqueue_run("rooms", request(many, shards=1))
        other = again(shard)
        assert other.claim()
        numbers.append(other.claim_number)

    assert numbers == sorted(set(numbers))
    assert not slow.write(done_count=5)


def test_an_unexpected_error_ends_the_run_with_its_name_and_is_raised_for_the_log(
    shard, monkeypatch
):
    stop_after(monkeypatch, 1, lambda: 1 / 0)
    assert shard.claim()

    with pytest.raises(ZeroDivisionError):
        collect_shard(shard)

    assert Run.objects.get().error == "ZeroDivisionError: division by zero"


def test_a_run_that_kills_every_worker_is_given_up(shard):
    finish_shards(shard)
    for _ in range(3):
        run = Run.objects.get()
        assert run.claim()
        assert run.write(stage="segmenting units")
        lose(run)

    run = finish(Run.objects.get())

    assert run.status == FAILED
    assert run.error.startswith(
        "3 workers in a row were lost with this run, the last one while seg"
    )


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_while_a_step_takes_longer_than_it(settings, monkeypatch):
    study = Study.objects.create(name="rooms")
    run = Run.objects.create(study=study, request={})
    monkeypatch.setattr(claims, "LEASE", claims.LEASE / 900)  # a tenth of a second
    assert run.claim()
    lose(run)

    with claims.working_on(run, run.fail):
        until = now() + claims.LEASE * 300
        while Run.objects.get().renewed_at < now() - claims.LEASE * 900 and now() < until:
            pass

    assert not Run.objects.waiting().exists()


def test_a_worker_that_hangs_may_lose_its_job(shard, monkeypatch):
    """The lease is not renewed for ever, only while the job gets further."""
    writes = []
    monkeypatch.setattr(claims, "LEASE", claims.LEASE / 90_000)
    monkeypatch.setattr(claims, "MAX_SILENT_SECONDS", -1.0)
    monkeypatch.setattr(Shard, "write", lambda shard, **fields: writes.append(fields))

    class Ended:
        calls = 0

        def wait(self, seconds):
            self.calls += 1
            return self.calls > 5

    claims._renew(shard, Ended())

    assert writes == []
