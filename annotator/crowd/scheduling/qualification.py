"""Training with feedback, and qualification, by gold units.

Both are off unless the study has gold units for them; qualification also needs a pass mark. Each is
over for a worker who has had all of its units: a skipped unit does not come again.
"""

from collections.abc import Iterable
from enum import StrEnum

from django.db.models.functions import Now

from annotator.crowd.scheduling.gold_units import Practice
from annotator.crowd.scheduling.standing import PastAssignment
from annotator.models import Answer, Worker


class Stage(StrEnum):
    """What a worker does next."""

    TRAINING = "training"
    QUALIFICATION = "qualification"
    WORK = "work"
    FAILED = "failed"


def stage(
    worker: Worker, practice: Practice, past: Iterable[PastAssignment], is_settled: bool = False
) -> Stage:
    """The stage of a worker's qualification: in training, in qualification, at work or failed.

    Args:
        is_settled: the worker can no longer answer open assignments. Otherwise an open practice
            unit may still be answered and decides nothing yet.
    """
    units = {row.unit for row in past if is_settled or not row.is_open}
    if worker.trained_at is None and practice.training - units:
        return Stage.TRAINING
    mark = worker.study.pass_mark
    if mark is None or worker.qualified_at or not practice.qualification:
        return Stage.WORK
    score = worker.qualification_score
    if score is None:
        if practice.qualification - units:
            return Stage.QUALIFICATION
        score = score_of(worker, practice.qualification)
    return Stage.WORK if score >= mark else Stage.FAILED


def record_stage(worker: Worker, practice: Practice, now_at: Stage) -> None:
    """Store, once, that a worker's training is over, and the result of the qualification."""
    changed: dict[str, object] = {}
    if now_at != Stage.TRAINING and worker.trained_at is None and practice.training:
        changed["trained_at"] = Now()
    is_decided = now_at in (Stage.WORK, Stage.FAILED) and worker.study.pass_mark is not None
    if is_decided and practice.qualification and worker.qualified_at is None:
        if worker.qualification_score is None:
            changed["qualification_score"] = score_of(worker, practice.qualification)
        if now_at == Stage.WORK:
            changed["qualified_at"] = Now()
    if changed:
        Worker.objects.filter(pk=worker.pk).update(**changed)
        worker.refresh_from_db(fields=["trained_at", "qualified_at", "qualification_score"])


def score_of(worker: Worker, units: frozenset[int]) -> float:
    """The share of the qualification units that the worker got right; a skipped one is not."""
    answers = Answer.objects.filter(assignment__worker=worker, assignment__unit__in=units)
    rights = [
        answer.assignment.unit.known.is_right(answer.concept, answer.group, answer.second_group)
        for answer in answers.select_related("assignment__unit__known")
    ]
    return sum(rights) / len(units)
