"""Workers that are killed, stopped or interrupted at a chosen point of a shard."""

import pytest

from annotator.dissection_jobs import shards as module
from annotator.dissection_jobs.shards import collect_shard, partial_names
from annotator.models import Run, Shard
from dissect.images import image_list
from tests.dissection_jobs.runs import lose

DONE, RUNNING, WAITING = Shard.Status.DONE, Shard.Status.RUNNING, Shard.Status.WAITING
FAILED, COLLECTING = Run.Status.FAILED, Run.Status.COLLECTING


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the worker can say goodbye."""


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
    stop_after(patch, 1, kill)


def while_reading(name):
    """Every worker that reads this image is killed."""

    def how(patch):
        read = image_list.read_image

        def deadly(file, *scale):
            return kill() if file.name == name else read(file, *scale)

        patch.setattr(image_list, "read_image", deadly)

    return how


def kill():
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


def finish_shards(shard):
    shard = again(shard)
    assert shard.claim()
    collect_shard(shard)
