"""Who gets in by an invitation."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from annotator.crowd.access.invitations import enter, invitation_for
from annotator.crowd.access.roles import give_role
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import EntryRefused, MixedCrowd
from annotator.crowd.scheduling import leases
from annotator.models import Invitation, Membership, Worker
from tests.crowd.concurrency import run_at_once
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return published_study()


def invite(study, **terms):
    return Invitation.objects.create(study=study, **terms).token


def test_an_open_invitation_makes_a_new_worker_of_its_study_each_time(study):
    """It cannot tell people apart who show neither an account nor a browser's cookie."""
    token = invite(study)

    ana, ben = enter(token, 1), enter(token, 1)

    assert ana != ben
    assert {ana.study, ben.study} == {study}
    assert ana.kind == Worker.Kind.PERSON
    assert ana.invitation.token == token


def test_an_invitation_lets_in_as_many_as_it_says(study):
    token = invite(study, uses_left=2)
    enter(token, 1)
    enter(token, 1)

    with pytest.raises(EntryRefused, match="reached its maximum number of uses"):
        enter(token, 1)

    assert Worker.objects.count() == 2
    assert Invitation.objects.get().uses_left == 0


def test_one_browser_is_one_worker_of_a_study_and_uses_a_link_once(study):
    token, other = invite(study, uses_left=2), invite(study)

    ana = enter(token, 1, browser="b")

    assert {enter(link, 1, browser="b") for link in (token, other)} == {ana}
    assert enter(token, 1, browser="c") != ana
    assert Invitation.objects.with_token(token).uses_left == 0
    streets = published_study("streets")
    assert enter(invite(streets), 1, browser="b").browser not in ("", ana.browser)


@pytest.mark.django_db(transaction=True)
def test_one_browser_that_agrees_eight_times_at_once_is_one_worker(study):
    token = invite(study, uses_left=3)

    entered = run_at_once(*[lambda: enter(token, 1, browser="b")] * 8)

    assert len({worker.pk for worker in entered}) == Worker.objects.count() == 1
    assert Invitation.objects.get().uses_left == 2


@pytest.mark.django_db(transaction=True)
def test_an_account_that_enters_while_it_is_given_a_role_gets_one_of_them(study):
    for number in range(5):
        ada = User.objects.create_user(f"ada{number}")
        token = invite(study)
        run_at_once(
            lambda token=token, ada=ada: _or_refused(enter, token, 1, ada),
            lambda ada=ada: _or_refused(give_role, study, ada, "reader", COMMAND),
        )

        is_reader = Membership.objects.filter(user=ada, role="reader").exists()
        assert is_reader != Worker.objects.filter(user=ada).exists()


def _or_refused(action, *arguments):
    try:
        action(*arguments)
    except EntryRefused:
        return


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"expires_at": Now() - timedelta(seconds=1)}, "has expired"),
        ({"revoked_at": Now()}, "was revoked"),
    ],
)
def test_a_closed_invitation_says_why_and_makes_nobody(study, terms, why):
    with pytest.raises(EntryRefused, match=why):
        enter(invite(study, **terms), 1)

    assert not Worker.objects.exists()


def test_an_invitation_that_has_not_expired_yet_is_open(study):
    enter(invite(study, expires_at=Now() + timedelta(minutes=1), uses_left=1), 1)


def test_an_unknown_token_is_refused_with_a_sentence():
    with pytest.raises(EntryRefused, match="no such invite link"):
        enter("guessed", 1)


def test_looking_at_an_invitation_uses_nothing_up(study):
    token = invite(study, uses_left=1)

    invitation_for(token)

    enter(token, 1)


def test_people_may_not_enter_a_simulated_study(study):
    token = invite(study, uses_left=1)
    workers(study, "robot", kind=Worker.Kind.SIMULATED)

    with pytest.raises(MixedCrowd, match="never mix"):
        enter(token, 1)

    assert Invitation.objects.get().uses_left == 1


def test_people_who_entered_before_may_not_work_beside_simulated_workers(study):
    ana = enter(invite(study), 1)
    workers(study, "robot", kind=Worker.Kind.SIMULATED)

    with pytest.raises(MixedCrowd):
        leases.accept(ana, the_hit(study))
