"""Analyses in the queue: short ones pass long ones, each knows its place, and may be canceled."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from annotator.analysis_requests import analysis_request
from annotator.dissection_jobs.claims import LostClaim
from annotator.dissection_jobs.progress import RowProgress
from annotator.job_queue import enqueue_analysis
from annotator.lab.waiting_times import queue_place, seconds_left, seconds_per_forward
from annotator.models import Analysis
from annotator.models.jobs import MAX_WAIT
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

LONG = ("occlusion", {"images": ["a.png"], "stride": 1})
SHORT = ("occlusion", {"images": ["a.png"], "stride": 32})


@pytest.fixture
def network():
    return published_study().networks.get()


def in_order():
    return list(Analysis.objects.waiting().in_queue_order())


@pytest.mark.both_databases
def test_short_analyses_pass_long_ones_and_equal_ones_keep_their_order(network):
    long = enqueue_analysis(network, *LONG)
    short = enqueue_analysis(network, *SHORT)
    layers, filters = (enqueue_analysis(network, kind, {}) for kind in ("layers", "filters"))

    assert in_order() == [layers, filters, short, long]


@pytest.mark.both_databases
def test_an_analysis_that_has_waited_long_is_passed_no_more(network):
    long = enqueue_analysis(network, *LONG)
    Analysis.objects.update(created_at=now() - MAX_WAIT - timedelta(seconds=1))
    short = enqueue_analysis(network, *SHORT)

    assert in_order() == [long, short]


@pytest.mark.parametrize(
    ("kind", "less", "more"),
    [
        ("occlusion", {"images": ["a"], "stride": 8}, {"images": ["a"], "stride": 3}),
        ("occlusion", {"images": ["a"]}, {"images": ["a", "b"]}),
        ("minimal-image", {"right": 1, "count": 10}, {"right": 1, "count": 40}),
        ("receptive-field", {"layers": ["a"], "units": [1]}, {"layers": ["a"]}),
        ("concepts", {"layers": ["a"], "sample": 9}, {"layers": ["a"]}),
        ("activations", {"layers": ["a"], "images": ["a"]}, {"layers": ["a"], "image": "a"}),
    ],
)
def test_more_work_counts_as_more_forwards(kind, less, more):
    fewer, greater = (analysis_request(kind, one).forwards(1000) for one in (less, more))

    assert 0 < fewer < greater


def test_a_waiting_analysis_knows_its_place_and_once_the_pace_is_known_its_time(network):
    long, short = enqueue_analysis(network, *LONG), enqueue_analysis(network, *SHORT)

    assert queue_place(short) == (1, 2, None)
    assert queue_place(long) == (2, 2, None)

    at = now()
    done = {"status": "done", "started_at": at - timedelta(seconds=10), "finished_at": at}
    network.analyses.create(kind="alike", request={}, forwards=1000, **done)
    assert seconds_per_forward(network.study) == pytest.approx(0.01)
    ahead = short.forwards + long.forwards
    assert queue_place(long) == (2, 2, pytest.approx(0.01 * ahead))


def test_a_running_analysis_tells_the_time_that_is_left(network):
    analysis = enqueue_analysis(network, *LONG)
    assert analysis.claim()
    analysis.refresh_from_db()
    assert analysis.started_at is not None
    assert seconds_left(analysis) is None

    began = now() - timedelta(seconds=10)
    analysis.write(began_at=began, done_count=20, total_count=100)
    analysis.refresh_from_db()
    assert seconds_left(analysis) == pytest.approx(40, abs=1)


def test_a_canceled_analysis_is_not_done_and_may_be_asked_again(network):
    analysis = enqueue_analysis(network, *SHORT)

    assert analysis.cancel()

    assert in_order() == []
    assert not analysis.claim()
    assert not analysis.cancel()
    assert enqueue_analysis(network, *SHORT) != analysis


def test_a_worker_stops_at_its_next_step_when_the_analysis_is_canceled(network):
    analysis = enqueue_analysis(network, *SHORT)
    assert analysis.claim()
    progress = RowProgress(analysis)
    progress.write(done_count=1)

    assert Analysis.objects.get().cancel()

    with pytest.raises(LostClaim):
        progress.write(True, done_count=2)
    assert Analysis.objects.get().status == "canceled"


def test_a_finished_analysis_stays_finished(network):
    analysis = enqueue_analysis(network, *SHORT)
    Analysis.objects.update(status="done")

    assert not analysis.cancel()
    assert Analysis.objects.get().status == "done"
