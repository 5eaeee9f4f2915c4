"""The pictures of a HIT as one assignment shows them: their order, and which are hidden.

The page order is shuffled, so that neither rank nor place tells anything. It is the same whenever
an assignment asks, so that a reload changes nothing and an answer can be traced to what was seen.
"""

import math
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from annotator.crowd.errors import NotOpen, NotShown
from annotator.crowd.scheduling.leases import locked
from annotator.database.prepared_queries import Parameter, PreparedQuery
from annotator.keyed_random import keyed_order
from annotator.models import Assignment, Exemplar, Hit, PictureReport, Study
from annotator.models.hit import shown_by

Why = PictureReport.Why


class ShownExemplar(NamedTuple):
    """A picture of a HIT as one assignment shows it."""

    pk: int
    role: str
    is_hidden: bool


_REPORTS = PictureReport.objects.filter(assignment=Parameter("assignment"))
_HIDDEN_SLOTS = PreparedQuery(_REPORTS.values_list("exemplar__slot"))
_SHOWN = {
    kind: PreparedQuery(
        shown_by(kind, Parameter("unit"))
        .annotate(is_hidden=Exists(_REPORTS.filter(exemplar=OuterRef("pk"))))
        .order_by("slot")
        .values_list("slot", *ShownExemplar._fields)
    )
    for kind in Hit.Kind
}


def shown_exemplars(assignment: Assignment) -> dict[int, ShownExemplar]:
    """The pictures that an assignment shows its worker, by slot."""
    hit = assignment.hit
    rows = _SHOWN[Hit.Kind(hit.kind)](unit=hit.unit_id, assignment=assignment.pk)
    return {slot: ShownExemplar(*columns) for slot, *columns in rows}


def judged_exemplars(assignment: Assignment) -> dict[int, ShownExemplar]:
    """The pictures of an answer that its worker has to judge, by slot: those not hidden."""
    shown = shown_exemplars(assignment)
    return {slot: exemplar for slot, exemplar in shown.items() if not exemplar.is_hidden}


def judged_count(assignment: Assignment) -> int:
    """How many pictures the worker of an assignment has to judge."""
    return len(judged_exemplars(assignment))


def least_judged(study: Study, shown: int) -> int:
    """How many pictures a worker may not hide: the study's setting of those that have to be judged.

    It counts pictures of all roles, so that it tells no catch image.
    """
    return max(1, math.ceil(study.min_judged * shown))


def page_order(assignment: Assignment) -> list[int]:
    """The slots of an assignment's pictures in page order."""
    slots = assignment.hit.shown.values_list("slot", flat=True)
    return keyed_order(slots, order_key(assignment))


def order_key(assignment: Assignment) -> str:
    """The key of the order in which an assignment's page shows the pictures of its answer.

    It holds the study's secret, so nobody can undo the shuffle.
    """
    return f"{assignment.worker.study.key}/{assignment.key}"


def hide(assignment: Assignment, slot: int, why: str = Why.HIDDEN) -> None:
    """Hide a picture of an assignment and report it. Idempotent: the first reason stays.

    Raises:
        NotShown: the HIT has no such picture, or `why` is not a PictureReport.Why.
        NotOpen: the assignment was returned or answered.
    """
    with transaction.atomic():
        exemplar = _locked_exemplar(assignment, slot)
        if why not in Why.values:
            raise NotShown(
                _("A picture is hidden because it is one of %(values)s; got %(why)r.")
                % {"values": Why.values, "why": why}
            )
        PictureReport.objects.get_or_create(
            assignment=assignment, exemplar=exemplar, defaults={"why": why}
        )


def show_again(assignment: Assignment, slot: int) -> None:
    """Show a hidden picture of an assignment again. Raises the same errors as `hide`."""
    with transaction.atomic():
        exemplar = _locked_exemplar(assignment, slot)
        PictureReport.objects.filter(assignment=assignment, exemplar=exemplar).delete()


def hidden_slots(assignment: Assignment) -> frozenset[int]:
    """The slots of the pictures that an assignment's worker has hidden."""
    return frozenset(slot for (slot,) in _HIDDEN_SLOTS(assignment=assignment.pk))


def _locked_exemplar(assignment: Assignment, slot: int) -> Exemplar:
    """The exemplar in a slot of an open assignment, which stays open until the transaction ends."""
    if locked(assignment).status not in Assignment.OPEN:
        raise NotOpen(_("You have finished with this one."))
    exemplar = assignment.hit.shown.filter(slot=slot).first()
    if exemplar is None:
        sentence = _("This HIT shows no picture in slot %(slot)s; please reload it.")
        raise NotShown(sentence % {"slot": slot})
    return exemplar
