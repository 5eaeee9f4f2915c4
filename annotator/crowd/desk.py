"""What a reviewer sees: answers with the reasons to look at them, as filters choose."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from annotator.crowd.given import Given, given
from annotator.crowd.reviewing import ANSWERED
from annotator.crowd.signals import SIGNALS, Signal, signals
from annotator.models import Assignment, Study

WAITING, ANY = Assignment.Status.SUBMITTED.value, "any"
ORDERS = {"first": "earliest first", "last": "latest first", "reasons": "most reasons first"}


@dataclass(frozen=True)
class Asked:
    """Which answers are asked for, and in what order.

    Attributes:
        status: one of ANSWERED, or "any".
        signal: one of SIGNALS, "any" for at least one reason, or empty for all answers.
    """

    status: str = WAITING
    worker: str = ""
    signal: str = ""
    order: str = "first"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Asked":
        """What a form asks for; what it cannot mean is left at its default."""
        status, signal, order = asked.get("status"), asked.get("signal"), asked.get("order")
        return cls(
            status=status if status in (*ANSWERED, ANY) else WAITING,
            worker=asked.get("worker", "").strip(),
            signal=signal if signal in (*SIGNALS, ANY) else "",
            order=order if order in ORDERS else "first",
        )


@dataclass(frozen=True)
class Desk:
    """The answers asked for, and the reasons to look at each answer of the study."""

    keys: list[int]  # of assignments
    reasons: dict[int, list[Signal]]
    rows: dict[int, Given]


def desk(study: Study, asked: Asked) -> Desk:
    """Find what is asked for. Signals hold every answer against all of the study's."""
    rows = given(study)
    reasons = signals(rows)
    found = list(_matching(study, asked).values_list("pk", flat=True))
    if asked.signal:
        found = [pk for pk in found if _has(reasons.get(pk, []), asked.signal)]
    if asked.order == "reasons":
        found.sort(key=lambda pk: -len(reasons.get(pk, [])))
    return Desk(found, reasons, {row.assignment: row for row in rows})


def _matching(study: Study, asked: Asked) -> QuerySet[Assignment]:
    statuses = ANSWERED if asked.status == ANY else (asked.status,)
    found = Assignment.objects.filter(worker__study=study, status__in=statuses)
    if asked.worker:
        found = found.filter(worker__key=asked.worker)
    found = found.order_by("submitted_at", "pk")
    return found.reverse() if asked.order == "last" else found


def _has(reasons: list[Signal], wanted: str) -> bool:
    return bool(reasons) if wanted == ANY else any(each.key == wanted for each in reasons)
