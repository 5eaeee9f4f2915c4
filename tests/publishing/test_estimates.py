"""What publishing costs, before anything is published: time, pay, fees, budget and the minimum."""

import pytest

from annotator.models import Hit, Invitation, MarketLink, Study
from annotator.publishing import NotPublishable, PublishRequest, offer_of
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
