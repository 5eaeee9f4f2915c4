"""People's numbers at markets go when payments are confirmed and answers cannot be taken back."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from annotator.crowd.access import consent
from annotator.crowd.access.market_entry import Arrival, session_of
from annotator.crowd.access.worker_details import keep_participant
from annotator.models import LedgerEntry, MarketSession, Participant, PayoutBatch
from annotator.pay.ledger import owe
from annotator.retention.personal_data import delete_numbers
from annotator.tasks import end_market_sessions
from tests.crowd.markets import NUMBER, participant_of, prolific_link
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant():
    return participant_of(prolific_link(published_study()))


def end(days_ago):
    MarketSession.objects.update(outcome="completed", ended_at=now() - timedelta(days=days_ago))


def pay(participant, state):
    owe(participant.worker, LedgerEntry.Kind.REWARD, 80, "reward x", "a set")
    batch = PayoutBatch.objects.create(study=participant.study, market="prolific")
    LedgerEntry.objects.update(state=state, batch=batch)


@pytest.mark.parametrize(
    ("days", "state", "count"),
    [(15, "confirmed", 1), (13, "confirmed", 0), (15, "sent", 0), (15, "failed", 0), (15, None, 1)],
)
def test_numbers_stay_until_all_is_paid_and_the_days_are_over(participant, days, state, count):
    end(days)
    if state:
        pay(participant, state)

    end_market_sessions()

    kept = Participant.objects.filter(number=NUMBER).count()
    assert kept == 1 - count
    assert MarketSession.objects.filter(number__contains=NUMBER).count() == kept


def test_an_open_session_keeps_the_numbers(participant):
    assert delete_numbers(participant.study) == 0
    with pytest.raises(CommandError, match="still needs the numbers"):
        call_command("delete_numbers", "rooms")


def test_deleting_again_does_nothing(participant):
    end(15)

    assert [delete_numbers(participant.study) for _ in range(2)] == [1, 0]


def test_who_comes_back_afterwards_is_the_same_person(participant):
    consent.agree(participant.worker, 1)
    keep_participant(participant.worker, NUMBER)
    end(15)
    delete_numbers(participant.study)

    assert session_of(participant.link, Arrival(NUMBER, "new")) is None
    from annotator.crowd.access.market_entry import enter

    session = enter(participant.link, Arrival(NUMBER, "new"), 1)
    assert session.participant == participant
    assert session.participant.number == NUMBER
