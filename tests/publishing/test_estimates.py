"""What publishing costs, before anything is published: time, pay, fees, budget and the minimum."""

import pytest

from annotator.crowd.access.consent import agree
from annotator.crowd.answers.submission import submit
from annotator.crowd.scheduling.leases import accept
from annotator.models import Hit, Invitation, MarketLink, Study
from annotator.pay.budget import committed_cents, spent_cents
from annotator.pay.debriefing import owe_debriefing
from annotator.publishing import NotPublishable, PublishRequest, offer_of
from tests.crowd.consents import agreed, with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.crowd.reviewing import GRASS
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Two units, none published, three answers each."""
    study = published_study(layers=(("n", "l", 2),))
    Hit.objects.all().delete()
    return study


def test_the_total_is_pay_and_fees_of_all_answers(study):
    invitation = Invitation.objects.create(study=study)
    MarketLink.objects.create(
        invitation=invitation, market="prolific", participant_parameter="PID", fee_percent=33.3
    )

    offer = offer_of(study, PublishRequest())

    assert (len(offer.plan.new_hits), offer.plan.places, offer.plan.reward_cents) == (2, 6, 80)
    assert (offer.plan.cost_cents, offer.fee_cents, offer.total_cents) == (480, 160, 640)
    assert (offer.minutes, offer.is_measured, offer.hours) == (4, False, pytest.approx(0.4))
    assert not offer.is_empty


@pytest.mark.parametrize(("reward", "is_enough"), [(53, False), (54, True), (0, False), (80, True)])
def test_pay_below_the_minimum_for_an_hour_is_refused_with_what_would_do(study, reward, is_enough):
    request = PublishRequest(reward=reward)  # 4 minutes at 8.00 an hour are 0.54

    if is_enough:
        assert offer_of(study, request).plan.reward_cents == reward
    else:
        with pytest.raises(NotPublishable, match=r"at least \$8\.00: pay \$0\.54 for a HIT"):
            offer_of(study, request)


def test_a_study_without_a_minimum_publishes_for_volunteers(study):
    Study.objects.update(min_hourly_cents=0)
    study.refresh_from_db()

    assert offer_of(study, PublishRequest(reward=0)).total_cents == 0


@pytest.mark.parametrize(("budget", "beyond"), [(None, 0), (480, 0), (479, 1), (0, 480)])
def test_what_the_budget_cannot_pay_is_told(study, budget, beyond):
    Study.objects.update(budget_cents=budget)
    study.refresh_from_db()

    assert offer_of(study, PublishRequest()).beyond_budget_cents == beyond


@pytest.mark.parametrize(
    ("units", "session", "share", "people"),
    [
        (2, None, 1, 3),  # three answers a unit are three people
        (40, None, 1, 24),  # 120 sets, five of four minutes in a session of 20
        (40, 30, 1, 15),
        (40, 15, 1, 30),
        (2, None, 0.25, 4),  # nobody gives more than a quarter of the answers
        (1, None, 0.1, 3),  # not more people than answers
    ],
)
def test_as_many_people_are_expected_as_sessions_fill(units, session, share, people):
    study = published_study(layers=(("n", "l", units),), worker_share=share)
    Hit.objects.all().delete()
    if session:
        prolific_link(study, session_minutes=session)
        prolific_link(study, session_minutes=30)

    assert offer_of(study, PublishRequest()).people == people


def study_on_prolific(name):
    """Two units with three answers each, a consent text, and a market that takes a fee of 25 %."""
    study = with_consent(published_study(name, layers=(("n", "l", 2),), worker_share=1))
    return study, prolific_link(study, fee_percent=25)


def test_the_total_is_what_a_study_commits_if_the_people_who_are_expected_come():
    study, _ = study_on_prolific("before")
    Hit.objects.all().delete()
    offer = offer_of(study, PublishRequest())
    study, link = study_on_prolific("after")

    for number in range(offer.people):
        worker = participant_of(link, f"{number:024x}", f"w{number}").worker
        agree(worker, agreed())
        for hit in Hit.objects.order_by("pk"):
            submit(accept(worker, hit), GRASS)
    committed_before = committed_cents(study)
    for worker in study.workers.all():
        owe_debriefing(worker)

    assert (offer.people, offer.debriefings_cents, offer.total_cents) == (3, 60, 675)
    assert committed_before == committed_cents(study) == spent_cents(study) == 675


def test_the_most_that_top_ups_add_is_the_minimum_for_three_times_the_minutes(study):
    offer = offer_of(study, PublishRequest(reward=60))

    # Twelve minutes at 8.00 an hour are 1.60, which is 1.00 more than the pay of each of six.
    assert offer.top_ups_cents == 600
    assert offer_of(study, PublishRequest(reward=160)).top_ups_cents == 0
