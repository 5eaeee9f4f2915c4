"""Deleting people's numbers at markets, once nobody needs them to pay or to take answers back."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat, Now

from annotator.crowd.audit import COMMAND, Actor, note
from annotator.models import LedgerEntry, MarketSession, Participant, Study

DELETED = "deleted "  # in place of a number; no market's number has a space


def may_delete(study: Study) -> bool:
    """Whether all payments are confirmed and nobody can take answers back any more."""
    unconfirmed = LedgerEntry.objects.filter(study=study).exclude(state=LedgerEntry.State.CONFIRMED)
    sessions = MarketSession.objects.filter(participant__study=study)
    latest_end = Now() - timedelta(days=study.withdrawal_days)
    needed = sessions.exclude(outcome="", ended_at__isnull=True).filter(ended_at__gte=latest_end)
    is_open = sessions.filter(outcome="").exists()
    return not (is_open or needed.exists() or unconfirmed.exists())


def delete_numbers(study: Study, by: Actor = COMMAND) -> int:
    """Delete the numbers of a study's participants and submissions, if they may go. Idempotent.

    Returns:
        How many people's were deleted; 0 while they are needed.
    """
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        people = Participant.objects.filter(study=study).exclude(number__startswith=DELETED)
        if not people.exists() or not may_delete(study):
            return 0
        gone = Concat(Value(DELETED), Cast("pk", CharField()))
        MarketSession.objects.filter(participant__in=people).update(number=gone)
        count = people.update(number=gone)
        note(study, by, "market numbers deleted", count=count)
    return count


def delete_number(participant: Participant) -> bool:
    """Delete one person's number, if all their payments are confirmed. Idempotent.

    Returns:
        Whether it is gone. Otherwise `delete_numbers` deletes it with the study's others.
    """
    ledger = LedgerEntry.objects.filter(worker=participant.worker)
    is_open = participant.sessions.filter(outcome="").exists()
    if is_open or ledger.exclude(state=LedgerEntry.State.CONFIRMED).exists():
        return participant.number.startswith(DELETED)
    replace_number(participant)
    return True


def replace_number(participant: Participant) -> bool:
    """Put another in place of a person's number and of their submissions'. False if it was."""
    if participant.number.startswith(DELETED):
        return False
    number = f"{DELETED}{participant.pk}"
    for session in participant.sessions.order_by("pk"):  # a person's sessions have numbers apart
        session.number = f"{number} {session.pk}"
        session.save(update_fields=["number"])
    Participant.objects.filter(pk=participant.pk).update(number=number)
    return True
