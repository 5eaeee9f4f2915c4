"""The answer list of a reviewer: which answers, such as those that wait, and in what order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from annotator.crowd.quality.signals import BLIND
from annotator.crowd.review.quality_index import QualityIndex
from annotator.models import Assignment, Study

WAITING, ANY = Assignment.Status.SUBMITTED.value, "any"
ORDERS = {
    "first": _("earliest first"),
    "last": _("latest first"),
    "reasons": _("most signals first"),
}


@dataclass(frozen=True)
class AnswerFilter:
    """Which answers a reviewer wants to see, and in what order.

    Attributes:
        status: one of Assignment.ANSWERED, or "any".
        signal: one of the BLIND ones, "any" for at least one reason, or empty for all answers.
    """

    status: str = WAITING
    worker: str = ""
    signal: str = ""
    order: str = "first"

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "AnswerFilter":
        """The filter that a form describes; values that do not exist become the default."""
        status, signal, order = form.get("status"), form.get("signal"), form.get("order")
        return cls(
            status=status if status in (*Assignment.ANSWERED, ANY) else WAITING,
            worker=form.get("worker", "").strip(),
            signal=signal if signal in (*BLIND, ANY) else "",
            order=order if order in ORDERS else "first",
        )


def select(
    study: Study, index: QualityIndex, answer_filter: AnswerFilter
) -> Sequence[int] | QuerySet[Assignment]:
    """The pks of the answers that a filter selects, in its order, for a page to be cut from."""
    matching = _matching(study, answer_filter)
    return index.select(matching, answer_filter.signal, answer_filter.order == "reasons")


def _matching(study: Study, answer_filter: AnswerFilter) -> QuerySet[Assignment]:
    status = answer_filter.status
    statuses = Assignment.ANSWERED if status == ANY else (status,)
    assignments = Assignment.objects.filter(
        worker__study=study, status__in=statuses, answer__isnull=False
    )
    if answer_filter.worker:
        assignments = assignments.filter(worker__key=answer_filter.worker)
    if answer_filter.order == "last":
        return assignments.order_by("-submitted_at", "-pk")
    return assignments.order_by("submitted_at", "pk")


def waiting(study: Study) -> QuerySet[Assignment]:
    """Answers that wait for the decision of a reviewer, the earliest first."""
    submitted = Assignment.objects.filter(worker__study=study, status=WAITING)
    return submitted.order_by("submitted_at", "pk")
