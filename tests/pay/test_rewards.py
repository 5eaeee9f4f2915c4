"""Rewards: an hourly rate for the time of a HIT."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.models import HitType, Study
from annotator.pay.rewards import (
    current_reward,
    hit_reward,
    planned_reward,
)


@given(st.integers(0, 100_000), st.integers(1, 480).map(lambda eighths: eighths / 8))
def test_a_reward_is_the_fewest_cents_that_keep_the_rate(hourly_cents, minutes):
    reward = hit_reward(hourly_cents, minutes)

    earned_an_hour = reward * 60 / Fraction(minutes)
    assert earned_an_hour >= hourly_cents
    assert reward == 0 or (reward - 1) * 60 / Fraction(minutes) < hourly_cents


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
