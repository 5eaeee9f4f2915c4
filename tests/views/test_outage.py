"""While the database is away pages say so, try again by themselves, and log one line."""

import json
import logging

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import UpdateError
from django.db import InterfaceError, OperationalError, connection

from annotator.operations import log_lines
from annotator.tokens.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[OperationalError, InterfaceError])
def away(request):
    def refuse(*arguments):
        raise request.param("server closed the connection\n\tunexpectedly")

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def browser_client(client):
    client.raise_request_exception = False  # as in production
    client.defaults["HTTP_ACCEPT"] = "text/html,*/*"
    return client


@pytest.mark.parametrize("path", ["/", "/results/s/", "/enter/abc/"])
def test_a_page_says_so_and_tries_again(browser_client, away, path):
    answer = browser_client.get(path)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert answer["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "The database does not answer" in page


@pytest.mark.parametrize("path", ["/api/studies", "/hits/abc/draft/"])
def test_a_program_gets_the_sentence_as_json(client, away, path):
    client.raise_request_exception = False
    client.cookies[settings.SESSION_COOKIE_NAME] = "a session of an annotator"
    bearer = "Bearer UNITA:secret"

    answer = client.get(path, headers={"Accept": "*/*", "Authorization": bearer})

    assert answer.status_code == 503
    assert "database does not answer" in json.loads(answer.content)["detail"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_session_that_cannot_be_saved_is_no_bad_request(browser_client, error):
    """The database went away after it had answered all that the page asks."""
    session = browser_client.session
    session["begun"] = True
    session.save()
    get_user_model().objects.create_user("ana", password="a secret of ana")

    def refuse(execute, sql, *arguments):
        if "UPDATE" in sql and "django_session" in sql:
            raise error("server closed the connection unexpectedly")
        return execute(sql, *arguments)

    form = {"username": "ana", "password": "a secret of ana"}
    with connection.execute_wrapper(refuse):
        assert browser_client.post("/sign-in/", form).status_code == 503


def test_a_session_that_another_tab_ended_is_gone(client):
    session = SessionStore()
    session.save()
    SessionStore(session.session_key).delete()
    session["worker"] = 1

    with pytest.raises(UpdateError):
        session.save()


def test_the_log_has_one_line_without_a_traceback(browser_client, away, caplog):
    browser_client.get("/results/s/")
    handler = logging.StreamHandler()
    (record,) = [one for one in caplog.records if one.name == "django.request"]

    assert log_lines.WithoutTraceOfOutage().filter(record)
    assert handler.format(record) == (
        "Service Unavailable: /results/s/: server closed the connection unexpectedly"
    )


def test_another_error_keeps_its_page_and_its_traceback(browser_client, monkeypatch, caplog):
    from annotator.views import home

    def broken(*arguments):
        raise RuntimeError("broken")

    monkeypatch.setattr(home, "render", broken)
    answer = browser_client.get("/")
    (record,) = [one for one in caplog.records if one.name == "django.request"]

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert log_lines.WithoutTraceOfOutage().filter(record)
    assert record.exc_info
