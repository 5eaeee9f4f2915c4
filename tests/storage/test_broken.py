"""Storage that fails in the middle of a run: it is waited for, or the run says so and resumes."""

import errno
import os
import threading

import pytest

from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import RunRequest
from annotator.models import Exemplar, Run, Shard
from tests.folder_storage import use_folder
from tests.storage.conftest import dissect, run_here

pytestmark = pytest.mark.django_db
DONE, WAITING = Shard.Status.DONE, Shard.Status.WAITING


@pytest.fixture
def folder(tmp_path, photographs):
    """The photographs in a folder."""
    for name, content in photographs.items():
        (tmp_path / "photos" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(content)
    return tmp_path / "photos"


@pytest.fixture
def kept(tmp_path, settings):
    """Where a local installation keeps things."""
    use_folder(settings, tmp_path)
    return tmp_path


def request(images="s3://photos"):
    return RunRequest(
        network="tests.dissect.custom_networks:small", layers=["deep"], images=str(images), top=8,
        shards=2, device="cpu",
    )  # fmt: skip


def begun(images="s3://photos"):
    """A run cut into two shards, the first of which is collected."""
    run = enqueue_run("s", request(images))
    assert do_next_job(run)
    assert do_next_job(run)
    assert statuses(run) == [DONE, WAITING]
    return run


def statuses(run):
    return list(run.shards.order_by("number").values_list("status", flat=True))


def go_on(run):
    while do_next_job(run):
        run.refresh_from_db()


def exemplars():
    fields = ("unit__number", "rank", "image__path", "image__tile", "score", "peak_y", "peak_x")
    return list(Exemplar.objects.order_by("unit__number", "rank").values_list(*fields))


@pytest.fixture
def buckets(s3, photographs, command):
    s3.make("photos", photographs)
    s3.make("results")
    return s3


def test_a_run_waits_for_storage_that_comes_back(buckets, asked_often):
    run = begun()
    buckets.stop()
    back = threading.Timer(0.5, buckets.start)
    back.start()

    go_on(run)

    back.join()
    assert (run.status, run.error) == (Run.Status.DONE, "")


def test_storage_down_for_good_fails_the_run_with_a_sentence_and_asking_again_resumes(
    buckets, impatient
):
    run = begun()
    buckets.stop()
    go_on(run)
    assert run.status == Run.Status.FAILED
    assert "did not answer for 1 seconds" in run.error
    assert "ask again" in run.error

    buckets.start()
    buckets.asked.clear()
    again = enqueue_run("s", request())
    assert (again.pk, statuses(again)) == (run.pk, [DONE, WAITING])
    assert do_next_job(again)

    fetched = {line for line in buckets.asked if line.startswith("GET /photos/")}
    assert fetched == {f"GET /photos/{number:02d}.jpg" for number in range(32, 40)}
    go_on(again)
    assert again.status == Run.Status.DONE


def test_storage_that_fails_at_the_very_end_loses_nothing_that_was_written(buckets, impatient):
    run = begun()
    assert do_next_job(run)
    assert statuses(run) == [DONE, DONE]
    buckets.stop()
    go_on(run)
    assert run.status == Run.Status.FAILED

    buckets.start()
    again = enqueue_run("s", request())
    go_on(again)

    assert (again.pk, again.status) == (run.pk, Run.Status.DONE)


def full_for(monkeypatch, has_no_room):
    """A disk that has no room for some files, by their paths."""
    replace = os.replace

    def refuse(source, target):
        if has_no_room(str(target)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)


@pytest.mark.parametrize("full", ["00001.npz", "0.png", "layers/0.npz", "manifest.json", ".jpg"])
def test_a_full_disk_is_a_sentence_that_leaves_no_halves_and_resumes(
    kept, folder, monkeypatch, full
):
    full_for(monkeypatch, lambda path: path.endswith(full))
    failed = run_here(*dissect(images=folder, shards=2))
    assert "No space left on device" in failed.error
    assert "ask again" in failed.error
    assert not list(kept.rglob(".partial-*"))

    run = Run.objects.get()
    assert statuses(run)[0] == DONE
    monkeypatch.undo()
    assert run_here(*dissect(images=folder, shards=2)).error == ""

    run.refresh_from_db()
    assert run.status == Run.Status.DONE


def test_a_full_disk_among_the_pages_pictures_resumes(kept, folder, monkeypatch):
    run = begun(folder)
    assert do_next_job(run)
    (kept / "pictures").mkdir()
    full_for(monkeypatch, lambda path: path.startswith(str(kept / "pictures")))
    go_on(run)
    assert run.status == Run.Status.FAILED
    assert "No space left on device" in run.error
    assert list((kept / "pictures").iterdir()) == []

    monkeypatch.undo()
    again = enqueue_run("s", request(folder))
    go_on(again)

    assert (again.pk, again.status) == (run.pk, Run.Status.DONE)


@pytest.mark.parametrize("left", [0, 500])
def test_a_half_written_partial_result_costs_its_own_shard_alone(kept, folder, left):
    whole = run_here(*dissect("whole", images=folder))
    assert whole.error == ""
    undisturbed = exemplars()
    Exemplar.objects.all().delete()
    run = begun(folder)
    assert do_next_job(run)
    (partial,) = kept.glob("dissections/s/*/partials/00000.npz")
    partial.write_bytes(partial.read_bytes()[:left])

    go_on(run)
    assert run.status == Run.Status.FAILED
    assert "only shard 1 is collected again" in run.error
    again = enqueue_run("s", request(folder))
    assert statuses(again) == [WAITING, DONE]
    go_on(again)

    assert again.status == Run.Status.DONE
    assert exemplars() == undisturbed


def test_an_empty_manifest_is_no_manifest(kept, folder):
    run = begun(folder)
    assert do_next_job(run)
    (kept / f"dissections/s/{run.pk}/manifest.json").write_bytes(b"")

    go_on(run)

    assert run.status == Run.Status.DONE
