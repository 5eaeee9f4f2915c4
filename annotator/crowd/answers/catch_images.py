"""Catch images: were they marked, and is submit refused because of it?

Judged on the server alone. Nothing that leaves it tells a catch image from the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotator.models import Exemplar, Study

MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class CatchCounts:
    """How many catch images were shown, and how many of them were marked."""

    shown: int
    marked: int


def catch_counts(
    exemplars: Mapping[int, Exemplar], marked: frozenset[int], says: str
) -> CatchCounts:
    """Count the catch images among marked slots.

    Where nothing is in common no picture can fail to fit, so none of them is a question: the
    count is 0 of 0, neither for nor against the worker.

    Args:
        exemplars: everything the HIT shows, by slot.
    """
    if says == "nothing":
        return CatchCounts(0, 0)
    slots = {slot for slot, each in exemplars.items() if each.role == Exemplar.Role.CATCH}
    return CatchCounts(len(slots), len(slots & marked))


def look_again() -> str:
    """Why an answer is refused, whichever catch image it left, in the worker's language."""
    return _(
        "Some pictures may need a second look. Please go through all of them again, mark those "
        "that do not fit, and submit once more."
    )


def refuses(policy: str, catch: CatchCounts, attempt: int, looked_again: bool) -> bool:
    """Whether this attempt, counted from 1, is refused.

    `block` refuses until all are marked, at most until the third attempt; a worker who was
    refused once may insist that the rest fits.
    """
    if policy != Study.CatchPolicy.BLOCK or catch.marked == catch.shown:
        return False
    insists = looked_again and attempt > 1
    return attempt < MAX_ATTEMPTS and not insists
