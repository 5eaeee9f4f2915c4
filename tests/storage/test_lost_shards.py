"""A shard whose workers die again and again ends its run with a sentence that helps."""

import pytest
from django.utils.timezone import now

from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import RunRequest
from annotator.models import Run, Shard
from annotator.models.jobs import LEASE
from tests.folder_storage import use_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(photographs, tmp_path, settings):
    """A run cut into two shards of 32 and 8 images, none of them collected."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, content in photographs.items():
        (folder / name).write_bytes(content)
    use_folder(settings, tmp_path)
    request = RunRequest(
        network="tests.dissect.custom_networks:small", layers=["deep"], images=str(folder), top=8,
        shards=2, device="cpu",
    )  # fmt: skip
    run = enqueue_run("rooms", request)
    assert do_next_job(run)
    return run


def dies(shard, at):
    """A worker claims a shard, comes to some image of it, and is never heard of again."""
    shard.refresh_from_db()
    assert shard.claim()
    assert shard.write(done_count=at)
    Shard.objects.filter(pk=shard.pk).update(renewed_at=now() - 2 * LEASE)


def test_the_third_claim_of_a_shard_fails_the_run_and_names_the_last_image(begun):
    first, second = begun.shards.order_by("number")
    dies(second, at=5)
    dies(second, at=7)

    while do_next_job(begun):
        pass

    begun.refresh_from_db()
    first.refresh_from_db()
    assert begun.status == Run.Status.FAILED
    assert "Shard 2 was lost 2 times" in begun.error
    assert f"had reached image {second.first + 7:02d}.jpg." in begun.error
    assert first.status == Shard.Status.DONE  # stays, for when it is asked for again


def test_a_shard_lost_once_is_collected_by_the_next_worker(begun):
    dies(begun.shards.order_by("number").last(), at=5)

    while do_next_job(begun):
        begun.refresh_from_db()

    assert (begun.status, begun.error) == (Run.Status.DONE, "")
