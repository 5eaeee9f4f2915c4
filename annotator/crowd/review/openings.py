"""Openings: a reviewer sees the words, marks and groups of a HIT's answers.

Reviewers see signals, catch images and times. They open the rest by a button, which is logged.
Decisions made afterwards about answers to that HIT, or about its workers, are not blind, and
reports count them separately.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef

from annotator.crowd.audit import Actor, note
from annotator.models import Assignment, AuditRow, Worker
from annotator.models.audit import OPEN


def open_words(assignment: Assignment, by: Actor) -> bool:
    """Open the words of all answers to an answer's HIT for a reviewer. False if they are open."""
    with transaction.atomic():
        if opened_hits([assignment.hit_id], by):
            return False
        study = assignment.worker.study
        note(study, by, OPEN, hit=assignment.hit, assignment=assignment)
    return True


def opened_hits(hits: Iterable[int], by: Actor) -> set[int]:
    """Which of some HITs have words that a reviewer has opened, in one query."""
    rows = AuditRow.objects.filter(action=OPEN, hit__in=list(hits), actor_name=by.name[:150])
    return set(rows.values_list("hit", flat=True))


def opened_by(by: Actor, hit: OuterRef) -> Exists:
    """A condition on rows that have a HIT: a reviewer has opened its words."""
    return Exists(AuditRow.objects.filter(action=OPEN, hit=hit, actor_name=by.name[:150]))


def has_opened_words_of(worker: Worker, by: Actor) -> bool:
    """Whether a reviewer has opened the words of a HIT that a worker answered."""
    rows = AuditRow.objects.filter(study=worker.study_id, action=OPEN, actor_name=by.name[:150])
    answered = Assignment.ANSWERED
    own = rows.filter(hit__assignments__worker=worker, hit__assignments__status__in=answered)
    return bool(own.exists())
