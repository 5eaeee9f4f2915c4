"""A shard goes on after the last checkpoint of a worker that was lost."""

import numpy as np
import pytest

from annotator.dissection_jobs import shards as module
from annotator.dissection_jobs.shards import collect_shard
from annotator.models import Run
from dissect.errors import StoreError
from tests.dissection_jobs.dying_workers import (
    DONE,
    again,
    blocks_forwarded,
    dies,
    kill,
    partial_bytes,
    stop_after,
    undisturbed_bytes,
)
from tests.dissection_jobs.runs import finish


def test_a_shard_goes_on_after_its_last_checkpoint_and_gives_the_same_bytes(
    shard, installation, monkeypatch, every_block
):
    calm = undisturbed_bytes(shard, installation)
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, kill))
    starts = blocks_forwarded(monkeypatch)

    other = again(shard)
    assert (other.stored_count, other.done_count) == (96, 96)
    assert other.claim()
    collect_shard(other)

    assert starts == [96, 128]
    assert again(shard).status == DONE
    assert partial_bytes(shard, installation) == calm


def test_nothing_of_a_checkpoint_is_left_when_its_shard_is_collected(
    shard, installation, monkeypatch, every_block
):
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, kill))
    finish(shard.run)

    assert list((installation / "dissections").rglob("*.checkpoint.npz")) == []
    assert shard.run.status == Run.Status.DONE


@pytest.mark.parametrize("content", [b"", b"torn", None], ids=["empty", "torn", "another machine"])
def test_a_checkpoint_that_cannot_be_used_is_left_alone(
    shard, installation, monkeypatch, every_block, content
):
    calm = undisturbed_bytes(shard, installation)
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, kill))
    (path,) = (installation / "dissections").rglob("*.checkpoint.npz")
    if content is not None:
        path.write_bytes(content)
    else:
        with np.load(path) as file:
            arrays = dict(file)
        head = arrays["head"].tobytes().replace(b'"threads": ', b'"threads": 9')
        np.savez(path, **arrays | {"head": np.frombuffer(head, dtype=np.uint8)})

    other = again(shard)
    assert other.claim()
    collect_shard(other)

    assert partial_bytes(shard, installation) == calm


def test_a_store_that_takes_no_checkpoint_costs_nothing_else(
    shard, installation, monkeypatch, every_block
):
    put = module.job_of(shard.run).store.__class__.put

    def full(store, name, content):
        if "checkpoint" in name:
            raise StoreError("The disk is full.")
        put(store, name, content)

    monkeypatch.setattr(module.job_of(shard.run).store.__class__, "put", full)
    assert shard.claim()
    collect_shard(shard)

    assert (again(shard).status, again(shard).stored_count) == (DONE, 0)
