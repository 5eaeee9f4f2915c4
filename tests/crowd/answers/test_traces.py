"""Traces: a page tells what was added, nothing else is taken."""

import json
from datetime import timedelta

import pytest

from annotator.crowd.answers import traces
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import NotOpen, TraceInvalid
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.review import decisions
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Trace
from annotator.pay.earnings import earnings_of
from annotator.pay.rewards import planned_reward
from tests.crowd.studies import published_study, the_hit, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOLD = {
    "active_seconds": 12.5,
    "paste_count": 1,
    "focus_lost_count": 2,
    "seen_ms": {"0": 1500, "3": 40},
    "mark_order": [3, 1],
    "views": ["region", "whole", "region"],
}
NOTHING_NEW = {
    "active_seconds": 0,
    "paste_count": 0,
    "focus_lost_count": 0,
    "seen_ms": {},
    "mark_order": [],
    "views": [],
}


@pytest.fixture
def assignment():
    """A HIT that was accepted ten minutes ago."""
    study = published_study()
    return accepted_before(leases.accept(workers(study, "ana")[0], the_hit(study)), seconds=600)


def accepted_before(assignment, seconds):
    accepted_at = assignment.accepted_at - timedelta(seconds=seconds)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=accepted_at)
    return assignment


def as_stored():
    trace = Trace.objects.get()
    return {field: getattr(trace, field) for field in TOLD}


def test_what_pages_tell_adds_up(assignment):
    traces.save(assignment, TOLD)
    traces.save(assignment, TOLD | {"seen_ms": {"3": 60}, "mark_order": [1], "views": ["outline"]})
    traces.save(assignment, NOTHING_NEW)

    assert as_stored() == {
        "active_seconds": 25,
        "paste_count": 2,
        "focus_lost_count": 4,
        "seen_ms": {"0": 1500, "3": 100},
        "mark_order": [3, 1, 1],
        "views": ["outline", "region", "whole"],
    }


def test_the_last_part_may_come_after_the_answer_until_somebody_decides(assignment):
    submit(assignment, AnswerForm("ball", 5, frozenset()))
    traces.save(assignment, TOLD)

    decisions.approve(assignment, COMMAND)
    with pytest.raises(NotOpen):
        traces.save(assignment, TOLD)

    assert as_stored()["paste_count"] == 1


def test_a_part_that_is_sent_again_is_summed_once(assignment):
    first, second = TOLD | {"part": "tab.1"}, TOLD | {"part": "tab.2"}
    traces.save(assignment, first)
    traces.save(assignment, [first, second])  # the page got no response to the first
    traces.save(assignment, second)

    assert (Trace.objects.get().active_seconds, Trace.objects.get().paste_count) == (25, 2)


DAY = 24 * 3600
HONEST = AnswerForm("ball", 5, frozenset())


def test_no_page_reports_more_time_than_has_passed(assignment):
    for _ in range(3):
        traces.save(assignment, TOLD | {"active_seconds": DAY, "seen_ms": {"0": 1000 * DAY}})

    trace = Trace.objects.get()
    assert 600 <= trace.active_seconds < 660
    assert 600_000 <= trace.seen_ms["0"] < 660_000


def test_what_is_reported_after_the_answer_stays_within_the_time_until_it(assignment):
    submit(assignment, HONEST)
    Assignment.objects.update(submitted_at=Assignment.objects.get().accepted_at + timedelta(0, 30))

    traces.save(assignment, TOLD | {"active_seconds": 500, "seen_ms": {"0": 500_000}})

    trace = Trace.objects.get()
    assert (trace.active_seconds, trace.seen_ms["0"]) == (30, 30_000)


def test_reported_time_sets_neither_pay_nor_signals_beyond_what_passed():
    """Five answers of 240 s each, whose pages report three days: $864.00 a HIT before."""
    study = published_study(layers=[("net", "fc", 5)], worker_share=1)
    [worker] = workers(study, "ana")
    for unit in study.networks.get().layers.get().units.all():
        assignment = leases.accept(worker, unit.hits.get())
        traces.save(assignment, TOLD)
        submit(assignment, HONEST)
        later = assignment.accepted_at + timedelta(seconds=240)
        Assignment.objects.filter(pk=assignment.pk).update(submitted_at=later)
    Trace.objects.update(active_seconds=3 * DAY)  # as rows from before the limit may have it

    assert planned_reward(study)[0] == 4 * study.hourly_cents / 60
    assert [row.seconds for row in quality_rows(study)] == [240] * 5
    assert earnings_of(worker).hourly_cents == 15 * 80


def test_what_was_given_back_has_no_trace(assignment):
    leases.give_back(assignment)

    with pytest.raises(NotOpen):
        traces.save(assignment, TOLD)

    assert not Trace.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"active_seconds": -1},
        {"active_seconds": True},
        {"active_seconds": float("nan")},
        {"active_seconds": float("inf")},
        {"active_seconds": 1e9},
        {"active_seconds": "12"},
        {"paste_count": 1.5},
        {"paste_count": -1},
        {"focus_lost_count": None},
        {"focus_lost_count": 10**12},
        {"seen_ms": {"1": 1.5}},
        {"seen_ms": {"-1": 5}},
        {"seen_ms": {"01": 5}},
        {"seen_ms": {"²": 5}},
        {"seen_ms": {"9" * 5000: 5}},
        {"seen_ms": {"1": -5}},
        {"seen_ms": {1: 5}},
        {"seen_ms": [5]},
        {"mark_order": [True]},
        {"mark_order": [1000]},
        {"mark_order": {"1": 2}},
        {"mark_order": [0] * 10_001},
        {"views": ["everything"]},
        {"views": [["region"]]},
        {"views": "region"},
        {"ip_address": "192.0.2.1"},
    ],
    ids=lambda wrong: json.dumps(wrong)[:40],
)
def test_nothing_else_is_taken(assignment, wrong):
    with pytest.raises(TraceInvalid):
        traces.save(assignment, TOLD | wrong)

    assert not Trace.objects.exists()


@pytest.mark.parametrize("field", TOLD)
def test_nothing_may_be_left_out(assignment, field):
    with pytest.raises(TraceInvalid):
        traces.save(assignment, {name: value for name, value in TOLD.items() if name != field})


@pytest.mark.parametrize("said", [None, [], "trace", 7])
def test_a_trace_is_an_object(assignment, said):
    with pytest.raises(TraceInvalid):
        traces.save(assignment, said)
