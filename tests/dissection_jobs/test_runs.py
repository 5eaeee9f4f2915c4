"""Runs: prepared, cut, collected and finished; stopped anywhere, they are resumed from there."""

import pytest

from annotator.dissection_jobs import runs as module
from annotator.dissection_jobs.runs import advance
from annotator.job_queue import do_next_job, enqueue_run
from annotator.models import Network, Run, Shard, Study, Unit
from tests.dissection_jobs.runs import cut, finish, lose, request

DONE, FAILED, COLLECTING = Run.Status.DONE, Run.Status.FAILED, Run.Status.COLLECTING


@pytest.fixture
def collected(installation, noise):
    """A run whose shards are collected, but not merged."""
    run = cut(noise)
    for _ in range(2):
        assert do_next_job(run)
    return run


def test_a_prepared_run_binds_its_study_and_waits_for_its_shards(installation, noise):
    run = cut(noise)

    assert (run.status, run.total_count) == (COLLECTING, 40)
    assert list(run.shards.order_by("number").values_list("first", "stop")) == [(0, 32), (32, 40)]
    assert Study.objects.get().image_count == 40


def test_a_finished_run_is_rows_and_files_without_partial_results(collected, installation):
    run = finish(collected)

    assert (run.status, run.error) == (DONE, "")
    assert Unit.objects.filter(layer__network=run.network).count() == 8
    folder = installation / run.network.dissection
    assert (folder / "manifest.json").is_file()
    assert list((folder / "partials").glob("*")) == []


def test_the_same_network_again_is_done_at_once(collected, noise):
    network = finish(collected).network

    again = enqueue_run("rooms", request(noise, shards=1))

    assert do_next_job(again)
    again.refresh_from_db()
    assert (again.status, again.network) == (DONE, network)
    assert not again.shards.exists()


def test_a_run_that_died_after_its_manifest_is_not_dissected_again(collected, monkeypatch):
    load = module.load_dissection
    monkeypatch.setattr(
        module, "load_dissection", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        do_next_job(collected)
    lose(collected)
    monkeypatch.setattr(module, "load_dissection", load)
    monkeypatch.setattr(module, "write_dissection", None)  # would fail

    assert finish(collected).status == DONE


def test_a_lost_partial_result_is_collected_again_alone(collected, installation):
    folder = installation / "dissections" / "rooms" / str(collected.pk) / "partials"
    (folder / "00001.npz").write_bytes(b"torn")

    failed = finish(collected)

    assert failed.status == FAILED
    assert "only shard 2 is collected again" in failed.error
    statuses = failed.shards.order_by("number").values_list("status", flat=True)
    assert list(statuses) == [Shard.Status.DONE, Shard.Status.WAITING]


def test_a_run_that_does_not_fit_its_study_fails_with_a_sentence(collected, noise):
    finish(collected)

    other = enqueue_run("rooms", request(noise, top=9))
    assert do_next_job(other)

    other.refresh_from_db()
    assert other.status == FAILED
    assert "take the same settings, or another study" in other.error


def test_an_unexpected_failure_is_named_and_raised_for_the_log(collected, monkeypatch):
    monkeypatch.setattr(module, "_finish", lambda run: 1 / 0)
    collected.refresh_from_db()
    assert collected.claim()

    with pytest.raises(ZeroDivisionError):
        advance(collected)

    collected.refresh_from_db()
    assert (collected.status, collected.error) == (FAILED, "ZeroDivisionError: division by zero")


def test_a_worker_that_lost_its_claim_ends_nothing(collected):
    collected.refresh_from_db()
    assert collected.claim()
    lose(collected)
    other = Run.objects.get()
    assert other.claim()

    assert advance(collected) == []

    other.refresh_from_db()
    assert (other.status, Network.objects.count()) == (Run.Status.RUNNING, 0)
