"""The order in which a HIT's pictures stand on the page: another one for each assignment.

Shuffled, so that neither rank nor place tells anything, and always alike for one assignment,
so that a reload changes nothing and an answer can be traced to what was seen.
"""

import hashlib
from collections.abc import Iterable

from annotator.models import Assignment


def page_order(assignment: Assignment) -> list[int]:
    """The slots of the assignment's HIT in page order."""
    slots = assignment.hit.shown.values_list("slot", flat=True)
    return shuffled(slots, key_of(assignment))


def key_of(assignment: Assignment) -> str:
    """What decides the order. The study's key is secret, so that the page cannot be undone."""
    return f"{assignment.worker.study.key}/{assignment.key}"


def shuffled(slots: Iterable[int], key: str) -> list[int]:
    """The slots in an order that the key alone decides, however they come in."""

    def draw(slot: int) -> bytes:
        return hashlib.blake2b(f"page\0{key}\0{slot}".encode(), digest_size=8).digest()

    return sorted(slots, key=lambda slot: (draw(slot), slot))
