"""`doctor` says in words what is wrong with an installation, and what to do about it."""

import io
import shutil
from collections import namedtuple
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from annotator.models import Image, Study
from annotator.operations import doctor
from annotator.public_url import PublicUrl
from annotator.storage import StorageDown
from annotator.storage.folder import Folder
from tests.services import free_port

pytestmark = pytest.mark.django_db
CHECKED = [*doctor.CHECKS, "gpu"]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "annotator.storage.folder.Folder",
            "OPTIONS": {"location": tmp_path},
        },
    }


@pytest.fixture
def address(settings):
    """A service that answers /healthz."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings.PUBLIC_URL, settings.PUBLIC = url, PublicUrl.of(url)
    with closing(server.socket):
        yield url
        server.shutdown()


def run():
    """(status, lines) of the command."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except CommandError:
        return 1, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def finding(name):
    return next(doctor.findings({name: doctor.CHECKS[name]}))


@pytest.mark.both_databases
def test_a_sound_installation_has_a_line_for_each_check_and_status_0(address, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1e12, 0, 5e11))

    status, lines = run()

    assert status == 0
    assert [line[:8].strip() for line in lines] == ["ok"] * len(CHECKED)
    assert [line[9:23].strip() for line in lines] == CHECKED
    assert list(default_storage.listdir("pictures")[1]) == []  # it leaves nothing behind


def migration_missing(monkeypatch, settings):
    MigrationRecorder(connection).migration_qs.filter(app="sessions").delete()


def storage_refuses(monkeypatch, settings):
    def refuse(*arguments):
        raise StorageDown("s3://b/x cannot be used (AccessDenied): check.", may_pass=False)

    monkeypatch.setattr(Folder, "_save", refuse)


def picture_missing(monkeypatch, settings):
    study = Study.objects.create(name="scenes")
    Image.objects.create(study=study, place=0, path="a.jpg", tile="a.jpg", zoom="b.jpg")


def no_static_files(monkeypatch, settings):
    def missing(*arguments):
        raise ValueError

    monkeypatch.setattr(StaticFilesStorage, "url", missing)


def disk_full(monkeypatch, settings):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1e12, 0, 1e9))


def no_mail_server(monkeypatch, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def no_service(monkeypatch, settings):
    settings.PUBLIC_URL = f"http://127.0.0.1:{free_port()}"


def no_proxy_header(monkeypatch, settings):
    settings.PUBLIC = PublicUrl.of("https://unitscope.example")


def no_broker(monkeypatch, settings):
    settings.BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"


FAULTS = [
    (migration_missing, "database", "1 migrations are not applied: run `manage.py migrate`."),
    (
        storage_refuses,
        "storage",
        "The check failed: s3://b/x cannot be used (AccessDenied)",
    ),
    (picture_missing, "pictures", "of the studies scenes (1): restore them from a backup"),
    (no_static_files, "static files", "run `manage.py collectstatic`"),
    (disk_full, "disk", "1.0 GB (0%) are free"),
    (no_mail_server, "mail", "Check EMAIL_URL."),
    (no_service, "address", "does not answer from here"),
    (no_proxy_header, "address", "PROXY_SSL_HEADER is not set"),
    (no_broker, "broker", "The broker does not answer: check BROKER_URL."),
]


@pytest.mark.parametrize(("fault", "check", "sentence"), FAULTS)
def test_a_fault_is_named_with_the_way_out(address, monkeypatch, settings, fault, check, sentence):
    fault(monkeypatch, settings)

    one = finding(check)

    assert not one.is_ok
    assert sentence in one.sentence


def test_a_database_that_is_away_does_not_end_the_examination(address):
    def refuse(*arguments):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        status, lines = run()

    assert status == 1
    assert len(lines) == len(CHECKED)
    assert "PROBLEM  database      The check failed: connection refused" in lines


def test_a_broker_without_workers_is_named_with_the_command_that_starts_one(
    address, settings, redis_url
):
    settings.BROKER_URL = redis_url.replace("/0", "/9")

    one = finding("broker")

    assert not one.is_ok
    assert "no worker takes from the queue dissect (dissect) or celery (make reports)" in (
        one.sentence
    )


@pytest.mark.both_databases
def test_a_clock_that_is_wrong_is_named(monkeypatch):
    if connection.vendor != "postgresql":
        assert finding("clock").is_ok
        return
    monkeypatch.setattr(doctor, "MAX_CLOCK_SECONDS", -1)
    assert "Turn on NTP" in finding("clock").sentence
