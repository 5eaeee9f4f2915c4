"""The answer list of a reviewer: filtered, ordered, with the reasons to look at each answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import baseline_of
from annotator.crowd.quality.signals import SIGNALS, Signal, signals_of
from annotator.models import Assignment, Study

WAITING, ANY = Assignment.Status.SUBMITTED.value, "any"
ORDERS = {"first": "earliest first", "last": "latest first", "reasons": "most reasons first"}


@dataclass(frozen=True)
class AnswerFilter:
    """Which answers a reviewer wants to see, and in what order.

    Attributes:
        status: one of Assignment.ANSWERED, or "any".
        signal: one of SIGNALS, "any" for at least one reason, or empty for all answers.
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
            signal=signal if signal in (*SIGNALS, ANY) else "",
            order=order if order in ORDERS else "first",
        )


class AnswerList:
    """The answers that a filter selects. Signals are computed only for those that are looked at."""

    def __init__(self, study: Study, answer_filter: AnswerFilter) -> None:
        rows = quality_rows(study)
        self.rows: dict[int, QualityRow] = {row.assignment: row for row in rows}
        self._baseline = baseline_of(rows)
        matching = _matching(study, answer_filter).values_list("pk", flat=True)
        self.keys = self._sorted(answer_filter, matching)

    def reasons(self, assignment: int) -> list[Signal]:
        """The reasons to look at an answer, compared with all answers of the study."""
        return signals_of(self.rows[assignment], self._baseline)

    def _sorted(self, answer_filter: AnswerFilter, matching: Iterable[int]) -> list[int]:
        keys = [pk for pk in matching if pk in self.rows]
        if answer_filter.signal:
            keys = [pk for pk in keys if _has(self.reasons(pk), answer_filter.signal)]
        if answer_filter.order == "reasons":
            keys.sort(key=lambda pk: -len(self.reasons(pk)))
        return keys


def _matching(study: Study, answer_filter: AnswerFilter) -> QuerySet[Assignment]:
    status = answer_filter.status
    statuses = Assignment.ANSWERED if status == ANY else (status,)
    assignments = Assignment.objects.filter(worker__study=study, status__in=statuses)
    if answer_filter.worker:
        assignments = assignments.filter(worker__key=answer_filter.worker)
    assignments = assignments.order_by("submitted_at", "pk")
    return assignments.reverse() if answer_filter.order == "last" else assignments


def _has(reasons: list[Signal], wanted: str) -> bool:
    return bool(reasons) if wanted == ANY else any(signal.key == wanted for signal in reasons)
