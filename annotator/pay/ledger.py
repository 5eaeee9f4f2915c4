"""The ledger: what a study owes each worker, in entries that are added and never changed."""

from django.db import transaction
from django.db.models import Sum

from annotator.models import Assignment, LedgerEntry, Study, Worker

Kind = LedgerEntry.Kind


class LedgerError(ValueError):
    """An entry contradicts one that the ledger has."""


def owe(
    worker: Worker,
    kind: Kind,
    cents: int,
    key: str,
    words: str,
    assignment: Assignment | None = None,
) -> LedgerEntry | None:
    """Add an amount that the study owes a person. Idempotent: one entry a key.

    Call it in the transaction of what it pays for.

    Args:
        cents: below 0 in corrections alone.
        key: names what is paid for, such as `reward KEY-OF-ASSIGNMENT`; never made from a clock.
        words: what it is for, in a phrase that the worker reads.

    Returns:
        The entry of the key; None for workers that are not persons, who are owed nothing.

    Raises:
        LedgerError: the key has an entry of another worker, kind or amount.
    """
    if worker.kind != Worker.Kind.PERSON:
        return None
    fields = {"worker": worker, "kind": kind, "cents": cents}
    with transaction.atomic():
        entry, _is_new = LedgerEntry.objects.get_or_create(
            study_id=worker.study_id,
            key=key,
            defaults=fields | {"words": words, "assignment": assignment},
        )
    if (entry.worker_id, entry.kind, entry.cents) != (worker.pk, kind, cents):
        raise LedgerError(
            f"{key!r} is in the ledger with {entry.cents} cents for worker {entry.worker} "
            f"({entry.kind}), not with {cents} for {worker} ({kind}). A correction is an entry of "
            "its own."
        )
    return entry


def unpaid_cents(study: Study) -> dict[int, int]:
    """Cents that are still owed, by the primary key of the worker; workers owed 0 are left out."""
    rows = LedgerEntry.objects.filter(study=study, state__in=LedgerEntry.UNPAID)
    sums = rows.values("worker").annotate(cents=Sum("cents")).order_by("worker")
    return {row["worker"]: row["cents"] for row in sums if row["cents"]}
