"""What annotators agree to, in versions, and that nobody works without it."""

import pytest

from annotator.crowd.access.consent import (
    DEFAULT_TEXT,
    ConsentText,
    agree,
    is_required,
    newest_text,
    write_text,
)
from annotator.crowd.access.invitations import enter
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ConsentChanged, ConsentRequired
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import (
    AuditRow,
    ConsentGiven,
    Invitation,
    Trace,
    Worker,
    WorkerDetails,
)
from tests.crowd.consents import LOGGED
from tests.crowd.studies import published_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return published_study()


def invited(study):
    return Invitation.objects.create(study=study).token


def test_entering_writes_down_what_was_agreed_to_and_when(study):
    ana = enter(invited(study), 1)

    given = ConsentGiven.objects.get(worker=ana)
    assert (given.consent.version, given.consent.text) == (1, DEFAULT_TEXT)
    assert given.at
    assert not is_required(ana)


def test_who_agrees_to_a_text_that_has_changed_meanwhile_does_not_enter(study):
    token = invited(study)
    write_text(study, "We keep everything.", COMMAND)

    with pytest.raises(ConsentChanged):
        enter(token, 1)

    assert not Worker.objects.exists()
    assert enter(token, 2).consents_given.get().consent.text == "We keep everything."


def test_a_new_version_is_asked_for_before_the_next_hit(study):
    ana = enter(invited(study), 1)
    write_text(study, "We keep everything.", COMMAND)

    with pytest.raises(ConsentRequired):
        take_next(ana)

    agree(ana, 2)
    agree(ana, 2)
    assert take_next(ana)
    assert [given.consent.version for given in ana.consents_given.order_by("at")] == [1, 2]


def test_the_same_text_is_no_new_version(study):
    write_text(study, "We keep everything.", COMMAND)
    write_text(study, "We keep everything. \r\n", COMMAND)

    assert newest_text(study).version == 2
    assert AuditRow.objects.get().detail == {"version": [1, 2]}


def test_what_a_text_covers_changes_by_a_new_version_alone(study):
    ana = enter(invited(study), 1)
    write_text(study, DEFAULT_TEXT, COMMAND, covers_device=True)

    assert newest_text(study).version == 2
    assert not newest_text(study).covers_market
    assert [given.consent.covers_market for given in ana.consents_given.all()] == [True]


def test_who_agreed_to_a_later_text_agreed_to_what_that_covers(study):
    ana, ben = enter(invited(study), 1), enter(invited(study), 1)
    write_text(study, "We keep nothing of you.", COMMAND)
    agree(ben, 2)

    assert list(Worker.objects.with_consent("covers_device")) == [ana]
    agree(ana, 2)
    assert not Worker.objects.with_consent("covers_device").exists()


def test_the_default_text_names_all_that_is_logged():
    # `parts` names messages of the page, nothing of the worker.
    technical = {"id", "assignment", "saved_at", "parts"}
    traced = {field.name for field in Trace._meta.fields} - technical
    details = {field.name for field in WorkerDetails._meta.fields} - {"id", "worker"}

    assert traced | details <= LOGGED.keys()
    for phrase in LOGGED.values():
        assert phrase in " ".join(DEFAULT_TEXT.lower().split())


def test_a_first_line_without_a_full_stop_is_a_heading():
    text = ConsentText(2, "What this is\nPictures.\n\nIt is up to you.\r\nReally.\n\n\nBye")

    assert text.sections == [
        ("What this is", "Pictures."),
        ("", "It is up to you.\nReally."),
        ("", "Bye"),
    ]
    default = ConsentText(1, DEFAULT_TEXT)
    assert [bool(heading) for heading, _text in default.sections] == [True] * len(default.sections)
