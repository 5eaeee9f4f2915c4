"""Answers for reviewers to check."""

from datetime import timedelta

from django.db.models import F

from annotator.crowd.answers import traces
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import (
    Assignment,
)

REVIEW, WORKERS = "/studies/rooms/review/", "/studies/rooms/workers/"


def answer(worker, unit, concept="wheel", marked=(0, 4, 5)):
    assignment = leases.accept(worker, unit.hit)
    earlier = F("accepted_at") - timedelta(seconds=100)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=earlier)
    trace = {"active_seconds": 90, "paste_count": 0, "focus_lost_count": 0, "mark_order": []}
    seen = {str(slot): 700 for slot in range(6)}
    traces.save(assignment, trace | {"seen_ms": seen, "views": ["outline"]})
    submit(assignment, AnswerForm(concept, 4, frozenset(marked)))
    Assignment.objects.filter(pk=assignment.pk).update(
        accepted_at=F("submitted_at") - timedelta(seconds=100)
    )
    return assignment


def text(response):
    assert response.status_code == 200
    return response.content.decode()
