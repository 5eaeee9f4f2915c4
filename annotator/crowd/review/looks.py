"""Looks: what reviewers and readers opened before it was time, as the audit trail has it.

Who has seen the report, precision or agreement before the planned answers are in may be led to stop
or to go on by what came out. So an early look is asked for and logged, and a report says how many
there were and whether the number of answers was changed after one (METHODS.md, "Looks").

Reviewers see signals, catch images and times. They open the words, marks and groups of a HIT by a
button, which is logged. Decisions made afterwards about answers to that HIT, or about its workers,
are not blind, and reports count them separately.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling.progress import layer_counts, total
from annotator.models import Answer, Assignment, AuditRow, Hit, Place, Study, Worker
from annotator.models.audit import LOOK, OPEN
from annotator.models.gold import practice

LOOK_LASTS = timedelta(hours=1)  # then the answers are others, and it is asked again


def is_early(study: Study) -> bool:
    """Whether a look at results is early: people answered, and planned answers are still to come.

    Simulated and imported answers are no study of people: nobody can stop them half-way.
    """
    studies = Study.objects.filter(_has_people(), _has_answers_to_come(), pk=study.pk)
    return bool(studies.exists())


def _has_people() -> Exists:
    """The condition of a query that people have answered a study."""
    return Exists(
        Answer.objects.filter(
            assignment__worker__study=OuterRef("pk"), assignment__worker__kind=Worker.Kind.PERSON
        )
    )


def _has_answers_to_come() -> Exists:
    """The condition of a query that planned answers of a study are not in."""
    to_come = Place.objects.filter(
        hit__unit__layer__network__study=OuterRef("pk"),
        hit__kind=Hit.Kind.NAMING,
        number__lte=OuterRef("assignments_wanted"),  # control units get more as workers come
        is_filled=False,
    )
    return Exists(to_come.exclude(hit__status=Hit.Status.DISPOSED).exclude(practice("hit__unit__")))


def record_look(study: Study, by: Actor, what: str, is_early: bool = True) -> AuditRow:
    """Record that somebody takes a look at results.

    Args:
        what: is opened, such as `report` or `agreement`.
        is_early: planned answers are still to come. The first time after that is logged too, as
            answers that are asked for later are asked for by somebody who knows the results.
    """
    answers = Answer.objects.filter(assignment__worker__study=study).count()
    return note(study, by, LOOK, what=what, answers=answers, is_early=is_early)


def may_look(study: Study, by: Actor) -> bool:
    """Whether somebody may look at hidden results: an early look lasts an hour."""
    return bool(Study.objects.filter(_has_looked(by), pk=study.pk).exists())


def _has_looked(by: Actor) -> Exists:
    """The condition of a query that somebody has asked for an early look within the last hour."""
    return Exists(
        AuditRow.objects.filter(
            study=OuterRef("pk"),
            action=LOOK,
            actor_name=by.name[:150],
            detail__is_early=True,
            at__gt=Now() - LOOK_LASTS,
        )
    )


def open_results(study: Study, by: Actor, what: str) -> bool:
    """Whether somebody may look at results now; False if they have to take an early look first.

    The first time that anybody sees people's complete results is logged. One query otherwise.
    """
    seen = AuditRow.objects.filter(study=OuterRef("pk"), action=LOOK, detail__is_early=False)
    conditions = (_has_people(), _has_answers_to_come(), _has_looked(by), Exists(seen))
    of_people, is_waiting, has_looked, was_seen = Study.objects.values_list(*conditions).get(
        pk=study.pk
    )
    if of_people and is_waiting:
        return bool(has_looked)
    if of_people and not was_seen:
        record_look(study, by, what, is_early=False)
    return True


def look_early(study: Study, by: Actor, what: str) -> bool:
    """Take an early look at a study's results, which is logged. False if nothing is hidden."""
    if not is_early(study) or may_look(study, by):
        return False
    record_look(study, by, what)
    return True


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


def why_hidden(study: Study) -> str:
    """Why a look would be early: the sentence says that results are hidden, and until when."""
    filled, wanted = total(layer_counts(study))
    return (
        f"The results of {study} are hidden until the planned answers are in: {filled} of {wanted} "
        "so far."
    )
