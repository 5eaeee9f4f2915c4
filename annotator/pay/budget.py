"""The budget of a study: what it has cost, and what it has committed itself to pay.

Everything is integer cents, fees of the markets included. A fee goes on top of all pay.
"""

from math import ceil

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from annotator.models import Assignment, LedgerEntry, MarketLink, Study, Worker
from annotator.pay.debriefing import still_promised

FEE = "participant__link__fee_percent"  # of a worker
BEGUN = (Assignment.Status.ACCEPTED, *Assignment.DONE)


def fee_cents(cents: int, percent: float | None) -> int:
    """What a market's fee adds to some pay that a budget has to cover, rounded up.

    >>> fee_cents(1000, 33.3)
    333
    """
    return ceil(round(cents * (percent or 0) / 100, 6))


def highest_fee(study: Study) -> float:
    """The highest fee of a market that a study's budget has to cover, in percent; 0 without one."""
    fees = MarketLink.objects.filter(invitation__study=study).values_list("fee_percent", flat=True)
    return max(fees, default=0.0)


def cost_cents(worker: Worker, cents: int) -> int:
    """What a budget loses by paying a worker: the cents and the fee; 0 unless it is a person."""
    if worker.kind != Worker.Kind.PERSON:
        return 0
    links = MarketLink.objects.filter(participants__worker=worker)
    return cents + fee_cents(cents, links.values_list("fee_percent", flat=True).first())


def set_cost_cents(worker: Worker, reward_cents: int) -> int:
    """What another set commits a study to pay a worker: its reward, and with the first one the
    reading of the debriefing."""
    promised = still_promised(Worker.objects.filter(pk=worker.pk)).first()
    if promised and not worker.assignments.filter(status__in=BEGUN).exists():
        reward_cents += promised.promised_cents
    return cost_cents(worker, reward_cents)


def spent_cents(study: Study) -> int:
    """What is spent of a study's budget: all that the ledger has, paid or owed, fees included.

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


def _promised_cents(study: Study) -> int:
    """What people who have begun will be owed for reading the debriefing, fees included."""
    begun = Exists(Assignment.objects.filter(worker=OuterRef("pk"), status__in=BEGUN))
    rows = still_promised(Worker.objects.filter(begun, study=study))
    return _with_fees(rows, "promised_cents", FEE)


def committed_cents(study: Study) -> int:
    """What a study has to pay in any case: what is spent, the work in hand, and the debriefings.

    What is spent is read last: what is submitted between counts twice, never not at all, so a
    budget is not passed.
    """
    to_come = in_hand_cents(study) + _promised_cents(study)
    return to_come + spent_cents(study)


def _with_fees(rows: QuerySet, column: str, fee: str = f"worker__{FEE}") -> int:
    """The sum of a column of some rows of workers, and the fees of the markets on it."""
    sums = rows.order_by().values(percent=F(fee)).annotate(total=Sum(column))
    return sum(row["total"] + fee_cents(row["total"], row["percent"]) for row in sums)


def lock_budget(study: Study) -> int | None:
    """Lock a study's budget until the transaction ends; returns it in cents."""
    rows = Study.objects.filter(pk=study.pk, budget_cents__isnull=False)
    rows = rows.select_for_update(no_key=True).values_list("budget_cents", flat=True)
    return next(iter(rows), None)
