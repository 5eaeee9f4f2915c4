"""What a reviewer sees: answers with the reasons to look at them, as filters choose."""

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
    """Which answers are asked for, and in what order.

    Attributes:
        status: one of Assignment.ANSWERED, or "any".
        signal: one of SIGNALS, "any" for at least one reason, or empty for all answers.
    """

    status: str = WAITING
    worker: str = ""
    signal: str = ""
    order: str = "first"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "AnswerFilter":
        """What a form asks for; what it cannot mean is left at its default."""
        status, signal, order = asked.get("status"), asked.get("signal"), asked.get("order")
        return cls(
            status=status if status in (*Assignment.ANSWERED, ANY) else WAITING,
            worker=asked.get("worker", "").strip(),
            signal=signal if signal in (*SIGNALS, ANY) else "",
            order=order if order in ORDERS else "first",
        )


class AnswerList:
    """The answers asked for. Reasons are made for those that are looked at: there may be many."""

    def __init__(self, study: Study, asked: AnswerFilter) -> None:
        rows = quality_rows(study)
        self.rows: dict[int, QualityRow] = {row.assignment: row for row in rows}
        self._whole = baseline_of(rows)
        self.keys = self._sorted(asked, _matching(study, asked).values_list("pk", flat=True))

    def reasons(self, assignment: int) -> list[Signal]:
        """The reasons to look at an answer, held against all of its study's."""
        return signals_of(self.rows[assignment], self._whole)

    def _sorted(self, asked: AnswerFilter, found: Iterable[int]) -> list[int]:
        keys = [pk for pk in found if pk in self.rows]
        if asked.signal:
            keys = [pk for pk in keys if _has(self.reasons(pk), asked.signal)]
        if asked.order == "reasons":
            keys.sort(key=lambda pk: -len(self.reasons(pk)))
        return keys


def _matching(study: Study, asked: AnswerFilter) -> QuerySet[Assignment]:
    statuses = Assignment.ANSWERED if asked.status == ANY else (asked.status,)
    found = Assignment.objects.filter(worker__study=study, status__in=statuses)
    if asked.worker:
        found = found.filter(worker__key=asked.worker)
    found = found.order_by("submitted_at", "pk")
    return found.reverse() if asked.order == "last" else found


def _has(reasons: list[Signal], wanted: str) -> bool:
    return bool(reasons) if wanted == ANY else any(each.key == wanted for each in reasons)
