"""Very many images through two workers, PostgreSQL and an S3 server, while one worker is killed.

500 pictures in a bucket are listed again and again. Two Celery workers collect the shards of a tiny
network, so what is measured is what the service itself keeps and does again. In the longer run a
worker dies by SIGKILL in the middle of its work, and is started again as a supervisor does.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.chaos.installation import ROOT, Installation, installed
from benchmarks.chaos.jobs import Storage
from benchmarks.chaos.processes import Process, Supervisor
from benchmarks.chaos.records import Records
from benchmarks.row import Row, at_most
from benchmarks.throughput import descendants
from benchmarks.web_memory import peak_mb_of

MANY, FEW, PICTURES = 100_000, 10_000, 500
SHARD = 2_048  # images, as the service cuts a run where nobody says otherwise
BLOCK = 32
LOOK_SECONDS = 0.2
MAX_MEMORY, MAX_AGAIN = 1.1, 1.0


class Tiny(nn.Module):
    """A network of one layer that notes each block of images that it sees."""

    input_size, mean, std = 32, 0.5, 0.5

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)  # every worker has the same
        self.conv = nn.Conv2d(3, 8, 5, stride=4)
        self.log = Path(os.environ["BLOCKS"], str(os.getpid()))

    def forward(self, x: Tensor) -> Tensor:
        if len(x) == BLOCK:
            with self.log.open("a") as file:
                file.write(".")
        return self.conv(x)


def measure(many: int = MANY, few: int = FEW) -> list[Row]:
    """The rows. `python -m benchmarks.many_images 20000 2000` is shorter, and stores nothing."""
    with installed() as installation:
        blocks = installation.folder / "blocks"
        blocks.mkdir()
        Storage(installation.server_address, PICTURES)
        environment = installation.environment | {
            "AWS_ENDPOINT_URL_S3": installation.server_address,  # past the gate
            "MALLOC_ARENA_MAX": "2",  # as in the Dockerfile
            "BLOCKS": str(blocks),
        }
        records = Records(environment, str(ROOT))
        try:
            records.ask("migrate")
            for name in ("reports worker", "beat"):  # which find the shard of a killed worker
                installation.processes[name].start()
            trial = Trial(installation, environment, records, blocks)
            few_mb, _ = trial.run(few, kill=False)
            many_mb, again = trial.run(many, kill=True)
        finally:
            records.close()
    print(f"{few_mb:.0f} MB for {few:,} images, {many_mb:.0f} MB for {many:,}", file=sys.stderr)
    print(f"{again} images forwarded again after a kill", file=sys.stderr)
    of = f"two workers, PostgreSQL, S3, {many:,} images"
    return [
        at_most(f"peak memory of a worker, {of} / {few:,}", many_mb / few_mb, MAX_MEMORY),
        at_most(f"images forwarded again after a kill / a shard, {of}", again / SHARD, MAX_AGAIN),
    ]


class Trial:
    """Dissects lists of images with two workers, each list with new ones."""

    def __init__(
        self,
        installation: Installation,
        environment: dict[str, str],
        records: Records,
        blocks: Path,
    ) -> None:
        self.installation, self.environment = installation, environment
        self.records, self.blocks = records, blocks

    def run(self, count: int, kill: bool) -> tuple[float, int]:
        """Dissect a list; returns the peak memory of a worker in MB, and images forwarded again."""
        file = self.installation.folder / f"{count}.txt"
        names = cycle(f"s3://photos/{number:04d}.png" for number in range(PICTURES))
        file.write_text("\n".join(islice(names, count)))
        before, peaks = self._seen(), dict[int, float]()
        with self._workers() as workers:
            pk = self.records.ask("request_list", f"list-{count}", str(file))
            while (state := self.records.ask("progress", pk))["status"] not in ("done", "failed"):
                peaks |= {pid: peak_mb_of(pid) for pid in descendants(os.getpid(), "celery")}
                if kill and count / 2 <= state["done"] < count:
                    kill = False
                    workers[0].kill()
                    workers[0].start()
                time.sleep(LOOK_SECONDS)
        if state["status"] == "failed" or kill:
            raise RuntimeError(f"{count} images: {state}, killed: {not kill}")
        return max(peaks.values()), self._seen() - before - BLOCK * -(-count // BLOCK)

    def _seen(self) -> int:
        """How many images the network has seen, in whole blocks."""
        return BLOCK * sum(log.stat().st_size for log in self.blocks.iterdir())

    @contextmanager
    def _workers(self) -> Iterator[list[Process]]:
        celery = [sys.executable, "-m", "celery", "-A", "annotator", "worker", "-c", "1"]
        celery += ["--without-gossip", "--without-mingle", "-Q", "dissect", "-n"]
        folder = self.installation.folder
        workers = [
            Process(name, [*celery, f"{name}@here"], folder / f"{name}.log", self.environment, ROOT)
            for name in ("first", "second")
        ]
        with Supervisor(workers):
            for worker in workers:
                worker.start()
            yield workers


def tiny() -> Any:
    return Tiny()


if __name__ == "__main__":
    for row in measure(*map(int, sys.argv[1:])):
        print(row)
