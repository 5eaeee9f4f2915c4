"""Shards: one worker at a time collects one, and what a slow worker writes later is void."""

import pytest

from annotator.dissection_jobs import shards as module
from annotator.dissection_jobs.shards import (
    IMAGES_PER_SHARD,
    collect_shard,
    partial_names,
    shard_ranges,
)
from annotator.models import Run, Shard
from dissect.topk.batches import BATCH_SIZE
from tests.dissection_jobs.runs import cut, finish, lose

DONE, RUNNING, WAITING = Shard.Status.DONE, Shard.Status.RUNNING, Shard.Status.WAITING


@pytest.fixture
def run(installation, noise):
    return cut(noise)


def partial_files(run, installation):
    folder = installation / "dissections" / "rooms" / str(run.pk) / "partials"
    return sorted(path.name for path in folder.glob("*"))


def first_of(run):
    return run.shards.select_related("run__study").order_by("number").first()


def test_a_collected_shard_has_a_partial_result_and_counts_for_its_run(run, installation):
    shard = first_of(run)

    assert shard.claim()
    collect_shard(shard)

    shard.refresh_from_db()
    run.refresh_from_db()
    assert (shard.status, shard.done_count, run.done_count) == (DONE, 32, 32)
    assert partial_files(run, installation) == [partial_names(shard).whole.rpartition("/")[2]]


def test_one_worker_claims_a_shard_and_another_after_the_lease(run):
    shard, other = first_of(run), first_of(run)

    assert shard.claim()
    assert not other.claim()
    assert not first_of(run).claim()
    lose(shard)
    assert first_of(run).claim()
    assert not shard.write(done_count=3)


def test_a_worker_that_lost_its_claim_stores_nothing(run, installation, monkeypatch):
    shard = first_of(run)
    assert shard.claim()
    collect = module.collect_range

    def slow(*arguments):
        lose(shard)
        assert first_of(run).claim()  # by another worker, in the meantime
        return collect(*arguments)

    monkeypatch.setattr(module, "collect_range", slow)
    collect_shard(shard)

    assert partial_files(run, installation) == []
    assert first_of(run).status == RUNNING
    assert Run.objects.get().status == Run.Status.COLLECTING


def test_a_shard_that_cannot_be_collected_fails_the_run_with_a_sentence(installation, noise):
    run = cut(noise)
    Run.objects.update(request=run.request | {"layers": ["gone"]})
    shard = first_of(run)
    assert shard.claim()

    collect_shard(shard)

    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert run.error.startswith("The network has no layer named 'gone'.")
    assert not Shard.objects.waiting().exists()


def test_shards_in_any_order_give_the_same_bytes(installation, noise):
    contents = []
    for order in ("number", "-number"):
        run = cut(noise)
        for shard in run.shards.select_related("run__study").order_by(order):
            assert shard.claim()
            collect_shard(shard)
        folder = installation / finish(run).network.dissection
        files = [*folder.glob("layers/*"), *folder.glob("masks/*/*")]
        contents.append({path.relative_to(folder): path.read_bytes() for path in files})
        run.network.delete()

    assert len(contents[0]) == 1 + 8
    assert contents[0] == contents[1]


@pytest.mark.parametrize("count", [1, 31, 32, 33, 100, 4096, 5000])
@pytest.mark.parametrize("shards", [None, 1, 2, 3, 1000])
def test_shards_cover_every_image_once_in_whole_blocks(count, shards):
    ranges = shard_ranges(count, shards)

    assert [place for first, stop in ranges for place in range(first, stop)] == list(range(count))
    assert all(first % BATCH_SIZE == 0 for first, _ in ranges)
    assert all(stop > first for first, stop in ranges)


def test_shards_are_as_even_as_blocks_allow_and_as_many_as_wanted():
    sizes = [stop - first for first, stop in shard_ranges(10 * BATCH_SIZE, 4)]

    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= BATCH_SIZE
    assert len(shard_ranges(3 * BATCH_SIZE, 50)) == 3


def test_a_shard_has_about_two_thousand_images_unless_more_are_wanted():
    assert len(shard_ranges(10 * IMAGES_PER_SHARD, None)) == 10
