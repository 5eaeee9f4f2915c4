"""A storage that hangs holds no page up: pictures are refused, and forms go on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator import storage
from annotator.results.output.snapshots import lifecycle, stored_reports
from annotator.storage import StorageDown, deadline
from annotator.storage.folder import Folder
from tests.results.studies import answered_study

NAME = f"pictures/{'a' * 64}.jpg"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(deadline, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(deadline, "PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(deadline, "_closed_until", 0.0)
    monkeypatch.setattr(deadline, "_pool", ThreadPoolExecutor(2))


@pytest.fixture
def stored(settings, tmp_path):
    backend = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    default_storage.save(NAME, ContentFile(b"a picture"))


@pytest.fixture
def hanging(stored, monkeypatch):
    """The event that ends the hanging of the storage."""
    free, opened = threading.Event(), Folder._open

    def hang(self, *arguments):
        free.wait(20)
        return opened(self, *arguments)

    monkeypatch.setattr(Folder, "_open", hang)
    yield free
    free.set()


def picture(client):
    return client.get(f"/{NAME}")


def test_a_file_that_is_there_is_opened(stored):
    with deadline.open_in_time(NAME) as file:
        assert file.read() == b"a picture"
    with pytest.raises(FileNotFoundError):
        deadline.open_in_time("pictures/none")


def test_a_picture_is_refused_at_the_deadline_and_the_next_ones_at_once(client, hanging, caplog):
    started = time.monotonic()
    first = picture(client)
    waited = time.monotonic() - started
    others = {picture(client).status_code for _ in range(200)}

    assert (first.status_code, first["Retry-After"]) == (503, "1")
    assert "no-store" in first["Cache-Control"]
    assert 0.2 <= waited < 5
    assert others == {503}
    assert "the storage hangs" in caplog.text
    # 200 pictures that waited until the deadline would take forty seconds.
    assert time.monotonic() - started < 15


def test_requests_that_hang_together_wait_once(hanging):
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        errors = list(pool.map(lambda _: _error(), range(20)))

    assert all(isinstance(error, StorageDown) and error.may_pass for error in errors)
    assert time.monotonic() - started < 5


def _error():
    try:
        deadline.open_in_time(NAME)
    except StorageDown as error:
        return error


@pytest.mark.django_db
def test_forms_are_answered_meanwhile(client, hanging):
    picture(client)
    started = time.monotonic()

    assert client.get("/sign-in/").status_code == 200
    assert time.monotonic() - started < 5


def test_when_the_storage_answers_again_pictures_are_served(client, hanging):
    assert picture(client).status_code == 503
    hanging.set()
    time.sleep(1.1)

    answer = picture(client)

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"a picture"


def test_what_a_page_reads_comes_in_time_or_not_at_all(hanging, monkeypatch):
    monkeypatch.setattr(storage, "REPORT_SECONDS", 0.2)
    monkeypatch.setattr(storage, "PAUSES_SECONDS", (30,))
    started = time.monotonic()

    with deadline.page(), pytest.raises(StorageDown):
        storage.read(NAME)

    assert time.monotonic() - started < 5


def test_what_a_page_reads_is_asked_for_once(stored, monkeypatch):
    asked = []

    def refuse(backend, name):
        asked.append(name)
        raise StorageDown("away", may_pass=True)

    monkeypatch.setattr(Folder, "open", refuse)
    with deadline.page(), pytest.raises(StorageDown):
        storage.read(NAME)

    assert asked == [NAME]


@pytest.mark.django_db
def test_a_report_whose_storage_hangs_is_503_at_once_and_holds_nobody_up(
    client, hanging, monkeypatch, caplog
):
    study = answered_study()
    hanging.set()
    lifecycle.take(study)
    hanging.clear()
    for cached in (stored_reports.report_at, stored_reports._units, stored_reports._units_json):
        cached.cache_clear()
    monkeypatch.setattr(storage, "REPORT_SECONDS", 0.2)
    client.force_login(User.objects.create_user("rita", is_staff=True))
    client.raise_request_exception = False
    started = time.monotonic()

    answer = client.get("/results/rooms/", headers={"Accept": "text/html"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The storage of pictures and reports does not answer" in answer.content.decode()
    assert time.monotonic() - started < 5
