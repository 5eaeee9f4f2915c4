"""Work time: which time of an answer counts, and how long the HITs that are left will take."""

import math
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from annotator.pay.work_time import minutes_for, seconds_worked

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_time_in_use_counts_before_time_on_the_clock():
    later = NOON + timedelta(seconds=90)

    assert seconds_worked(40.0, NOON, later) == 40.0
    assert seconds_worked(None, NOON, later) == 90.0
    assert seconds_worked(0.0, NOON, later) == 90.0  # a page that reported nothing
    assert seconds_worked(40.0, NOON, None) is None


def test_no_more_time_counts_than_passed_from_accepting_to_submitting():
    later = NOON + timedelta(seconds=90)

    assert seconds_worked(90.5, NOON, later) == 90.0
    assert seconds_worked(3 * 86_400.0, NOON, later) == 90.0
    assert seconds_worked(40.0, later, NOON) == 0.0  # a clock that was set back


def test_what_is_left_takes_as_long_as_it_took_so_far():
    assert minutes_for(6, [60.0, None, 120.0, 600.0]) == round(6 * (3 * 2 + 5 * 4) / (3 + 5))
    assert minutes_for(6, [120.0] * 400) == 12
    assert minutes_for(6, []) == 24
    assert minutes_for(1, [2.0] * 9) == 1
    assert minutes_for(0, [60.0]) == 0


def test_the_estimate_does_not_jump():
    draw = random.Random(0)
    seconds = [draw.lognormvariate(math.log(45), 0.6) for _ in range(60)]

    pace = [minutes_for(1000, seconds[:n]) / 1000 for n in range(61)]

    assert pace[0] == 4
    assert pace[-1] == pytest.approx(median(seconds) / 60, abs=0.4)
    assert max(abs(after / before - 1) for before, after in pairwise(pace)) < 0.15
