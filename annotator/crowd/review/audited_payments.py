"""Audited payments: what requesters do about batches of payouts, each with an audit row."""

from collections.abc import Collection

from django.db import transaction

from annotator.crowd.audit import Actor, note
from annotator.models import LedgerEntry, PayoutBatch, Study, Worker
from annotator.pay import payouts
from annotator.pay.money import dollars
from annotator.pay.top_up import owe_shortfalls

PAST = {LedgerEntry.State.CONFIRMED: "confirmed", LedgerEntry.State.FAILED: "failed"}


def create_batch(
    study: Study, market: str, by: Actor, link: int | None = None
) -> PayoutBatch | None:
    """Audited payments: put those that wait for a market into a batch; None if none waits.

    What people lack to the minimum hourly pay is owed first.
    """
    owe_shortfalls(study)
    with transaction.atomic():
        batch = payouts.create_batch(study, market, link)
        if batch is not None:
            due = payouts.batch_payments(batch)
            amount = dollars(sum(payment.cents for payment in due))
            people = f"{market} {batch.link_id}" if batch.link_id else market
            words = f"batch {batch.pk} for {people}: {len(due)} payments, {amount} in all"
            note(study, by, "payments prepared", words=words)
    return batch


def cancel_batch(batch: PayoutBatch, by: Actor) -> None:
    """Audited payments: take a batch apart that is not sent. Raises PayoutError if it is."""
    with transaction.atomic():
        number = batch.pk
        payouts.cancel_batch(batch)
        note(batch.study, by, "payments canceled", words=f"batch {number} was taken apart")


def mark_sent(batch: PayoutBatch, by: Actor, reference: str = "") -> bool:
    """Audited payments: a batch was sent. False if it was sent before."""
    with transaction.atomic():
        reference = " ".join(reference.split())[:100]
        if not payouts.mark_sent(batch, reference):
            return False
        words = f"batch {batch.pk} was sent{f', reference {reference}' if reference else ''}"
        note(batch.study, by, "payments sent", words=words)
    return True


def settle(
    batch: PayoutBatch, state: str, by: Actor, workers: Collection[Worker] | None = None
) -> int:
    """Audited payments: those of a batch that are confirmed, or failed. Raises PayoutError."""
    with transaction.atomic():
        count = payouts.settle(batch, state, workers)
        if count:
            payment = "payment" if count == 1 else "payments"
            words = f"{count} {payment} of batch {batch.pk} {PAST[LedgerEntry.State(state)]}"
            only = next(iter(workers)) if workers is not None and len(workers) == 1 else None
            note(
                batch.study,
                by,
                f"payments {PAST[LedgerEntry.State(state)]}",
                worker=only,
                words=words,
            )
    return count
