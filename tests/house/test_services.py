"""The temporary servers answer, and are stopped afterwards."""

import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests import services


def test_postgres_answers_at_its_url(postgres_url):
    connection = psycopg2.connect(postgres_url)
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        (name,) = cursor.fetchone()
    connection.close()

    assert name == "postgres"


def test_redis_answers_at_its_url(redis_url):
    with socket.create_connection(("127.0.0.1", urlsplit(redis_url).port)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100) == b"+PONG\r\n"


@pytest.mark.parametrize("start", [services.postgres, services.redis])
def test_a_server_is_stopped_after_its_block_even_if_the_block_fails(start):
    with pytest.raises(ZeroDivisionError), start() as url:
        raise ZeroDivisionError

    assert not services.answers(urlsplit(url).port)


def test_postgres_stops_without_waiting_for_its_clients():
    with services.postgres() as url:
        client = psycopg2.connect(url)
        ending = time.monotonic()

    assert time.monotonic() - ending < 5
    client.close()


def test_missing_programs_are_named_with_the_commands_that_install_them(monkeypatch):
    monkeypatch.setattr(services.shutil, "which", lambda name: f"/bin/{name}")

    install = services.commands_to_install(["PostgreSQL", "Chromium"])[-1]

    expected = "apt-get install -y --no-install-recommends postgresql chromium-headless-shell"
    assert install.endswith(expected)


@pytest.mark.browser
def test_the_browser_shows_a_page(browser_page):
    browser_page.set_content("<h1>hello</h1>")

    assert browser_page.inner_text("h1") == "hello"


def test_tests_run_on_a_new_installation(settings):
    assert Path(os.environ["DATA_DIR"]) == settings.DATA_DIR
    assert "unitscope-tests-" in settings.DATA_DIR.name
