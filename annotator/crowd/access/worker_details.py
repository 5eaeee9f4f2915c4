"""Details of who a worker is, kept only with consent: the kind of device, the number at a market.

The browser's description of itself is not stored.
"""

from django.db.models import QuerySet

from annotator.models import Worker, WorkerDetails
from annotator.models.worker_details import Device, participant_hash

MAX_PARTICIPANT_CHARACTERS = 100


def device_class(user_agent: str) -> Device:
    """A detail of a worker: the kind of device, by the description that a browser sends of itself.

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
