"""Whom to pay how much: by market, in that market's form, once however many ask at once."""

import pytest
from django.contrib.auth.models import User

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import payments as steps
from annotator.models import Invitation, LedgerEntry, MarketLink, Participant, PayoutBatch, Worker
from annotator.pay import payouts
from annotator.pay.ledger import Kind, owe
from tests.crowd.concurrency import run_at_once
from tests.crowd.reviewing import audit
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return published_study()


def participant(worker, number, market="prolific"):
    """Make a worker a participant of a market."""
    link = MarketLink.objects.filter(market=market).first() or MarketLink.objects.create(
        invitation=Invitation.objects.create(study=worker.study), market=market
    )
    Participant.objects.create(
        study=worker.study, link=link, market=market, number=number, worker=worker
    )
    return worker


@pytest.fixture
def ana(study):
    """Ana is a participant of Prolific, who is owed a reward and a bonus."""
    ana = participant(workers(study, "ana")[0], "5f0c")
    owe(ana, Kind.REWARD, 80, "reward a", "a set")
    owe(ana, Kind.BONUS, 1150, "bonus a", "care")
    return ana


def test_people_are_paid_through_the_market_that_sent_them(study, ana):
    (ben,) = workers(study, "ben")
    owe(ben, Kind.REWARD, 80, "reward b", "a set")

    due = payouts.waiting_payments(study)

    assert {market: [(row.number, row.cents) for row in rows] for market, rows in due.items()} == {
        "local": [("ben", 80)],
        "prolific": [("5f0c", 1230)],
    }
    assert due["prolific"][0].bonus_cents == 1150


@pytest.mark.parametrize(
    ("market", "lines"),
    [
        ("prolific", ["5f0c,12.30"]),
        ("connect", ["participant_id,amount", "5f0c,12.30"]),
        ("another", ["participant_id,amount", "5f0c,12.30"]),
        ("local", ["worker,account,email,amount", "w1,ana,ana@example.org,12.30"]),
    ],
)
def test_payments_are_written_in_the_form_of_their_market(market, lines):
    payment = payouts.Payment(1, "w1", "5f0c", "ana", "ana@example.org", 1230, 1150, "owed")

    assert payouts.as_csv(market, [payment]).splitlines() == lines


@pytest.mark.parametrize(("cents", "amount"), [(1, "0.01"), (80, "0.80"), (123_456, "1234.56")])
def test_amounts_have_two_decimals_and_no_separator(cents, amount):
    payment = payouts.Payment(1, "w1", "5f0c", "", "", cents, 0, "owed")

    assert payouts.as_csv("prolific", [payment]) == f"5f0c,{amount}\n"


def test_no_cell_is_run_by_a_spreadsheet():
    payment = payouts.Payment(1, "=1+1", "=cmd()", "@a", "+1@x", 80, 0, "owed")

    assert payouts.as_csv("prolific", [payment]) == "'=cmd(),0.80\n"
    assert "'=1+1,'@a,'+1@x,0.80" in payouts.as_csv("local", [payment])


def test_a_local_worker_with_an_account_is_named_by_it(study):
    (ben,) = workers(study, "ben")
    Worker.objects.update(user=User.objects.create(username="ben7", email="ben@example.org"))
    owe(ben, Kind.REWARD, 80, "reward b", "a set")

    (payment,) = payouts.waiting_payments(study)["local"]

    assert (payment.account, payment.email) == ("ben7", "ben@example.org")


def test_a_batch_goes_from_prepared_to_sent_to_confirmed_and_each_step_is_on_record(study, ana):
    batch = steps.create_batch(study, "prolific", COMMAND)
    with pytest.raises(payouts.PayoutError, match="not sent yet"):
        steps.settle(batch, "confirmed", COMMAND)
    assert steps.mark_sent(batch, COMMAND, "bulk  12")
    assert not steps.mark_sent(batch, COMMAND)
    assert steps.settle(batch, "confirmed", COMMAND) == 1
    assert steps.settle(batch, "confirmed", COMMAND) == 0

    batch.refresh_from_db()
    assert batch.confirmed_at is not None
    assert set(LedgerEntry.objects.values_list("state", flat=True)) == {"confirmed"}
    assert [(action, detail["words"]) for _, action, detail in audit()] == [
        ("payments prepared", f"batch {batch.pk} for prolific: 1 payments, $12.30 in all"),
        ("payments sent", f"batch {batch.pk} was sent, reference bulk 12"),
        ("payments confirmed", f"1 payment of batch {batch.pk} confirmed"),
    ]


def test_a_payment_that_failed_waits_again_and_the_others_of_its_batch_do_not(study, ana):
    ben = participant(workers(study, "ben")[0], "6a1d")
    owe(ben, Kind.REWARD, 80, "reward b", "a set")
    batch = steps.create_batch(study, "prolific", COMMAND)
    steps.mark_sent(batch, COMMAND)

    steps.settle(batch, "failed", COMMAND, [ben])
    steps.settle(batch, "confirmed", COMMAND)

    assert [row.number for row in payouts.waiting_payments(study)["prolific"]] == ["6a1d"]
    again = steps.create_batch(study, "prolific", COMMAND)
    assert [(row.number, row.state) for row in payouts.payments(again.entries.all())] == [
        ("6a1d", "owed")
    ]


def test_a_batch_that_is_canceled_leaves_its_payments_to_the_next(study, ana):
    steps.cancel_batch(steps.create_batch(study, "prolific", COMMAND), COMMAND)

    assert not PayoutBatch.objects.exists()
    assert payouts.waiting_payments(study)["prolific"][0].cents == 1230


def test_what_was_paid_for_a_rejected_answer_is_taken_off_what_comes_later(study, ana):
    steps.mark_sent(steps.create_batch(study, "prolific", COMMAND), COMMAND)
    owe(ana, Kind.CORRECTION, -80, "correction a", "rejected")
    assert payouts.waiting_payments(study) == {}
    assert steps.create_batch(study, "prolific", COMMAND) is None

    owe(ana, Kind.REWARD, 200, "reward c", "a set")

    assert payouts.waiting_payments(study)["prolific"][0].cents == 120


def test_every_entry_is_in_one_of_the_totals(study, ana):
    (ben,) = workers(study, "ben")
    owe(ben, Kind.BONUS, 5, "bonus b", "care")
    steps.mark_sent(steps.create_batch(study, "prolific", COMMAND), COMMAND)
    steps.create_batch(study, "local", COMMAND)
    owe(ben, Kind.BONUS, 7, "bonus c", "care")

    totals = payouts.totals(study)

    assert (totals.waiting, totals.prepared, totals.sent, totals.confirmed) == (7, 5, 1230, 0)
    assert totals.total == 1242


def test_a_ledger_that_disagrees_with_the_answers_says_by_how_much(study, ana):
    assert payouts.totals(study).difference == 80  # a reward without an answer


@pytest.mark.django_db(transaction=True)
def test_two_requesters_at_once_make_one_batch_and_send_it_once(study, ana):
    batches = run_at_once(*[lambda: steps.create_batch(study, "prolific", COMMAND)] * 4)

    (batch,) = filter(None, batches)
    assert payouts.payments(batch.entries.all())[0].cents == 1230
    sent = run_at_once(*[lambda: steps.mark_sent(batch, COMMAND)] * 4)
    assert sorted(sent) == [False, False, False, True]
    settled = run_at_once(
        *[lambda: steps.settle(batch, "confirmed", COMMAND)] * 2,
        *[lambda: steps.settle(batch, "failed", COMMAND)] * 2,
    )
    assert sorted(settled) == [0, 0, 0, 1]
