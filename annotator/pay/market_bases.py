"""The base that a market itself pays for each completed session, taken off what is paid through us.

Prolific pays every approved submission the reward of its study. What the ledger owes beyond that is
sent as a bonus. The base of a session is taken off one batch, at the amount of that time.
"""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum

from annotator.models import MarketSession, Outcome, PayoutBatch


def is_in_a_session() -> Exists:
    """The condition of a query of ledger entries: a session with a base goes on for its worker."""
    open_sessions = MarketSession.objects.with_entry_link().filter(
        participant__worker=OuterRef("worker"), outcome="", base__gt=0
    )
    return Exists(open_sessions)


def waiting_bases(link: int | None) -> dict[int, int]:
    """What a market pays by itself for completed sessions that are in no batch, by worker.

    Args:
        link: a market link, by its pk; None, for people of no market, has no sessions. Sessions
            count where their people are paid: by the link by which they came last.
    """
    rows = _waiting(link).values_list("participant__worker")
    return dict(rows.annotate(Sum("base")).order_by("participant__worker"))


def bases_in(batch: PayoutBatch) -> dict[int, int]:
    """What is taken off the payments of a batch, by worker."""
    sums = batch.sessions.values_list("participant__worker").annotate(Sum("base_cents"))
    return dict(sums.order_by("participant__worker"))


def take_bases(batch: PayoutBatch, workers: Collection[int]) -> None:
    """Take the base of the completed sessions of workers off a batch, as it is now."""
    if batch.link is not None:
        sessions = _waiting(batch.link_id).filter(participant__worker__in=workers)
        base = MarketSession.objects.with_entry_link().filter(pk=OuterRef("pk")).values("base")
        MarketSession.objects.filter(pk__in=list(sessions.values_list("pk", flat=True))).update(
            payout_batch=batch, base_cents=Subquery(base)
        )


def give_bases_back(batch: PayoutBatch, workers: Collection[int]) -> None:
    """Leave the base to the next batch of workers, whose payments in this one failed."""
    batch.sessions.filter(participant__worker__in=workers).update(payout_batch=None)


def _waiting(link: int | None) -> QuerySet[MarketSession]:
    return MarketSession.objects.with_entry_link().filter(
        participant__link=link,
        base__gt=0,
        outcome=Outcome.COMPLETED,
        payout_batch=None,
    )
