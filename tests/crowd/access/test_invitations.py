"""Who gets in by an invitation."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from annotator.crowd.access.invitations import enter, invitation_for
from annotator.crowd.errors import EntryRefused, MixedCrowd
from annotator.crowd.scheduling import leases
from annotator.models import Invitation, Worker
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return published_study()


def invite(study, **terms):
    return Invitation.objects.create(study=study, **terms).token


def test_an_invitation_makes_a_new_worker_of_its_study_each_time(study):
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
    with pytest.raises(EntryRefused, match="no such invitation"):
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
