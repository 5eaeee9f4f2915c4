"""Traces: a page tells what was added, nothing else is taken."""

import json

import pytest

from annotator.crowd.answers import traces
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import NotOpen, TraceInvalid
from annotator.crowd.review import decisions
from annotator.crowd.scheduling import leases
from annotator.models import Trace
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
    study = published_study()
    return leases.accept(workers(study, "ana")[0], the_hit(study))


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
