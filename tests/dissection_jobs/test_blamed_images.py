"""An image at which workers die twice ends the run; it can be left out."""

import pytest

from annotator.dissection_jobs import shards as module
from annotator.job_queue import enqueue_run
from annotator.job_requests import BadRequest
from annotator.models import Run, Study
from tests.dissection_jobs.dying_workers import (
    FAILED,
    again,
    dies,
    finish_shards,
    while_forwarding,
    while_reading,
)
from tests.dissection_jobs.runs import finish, request


def test_an_image_is_blamed_when_two_workers_died_while_they_read_it_alone(shard, monkeypatch):
    deadly = while_reading("77.png")
    dies(shard, monkeypatch, deadly)  # somewhere among the images of its block
    dies(shard, monkeypatch, deadly)
    assert module.job_of(shard.run).images.paths[again(shard).reading] == "77.png"
    dies(shard, monkeypatch, deadly)

    finish(shard.run)

    assert shard.run.status == FAILED
    assert "2 workers in a row died while they read image 77.png" in shard.run.error
    assert "--skip 77.png" in shard.run.error


def test_a_worker_killed_once_at_an_image_blames_nothing(shard, monkeypatch):
    dies(shard, monkeypatch, while_forwarding)
    dies(shard, monkeypatch, while_reading("77.png"))

    assert finish(shard.run).status == Run.Status.DONE


def test_deaths_at_different_images_blame_none_of_them(shard, monkeypatch):
    dies(shard, monkeypatch, while_forwarding)
    dies(shard, monkeypatch, while_reading("77.png"))
    dies(shard, monkeypatch, while_reading("99.png"))

    finish(shard.run)

    assert shard.run.status == FAILED
    assert ".png alone" not in shard.run.error
    assert "--skip" not in shard.run.error


def test_the_image_can_be_left_out_and_the_run_goes_on(shard, monkeypatch, many):
    deadly = while_reading("77.png")
    for _ in range(3):
        dies(shard, monkeypatch, deadly)
    assert finish(shard.run).status == FAILED

    deadly(monkeypatch)
    resumed = enqueue_run("rooms", request(many, shards=1, skip=("77.png",)))

    assert resumed.pk == shard.run_id
    assert finish(resumed).status == Run.Status.DONE
    assert resumed.network.manifest["images"]["skipped"] == [
        {"image": "77.png", "reason": "left out by --skip"}
    ]
    assert Study.objects.get().image_count == 160  # the list keeps its images and its hash


def test_what_was_collected_with_an_image_is_not_merged_after_it_is_left_out(shard, many):
    finish_shards(shard)
    Run.objects.get().fail("The power went out.")

    resumed = enqueue_run("rooms", request(many, shards=1, skip=("77.png",)))

    assert finish(resumed).status == FAILED
    assert "collected with image 77.png, which --skip leaves out" in resumed.error
    again_resumed = enqueue_run("rooms", request(many, shards=1, skip=("77.png",)))
    assert finish(again_resumed).status == Run.Status.DONE


def test_an_image_is_not_left_out_of_a_run_that_others_work_on(shard, many):
    with pytest.raises(BadRequest, match="--skip leaves images out of a run that is new or has"):
        enqueue_run("rooms", request(many, shards=1, skip=("77.png",)))


def test_a_network_that_has_an_image_cannot_lose_it(shard, many):
    finish(shard.run)

    other = finish(enqueue_run("rooms", request(many, shards=1, skip=("77.png",))))

    assert other.status == FAILED
    assert "dissected with image 77.png: without it" in other.error


def test_an_image_that_is_to_be_left_out_must_be_in_the_list(installation, many):
    run = finish(enqueue_run("rooms", request(many, skip=("7.png",))))

    assert run.status == FAILED
    assert "--skip: there is no image '7.png'" in run.error
    assert "Did you mean" in run.error
