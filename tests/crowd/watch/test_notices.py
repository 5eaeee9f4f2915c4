"""Notices: each state of a study is mailed once to its requesters, and again after it ended."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models import F
from django.urls import reverse
from django.utils.timezone import now

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import decisions
from annotator.crowd.scheduling.redundancy import raise_redundancy
from annotator.crowd.watch import notices
from annotator.crowd.watch.notices import recipients, states_of
from annotator.models import (
    AccountSettings,
    Assignment,
    AuditRow,
    Hit,
    Membership,
    Notice,
    Study,
)
from annotator.public_url import public_address
from annotator.tasks import tell_requesters
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    """One HIT with two places, and Rita, who runs it."""
    study = published_study(name="rooms", places=2)
    rita = User.objects.create_user("rita", email="rita@example.org")
    Membership.objects.create(user=rita, study=study, role="requester")
    return study


def answer(study, *names, kind="person"):
    return [answered(worker) for worker in workers(study, *names, kind=kind)]


def tell(study, at):
    def address_of(page, *args):
        return public_address(reverse(page, args=args))

    return notices.tell(study, at, address_of)


def later(**time):
    return now() + timedelta(**time)


def approve_all():
    decisions.decide_all(Assignment.objects.filter(status="submitted"), "approve", COMMAND)


# What happens to a study, and the states that it is in a minute later; anybody can add a row.
STATES = [
    ([], set()),
    (["ana"], {"review"}),
    (["ana", "ben"], {"review", "done"}),
    (["ana", "approve"], set()),
    (["ana", "ben", "approve"], {"done"}),
    (["ana", "approve", "25 hours"], {"stuck"}),
    (["ana", "approve", "25 hours", "pause"], set()),
    (["ana", "approve", "25 hours", "withdraw"], {"done"}),
    (["ana", "approve", "budget 80"], {"budget"}),
    (["ana", "approve", "budget 160"], set()),
    (["ana", "approve", "budget 80", "25 hours"], {"budget"}),
    (["ana", "approve", "15 days"], set()),
]


@pytest.mark.parametrize(("events", "states"), STATES)
def test_a_study_is_in_the_states_that_its_rows_say(study, events, states):
    at = later(minutes=1)
    for event in events:
        number, _, unit = event.partition(" ")
        if unit in ("hours", "days"):
            at += timedelta(**{unit: int(number)})
        elif event == "approve":
            approve_all()
        elif event == "pause":
            Study.objects.update(paused_at=now())
        elif event == "withdraw":
            Hit.objects.update(status=Hit.Status.DISPOSED)
        elif number == "budget":
            Study.objects.update(budget_cents=int(unit))
        else:
            answer(study, event)
    study.refresh_from_db()

    assert states_of(study, at) == states


def test_simulated_answers_are_no_news(study):
    answer(study, "bot", "bob", kind="simulated")

    assert states_of(study, now()) == set()


def test_a_state_is_told_once_with_a_link(study, settings):
    settings.PUBLIC_URL = "https://studies.example.org"
    answer(study, "ana")

    assert tell(study, now()) == 1
    assert tell(study, later(minutes=5)) == 0

    (message,) = mail.outbox
    assert message.to == ["rita@example.org"]
    assert message.subject == "Study rooms: answers wait for review"
    assert "https://studies.example.org/studies/rooms/review/" in message.body
    assert "https://studies.example.org/work/" in message.body
    assert message.content_subtype == "plain"


def test_a_state_that_ended_and_came_again_is_told_again(study):
    answer(study, "ana", "ben")
    approve_all()
    tell(study, now())
    raise_redundancy(study, 3, COMMAND)
    tell(study, now())
    answer(study, "cleo")
    approve_all()
    tell(study, now())

    assert [message.subject for message in mail.outbox] == ["Study rooms: all answers are in"] * 2


def test_answers_to_review_are_told_at_most_once_a_day(study):
    answer(study, "ana")
    tell(study, now())
    approve_all()
    tell(study, now())
    answer(study, "ben")
    tell(study, now())
    assert [m.subject for m in mail.outbox if "review" in m.subject] == [
        "Study rooms: answers wait for review"
    ]

    Notice.objects.update(began_at=F("began_at") - timedelta(hours=25))
    tell(study, now())
    assert len([m for m in mail.outbox if "review" in m.subject]) == 2


def test_requesters_with_an_address_are_told_unless_they_turned_it_off(study):
    other = Study.objects.create(name="other")
    people = {
        "everywhere": {"study": None, "role": "requester"},
        "elsewhere": {"study": other, "role": "requester"},
        "reviewer": {"study": study, "role": "reviewer"},
        "off": {"study": study, "role": "requester"},
    }
    for name, membership in people.items():
        user = User.objects.create_user(name, email=f"{name}@example.org")
        Membership.objects.create(user=user, **membership)
    AccountSettings.objects.create(user=User.objects.get(username="off"), wants_mail=False)
    User.objects.create_user("staff", email="staff@example.org", is_staff=True)
    User.objects.create_user("gone", email="gone@example.org", is_staff=True, is_active=False)
    User.objects.create_user("silent", is_staff=True)

    names = set(recipients(study).values_list("username", flat=True))

    assert names == {"rita", "everywhere", "staff"}


def test_mail_that_cannot_be_sent_is_logged_and_tried_again(study, monkeypatch, caplog):
    answer(study, "ana")
    User.objects.create_user("staff", email="staff@example.org", is_staff=True)
    send, refused = mail.EmailMessage.send, {"staff@example.org"}

    def sometimes(message, **options):
        if refused & set(message.to):
            raise ConnectionRefusedError(111, "Connection refused")
        return send(message, **options)

    monkeypatch.setattr("annotator.crowd.watch.notices.EmailMessage.send", sometimes)
    start = now()
    with caplog.at_level(logging.WARNING):
        assert tell(study, start) == 1
    assert "could not be sent; it is tried again" in caplog.text
    assert tell(study, start + timedelta(seconds=30)) == 0  # not at once
    refused.clear()

    assert tell(study, start + timedelta(minutes=3)) == 1
    assert [message.to for message in mail.outbox] == [["rita@example.org"], ["staff@example.org"]]
    assert tell(study, start + timedelta(hours=3)) == 0


def test_a_study_at_rest_gets_no_mail_when_the_service_learns_to_send_it(study):
    answer(study, "ana", "ben")
    old = now() - timedelta(days=30)
    Assignment.objects.update(submitted_at=old)
    Hit.objects.update(published_at=old)
    AuditRow.objects.update(at=old)

    assert tell(study, now()) == 0


def test_the_task_tells_the_requesters_of_every_study(study):
    answer(study, "ana")

    tell_requesters()

    assert len(mail.outbox) == 1
