"""A kept connection to PostgreSQL is checked without a query; one that has ended is replaced."""

import dj_database_url
import pytest
from django.db import connection as default
from django.db.utils import ConnectionHandler

ENGINE = "annotator.interruptions.postgresql"


def connected(url):
    parsed = dj_database_url.parse(url, engine=ENGINE, conn_max_age=60, conn_health_checks=True)
    return ConnectionHandler({"default": parsed})["default"]


@pytest.fixture
def kept(postgres_url, django_db_blocker):
    """A connection that a process has kept since another request."""
    with django_db_blocker.unblock():  # it is to no database of the tests
        connection = connected(postgres_url)
        connection.ensure_connection()
        yield connection
        connection.close()


def begin_request(connection):
    connection.close_if_unusable_or_obsolete()
    return value_of(connection, "SELECT pg_backend_pid()")


def value_of(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.both_databases
def test_a_service_on_postgresql_uses_it():
    assert (default.settings_dict["ENGINE"] == ENGINE) == (default.vendor == "postgresql")


def test_a_connection_that_is_alive_is_kept_and_is_asked_nothing(kept, monkeypatch):
    first = begin_request(kept)
    asked = []
    kept.execute_wrappers.append(lambda execute, *query: asked.append(query) or execute(*query))
    monkeypatch.setattr(type(kept).__base__, "is_usable", lambda self: asked.append("is_usable"))

    assert kept.is_usable()
    kept.close_if_unusable_or_obsolete()

    assert asked == []
    assert begin_request(kept) == first


def test_a_connection_that_the_server_has_ended_is_replaced(kept, postgres_url):
    first = begin_request(kept)
    other = connected(postgres_url)
    assert value_of(other, f"SELECT pg_terminate_backend({first}, 5000)")
    other.close()

    assert not kept.is_usable()
    assert begin_request(kept) != first


def test_after_an_error_the_server_is_asked(kept, monkeypatch):
    asked = []
    monkeypatch.setattr(type(kept).__base__, "is_usable", lambda self: asked.append(1) or True)
    kept.errors_occurred = True

    assert kept.is_usable()
    assert asked == [1]


def test_a_word_of_the_server_is_no_end(kept, postgres_url):
    first = begin_request(kept)
    other = connected(postgres_url)
    for connection, command in ((kept, "LISTEN news"), (other, "NOTIFY news, 'something'")):
        with connection.cursor() as cursor:
            cursor.execute(command)
    other.close()

    assert kept.is_usable()
    assert begin_request(kept) == first
