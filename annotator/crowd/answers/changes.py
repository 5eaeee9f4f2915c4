"""Changing an answer: workers may reopen their own last one for a short time.

The first submit stays an attempt, and what counts for catch images is what it marked. A change is
an attempt as well.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.answers.pictures import ShownExemplar, judged_exemplars
from annotator.crowd.answers.submission import answer_counts, attempted
from annotator.crowd.answers.validation import AnswerForm, validated
from annotator.crowd.errors import AnswerInvalid, NotOpen
from annotator.crowd.scheduling.leases import locked
from annotator.crowd.scheduling.redundancy import adapt
from annotator.models import Answer, Assignment, Mark, Worker
from annotator.models.gold import practice

CHANGE_MINUTES = 10
ANSWERED = ("says", "concept", "group", "second_group", "remark")  # of both, Answer and AnswerForm


def changeable(worker: Worker) -> Assignment | None:
    """The last answer of a worker, if it may still be changed.

    It may for ten minutes, until a reviewer decides about it. Practice may not, since its known
    answer was shown.
    """
    later = Assignment.objects.filter(
        worker=OuterRef("worker"), submitted_at__gt=OuterRef("submitted_at")
    )
    since = Now() - timedelta(minutes=CHANGE_MINUTES)
    recent = Assignment.objects.filter(
        worker=worker, status=Assignment.Status.SUBMITTED, submitted_at__gt=since
    )
    return recent.exclude(practice("unit__")).exclude(Exists(later)).order_by("-pk").first()


def change(assignment: Assignment, form: AnswerForm) -> Answer:
    """Put another answer in place of a worker's last one; it is logged as a new attempt.

    Pictures that were hidden stay unjudged, and the place stays filled.

    Raises:
        AnswerInvalid: a part is missing or wrong; the answer stays as it was.
        NotOpen: it may not be changed any more.
    """
    with transaction.atomic():
        assignment = locked(assignment)
        if changeable(assignment.worker) != assignment:
            raise NotOpen(too_late())
        exemplars = judged_exemplars(assignment)
        form = _validated(assignment, form)
        answer = Answer.objects.get(assignment=assignment)
        if form == form_of_answer(answer):
            return answer
        number = assignment.attempts.count() + 1
        assignment.attempts.create(number=number, form=attempted(form), was_refused=False)
        _replace(answer, form, exemplars)
        adapt(assignment.hit, assignment.worker.study)
    answer.refresh_from_db()
    return answer


def _replace(answer: Answer, form: AnswerForm, exemplars: Mapping[int, ShownExemplar]) -> None:
    fields = {name: getattr(form, name) for name in ANSWERED} | answer_counts(exemplars, form)
    Answer.objects.filter(pk=answer.pk).update(**fields)
    answer.marks.all().delete()
    Mark.objects.bulk_create(
        Mark(answer=answer, exemplar_id=exemplars[slot].pk) for slot in sorted(form.marked)
    )


def too_late() -> str:
    """The sentence for an answer that cannot be changed any more."""
    sentence = _(
        "You can change your last answer for %(minutes)s minutes, until you submit the next or "
        "somebody reviews it. This answer stays as it was."
    )
    return sentence % {"minutes": CHANGE_MINUTES}


def form_of_answer(answer: Answer) -> AnswerForm:
    """The form that an answer has before it is changed: the one whose submit makes it."""
    marked = frozenset(answer.marks.values_list("exemplar__slot", flat=True))
    return AnswerForm(marked=marked, **{name: getattr(answer, name) for name in ANSWERED})


def is_kept(answer: Answer, form: AnswerForm) -> bool:
    """Whether a changed answer is the one in this form, or the earlier answer was kept."""
    try:
        return form_of_answer(answer) == _validated(answer.assignment, form)
    except AnswerInvalid:
        return False


def _validated(assignment: Assignment, form: AnswerForm) -> AnswerForm:
    """A form as it is stored: its words tidied, without marks of hidden pictures."""
    exemplars = judged_exemplars(assignment)
    hidden = set(assignment.reports.values_list("exemplar__slot", flat=True))
    form = replace(form, marked=form.marked - hidden)
    return validated(form, exemplars, verifies=assignment.hit.concept)
