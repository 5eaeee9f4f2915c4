"""Traces: how an assignment is worked on. They keep what the consent text names, and no more.

A page sends what was *added* since it last sent, so that neither a reload nor a second tab starts
anew: seconds, counts and milliseconds are summed, and marks are appended. A part has a name, and
is added once however often it is sent: a page that got no response sends it again. What pages
report stays within the time that passed since the HIT was accepted: a browser can say anything, and
two tabs count the same minute twice.
"""

import json
import logging
from collections.abc import Iterable
from typing import Annotated

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from pydantic import Field

from annotator.crowd.answers.validation import MAX_SLOTS, PageData, Slot, ViewName
from annotator.crowd.errors import CrowdError, NotOpen, TraceInvalid
from annotator.crowd.scheduling.leases import locked
from annotator.models import Assignment, Trace
from annotator.models.rows import only_row

log = logging.getLogger(__name__)
MAX_SECONDS = 24 * 3600  # in one message
MAX_COUNT = 10_000
MAX_PARTS_KEPT = 200  # names of the last parts
MAX_MARKS_KEPT = 5000  # the first of them: a page left to a cat grows no further
# A page may send its last part as it is left, when the answer is already there.
TRACED = (*Assignment.OPEN, Assignment.Status.SUBMITTED)

Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
SlotName = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,2})\z")]  # below MAX_SLOTS
Milliseconds = Annotated[int, Field(ge=0, le=1000 * MAX_SECONDS)]


class TracePart(PageData):
    """What a page adds to a trace. Pages from before parts had names send none."""

    part: Annotated[str, Field(max_length=40)] = ""
    active_seconds: Annotated[float, Field(ge=0, le=MAX_SECONDS)]
    paste_count: Count
    focus_lost_count: Count
    seen_ms: Annotated[dict[SlotName, Milliseconds], Field(max_length=MAX_SLOTS)]
    mark_order: Annotated[list[Slot], Field(max_length=MAX_COUNT)]
    views: list[ViewName]


def save(assignment: Assignment, data: object) -> Trace:
    """Save a part of an assignment's trace: what the consent text names, and no more.

    Args:
        data: a TracePart, or a list of them.

    Raises:
        TraceInvalid: it is something else.
        NotOpen: the assignment was returned, or somebody has decided about the answer.
    """
    parts = _parts(data)
    with transaction.atomic():
        return _save(locked(assignment), parts)


def save_beside(assignment: Assignment, trace: object) -> None:
    """Save the part of a trace that a page sends with something else; nothing if there is none.

    It is JSON, or parsed already. An invalid part is logged and costs no answer.

    Args:
        assignment: as the transaction has `locked` it.
    """
    if not trace:
        return
    try:
        data = json.loads(trace) if isinstance(trace, str | bytes) else trace
        _save(assignment, _parts(data))
    except (ValueError, RecursionError, CrowdError) as error:
        log.info("trace of assignment %s not saved: %s", assignment.pk, error)


def _parts(data: object) -> list[TracePart]:
    parts = data if isinstance(data, list) and data else [data]
    return [TracePart.parse(part, "trace", TraceInvalid) for part in parts]


def _save(assignment: Assignment, parts: Iterable[TracePart]) -> Trace:
    if assignment.status not in TRACED:
        raise NotOpen(_("You have finished with this one."))
    trace = only_row(Trace.objects.filter(assignment=assignment)) or Trace(assignment=assignment)
    for part in parts:
        _add(trace, part)
    passed = assignment.at_work_until - assignment.accepted_at
    _limit(trace, max(0.0, passed.total_seconds()))
    trace.saved_at = Now()
    trace.save()
    return trace


def _limit(trace: Trace, seconds: float) -> None:
    """Limit the times in a trace to the seconds that passed."""
    trace.active_seconds = min(trace.active_seconds, seconds)
    most = round(1000 * seconds)
    trace.seen_ms = {slot: min(ms, most) for slot, ms in trace.seen_ms.items()}


def _add(trace: Trace, part: TracePart) -> None:
    if part.part:
        if part.part in trace.parts:
            return
        trace.parts = [*trace.parts, part.part][-MAX_PARTS_KEPT:]
    trace.active_seconds += part.active_seconds
    trace.paste_count = min(MAX_COUNT, trace.paste_count + part.paste_count)
    trace.focus_lost_count = min(MAX_COUNT, trace.focus_lost_count + part.focus_lost_count)
    for slot, milliseconds in part.seen_ms.items():
        trace.seen_ms[slot] = trace.seen_ms.get(slot, 0) + milliseconds
    trace.mark_order = (trace.mark_order + part.mark_order)[:MAX_MARKS_KEPT]
    trace.views = sorted({*trace.views, *part.views})
