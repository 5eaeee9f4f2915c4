"""Bonuses: money on top of a reward, entries of the ledger."""

import hashlib
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import BonusError
from annotator.crowd.reasons import tidy_reason
from annotator.models import Assignment, LedgerEntry, Worker
from annotator.pay.ledger import Kind, owe
from annotator.pay.money import dollars

MAX_TOKEN_CHARACTERS = 64
NO_REASON = gettext_noop("A bonus needs a reason, which the worker will read.")


def give_bonus(
    worker: Worker,
    cents: int,
    reason: str,
    by: Actor,
    token: str = "",
    assignment: Assignment | None = None,
) -> tuple[LedgerEntry, bool]:
    """Give a worker a bonus. Idempotent: the same token is the same bonus.

    Args:
        reason: for the worker, who reads it.
        token: chosen by the caller. Without one it is made from the bonus itself, so that the
            same bonus given twice is one, and a second one needs a token or a reason of its own.
        assignment: the worker's answer that the bonus is for, if it is for one.

    Returns:
        The bonus in the ledger, and whether it is new.

    Raises:
        BonusError: the amount is below a cent, the worker is no person, the answer is another
            worker's, or the token stands for another bonus.
        ReasonMissing, ReasonTooLong: as `tidy_reason`.
    """
    check_bonus([worker], cents)
    _check_claim(worker, token, assignment)
    reason = tidy_reason(reason, NO_REASON)
    key = f"bonus {worker.pk} {token or _token_of(worker, cents, reason, assignment)}"
    with transaction.atomic():
        # Locked, so that of two requests at once one is new.
        Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        earlier = LedgerEntry.objects.filter(study_id=worker.study_id, key=key).first()
        if earlier is None:
            bonus = owe(worker, Kind.BONUS, cents, key, reason, assignment)
            assert bonus is not None  # the worker is a person
            words = f"{dollars(cents)} to worker {worker}: {reason}"
            note(worker.study, by, "bonus", worker=worker, assignment=assignment, words=words)
            return bonus, True
    _check_same(earlier, cents, token, assignment)
    return earlier, False


def _check_same(bonus: LedgerEntry, cents: int, token: str, assignment: Assignment | None) -> None:
    """Refuse a token that has given another bonus; raises BonusError."""
    if bonus.cents != cents or bonus.assignment_id != (assignment and assignment.pk):
        raise BonusError(
            _(
                "Token %(token)r has already given worker %(worker)s %(cents)s; another "
                "bonus needs another token."
            )
            % {"token": token, "worker": bonus.worker, "cents": dollars(bonus.cents)}
        )


def _check_claim(worker: Worker, token: str, assignment: Assignment | None) -> None:
    """Refuse a token that is too long, and an answer that is another worker's."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise BonusError(
            _("A token has at most %(max_token_characters)s characters.")
            % {"max_token_characters": MAX_TOKEN_CHARACTERS}
        )
    if assignment is not None and assignment.worker_id != worker.pk:
        raise BonusError(
            _("Assignment %(assignment)s is not worker %(worker)s's.")
            % {"assignment": assignment, "worker": worker}
        )


def give_bonuses(
    workers: Sequence[Worker], cents: int, reason: str, by: Actor, token: str = ""
) -> int:
    """Give several workers a bonus each, all or none; returns how many are new.

    Idempotent and raises as `give_bonus`.
    """
    with transaction.atomic():
        given = [give_bonus(worker, cents, reason, by, token)[1] for worker in workers]
        if len(workers) > 1 and any(given):
            amount, all_in_all = dollars(cents), dollars(cents * sum(given))
            words = f"{sum(given)} workers {amount} each, {all_in_all} in all: {reason}"
            note(workers[0].study, by, "bonuses", words=words)
    return sum(given)


def question(worker_count: int, cents: int) -> str:
    """The sentence by which a bonus is confirmed before it is given.

    >>> question(5, 100)
    'Give 5 workers $1.00 each, $5.00 in all?'
    """
    words = {"n": worker_count, "each": dollars(cents), "total": dollars(worker_count * cents)}
    return (
        ngettext(
            "Give %(n)s worker %(each)s?",
            "Give %(n)s workers %(each)s each, %(total)s in all?",
            worker_count,
        )
        % words
    )


def check_bonus(workers: Iterable[Worker], cents: int) -> None:
    """Refuse a bonus of less than a cent, or to a worker who is not a person.

    Raises:
        BonusError: the amount or a worker is refused; the sentence names it.
    """
    if cents < 1:
        raise BonusError(_("A bonus is at least a cent, got %(cents)s.") % {"cents": cents})
    for worker in workers:
        if worker.kind != Worker.Kind.PERSON:
            raise BonusError(
                _("Worker %(worker)s is %(kind)s: only people are paid.")
                % {"worker": worker, "kind": worker.kind}
            )


def _token_of(worker: Worker, cents: int, reason: str, assignment: Assignment | None) -> str:
    """A token made from the bonus alone, never from the clock."""
    text = f"{worker.pk}\0{assignment.pk if assignment else ''}\0{cents}\0{reason}"
    return hashlib.sha256(text.encode()).hexdigest()
