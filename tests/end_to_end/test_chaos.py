"""Whatever dies or fails while people answer and dissections run, nothing is lost or doubled.

The trials are those of `python -m benchmarks.chaos`; docs/faults.md has the report of a long one.
They start servers of their own; the fixtures make sure that the programs are there.
"""

import pytest

from benchmarks.chaos.trial import run_short_trial, run_trial

pytestmark = pytest.mark.usefixtures("postgres_url", "redis_url")


@pytest.mark.slow
def test_a_crowd_and_a_dissection_outlive_every_server():
    report = run_short_trial()

    assert report.holds, str(report)
    assert len(report.accepted.answers) >= 6, str(report)
    assert report.done["Run"] == 1
    assert len(report.injected) >= 6


@pytest.mark.thorough
def test_nothing_is_lost_in_five_minutes_of_faults():
    report = run_trial(minutes=5, seed=2)

    print(report)
    assert report.holds, str(report)
    assert report.accepted.statuses[500] == 0
