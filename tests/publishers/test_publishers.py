"""The contract of a market, which every back-end keeps."""

import pytest

from annotator.crowd.errors import NoPlace
from annotator.crowd.scheduling.leases import accept
from annotator.publishers import PUBLISHERS
from annotator.publishers.base import PublishError
from annotator.publishers.fake import FakePublisher
from annotator.publishers.market import MarketPublisher
from tests.crowd.markets import prolific_link
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[*PUBLISHERS.values(), FakePublisher], ids=lambda kind: kind.__name__)
def publisher(request):
    return request.param()


@pytest.fixture
def study():
    study = published_study()
    prolific_link(study)
    return study


def test_publishing_again_returns_the_same_address(publisher, study, settings):
    settings.PUBLIC_URL = "https://unitscope.test"

    first, second = (publisher.publish(the_hit(study)) for _ in range(2))

    assert first == second
    assert first.startswith("https://")


def test_a_withdrawn_hit_takes_no_worker_and_withdrawing_again_is_harmless(publisher, study):
    ana, ben = workers(study, "ana", "ben")
    publisher.publish(the_hit(study))
    accept(ana, the_hit(study))

    for _ in range(2):
        publisher.withdraw(the_hit(study))

    with pytest.raises(NoPlace):
        accept(ben, the_hit(study))


def test_a_refusal_says_why_and_offers_nothing(study):
    market = FakePublisher(PublishError("Out of funds.", permanent=False))

    with pytest.raises(PublishError, match="Out of funds"):
        market.publish(the_hit(study))
    assert not market.offered


def test_without_an_open_market_link_nothing_is_offered_at_a_market():
    with pytest.raises(PublishError, match="no open market link"):
        MarketPublisher().publish(the_hit(published_study("bare")))
