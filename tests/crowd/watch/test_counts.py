"""What the overview counts, against its definition: a walk over all rows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from annotator.crowd.review.looks import is_early
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.progress import layer_counts, total
from annotator.crowd.watch.overview import (
    MAX_DAYS,
    Activity,
    activity,
    day_counts,
    estimated_finish,
)
from annotator.models import Assignment, Hit, KnownAnswer, Place
from annotator.pay.budget import in_hand_cents, spent_cents
from tests.crowd.reviewing import GRASS
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
QUIET = {"accepted": 9, "submitted": 9, "waiting": 0, "returned": 0, "expired": 0, "in_hand": 0}
QUIET |= {"active_hour": 0, "active_day": 0, "last_at": None}


@pytest.fixture
def study():
    """Two layers of three and two units; two workers answered some at known times."""
    study = published_study(layers=(("net", "a", 3), ("net", "b", 2)), worker_share=1)
    ana, ben = workers(study, "ana", "ben")
    hits = list(Hit.objects.order_by("pk"))
    ages = [timedelta(minutes=10), timedelta(hours=5), timedelta(days=2), timedelta(days=20)]
    for hit, age in zip(hits, ages, strict=False):
        submitted(ana, hit, NOON - age)
    submitted(ben, hits[0], NOON - timedelta(days=13, hours=11))
    leases.give_back(leases.accept(ben, hits[1]), "too blurred")
    leases.accept(ben, hits[2])
    return study


def submitted(worker, hit, at):
    from annotator.crowd.answers.submission import submit

    assignment = leases.accept(worker, hit)
    submit(assignment, GRASS)
    Assignment.objects.filter(pk=assignment.pk).update(submitted_at=at)


def test_answers_are_counted_by_what_became_of_them(study):
    now = activity(study, NOON)

    assert (now.accepted, now.submitted, now.waiting) == (7, 5, 5)
    assert (now.returned, now.expired, now.in_hand) == (1, 0, 1)
    assert now.return_rate == 1 / 7
    assert (now.active_hour, now.active_day) == (1, 1)
    assert (now.recent, now.recent_since) == (3, NOON - timedelta(days=2))
    assert now.last_at == NOON - timedelta(minutes=10)


def test_every_day_of_two_weeks_has_its_count(study):
    days = day_counts(study, NOON.date())

    assert [day.day for day in days] == [NOON.date() - timedelta(days=n) for n in range(13, -1, -1)]
    assert {day.day.day: day.count for day in days if day.count} == {7: 1, 18: 1, 20: 2}


def test_a_layer_wants_the_places_of_its_hits_without_practice_and_withdrawn_ones(study):
    assert [(row.layer, row.filled, row.wanted) for row in layer_counts(study)] == [
        ("a", 4, 9),
        ("b", 1, 6),
    ]
    first, last = Hit.objects.order_by("pk").first(), Hit.objects.order_by("pk").last()
    KnownAnswer.objects.create(unit=last.unit, concepts=["wheel"], for_training=True)
    Hit.objects.filter(pk=first.pk).update(status=Hit.Status.DISPOSED)

    rows = layer_counts(study)

    assert [(row.layer, row.filled, row.wanted) for row in rows] == [("a", 4, 8), ("b", 1, 3)]
    assert total(rows) == (5, 11)


def test_a_control_unit_is_wanted_like_any_other(study):
    unit = Hit.objects.order_by("pk").first().unit
    KnownAnswer.objects.create(unit=unit, concepts=["wheel"], for_control=True)

    assert total(layer_counts(study)) == (5, 15)


def test_an_unpublished_study_has_no_layers():
    study = published_study()
    Place.objects.all().delete()

    assert layer_counts(study) == []
    assert activity(study, NOON).return_rate is None


def test_counting_takes_as_many_queries_however_many_answers_there_are(study):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        activity(study, NOON)
        day_counts(study, NOON.date())
        layer_counts(study)

    assert len(captured) == 4


COUNTED = {  # what the overview counts, and the table that grows with answers
    "activity": (lambda study: activity(study, NOON), "assignment"),
    "days": (lambda study: day_counts(study, NOON.date()), "assignment"),
    "layers": (layer_counts, "place"),
    "early": (is_early, "place"),
    "spent": (spent_cents, "ledgerentry"),
    "in hand": (in_hand_cents, "assignment"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_answers_are_counted_by_scans_of_indexes_alone(study, name):
    """On PostgreSQL: without sequential scans to choose, none is needed for what grows."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite explains in another way")
    count, table = COUNTED[name]
    with CaptureQueriesContext(connection) as captured:
        count(study)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for query in captured:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"Seq Scan on annotator_{table}" not in plan, plan
            # Which index it takes depends on the statistics of the tables.
            assert re.search(rf"(Index|Bitmap Heap).* on annotator_{table}", plan), plan


@given(recent=st.integers(5, 10_000), hours=st.floats(1, 72), left=st.integers(1, 100_000))
def test_the_finish_is_where_the_line_of_the_last_days_reaches_all_answers(recent, hours, left):
    now = Activity(**QUIET, recent=recent, recent_since=NOON - timedelta(hours=hours))

    finish = estimated_finish(now, left, NOON)

    hours_left = left / (recent / hours)
    if hours_left > 24 * MAX_DAYS * 1.001:
        assert finish is None
    elif hours_left < 24 * MAX_DAYS * 0.999:
        assert abs((finish - NOON) / timedelta(hours=1) - hours_left) <= 1e-3 * hours_left + 1e-3


@pytest.mark.parametrize(
    ("recent", "left"),
    [(0, 10), (4, 10), (100, 0)],
)
def test_there_is_no_estimate_without_a_pace_or_with_nothing_left(recent, left):
    since = NOON - timedelta(hours=5) if recent else None

    assert (
        estimated_finish(Activity(**QUIET, recent=recent, recent_since=since), left, NOON) is None
    )
