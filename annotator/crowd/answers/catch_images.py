"""Catch images: whether they were marked, and whether submit is refused because of it.

They are judged on the server alone. Nothing that leaves it tells a catch image from the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotator.crowd.answers.pictures import ShownExemplar
from annotator.models import Exemplar, Study

MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class CatchCounts:
    """How many catch images were shown, and how many of them were marked."""

    shown: int
    marked: int


def catch_counts(
    exemplars: Mapping[int, ShownExemplar], marked: frozenset[int], says: str
) -> CatchCounts:
    """Count the catch images, and the marked ones, in a submitted answer.

    If nothing is in common, no picture can fail to fit, so a catch image asks nothing: the counts
    are 0 of 0, neither for nor against the worker.

    Args:
        exemplars: everything that the HIT shows, by slot.
    """
    if says == "nothing":
        return CatchCounts(0, 0)
    slots = {slot for slot, exemplar in exemplars.items() if exemplar.role == Exemplar.Role.CATCH}
    return CatchCounts(len(slots), len(slots & marked))


def look_again() -> str:
    """The sentence that refuses an answer for its catch images; it names no picture."""
    return _(
        "Some pictures may need a second look. Please go through all of them again, mark those "
        "that do not fit, and submit once more."
    )


def refuses(policy: str, counts: CatchCounts, attempt: int, looked_again: bool) -> bool:
    """Whether the catch images refuse this attempt to submit, counted from 1.

    Policy `block` refuses an answer that leaves a catch image unmarked, at most MAX_ATTEMPTS - 1
    times. A worker who was refused once may insist that the rest fits.
    """
    if policy != Study.CatchPolicy.BLOCK or counts.marked == counts.shown:
        return False
    insists = looked_again and attempt > 1
    return attempt < MAX_ATTEMPTS and not insists
