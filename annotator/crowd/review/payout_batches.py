"""Batches of payouts: made, taken apart, sent, and settled, each step with an audit row.

PayoutError: a batch is not in the state that a step needs; the message says what it is.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.models import LedgerEntry, PayoutBatch, Study, Worker
from annotator.pay.market_bases import give_bases_back, take_bases
from annotator.pay.money import dollars
from annotator.pay.payouts import Channel, batch_payments, payments, waiting, waiting_payments
from annotator.pay.top_up import owe_shortfalls

State = LedgerEntry.State
PAST = {State.CONFIRMED: "confirmed", State.FAILED: "failed"}


class PayoutError(ValueError):
    """A batch is not in the state that a step needs."""


def create_batch(
    study: Study, market: str, by: Actor, link: int | None = None
) -> PayoutBatch | None:
    """Put everything that waits in a channel into a new batch of payouts; None if nothing does.

    What people lack to the minimum hourly pay is owed first. Of two requests at once one makes the
    batch, and nothing is left for the other.

    Args:
        link: None takes, of the market's links, the first whose people wait.
    """
    owe_shortfalls(study)
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        for channel in waiting_payments(study):
            if channel.market == market and link in (None, channel.link):
                batch = _batch_of(study, channel)
                note(study, by, "payments prepared", words=_prepared(batch))
                return batch
    return None


def _batch_of(study: Study, channel: Channel) -> PayoutBatch:
    entries = waiting(study).filter(market=channel.market, link=channel.link)
    workers = [payment.worker for payment in payments(entries)]
    batch = PayoutBatch.objects.create(study=study, market=channel.market, link_id=channel.link)
    chosen = list(entries.filter(worker__in=workers).values_list("pk", flat=True))
    LedgerEntry.objects.filter(pk__in=chosen).update(batch=batch, state=State.OWED)
    take_bases(batch, workers)
    return batch


def _prepared(batch: PayoutBatch) -> str:
    due = batch_payments(batch)
    amount = dollars(sum(payment.cents for payment in due))
    people = f"{batch.market} {batch.link_id}" if batch.link_id else batch.market
    return f"batch {batch.pk} for {people}: {len(due)} payments, {amount} in all"


def cancel_batch(batch: PayoutBatch, by: Actor) -> None:
    """Take a batch of payouts apart before it is sent; its payouts wait again.

    Raises:
        PayoutError: it is sent.
    """
    with transaction.atomic():
        number, batch = batch.pk, _locked(batch)
        if batch.sent_at is not None:
            raise PayoutError(
                _("Batch %(pk)s is sent: mark it as failed if it did not arrive.")
                % {"pk": batch.pk}
            )
        batch.entries.update(batch=None)
        batch.delete()
        note(batch.study, by, "payments canceled", words=f"batch {number} was taken apart")


def mark_sent(batch: PayoutBatch, by: Actor, reference: str = "") -> bool:
    """Say that a batch of payouts was sent. False if it was sent before."""
    with transaction.atomic():
        batch = _locked(batch)
        if batch.sent_at is not None:
            return False
        reference = " ".join(reference.split())[:100]
        batch.entries.filter(state=State.OWED).update(state=State.SENT)
        PayoutBatch.objects.filter(pk=batch.pk).update(sent_at=Now(), reference=reference)
        words = f"batch {batch.pk} was sent{f', reference {reference}' if reference else ''}"
        note(batch.study, by, "payments sent", words=words)
    return True


def settle(
    batch: PayoutBatch, state: str, by: Actor, workers: Collection[Worker] | None = None
) -> int:
    """Say that payouts of a sent batch are CONFIRMED, or FAILED; returns how many workers'.

    Idempotent: payments that are confirmed or failed stay as they are.

    Args:
        workers: of these alone; None is all of the batch.

    Raises:
        PayoutError: the batch is not sent.
    """
    with transaction.atomic():
        batch = _locked(batch)
        if batch.sent_at is None:
            raise PayoutError(_("Batch %(pk)s is not sent yet.") % {"pk": batch.pk})
        count = _settle(batch, state, workers)
        if count:
            past = PAST[State(state)]
            words = f"{count} {'payment' if count == 1 else 'payments'} of batch {batch.pk} {past}"
            only = next(iter(workers)) if workers is not None and len(workers) == 1 else None
            note(batch.study, by, f"payments {past}", worker=only, words=words)
    return count


def _settle(batch: PayoutBatch, state: str, workers: Collection[Worker] | None) -> int:
    entries = batch.entries.filter(state=State.SENT)
    if workers is not None:
        entries = entries.filter(worker__in=workers)
    count = entries.values("worker").distinct().count()
    if state == State.FAILED:  # the next batch takes the base off again
        give_bases_back(batch, list(entries.values_list("worker", flat=True)))
    entries.update(state=state)
    if count and not batch.entries.filter(state=State.SENT).exists():
        PayoutBatch.objects.filter(pk=batch.pk).update(confirmed_at=Now())
    return count


def _locked(batch: PayoutBatch) -> PayoutBatch:
    row = PayoutBatch.objects.select_for_update(no_key=True).filter(pk=batch.pk).first()
    if row is None:
        raise PayoutError(_("Batch %(pk)s was canceled.") % {"pk": batch.pk})
    return row


def batches(study: Study) -> QuerySet[PayoutBatch]:
    """The batches of a study, the newest first, with `cents`, `people`, and those `on_the_way`."""
    on_the_way = Count("entries__worker", filter=Q(entries__state=State.SENT), distinct=True)
    return study.payout_batches.order_by("-pk").annotate(
        cents=Sum("entries__cents", default=0),
        people=Count("entries__worker", distinct=True),
        on_the_way=on_the_way,
    )
