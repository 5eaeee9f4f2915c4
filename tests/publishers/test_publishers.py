"""The contract of a market, which every back-end keeps."""

import pytest

from annotator.crowd.errors import NoPlace
from annotator.crowd.scheduling.leases import accept
from annotator.publishers import PUBLISHERS
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = pytest.mark.django_db


@pytest.fixture(params=sorted(PUBLISHERS))
def publisher(request):
    return PUBLISHERS[request.param]()


@pytest.fixture
def study():
    return published_study()


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
