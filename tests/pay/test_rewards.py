"""Rewards: an hourly rate for the time of a HIT, and which time that is."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.models import HitType, Study
from annotator.pay.rewards import (
    current_reward,
    hit_reward,
    minutes_for,
    planned_reward,
    seconds_worked,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.integers(0, 100_000), st.integers(1, 480).map(lambda eighths: eighths / 8))
def test_a_reward_is_the_fewest_cents_that_keep_the_rate(hourly_cents, minutes):
    reward = hit_reward(hourly_cents, minutes)

    earned_an_hour = reward * 60 / Fraction(minutes)
    assert earned_an_hour >= hourly_cents
    assert reward == 0 or (reward - 1) * 60 / Fraction(minutes) < hourly_cents


def test_time_in_use_counts_before_time_on_the_clock():
    later = NOON + timedelta(seconds=90)

    assert seconds_worked(40.0, NOON, later) == 40.0
    assert seconds_worked(None, NOON, later) == 90.0
    assert seconds_worked(0.0, NOON, later) == 90.0  # a page that reported nothing
    assert seconds_worked(40.0, NOON, None) is None


def test_what_is_left_takes_as_long_as_it_took_so_far():
    assert minutes_for(6, [60.0, None, 120.0, 600.0]) == 12
    assert minutes_for(6, []) == 24
    assert minutes_for(1, [2.0]) == 1
    assert minutes_for(0, [60.0]) == 0


@pytest.mark.django_db
def test_a_reward_that_is_set_is_the_reward():
    study = Study.objects.create(name="rooms", hourly_cents=900)

    assert planned_reward(study, reward_cents=75) == (75, "")
    assert planned_reward(study, hourly_cents=1500) == (
        100,
        " (4 minutes assumed at $15.00 an hour)",
    )
    assert planned_reward(study) == (60, " (4 minutes assumed at $9.00 an hour)")


@pytest.mark.django_db
def test_the_newest_terms_say_what_a_hit_pays_now():
    study = Study.objects.create(name="rooms")
    assert current_reward(study) == 0
    for cents in (80, 95):
        HitType.objects.create(study=study, title="Name it", reward_cents=cents)

    assert current_reward(study) == 95
