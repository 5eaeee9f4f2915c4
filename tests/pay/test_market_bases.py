"""What a market itself pays for a completed session is taken off its file, once."""

import pytest

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import payout_batches
from annotator.models import Invitation, LedgerEntry, MarketLink, MarketSession, Outcome
from annotator.pay import payment_files, payouts
from annotator.pay.ledger import Kind, owe
from tests.crowd.studies import published_study, workers
from tests.pay.test_payouts import waiting_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BASE = 500


@pytest.fixture
def study():
    return published_study()


@pytest.fixture
def link(study):
    """Prolific pays $5.00 for each completed session."""
    invitation = Invitation.objects.create(study=study)
    return MarketLink.objects.create(invitation=invitation, market="prolific", base_cents=BASE)


def participant(link, name):
    (worker,) = workers(link.invitation.study, name)
    participant = link.participants.create(
        study=worker.study, market="prolific", number=f"5f0c{name}", worker=worker
    )
    return worker, participant


def session(participant, number, outcome=Outcome.COMPLETED, at="2026-05-20T12:00Z"):
    return MarketSession.objects.create(
        participant=participant,
        number=number,
        set_count=3,
        outcome=outcome,
        ended_at=at if outcome else None,
    )


def owed(worker, cents, key):
    owe(worker, Kind.REWARD, cents, key, "a set")


def rows(batch):
    return payment_files.as_csv("prolific", payouts.batch_payments(batch)).splitlines()


def test_the_file_holds_what_the_base_of_completed_sessions_leaves(study, link):
    ana, known = participant(link, "ana")
    owed(ana, 1230, "a")
    session(known, "1")
    session(known, "2", Outcome.STOPPED)

    (payment,) = waiting_in(study, "prolific")
    batch = payout_batches.create_batch(study, "prolific", COMMAND)

    assert (payment.cents, payment.base_cents, payment.rest_cents) == (1230, 500, 730)
    assert rows(batch) == ["5f0cana,7.30"]
    assert payouts.totals(study).prepared == 1230  # all of it is paid, by one or the other


@pytest.mark.parametrize("cents", [500, 320])
def test_who_is_paid_by_the_base_alone_has_no_line_and_is_marked_with_the_batch(study, link, cents):
    ana, known = participant(link, "ana")
    owed(ana, cents, "a")
    session(known, "1")

    batch = payout_batches.create_batch(study, "prolific", COMMAND)
    payout_batches.mark_sent(batch, COMMAND)

    assert rows(batch) == []
    assert LedgerEntry.objects.get().state == "sent"


def test_the_base_of_a_session_is_taken_off_one_batch_at_the_amount_of_that_time(study, link):
    ana, known = participant(link, "ana")
    owed(ana, 800, "a")
    session(known, "1")
    first = payout_batches.create_batch(study, "prolific", COMMAND)
    MarketLink.objects.update(base_cents=600)

    owed(ana, 900, "b")
    session(known, "2")
    second = payout_batches.create_batch(study, "prolific", COMMAND)

    assert (rows(first), rows(second)) == (["5f0cana,3.00"], ["5f0cana,3.00"])
    owed(ana, 100, "c")
    assert rows(payout_batches.create_batch(study, "prolific", COMMAND)) == ["5f0cana,1.00"]


def test_who_is_in_a_session_is_paid_after_it(study, link):
    ana, known = participant(link, "ana")
    owed(ana, 800, "a")
    begun = session(known, "1", outcome="")

    assert payouts.waiting_payments(study) == {}
    assert payout_batches.create_batch(study, "prolific", COMMAND) is None
    assert payouts.totals(study).waiting == 800

    MarketSession.objects.filter(pk=begun.pk).update(
        outcome=Outcome.COMPLETED, ended_at="2026-05-20T12:00Z"
    )
    assert rows(payout_batches.create_batch(study, "prolific", COMMAND)) == ["5f0cana,3.00"]


@pytest.mark.parametrize("step", ["cancel", "fail"])
def test_the_base_is_taken_off_again_where_a_payment_waits_again(study, link, step):
    ana, known = participant(link, "ana")
    owed(ana, 800, "a")
    session(known, "1")
    batch = payout_batches.create_batch(study, "prolific", COMMAND)
    if step == "cancel":
        payout_batches.cancel_batch(batch, COMMAND)
    else:
        payout_batches.mark_sent(batch, COMMAND)
        payout_batches.settle(batch, "failed", COMMAND, [ana])

    assert rows(payout_batches.create_batch(study, "prolific", COMMAND)) == ["5f0cana,3.00"]


def test_without_a_base_the_file_holds_everything_at_once(study, link):
    MarketLink.objects.update(base_cents=0)
    ana, known = participant(link, "ana")
    owed(ana, 800, "a")
    session(known, "1", outcome="")

    assert rows(payout_batches.create_batch(study, "prolific", COMMAND)) == ["5f0cana,8.00"]


def test_each_session_counts_with_the_base_of_the_link_by_which_it_began(study, link):
    """A pilot and a main study at the market pay different bases, and a person may do both."""
    invitation = Invitation.objects.create(study=study)
    main = MarketLink.objects.create(invitation=invitation, market="prolific", base_cents=200)
    ana, known = participant(link, "ana")
    owed(ana, 1230, "a")
    for number, began_by in (("pilot", link), ("main", main)):
        MarketSession.objects.filter(pk=session(known, number).pk).update(link=began_by)
    known.link = main
    known.save()

    (payment,) = waiting_in(study, "prolific")
    batch = payout_batches.create_batch(study, "prolific", COMMAND, main.pk)

    assert payment.base_cents == BASE + 200
    assert rows(batch) == ["5f0cana,5.30"]
    assert [each.base_cents for each in batch.sessions.order_by("pk")] == [BASE, 200]
