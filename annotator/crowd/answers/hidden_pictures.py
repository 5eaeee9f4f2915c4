"""Hides pictures from a worker who cannot see them or does not want to."""

from django.db import transaction
from django.utils.translation import gettext as _

from annotator.crowd.errors import NotOpen, NotShown
from annotator.crowd.scheduling.leases import locked
from annotator.models import Assignment, Exemplar, PictureReport

Why = PictureReport.Why


def hide(assignment: Assignment, slot: int, why: str = Why.HIDDEN) -> None:
    """Hide a picture and report it. Twice is as good as once; the first reason stays.

    Raises:
        NotShown: the HIT has no such picture, or why is no reason.
        NotOpen: the assignment was given back or answered.
    """
    with transaction.atomic():
        exemplar = _exemplar(assignment, slot)
        if why not in Why.values:
            raise NotShown(f"A picture is hidden because it is one of {Why.values}; got {why!r}.")
        PictureReport.objects.get_or_create(
            assignment=assignment, exemplar=exemplar, defaults={"why": why}
        )


def show_again(assignment: Assignment, slot: int) -> None:
    """Take a report back. Raises: as `hide`."""
    with transaction.atomic():
        exemplar = _exemplar(assignment, slot)
        PictureReport.objects.filter(assignment=assignment, exemplar=exemplar).delete()


def hidden_slots(assignment: Assignment) -> frozenset[int]:
    """The slots of the pictures that are hidden from the assignment's worker."""
    return frozenset(assignment.reports.values_list("exemplar__slot", flat=True))


def _exemplar(assignment: Assignment, slot: int) -> Exemplar:
    """The picture in a slot of an open assignment, which stays open until the transaction ends."""
    if locked(assignment).status not in Assignment.OPEN:
        raise NotOpen(_("You have finished with this one."))
    exemplar = assignment.hit.shown.filter(slot=slot).first()
    if exemplar is None:
        sentence = _("This HIT shows no picture in slot %(slot)s; please reload it.")
        raise NotShown(sentence % {"slot": slot})
    return exemplar
