"""The base: what a market itself pays for each completed session. Payout batches pay the rest.

Prolific pays the reward of its study for every approved submission. What the ledger owes beyond
that is sent as a bonus. So the base of a session is subtracted from one batch; the amount is that
of the time when the batch was made.
"""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum

from annotator.models import MarketSession, Outcome, PayoutBatch


def is_in_a_session() -> Exists:
    """A condition on ledger entries: their worker is in a market session that has a base."""
    open_sessions = MarketSession.objects.with_entry_link().filter(
        participant__worker=OuterRef("worker"), outcome="", base__gt=0
    )
    return Exists(open_sessions)


def waiting_bases(link: int | None) -> dict[int, int]:
    """Cents by worker that a market itself pays for completed sessions that are in no batch.

    Args:
        link: the pk of a market link. A session belongs to the link by which its participant came
            last, since they are paid there. None, for people of no market, has no sessions.
    """
    rows = _waiting(link).values_list("participant__worker")
    return dict(rows.annotate(Sum("base")).order_by("participant__worker"))


def bases_in(batch: PayoutBatch) -> dict[int, int]:
    """Cents by worker that are subtracted from the payments of a batch."""
    sums = batch.sessions.values_list("participant__worker").annotate(Sum("base_cents"))
    return dict(sums.order_by("participant__worker"))


def take_bases(batch: PayoutBatch, workers: Collection[int]) -> None:
    """Subtract the base of workers' completed sessions from a batch, at today's amount."""
    if batch.link is not None:
        sessions = _waiting(batch.link_id).filter(participant__worker__in=workers)
        base = MarketSession.objects.with_entry_link().filter(pk=OuterRef("pk")).values("base")
        MarketSession.objects.filter(pk__in=list(sessions.values_list("pk", flat=True))).update(
            payout_batch=batch, base_cents=Subquery(base)
        )


def give_bases_back(batch: PayoutBatch, workers: Collection[int]) -> None:
    """Free the base of workers whose payments in a batch failed, for their next batch."""
    batch.sessions.filter(participant__worker__in=workers).update(payout_batch=None)


def _waiting(link: int | None) -> QuerySet[MarketSession]:
    return MarketSession.objects.with_entry_link().filter(
        participant__link=link,
        base__gt=0,
        outcome=Outcome.COMPLETED,
        payout_batch=None,
    )
