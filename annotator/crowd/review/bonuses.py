"""Money on top of a reward.

BonusError: it cannot be given so; its text says why.
"""

import hashlib

from django.db import transaction

from annotator.crowd.answers.validation import storable
from annotator.crowd.audit import Actor, note
from annotator.models import Assignment, Bonus, Worker
from annotator.pay.money import dollars

MAX_CHARACTERS = 500


class BonusError(Exception):
    """A bonus cannot be given as asked."""


def give_bonus(
    worker: Worker,
    cents: int,
    reason: str,
    by: Actor,
    token: str = "",
    assignment: Assignment | None = None,
) -> tuple[Bonus, bool]:
    """Give a worker a bonus, once for each token: asking again changes nothing.

    Args:
        reason: for the worker, who reads it.
        token: of whoever asks; without one it is made of the bonus itself, so that the same
            bonus asked for twice is one, and a second one needs a token or a reason of its own.
        assignment: for which answer of the worker, if for one.

    Returns:
        The bonus, and whether it is new.

    Raises:
        BonusError: it is no sum, has no reason, is for another's answer, or the token stands for
            another bonus.
    """
    reason = " ".join(storable(reason).split())
    _check(worker, cents, reason, token, assignment)
    token = token or _token_of(worker, cents, reason, assignment)
    wanted = {"cents": cents, "reason": reason, "assignment": assignment}
    with transaction.atomic():
        bonus, is_new = Bonus.objects.get_or_create(worker=worker, token=token, defaults=wanted)
        if is_new:
            told = {"cents": cents, "reason": reason, "token": token}
            note(worker.study, by, "bonus", worker=worker, assignment=assignment, **told)
    if bonus.cents != cents or bonus.assignment_id != (assignment and assignment.pk):
        raise BonusError(
            f"Token {token!r} has given worker {worker} {dollars(bonus.cents)} already; another "
            "bonus needs another token."
        )
    return bonus, is_new


def _check(
    worker: Worker, cents: int, reason: str, token: str, assignment: Assignment | None
) -> None:
    if cents < 1:
        raise BonusError(f"A bonus is at least a cent, got {cents}.")
    if not any(character.isalnum() for character in reason):
        raise BonusError("A bonus needs a reason, which the worker will read.")
    if len(reason) > MAX_CHARACTERS or len(token) > 64:
        raise BonusError(f"A reason has at most {MAX_CHARACTERS} characters, a token 64.")
    if assignment is not None and assignment.worker_id != worker.pk:
        raise BonusError(f"Assignment {assignment} is not worker {worker}'s.")


def _token_of(worker: Worker, cents: int, reason: str, assignment: Assignment | None) -> str:
    """From the row, never from the clock."""
    told = f"{worker.pk}\0{assignment.pk if assignment else ''}\0{cents}\0{reason}"
    return hashlib.sha256(told.encode()).hexdigest()
