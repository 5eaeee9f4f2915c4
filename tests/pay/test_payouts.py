"""Whom to pay how much: by market, in that market's form, once however many ask at once."""

import pytest
from django.contrib.auth.models import User

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import payout_batches as steps
from annotator.models import Invitation, LedgerEntry, MarketLink, Participant, PayoutBatch, Worker
from annotator.pay import payment_files, payouts
from annotator.pay.ledger import Kind, owe
from tests.crowd.concurrency import run_at_once
from tests.crowd.reviewing import audit
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study():
    return published_study()


def market_link(study, market="prolific"):
    return MarketLink.objects.create(
        invitation=Invitation.objects.create(study=study), market=market
    )


def participant(worker, number, market="prolific", link=None):
    """Make a worker a participant of a market, who came by its first link unless told."""
    link = link or MarketLink.objects.filter(market=market).first()
    link = link or market_link(worker.study, market)
    Participant.objects.create(
        study=worker.study, link=link, market=market, number=number, worker=worker
    )
    return worker


def waiting_in(study, market):
    """The payments that wait in the one channel of a market."""
    (due,) = [due for to, due in payouts.waiting_payments(study).items() if to.market == market]
    return due


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

    assert {
        channel.market: [(row.number, row.cents) for row in due[channel]] for channel in due
    } == {
        "local": [("ben", 80)],
        "prolific": [("5f0c", 1230)],
    }
    assert waiting_in(study, "prolific")[0].bonus_cents == 1150


def test_a_batch_has_people_of_one_market_link_as_a_file_is_of_one_study_there(study, ana):
    first = ana.participant.link
    second = market_link(study)
    ben = participant(workers(study, "ben")[0], "6a1d", link=second)
    owe(ben, Kind.REWARD, 80, "reward b", "a set")

    batches = [steps.create_batch(study, "prolific", COMMAND, second.pk)]
    batches.append(steps.create_batch(study, "prolific", COMMAND))

    assert [batch.link for batch in batches] == [second, first]
    files = [payment_files.as_csv("prolific", payouts.batch_payments(row)) for row in batches]
    assert files == ["6a1d,0.80\n", "5f0c,12.30\n"]
    assert steps.create_batch(study, "prolific", COMMAND) is None
    assert [detail["words"] for _, _, detail in audit()] == [
        f"batch {batches[0].pk} for prolific {second.pk}: 1 payments, $0.80 in all",
        f"batch {batches[1].pk} for prolific {first.pk}: 1 payments, $12.30 in all",
    ]


def test_who_came_again_by_another_link_is_paid_through_it_and_a_batch_keeps_its_people(study, ana):
    batch = steps.create_batch(study, "prolific", COMMAND)
    second = market_link(study)
    Participant.objects.update(link=second)
    owe(ana, Kind.REWARD, 70, "reward c", "a set")

    again = steps.create_batch(study, "prolific", COMMAND)

    assert (again.link, payouts.batch_payments(again)[0].cents) == (second, 70)
    assert payouts.batch_payments(batch)[0].cents == 1230


def test_nobody_is_put_into_a_batch_of_another_studys_link(study, ana):
    elsewhere = market_link(published_study("streets"))

    assert steps.create_batch(study, "prolific", COMMAND, elsewhere.pk) is None


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

    assert payment_files.as_csv(market, [payment]).splitlines() == lines


@pytest.mark.parametrize(("cents", "amount"), [(1, "0.01"), (80, "0.80"), (123_456, "1234.56")])
def test_amounts_have_two_decimals_and_no_separator(cents, amount):
    payment = payouts.Payment(1, "w1", "5f0c", "", "", cents, 0, "owed")

    assert payment_files.as_csv("prolific", [payment]) == f"5f0c,{amount}\n"


def test_no_cell_is_run_by_a_spreadsheet():
    payment = payouts.Payment(1, "=1+1", "=cmd()", "@a", "+1@x", 80, 0, "owed")

    assert payment_files.as_csv("prolific", [payment]) == "'=cmd(),0.80\n"
    assert "'=1+1,'@a,'+1@x,0.80" in payment_files.as_csv("local", [payment])


def test_a_local_worker_with_an_account_is_named_by_it(study):
    (ben,) = workers(study, "ben")
    Worker.objects.update(user=User.objects.create(username="ben7", email="ben@example.org"))
    owe(ben, Kind.REWARD, 80, "reward b", "a set")

    (payment,) = waiting_in(study, "local")

    assert (payment.account, payment.email) == ("ben7", "ben@example.org")


def test_a_batch_goes_from_prepared_to_sent_to_confirmed_and_each_step_is_on_record(study, ana):
    batch = steps.create_batch(study, "prolific", COMMAND)
    with pytest.raises(steps.PayoutError, match="not sent yet"):
        steps.settle(batch, "confirmed", COMMAND)
    assert steps.mark_sent(batch, COMMAND, "bulk  12")
    assert not steps.mark_sent(batch, COMMAND)
    assert steps.settle(batch, "confirmed", COMMAND) == 1
    assert steps.settle(batch, "confirmed", COMMAND) == 0

    batch.refresh_from_db()
    assert batch.confirmed_at is not None
    assert set(LedgerEntry.objects.values_list("state", flat=True)) == {"confirmed"}
    assert [(action, detail["words"]) for _, action, detail in audit()] == [
        (
            "payments prepared",
            f"batch {batch.pk} for prolific {batch.link_id}: 1 payments, $12.30 in all",
        ),
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

    assert [row.number for row in waiting_in(study, "prolific")] == ["6a1d"]
    again = steps.create_batch(study, "prolific", COMMAND)
    assert [(row.number, row.state) for row in payouts.payments(again.entries.all())] == [
        ("6a1d", "owed")
    ]


def test_a_batch_that_is_canceled_leaves_its_payments_to_the_next(study, ana):
    steps.cancel_batch(steps.create_batch(study, "prolific", COMMAND), COMMAND)

    assert not PayoutBatch.objects.exists()
    assert waiting_in(study, "prolific")[0].cents == 1230


def test_what_was_paid_for_a_rejected_answer_is_taken_off_what_comes_later(study, ana):
    steps.mark_sent(steps.create_batch(study, "prolific", COMMAND), COMMAND)
    owe(ana, Kind.CORRECTION, -80, "correction a", "rejected")
    assert payouts.waiting_payments(study) == {}
    assert steps.create_batch(study, "prolific", COMMAND) is None

    owe(ana, Kind.REWARD, 200, "reward c", "a set")

    assert waiting_in(study, "prolific")[0].cents == 120


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
