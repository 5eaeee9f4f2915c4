"""A new DATA_DIR is ready at the first command; production migrates only when told to."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from django.core.management import call_command

from tests.conftest import copy_migrated
from tests.services import SECRET_KEY

# A command that needs a table and prints nothing.
ASK_A_TABLE = "clearsessions"


@pytest.fixture
def migrated(django_db_setup, tmp_path):
    """The database of a migrated installation."""
    copy_migrated(tmp_path / "var")
    return tmp_path / "var" / "unitscope.sqlite3"


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_of_commands_that_start_a_new_installation_at_once_one_migrates_it_and_tells_stderr(
    manage_anew, tmp_path
):
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: manage_anew(ASK_A_TABLE), range(2)))
    later = manage_anew(ASK_A_TABLE)

    done = [*both, later]
    assert [(one.returncode, one.stdout) for one in done] == [(0, "")] * 3
    creating = f"Creating the database {tmp_path}/var/unitscope.sqlite3.\n"
    assert sorted(one.stderr for one in both) == ["", creating]
    assert later.stderr == ""


def test_an_older_database_is_brought_up_to_date(manage, migrated, tmp_path):
    with closing(sqlite3.connect(migrated)) as connection, connection:
        connection.execute("drop table django_session")
        connection.execute("delete from django_migrations where app = 'sessions'")

    done = manage(ASK_A_TABLE)

    assert done.returncode == 0
    assert done.stderr == f"Updating the database {tmp_path}/var/unitscope.sqlite3.\n"


@pytest.mark.parametrize("words", [[], ["help"], [ASK_A_TABLE, "--help"], ["no_such_command"]])
def test_what_needs_no_table_makes_none(manage_anew, tmp_path, words):
    manage_anew(*words)

    assert not (tmp_path / "var" / "unitscope.sqlite3").exists()


def test_production_is_never_migrated_unasked(manage_anew, empty_database_url):
    production = {
        "DATABASE_URL": empty_database_url,
        "SECRET_KEY": SECRET_KEY,
    }

    done = manage_anew(ASK_A_TABLE, **production)

    assert done.returncode != 0
    assert "django_session" in done.stderr
    assert "the database" not in done.stdout + done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("migration", "sentence"),
    [
        ("0001_first", "was made before Unitscope 0.1.0, which cannot update it."),
        ("9999_later", "was made by a newer Unitscope (it has the migration 9999_later)"),
    ],
)
def test_a_database_of_another_version_is_refused_and_left_alone(
    manage, migrated, migration, sentence
):
    with closing(sqlite3.connect(migrated)) as connection, connection:
        connection.execute("delete from django_migrations where app = 'annotator'")
        connection.execute(
            "insert into django_migrations (app, name, applied) "
            f"values ('annotator', '{migration}', '2026-11-26')"
        )

    for command in (ASK_A_TABLE, "migrate"):
        done = manage(command)

        assert done.returncode == 1
        assert done.stderr.startswith(f"CommandError: The database {migrated} {sentence}")
        assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(migrated)) as connection:
        rows = connection.execute("select name from django_migrations where app = 'annotator'")
        assert rows.fetchall() == [(migration,)]


def test_a_database_of_another_version_is_refused_in_production_too(
    manage_anew, empty_database_url
):
    production = {
        "DATABASE_URL": empty_database_url,
        "SECRET_KEY": SECRET_KEY,
    }
    with closing(psycopg2.connect(empty_database_url)) as connection, connection:
        connection.cursor().execute(
            "create table django_migrations as "
            "select 1 as id, 'annotator' as app, '0001_first' as name, now() as applied"
        )

    done = manage_anew("migrate", **production)

    assert done.returncode == 1
    assert "was made before Unitscope 0.1.0" in done.stderr
    assert "empty database" in done.stderr
