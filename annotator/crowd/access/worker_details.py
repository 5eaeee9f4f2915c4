"""Details of who a worker is, kept only with consent: the kind of device, the number at a market.

The browser's description of itself is not stored. Numbers are deleted once nobody needs them to pay
or to take answers back.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat, Now

from annotator.crowd.audit import COMMAND, Actor, note
from annotator.models import LedgerEntry, MarketSession, Participant, Study, Worker, WorkerDetails
from annotator.models.worker_details import Device, participant_hash

MAX_PARTICIPANT_CHARACTERS = 100
DELETED = "deleted "  # in place of a number; no market's number has a space


def device_class(user_agent: str) -> Device:
    """The kind of device of a browser, from the description that it sends of itself.

    A tablet that describes itself as a computer, as iPads do unless told otherwise, is one here.
    A browser that says nothing is taken for a computer's.
    """
    if "iPad" in user_agent or "Tablet" in user_agent:
        return Device.TABLET
    if "Android" in user_agent and "Mobile" not in user_agent:
        return Device.TABLET
    return Device.PHONE if "Mobi" in user_agent else Device.DESKTOP


def keep_device(worker: Worker, user_agent: str) -> bool:
    """Keep the kind of device of a worker's first answer. Idempotent: the first one stays.

    Returns:
        Whether it is kept: nothing is without consent to it.
    """
    if not _agreeing(worker, "covers_device").exists():
        return False
    WorkerDetails.objects.get_or_create(worker=worker)
    unknown = WorkerDetails.objects.filter(worker=worker, device="")
    unknown.update(device=device_class(user_agent))
    return True


def keep_participant(worker: Worker, participant: str) -> None:
    """Keep a hash of a worker's number at a marketplace, by which details can be imported.

    Nothing is kept without a number, or without consent to it.
    """
    if (
        0 < len(participant) <= MAX_PARTICIPANT_CHARACTERS
        and _agreeing(worker, "covers_market").exists()
    ):
        hashed = participant_hash(worker.study, participant)
        WorkerDetails.objects.update_or_create(worker=worker, defaults={"participant": hashed})


def _agreeing(worker: Worker, part: str) -> QuerySet[Worker]:
    """A worker, if they are a person who agreed to a text that covers a part."""
    people = Worker.objects.filter(pk=worker.pk, kind=Worker.Kind.PERSON)
    return people.with_consent(part)


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
