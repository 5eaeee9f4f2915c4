"""manage.py work: the loop that does waiting jobs where there is no broker."""

import io
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, InterfaceError, OperationalError

from annotator.interruptions.companion import companion
from annotator.job_queue import do_next_job
from annotator.management.commands import work
from annotator.storage import StorageDown


@pytest.fixture
def turns(monkeypatch):
    """What looking for the next job does, one after the other: an error, or whether it did one."""
    turns = []

    def do_next_job():
        turn = turns.pop(0)
        if isinstance(turn, BaseException):
            raise turn
        return turn

    monkeypatch.setattr(work, "do_next_job", do_next_job)
    monkeypatch.setattr(work, "PAUSE_SECONDS", 0)
    return turns


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_after_the_database_was_locked(turns):
    turns += [OperationalError("database is locked"), True, KeyboardInterrupt()]
    messages = io.StringIO()

    call_command("work", stderr=messages)

    assert messages.getvalue().splitlines() == [
        "Waiting for runs. Stop with Ctrl-C.",
        "The database does not answer (database is locked). Trying again.",
        "Stopped.",
    ]
    assert turns == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error",
    [
        ValueError("no such unit"), MemoryError(), InterfaceError("connection already closed"),
        DataError("value too long"), StorageDown("The disk is full.", may_pass=False),
        RecursionError(), OSError("too many open files"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_no_error_of_a_job_ends_the_worker(turns, error):
    turns += [error, False, error, True, KeyboardInterrupt()]

    call_command("work", stderr=io.StringIO())

    assert turns == []


@pytest.mark.django_db(transaction=True)
def test_errors_in_a_row_are_not_repeated_all_the_time(turns, monkeypatch):
    pauses = []
    monkeypatch.setattr(work, "PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(work.time, "sleep", pauses.append)
    turns += [ValueError()] * 9 + [False, ValueError(), KeyboardInterrupt()]

    call_command("work", stderr=io.StringIO())

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_upkeep_keeps_no_other_part_of_it_waiting(monkeypatch):
    done = []

    class Failing:
        name = "annotator.tasks.expire_lapsed_assignments"

        def __call__(self):
            raise ValueError

    class Working:
        name = "annotator.tasks.take_due_snapshots"

        def __call__(self):
            done.append(self.name)

    monkeypatch.setattr(work, "UPKEEP", (Failing(), Working()))

    with companion(work._keep_up, "upkeep", work.MAX_JOIN_SECONDS):
        until = time.monotonic() + 10
        while not done and time.monotonic() < until:
            time.sleep(0.01)

    assert done


@pytest.mark.django_db(transaction=True)
def test_reports_are_made_while_a_job_is_worked_on(monkeypatch):
    reported = threading.Event()

    class Report:
        name = "annotator.tasks.take_due_snapshots"

        def __call__(self):
            reported.set()

    def long_job():
        assert reported.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "UPKEEP", (Report(),))
    monkeypatch.setattr(work, "do_next_job", long_job)

    call_command("work", stderr=io.StringIO())


@pytest.mark.django_db
def test_an_idle_worker_asks_one_question_a_second(django_assert_num_queries):
    assert work.PAUSE_SECONDS >= 1
    with django_assert_num_queries(1):
        assert not do_next_job()


@pytest.mark.django_db
def test_once_says_that_the_database_is_away(turns):
    turns += [True, OperationalError("database is locked")]

    with pytest.raises(CommandError, match="database is locked"):
        call_command("work", once=True, stderr=io.StringIO())
