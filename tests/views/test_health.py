"""/healthz says that the process runs; /readyz that it can serve, and which part cannot."""

import json
import threading

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from annotator.storage import StorageDown, deadline
from annotator.views import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_migrations():
    yield
    health.check_migrations.cache_clear()


def readiness(client):
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.content)["checks"]


def test_a_process_that_answers_is_healthy_even_without_a_database(client, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    settings.SECURE_SSL_REDIRECT = True

    with connection.execute_wrapper(_away):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b'{"status": "ok"}')
    assert not answer.cookies


@pytest.mark.both_databases
def test_all_is_ready_by_any_host_name_and_without_https(client, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    settings.SECURE_SSL_REDIRECT = True

    assert readiness(client) == (
        200,
        {"database": "ok", "migrations": "ok", "storage": "ok", "static files": "ok"},
    )


def _away(*arguments):
    raise OperationalError("connection refused")


def test_a_database_that_is_away_is_named(client, caplog):
    with connection.execute_wrapper(_away):
        status, checks = readiness(client)

    assert status == 503
    assert checks["database"] == "failed"
    assert checks["storage"] == "ok"
    assert "Not ready: database (OperationalError: connection refused)" in caplog.text


def test_a_migration_that_is_not_applied_is_named(client, caplog):
    MigrationRecorder(connection).migration_qs.filter(app="sessions").delete()

    status, checks = readiness(client)

    assert (status, checks["migrations"]) == (503, "failed")
    assert "1 migrations are not applied, first sessions.0001_initial" in caplog.text


@pytest.mark.parametrize("error", [StorageDown("away", may_pass=True), PermissionError("no")])
def test_a_storage_that_refuses_is_named(client, monkeypatch, error):
    def refuse(name):
        raise error

    monkeypatch.setattr(default_storage, "exists", refuse, raising=False)

    assert readiness(client)[1]["storage"] == "failed"


def test_a_storage_that_hangs_is_waited_for_no_longer_than_the_deadline(client, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr(default_storage, "exists", lambda name: free.wait(20), raising=False)
    monkeypatch.setattr(deadline, "DEADLINE_SECONDS", 0.1)
    monkeypatch.setattr(deadline, "_closed_until", 0.0)

    status, checks = readiness(client)
    free.set()

    assert (status, checks["storage"]) == (503, "failed")


def test_static_files_that_were_not_collected_are_named(client, monkeypatch):
    def missing(name):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(staticfiles_storage, "url", missing, raising=False)

    assert readiness(client)[1]["static files"] == "failed"


def test_reasons_are_not_told_to_strangers(client):
    with connection.execute_wrapper(_away):
        assert "refused" not in client.get("/readyz").content.decode()
