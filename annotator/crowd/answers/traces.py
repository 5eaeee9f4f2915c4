"""Keeps how an assignment is worked on: what the consent text names as logged, and nothing else.

A page tells what has been *added* since it last told, so that neither a reload nor a second tab
begins anew: seconds, counts and milliseconds are summed, marks go on where they ended.
"""

import math
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.errors import NotOpen, TraceInvalid
from annotator.crowd.scheduling.leases import locked
from annotator.models import Assignment, Study, Trace

FIELDS = {
    "active_seconds",
    "paste_count",
    "focus_lost_count",
    "seen_ms",
    "mark_order",
    "views",
}
MOST_SECONDS = 24 * 3600  # in one telling
MOST_COUNT = 10_000
MOST_SLOTS = 1000
MOST_MARKS_KEPT = 5000  # the first of them: a page left to a cat grows no further
NEXT = (
    *Assignment.OPEN,
    Assignment.Status.SUBMITTED,
)  # a page may tell its last part as it is left


def save(assignment: Assignment, said: object) -> Trace:
    """Add what a page tells to the assignment's trace.

    Args:
        said: {active_seconds, paste_count, focus_lost_count, seen_ms: {slot: ms}, mark_order:
            [slot, ...], views: [...]}, each what was added since this page last told.

    Raises:
        TraceInvalid: it is not what a HIT page sends.
        NotOpen: the assignment was given back, or somebody has decided about it.
    """
    told = cleaned(said)
    with transaction.atomic():
        if locked(assignment).status not in NEXT:
            raise NotOpen(_("You have finished with this one."))
        trace = Trace.objects.filter(assignment=assignment).first() or Trace(assignment=assignment)
        _add(trace, told)
        trace.saved_at = Now()
        trace.save()
    return trace


def _add(trace: Trace, told: Mapping[str, Any]) -> None:
    trace.active_seconds += told["active_seconds"]
    trace.paste_count = min(MOST_COUNT, trace.paste_count + told["paste_count"])
    trace.focus_lost_count = min(MOST_COUNT, trace.focus_lost_count + told["focus_lost_count"])
    for slot, milliseconds in told["seen_ms"].items():
        trace.seen_ms[slot] = trace.seen_ms.get(slot, 0) + milliseconds
    trace.mark_order = (trace.mark_order + told["mark_order"])[:MOST_MARKS_KEPT]
    trace.views = sorted({*trace.views, *told["views"]})


def cleaned(said: object) -> dict[str, Any]:
    """What a page tells, as it is added.

    Raises:
        TraceInvalid: it has other fields, or values of other kinds.
    """
    if not isinstance(said, Mapping) or set(said) != FIELDS:
        raise TraceInvalid(f"A trace has the fields {', '.join(sorted(FIELDS))}.")
    rules = {
        "active_seconds": _is_up_to(said["active_seconds"], MOST_SECONDS, (int, float)),
        "paste_count": _is_up_to(said["paste_count"], MOST_COUNT),
        "focus_lost_count": _is_up_to(said["focus_lost_count"], MOST_COUNT),
        "seen_ms": _are_seen(said["seen_ms"]),
        "mark_order": _are_slots(said["mark_order"]),
        "views": isinstance(said["views"], list)
        and all(isinstance(view, str) and view in Study.View.values for view in said["views"]),
    }
    if wrong := [field for field, is_right in rules.items() if not is_right]:
        raise TraceInvalid(f"A trace's {wrong[0]} cannot be {str(said[wrong[0]])[:200]!r}.")
    return dict(said)


def _is_up_to(value: object, most: int, kinds: tuple[type, ...] = (int,)) -> bool:
    # True is not the number 1 here, and not a number is not one either.
    return type(value) in kinds and math.isfinite(value) and 0 <= value <= most


def _are_seen(seen: object) -> bool:
    if not isinstance(seen, Mapping) or len(seen) > MOST_SLOTS:
        return False
    return all(
        isinstance(slot, str)
        and slot.isascii()
        and slot.isdigit()
        and str(int(slot[:9])) == slot
        and int(slot) < MOST_SLOTS
        and _is_up_to(milliseconds, 1000 * MOST_SECONDS)
        for slot, milliseconds in seen.items()
    )


def _are_slots(marked: object) -> bool:
    if not isinstance(marked, list) or len(marked) > MOST_COUNT:
        return False
    return all(_is_up_to(slot, MOST_SLOTS - 1) for slot in marked)
