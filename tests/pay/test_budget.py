"""What a study has committed itself to pay: the ledger, the work in hand, and the fees."""

import pytest

from annotator.crowd.access.consent import agree
from annotator.crowd.answers.submission import submit
from annotator.crowd.scheduling.leases import accept, give_back
from annotator.models import Consent, Hit, Invitation, LedgerEntry, MarketLink, Participant, Worker
from annotator.pay.budget import committed_cents, cost_cents, fee_cents, set_cost_cents, spent_cents
from annotator.pay.debriefing import owe_debriefing
from annotator.pay.ledger import Kind, owe
from tests.crowd.answers.test_submission import form
from tests.crowd.consents import agreed, with_consent
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db


def by_market(study, name, fee):
    """A worker of a market that takes a fee."""
    invitation = Invitation.objects.create(study=study)
    link = MarketLink.objects.create(
        invitation=invitation, market="prolific", participant_parameter="PID", fee_percent=fee
    )
    (worker,) = workers(study, name)
    Participant.objects.create(
        study=study, link=link, market="prolific", number=name, worker=worker
    )
    return worker


def committed_slowly(study):
    """By its definition: every entry and every HIT in hand, one after another."""
    cents = {}
    for entry in LedgerEntry.objects.filter(study=study):
        if not (entry.kind == Kind.CORRECTION and entry.state == LedgerEntry.State.FAILED):
            cents[entry.worker] = cents.get(entry.worker, 0) + entry.cents
    for worker in study.workers.filter(kind=Worker.Kind.PERSON):
        for row in worker.assignments.filter(status="accepted"):
            cents[worker] = cents.get(worker, 0) + row.hit.hit_type.reward_cents
        is_paid = worker.ledger.filter(kind=Kind.DEBRIEFING).exists()
        has_begun = worker.assignments.exclude(status__in=("returned", "expired", "withdrawn"))
        texts = Consent.objects.filter(given__worker=worker).order_by("version")
        if texts and has_begun and not is_paid:
            cents[worker] = cents.get(worker, 0) + texts.last().debriefing_cents
    return sum(cost_cents(worker, amount) for worker, amount in cents.items())


@pytest.mark.parametrize(
    ("cents", "percent", "fee"),
    [(1000, 33.3, 333), (1, 33.3, 1), (0, 25, 0), (100, 0, 0), (100, None, 0), (300, 33.0, 99)],
)
def test_a_fee_is_rounded_up_to_a_cent(cents, percent, fee):
    assert fee_cents(cents, percent) == fee


def test_the_ledger_and_the_work_in_hand_are_committed_with_the_fees_of_their_markets():
    study = published_study(layers=(("n", "l", 4),), worker_share=1)
    (ana,) = workers(study, "ana")
    pia = by_market(study, "pia", 25)
    owe(ana, Kind.REWARD, 100, "a", "a set")
    owe(pia, Kind.REWARD, 100, "b", "a set")
    hits = list(Hit.objects.order_by("pk"))
    accept(ana, hits[0])
    accept(pia, hits[1])
    give_back(accept(pia, hits[2]))

    assert spent_cents(study) == 100 + 125
    assert committed_cents(study) == 100 + 125 + 80 + 100 == committed_slowly(study)


def test_the_debriefing_is_committed_from_the_first_set_until_it_is_owed():
    study = with_consent(published_study(layers=(("n", "l", 4),), worker_share=1))
    pia, ben = by_market(study, "pia", 25), workers(study, "ben")[0]
    agree(pia, agreed())  # to 20 cents; nobody promises ben anything
    hits = list(Hit.objects.order_by("pk"))
    assert (set_cost_cents(pia, 80), set_cost_cents(ben, 80)) == (125, 80)
    assert committed_cents(study) == 0 == committed_slowly(study)

    accept(ben, hits[2])
    taken = accept(pia, hits[0])
    assert committed_cents(study) == 100 + 25 + 80 == committed_slowly(study)
    assert set_cost_cents(pia, 80) == 100, "it is promised once"

    submit(taken, form())
    owe_debriefing(pia)
    assert committed_cents(study) == 100 + 25 + 80 == committed_slowly(study)
    assert spent_cents(study) == 125
    give_back(accept(pia, hits[1]))
    assert committed_cents(study) == 125 + 80


def test_what_a_correction_takes_away_is_free_again():
    study = published_study()
    (ana,) = workers(study, "ana")
    owe(ana, Kind.REWARD, 80, "a", "a set")
    owe(ana, Kind.CORRECTION, -80, "b", "rejected")

    assert spent_cents(study) == 0 == committed_slowly(study)


def test_simulated_workers_cost_nothing():
    study = published_study()
    (robot,) = workers(study, "robot", kind=Worker.Kind.SIMULATED)
    accept(robot, Hit.objects.get())

    assert cost_cents(robot, 80) == committed_cents(study) == 0
