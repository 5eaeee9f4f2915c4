"""Figures for Prometheus: right, the same from every process, and for nobody else."""

import os
import signal
import subprocess
import sys
import urllib.request
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from annotator.models import Analysis, Answer, Place, Run
from tests.results.studies import answered_study, get_unit
from tests.services import free_port, wait_until

TOKEN = "a token that only tests use"


def figures(text):
    """Every sample of a page of metrics: (name, labels) to value."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def ask(client, **headers):
    response = client.get("/metrics", **headers)
    assert response.status_code == 200
    return figures(response.content.decode())


@pytest.mark.django_db
@pytest.mark.both_databases
def test_the_figures_are_those_of_the_database(client):
    study = answered_study()
    Answer.objects.update(given_at=now() - timedelta(minutes=2))
    Answer.objects.filter(pk=Answer.objects.first().pk).update(given_at=now())
    unit = get_unit(study, number=1)
    unit.hit.places.create(number=20, leased_until=now() - timedelta(seconds=1))
    unit.hit.places.create(number=21, leased_until=now() + timedelta(hours=1))
    Run.objects.create(study=study, request={}, created_at=now() - timedelta(minutes=5))
    Run.objects.create(study=study, request={})
    Run.objects.create(study=study, request={}).fail("the disk is full")
    Analysis.objects.create(network=unit.layer.network, kind="layers", request={})

    seen = ask(client)

    assert seen["unitscope_answers_a_minute",] == 1
    assert seen["unitscope_waiting_jobs", "run"] == 2
    assert seen["unitscope_waiting_jobs", "analysis"] == 1
    assert seen["unitscope_waiting_jobs", "publication"] == 0
    assert seen["unitscope_oldest_waiting_seconds", "run"] == pytest.approx(300, abs=60)
    assert seen["unitscope_oldest_waiting_seconds", "shard"] == 0
    assert seen["unitscope_failed_jobs", "run"] == 1
    assert seen["unitscope_lapsed_places",] == 1
    assert Place.objects.filter(leased_until__gt=now()).exists()


@pytest.mark.django_db
def test_asking_takes_few_queries_however_much_there_is(client, django_assert_max_num_queries):
    answered_study()
    with django_assert_max_num_queries(14):
        ask(client)


@pytest.mark.django_db
def test_responses_and_their_seconds_are_counted_by_page_not_by_address(client):
    def counted():
        seen = ask(client)
        return [
            seen.get(key, 0)
            for key in (
                ("unitscope_responses_total", "2xx"),
                ("unitscope_responses_total", "4xx"),
                ("unitscope_request_seconds_count", "sign_in"),
                ("unitscope_request_seconds_count", "enter"),
            )
        ]

    before = counted()
    client.get("/sign-in/")
    client.get("/enter/a-secret-token/")
    after = counted()

    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 1, 1]
    assert b"a-secret-token" not in client.get("/metrics").content


@pytest.mark.django_db
def test_an_error_is_counted(client, monkeypatch):
    client.raise_request_exception = False
    before = ask(client).get(("unitscope_responses_total", "5xx"), 0)
    monkeypatch.setattr("annotator.views.annotator.enter.invitations.find_invitation", None)

    assert client.get("/enter/x/").status_code == 500

    assert ask(client)["unitscope_responses_total", "5xx"] == before + 1


STRANGERS = [
    {"REMOTE_ADDR": "192.0.2.7"},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    {"SERVER_PROTOCOL": "HTTP/1.0"},
    {"HTTP_HOST": "rebound.example"},
]


@pytest.mark.django_db
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: str(*stranger))
def test_without_a_token_only_this_machine_may_ask(client, stranger):
    assert client.get("/metrics", **stranger).status_code == 403


@pytest.mark.django_db
def test_with_a_token_whoever_sends_it_may_ask_and_nobody_else(settings):
    settings.METRICS_TOKEN, settings.SECURE_SSL_REDIRECT = TOKEN, True
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    far = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "web:8000"}

    ask(Client(), headers={"Authorization": f"Bearer {TOKEN}"}, **far)
    for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        assert Client().get("/metrics", headers=sent).status_code == 403


def test_the_processes_of_gunicorn_count_together(tmp_path, manage):
    assert manage("migrate").returncode == 0
    port, log = free_port(), tmp_path / "log"
    own = {"DATA_DIR": str(tmp_path / "var"), "METRICS_TOKEN": TOKEN, "DEBUG": "True"}
    words = ["gunicorn", "annotator.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", *words], env={**os.environ, **own}, stderr=file
        )

    def fetch(path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read().decode()

    try:
        wait_until(lambda: bool(_answers(fetch)), server, log)
        for _ in range(12):
            fetch("/sign-in/")
        asked = [figures(fetch("/metrics", Authorization=f"Bearer {TOKEN}")) for _ in range(6)]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    counts = {one["unitscope_request_seconds_count", "sign_in"] for one in asked}
    assert counts == {12}


def _answers(fetch):
    try:
        return fetch("/healthz")
    except OSError:
        return ""
