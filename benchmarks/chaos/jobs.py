"""Dissections one after another, each with an analysis and a publication; all of equal bytes."""

import io
import threading
import time
from itertools import count
from typing import NamedTuple

import boto3
import numpy as np
from PIL import Image

from benchmarks.chaos.records import Records

LOOK_SECONDS = 0.5
BUCKETS = ("photos", "results")


class Job(NamedTuple):
    """A row that a worker does: its table, its number, and the study that it belongs to."""

    kind: str
    pk: int
    study: str


class Storage:
    """The objects of the installation, asked for past the gate."""

    def __init__(self, address: str, images: int) -> None:
        self.client = boto3.client(
            "s3", endpoint_url=address, region_name="us-east-1",
            aws_access_key_id="chaos", aws_secret_access_key="chaos",
        )  # fmt: skip
        self._fill(images)

    def _fill(self, images: int) -> None:
        """Make the buckets, and images of noise in one of them."""
        for bucket in BUCKETS:
            self.client.create_bucket(Bucket=bucket)
        rng = np.random.default_rng(2)
        for number in range(images):
            file, coarse = io.BytesIO(), rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((50, 50)).save(file, "PNG")
            self.client.put_object(
                Bucket="photos", Key=f"{number:04d}.png", Body=file.getvalue()
            )  # fmt: skip

    def dissection(self, study: str, run: int) -> dict[str, str]:
        """Every object of a dissection by the hash of its bytes, without partial results."""
        prefix = f"dissections/{study}/{run}/"
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket="results", Prefix=prefix
        )
        objects = [one for page in pages for one in page.get("Contents", [])]
        hashes = {one["Key"].removeprefix(prefix): one["ETag"] for one in objects}
        return {key: value for key, value in hashes.items() if not key.startswith("partials/")}


class Dissector(threading.Thread):
    """Asks for a dissection, an analysis and a publication, waits, and asks again.

    Attributes:
        done: jobs that ended well. by_hand: what became of the others, in words.
        differing: objects of dissections whose bytes are not those of the first.
    """

    def __init__(self, records: Records, storage: Storage) -> None:
        super().__init__(name="dissector", daemon=True)
        self.records, self.storage = records, storage
        self.done: list[Job] = []
        self.by_hand: list[str] = []
        self.differing: list[str] = []
        self.calm: dict[str, str] | None = None
        self.ended = threading.Event()
        self._numbers, self._deadline, self._only = count(1), float("inf"), ""

    def run(self) -> None:
        if self._only:
            self._wait_for(self._ask("Run", self._only))
            return
        while not self.ended.is_set():
            self.one(f"d{next(self._numbers)}")

    def start_one(self, study: str) -> None:
        """Ask for one dissection, and wait for it in the background."""
        self._only = study
        self.start()

    def one(self, study: str) -> None:
        """One dissection, and what is done with its results."""
        run = self._ask("Run", study)
        if not self._wait_for(run):
            return
        objects = self.storage.dissection(study, run.pk)
        self.calm = self.calm or objects
        keys = {*objects, *self.calm}
        self.differing += [
            f"{study}: {key}" for key in keys if objects.get(key) != self.calm.get(key)
        ]
        questions = [self._ask("Analysis", study), self._ask("Publication", study)]
        for job in questions:
            self._wait_for(job)

    def _ask(self, kind: str, study: str) -> Job:
        return Job(kind, self.records.ask(f"request_{kind.lower()}", study), study)

    def _wait_for(self, job: Job) -> bool:
        """Whether a job ended well, by itself and in time."""
        while True:
            status, error = self.records.ask("state", job.kind, job.pk)
            if status == "done":
                self.done.append(job)
                return True
            if status == "failed":
                self.by_hand.append(f"{job.kind} of {job.study}: {error}")
                return False
            if time.monotonic() > self._deadline:
                self.by_hand.append(f"{job.kind} of {job.study} is {status}")
                return False
            time.sleep(LOOK_SECONDS)

    def end(self, seconds: float) -> None:
        """Ask for nothing more, and give what is asked for some more seconds."""
        self._deadline = time.monotonic() + seconds
        self.ended.set()
        self.join()
