"""A broker that cannot be reached stops no page and no command: rows wait, and pages say so."""

import time

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.interruptions import broker
from annotator.job_queue import enqueue_analysis, enqueue_run
from annotator.job_requests import RunRequest
from annotator.models import Analysis, Run
from annotator.views.reader import snapshot
from tests.crowd.studies import published_study
from tests.services import free_port

pytestmark = pytest.mark.django_db
SAYS_SO = "The message broker cannot be reached."
REQUEST = RunRequest(network="n", layers=["a"], images="/pictures")
MAX_SECONDS = 5.0  # on a busy machine; .3 alone


@pytest.fixture
def dead_broker(settings):
    """Every message goes to a port that nobody listens at."""
    from annotator.celery import app

    url = f"redis://127.0.0.1:{free_port()}/0"
    settings.BROKER_URL = app.conf.broker_url = url
    app.conf.broker_write_url = url
    yield url
    app.conf.broker_url = app.conf.broker_write_url = None


def test_a_run_and_an_analysis_wait_in_their_tables(
    dead_broker, django_capture_on_commit_callbacks, caplog
):
    network = published_study("other").networks.get()
    began = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        enqueue_run("rooms", REQUEST)
        enqueue_analysis(network, "layers", {})

    assert time.monotonic() - began < 2 * MAX_SECONDS
    assert Run.objects.waiting().count() == Analysis.objects.waiting().count() == 1
    assert caplog.text.count("The broker cannot be reached") == 2


def test_a_look_at_a_dead_broker_holds_a_page_up_for_a_moment_only(dead_broker):
    began = time.monotonic()

    assert broker.is_broker_down()
    assert time.monotonic() - began < 1.5


def page(client, name, *arguments):
    return client.get(reverse(name, args=arguments)).content.decode()


def test_the_pages_on_which_work_waits_say_so(dead_broker, client, monkeypatch):
    study = published_study()
    enqueue_run("rooms", REQUEST)
    analysis = enqueue_analysis(study.networks.get(), "layers", {})
    monkeypatch.setattr(snapshot, "MAX_ANSWERS_IN_REQUEST", -1)  # every report is a large one

    assert SAYS_SO in page(client, "study", "rooms")
    assert SAYS_SO in page(client, "analysis", "rooms", analysis.pk)
    assert SAYS_SO in page(client, "report", "rooms")


def test_a_report_is_asked_for_on_a_page(
    dead_broker, client, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    published_study()
    monkeypatch.setattr(snapshot, "MAX_ANSWERS_IN_REQUEST", -1)

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("make_again", args=["rooms"]))

    assert response.status_code == 302
    assert "take_snapshot of row" in caplog.text


def test_a_command_says_that_its_run_waits(dead_broker, capsys):
    call_command("dissect", "rooms", network="n", layers=["a"], images="/pictures")

    assert "takes it when the broker is back, which cannot be reached" in capsys.readouterr().err
    assert Run.objects.waiting().count() == 1


def test_a_broker_that_answers_is_not_called_dead(settings, redis_url):
    settings.BROKER_URL = redis_url

    assert not broker.is_broker_down()


def test_without_a_broker_none_is_dead(settings, client):
    settings.BROKER_URL = ""
    published_study()
    enqueue_run("rooms", REQUEST)

    assert not broker.is_broker_down()
    assert "Waiting for a worker process" in page(client, "study", "rooms")
    assert SAYS_SO not in page(client, "study", "rooms")
