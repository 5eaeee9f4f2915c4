"""manage.py work: the loop that does waiting jobs where there is no broker."""

import io

import pytest
from django.core.management import call_command
from django.db import OperationalError

from annotator.management.commands import work


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_after_the_database_was_locked(monkeypatch):
    turns = iter([OperationalError("database is locked"), True, KeyboardInterrupt()])

    def do_next_job():
        turn = next(turns)
        if isinstance(turn, BaseException):
            raise turn
        return turn

    monkeypatch.setattr(work, "do_next_job", do_next_job)
    monkeypatch.setattr(work, "PAUSE_SECONDS", 0)
    messages = io.StringIO()

    call_command("work", stderr=messages)

    assert messages.getvalue().splitlines() == [
        "Waiting for runs. Stop with Ctrl-C.",
        "The database does not answer (database is locked). Trying again.",
        "Stopped.",
    ]
    assert next(turns, None) is None
