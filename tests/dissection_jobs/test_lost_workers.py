"""Workers that stop, die or lose their database: no work is lost, and only a culprit is blamed."""

import numpy as np
import pytest
from django.db import OperationalError
from django.utils.timezone import now

from annotator.dissection_jobs import checkpoints, claims
from annotator.dissection_jobs import shards as module
from annotator.dissection_jobs.shards import collect_shard, partial_names
from annotator.interruptions import outages, stopping
from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import BadRequest
from annotator.models import Run, Shard, Study
from dissect.errors import StoreError
from dissect.images import image_list
from tests.dissection_jobs.runs import cut, finish, lose, request
from tests.noise import write_noise

DONE, RUNNING, WAITING = Shard.Status.DONE, Shard.Status.RUNNING, Shard.Status.WAITING
FAILED, COLLECTING = Run.Status.FAILED, Run.Status.COLLECTING


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the worker can say goodbye."""


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder of 160 pictures, five blocks."""
    return write_noise(tmp_path_factory.mktemp("many"), count=160)


@pytest.fixture
def shard(installation, many):
    """The only shard of a run over 160 pictures."""
    return cut(many, shards=1).shards.select_related("run__study").get()


@pytest.fixture(autouse=True)
def _nobody_is_asked_to_stop():
    yield
    stopping.withdraw()


@pytest.fixture
def every_block(monkeypatch):
    """A checkpoint after every block."""
    monkeypatch.setattr(checkpoints, "MIN_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "MIN_SECONDS_PER_SECOND", 0.0)


def again(shard):
    """The shard as the next worker loads it."""
    return Shard.objects.select_related("run__study").get(pk=shard.pk)


def stop_after(monkeypatch, blocks, how):
    """Let something happen to the worker after so many blocks that it forwards."""
    collect = module.collect_range

    def interrupted(*arguments):
        *rest, progress, begun, checkpoint = arguments
        seen = []

        def counted(done, total):
            progress(done, total)
            seen.append(done)
            if len(seen) == blocks:
                how()

        return collect(*rest, counted, begun, checkpoint)

    monkeypatch.setattr(module, "collect_range", interrupted)


def blocks_forwarded(monkeypatch):
    """The first places of the blocks that are forwarded from now on, as they are asked for."""
    collect, seen = module.collect_range, []

    def watched(network, wanted, images, starts, *rest):
        seen.extend(starts)
        return collect(network, wanted, images, starts, *rest)

    monkeypatch.setattr(module, "collect_range", watched)
    return seen


def dies(shard, monkeypatch, how):
    """A worker claims the shard and is killed at some point of it; its lease ends."""
    shard = again(shard)
    assert shard.claim()
    with monkeypatch.context() as patch:
        how(patch)
        with pytest.raises(Killed):
            collect_shard(shard)
    lose(shard)


def while_forwarding(patch):
    stop_after(patch, 1, _kill)


def while_reading(name):
    """Every worker that reads this image is killed."""

    def how(patch):
        read = image_list.read_image

        def deadly(file, *scale):
            return _kill() if file.name == name else read(file, *scale)

        patch.setattr(image_list, "read_image", deadly)

    return how


def _kill():
    raise Killed


def partial_bytes(shard, installation):
    folder = installation / "dissections" / "rooms" / str(shard.run_id)
    return (folder / partial_names(shard).whole).read_bytes()


def undisturbed_bytes(shard, installation):
    """The partial result of a worker that nothing happens to."""
    other = again(shard)
    assert other.claim()
    collect_shard(other)
    content = partial_bytes(other, installation)
    Shard.objects.update(status=WAITING, done_count=0, stored_count=0)
    return content


def test_a_shard_goes_on_after_its_last_checkpoint_and_gives_the_same_bytes(
    shard, installation, monkeypatch, every_block
):
    calm = undisturbed_bytes(shard, installation)
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, _kill))
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
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, _kill))
    finish(shard.run)

    assert list((installation / "dissections").rglob("*.checkpoint.npz")) == []
    assert shard.run.status == Run.Status.DONE


@pytest.mark.parametrize("content", [b"", b"torn", None], ids=["empty", "torn", "another machine"])
def test_a_checkpoint_that_cannot_be_used_is_left_alone(
    shard, installation, monkeypatch, every_block, content
):
    calm = undisturbed_bytes(shard, installation)
    dies(shard, monkeypatch, lambda patch: stop_after(patch, 3, _kill))
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
        patch.setattr(checkpoints, "MIN_SECONDS", 0.0)
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


def finish_shards(shard):
    shard = again(shard)
    assert shard.claim()
    collect_shard(shard)


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
