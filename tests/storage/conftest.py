"""A server that speaks S3, in this process: stopped and started again, it still has everything."""

import io
import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import boto3
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from PIL import Image

from tests.services import free_port

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Objects:
    """S3 at an address that stays the same when it goes down and comes back.

    Attributes:
        asked: what it was asked and has answered, as "GET /bucket/key".
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.server: ThreadedMotoServer | None = None

    def start(self) -> None:
        self.server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def client(self):
        return boto3.client("s3", endpoint_url=self.address)

    def make(self, bucket: str, objects: dict[str, bytes] | None = None) -> None:
        client = self.client()
        client.create_bucket(Bucket=bucket)
        for key, content in (objects or {}).items():
            client.put_object(Bucket=bucket, Key=key, Body=content)

    def keys(self, bucket: str) -> list[str]:
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    """An empty S3, which whoever reads AWS_ENDPOINT_URL_S3 finds."""
    objects = Objects()
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": objects.address}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(
        "werkzeug.serving.WSGIRequestHandler.log_request",
        lambda request, *_: objects.asked.append(request.requestline.rsplit(" ", 1)[0]),
    )
    # How often the server looks whether it is to stop, in seconds; its own default is 0.5.
    monkeypatch.setattr("werkzeug.serving.BaseWSGIServer.serve_forever.__defaults__", (0.01,))
    s3_backends.reset()
    objects.start()
    yield objects
    objects.stop()


@pytest.fixture
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that does not answer is asked again after a tenth of a second."""
    monkeypatch.setattr("dissect.storage.s3.FIRST_PAUSE_SECONDS", 0.1)


@pytest.fixture
def impatient(asked_often: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that does not answer is given up within a second."""
    monkeypatch.setattr("dissect.storage.s3.PATIENCE_SECONDS", 0.6)


def photograph(number: int) -> bytes:
    """A small JPEG; each number gives another one."""
    coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((60, 60)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="session")
def photographs() -> dict[str, bytes]:
    """40 photographs by name."""
    return {f"{number:02d}.jpg": photograph(number) for number in range(40)}


@pytest.fixture
def command(settings) -> Callable[..., SimpleNamespace]:
    """Run a command in this process, as an installation whose storage is s3://results/here."""
    bucket = {
        "BACKEND": "annotator.storage.bucket.Bucket",
        "OPTIONS": {"bucket_name": "results", "location": "here"},
    }
    settings.STORAGES = {**settings.STORAGES, "default": bucket}
    settings.DISSECTIONS_URL = "s3://results/here/dissections"
    return run_here


def run_here(*arguments: object) -> SimpleNamespace:
    """A command in this process: what it said, and its sentence where it failed."""
    out, err, error = io.StringIO(), io.StringIO(), ""
    try:
        call_command(*map(str, arguments), stdout=out, stderr=err, no_color=True)
    except CommandError as failed:
        error = str(failed)
    return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue(), error=error)


def dissect(study: str = "s", images: object = "s3://photos", top: int = 8, **options: object):
    """The arguments that dissect a small network, by default over photographs in a bucket."""
    more = [part for name, value in options.items() for part in (f"--{name}", value)]
    network = "tests.dissect.custom_networks:small"
    return ["dissect", study, "--network", network, "--layers", "deep", "--images", images,
            "--top", top, "--device", "cpu", *more]  # fmt: skip
