"""The budget of a study: what it has cost, and what it has committed itself to pay.

Everything is integer cents, fees of the markets included. A fee goes on top of all pay.
"""

from math import ceil

from django.db.models import F, Q, QuerySet, Sum

from annotator.models import Assignment, LedgerEntry, MarketLink, Study, Worker

FEE = "worker__participant__link__fee_percent"


def fee_cents(cents: int, percent: float | None) -> int:
    """The fee of a market on some pay, rounded up.

    >>> fee_cents(1000, 33.3)
    333
    """
    return ceil(round(cents * (percent or 0) / 100, 6))


def highest_fee(study: Study) -> float:
    """The highest fee among a study's market links, in percent; 0 without one."""
    fees = MarketLink.objects.filter(invitation__study=study).values_list("fee_percent", flat=True)
    return max(fees, default=0.0)


def cost_cents(worker: Worker, cents: int) -> int:
    """What paying a worker costs the study: the cents and the fee; 0 unless it is a person."""
    if worker.kind != Worker.Kind.PERSON:
        return 0
    links = MarketLink.objects.filter(participants__worker=worker)
    return cents + fee_cents(cents, links.values_list("fee_percent", flat=True).first())


def spent_cents(study: Study) -> int:
    """What the ledger has for all workers, paid or owed, fees included.

    A correction that was not delivered takes nothing away.
    """
    failed = Q(kind=LedgerEntry.Kind.CORRECTION, state=LedgerEntry.State.FAILED)
    return _with_fees(LedgerEntry.objects.filter(study=study).exclude(failed), "cents")


def in_hand_cents(study: Study) -> int:
    """The rewards of the HITs that people are working on, fees included."""
    rows = Assignment.objects.filter(
        worker__study=study, worker__kind=Worker.Kind.PERSON, status=Assignment.Status.ACCEPTED
    )
    return _with_fees(rows, "hit__hit_type__reward_cents")


def committed_cents(study: Study) -> int:
    """What a study has to pay in any case: what is spent, and the work in hand.

    The work in hand is read first: what is submitted between the two counts twice, never not at
    all, so a budget is not passed.
    """
    in_hand = in_hand_cents(study)
    return in_hand + spent_cents(study)


def _with_fees(rows: QuerySet, column: str) -> int:
    """The sum of a column of some rows of workers, and the fees of the markets on it."""
    sums = rows.order_by().values(percent=F(FEE)).annotate(total=Sum(column))
    return sum(row["total"] + fee_cents(row["total"], row["percent"]) for row in sums)
