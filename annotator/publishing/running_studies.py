"""What a requester changes of a running study: pause, budget, answers, withdrawn units.

Each change is one function for page and command, leaves an audit row, and is idempotent: what is
so already is not noted again.

RunError: a change is not possible; the message says why.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.scheduling.redundancy import lower_redundancy, raise_redundancy, set_adaptive
from annotator.models import Hit, Study, Unit
from annotator.publishers import PUBLISHERS
from annotator.publishing.requests import MAX_ANSWERS


class RunError(Exception):
    """A change is not possible like this; the message is one sentence."""


def pause(study: Study, by: Actor) -> bool:
    """Pause a running study: no more HITs are handed out. False if it is paused.

    Work in hand may be finished.
    """
    with transaction.atomic():
        if not Study.objects.filter(pk=study.pk, paused_at=None).update(paused_at=Now()):
            return False
        note(study, by, "paused")
    return True


def resume(study: Study, by: Actor) -> bool:
    """Let a paused study run again: HITs are handed out. False if it was not paused."""
    with transaction.atomic():
        paused = Study.objects.filter(pk=study.pk, paused_at__isnull=False)
        if not paused.update(paused_at=None):
            return False
        note(study, by, "resumed")
    return True


def set_budget(study: Study, cents: int | None, by: Actor) -> bool:
    """Change a running study's budget, fees included; None: no limit. False if it is so already."""
    return _set(study, "budget_cents", cents, by)


def set_minimum(study: Study, cents: int, by: Actor) -> bool:
    """Change the minimum hourly pay of a running study. False if it is so already."""
    return _set(study, "min_hourly_cents", cents, by)


def _set(study: Study, column: str, value: int | None, by: Actor) -> bool:
    with transaction.atomic():
        # The lock that accepting takes with a budget: nobody gets a HIT by the old one meanwhile.
        row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        before = getattr(row, column)
        if before == value:
            return False
        Study.objects.filter(pk=study.pk).update(**{column: value})
        note(study, by, "settings", **{column: [before, value]})
    setattr(study, column, value)
    return True


def set_answers(study: Study, wanted: int, by: Actor) -> int:
    """Change the answers of each unit in a running study; returns how many places that adds.

    Downwards, only what nobody has taken is dropped, and the number is below 0.

    Raises:
        RunError: it is out of range.
    """
    if not 1 <= wanted <= MAX_ANSWERS:
        raise RunError(
            _("A unit can get from 1 to %(max_answers)s answers, got %(wanted)s.")
            % {"max_answers": MAX_ANSWERS, "wanted": wanted}
        )
    study.refresh_from_db(fields=["assignments_wanted", "adaptive_most"])
    if wanted < study.assignments_wanted:
        return -lower_redundancy(study, wanted, by)
    return raise_redundancy(study, wanted, by)


def set_maximum(study: Study, most: int | None, by: Actor) -> int:
    """Change how many answers units without a majority group get in a running study at most.

    Returns how many places that adds. None gives every unit as many; METHODS.md, "Adaptive
    redundancy".

    Raises:
        RunError: it is out of range.
    """
    study.refresh_from_db(fields=["assignments_wanted"])
    if most is not None and not study.assignments_wanted < most <= MAX_ANSWERS:
        raise RunError(
            _(
                "The maximum for a unit without a majority group is from %(low)s to %(high)s, "
                "got %(n)s."
            )
            % {"low": study.assignments_wanted + 1, "high": MAX_ANSWERS, "n": most}
        )
    return set_adaptive(study, most, by)


def withdraw(study: Study, units: Collection[int] | None, by: Actor) -> int:
    """Withdraw HITs of units from a running study for good. Returns how many.

    Who has one in hand may finish it and is paid; answers stay.

    Args:
        units: by pk; None is all of the study.
    """
    hits = Hit.objects.filter(unit__layer__network__study=study)
    hits = hits.exclude(status=Hit.Status.DISPOSED).select_related("hit_type")
    if units is not None:
        hits = hits.filter(unit__in=units)
    with transaction.atomic():
        withdrawn = list(hits.order_by("pk").select_for_update(of=("self",), no_key=True))
        for hit in withdrawn:
            PUBLISHERS[hit.hit_type.publisher]().withdraw(hit)
        if withdrawn:
            note(study, by, "withdrawn", hits=[hit.key for hit in withdrawn])
    return len(withdrawn)


def numbered(units: Collection[int], numbers: Collection[int]) -> set[int]:
    """Those units of a running study, by pk, that have one of some numbers in their layer.

    Raises:
        RunError: no unit has a number.
    """
    rows = dict(Unit.objects.filter(pk__in=units, number__in=numbers).values_list("pk", "number"))
    if missing := sorted(set(numbers) - set(rows.values())):
        raise RunError(_("The layers have no unit %(missing)s.") % {"missing": missing[0]})
    return set(rows)
