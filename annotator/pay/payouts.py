"""Payouts: whom to pay how much, by market link.

A market link stands for one study at its market, and a market pays the people of one study at a
time. A batch takes everything that waits for the people of one link, or for those of no market, so
a payment is in one batch at a time. It is prepared, sent, and confirmed, or failed: then its
entries wait for another batch.

A market may pay a base for each completed session by itself. Its file then has the rest alone, and
who is in a session waits for its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from django.db.models import F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from annotator.models import Assignment, LedgerEntry, PayoutBatch, Study, Worker
from annotator.pay.ledger import OF_ANSWERS, Kind
from annotator.pay.market_bases import (
    bases_in,
    is_in_a_session,
    waiting_bases,
)

LOCAL = "local"  # workers of no market, who are paid by hand
State = LedgerEntry.State


class Channel(NamedTuple):
    """Those who are paid together: people of a market link, by its pk; LOCAL and None: by hand."""

    market: str
    link: int | None


@dataclass(frozen=True)
class Payment:
    """What one worker is to be paid.

    Attributes:
        worker: its primary key.
        number: at the market; the worker's key where there is none.
        account, email: of the worker's account, empty where there is none.
        bonus_cents: how much of it is bonuses.
        state: of its entries in a batch, which change together.
        base_cents: what the market itself pays for the sessions that were completed.
    """

    worker: int
    key: str
    number: str
    account: str
    email: str
    cents: int
    bonus_cents: int
    state: str
    base_cents: int = 0

    @property
    def rest_cents(self) -> int:
        """What the market does not pay by itself; 0 where its base is as much, or more."""
        return max(self.cents - self.base_cents, 0)


@dataclass(frozen=True)
class Totals:
    """Cents of a study by what became of them. Every entry of the ledger is in one of the first.

    Attributes:
        waiting: in no batch, or failed; what workers owe the study is taken off.
        prepared: in a batch that is not sent.
        happened: the rewards of all answers that are paid, by the answers themselves.
        for_answers: the same by the ledger: rewards, practice, and corrections of both. Answers
            that were taken back are in neither: the ledger alone knows what they were paid.
    """

    waiting: int
    prepared: int
    sent: int
    confirmed: int
    happened: int
    for_answers: int

    @property
    def total(self) -> int:
        return self.waiting + self.prepared + self.sent + self.confirmed

    @property
    def difference(self) -> int:
        """What the ledger has for answers beyond what they earned: 0 where all is right."""
        return self.for_answers - self.happened


def waiting(study: Study) -> QuerySet[LedgerEntry]:
    """The entries that wait for a payout, each with its `market` and `link`.

    The link is that by which a person came last: its study at the market knows them.

    Those of people whose session goes on are left out where the market pays a base at its end.
    """
    waits = Q(state=State.OWED, batch__isnull=True) | Q(state=State.FAILED)
    entries = LedgerEntry.objects.filter(waits, ~is_in_a_session(), study=study)
    return entries.annotate(
        market=Coalesce("worker__participant__market", Value(LOCAL)),
        link=F("worker__participant__link"),
    )


def payments(
    entries: QuerySet[LedgerEntry], bases: Mapping[int, int] = MappingProxyType({})
) -> list[Payment]:
    """The payments that entries add up to, by worker, in one query.

    Workers whose corrections take away as much as they are owed, or more, are left out: what they
    owe is taken off when they earn more.

    Args:
        bases: what the market pays by itself, by worker.
    """
    names = {
        "worker": F("worker_id"),
        "key": F("worker__key"),
        "number": Coalesce("worker__participant__number", "worker__key"),
        "account": Coalesce("worker__user__username", Value("")),
        "email": Coalesce("worker__user__email", Value("")),
    }
    sums = {
        "cents": Sum("cents"),
        "bonus_cents": Sum("cents", filter=Q(kind=Kind.BONUS), default=0),
        "state": Max("state"),
    }
    # Named apart from the columns of the same names.
    rows = entries.order_by("worker").values(**{f"its_{name}": names[name] for name in names})
    rows = rows.annotate(**{f"its_{name}": sums[name] for name in sums})
    due = (
        Payment(
            **{name: row[f"its_{name}"] for name in (*names, *sums)},
            base_cents=bases.get(row["its_worker"], 0),
        )
        for row in rows
    )
    return [payment for payment in due if payment.cents > 0]


def waiting_payments(study: Study) -> dict[Channel, list[Payment]]:
    """The payments that wait for a batch, by channel; channels without any are left out."""
    entries = waiting(study)
    channels = entries.order_by("market", "link").values_list("market", "link").distinct()
    by_channel = {
        Channel(market, link): payments(
            entries.filter(market=market, link=link), waiting_bases(link)
        )
        for market, link in list(channels)
    }
    return {channel: due for channel, due in by_channel.items() if due}


def batch_payments(batch: PayoutBatch) -> list[Payment]:
    """The payments of a payout batch."""
    return payments(batch.entries.all(), bases_in(batch))


def totals(study: Study) -> Totals:
    """What of a study's pay is paid out, in a batch or still waits: cents, in two queries."""
    ledger, cents = LedgerEntry.objects.filter(study=study), "cents"
    prepared = Q(state=State.OWED, batch__isnull=False)
    of_answers = Q(kind__in=OF_ANSWERS) | Q(kind=Kind.CORRECTION, assignment__isnull=False)
    of_answers &= ~Q(assignment__status=Assignment.Status.WITHDRAWN)
    sums = ledger.aggregate(
        waiting=Sum(cents, filter=Q(state__in=LedgerEntry.UNPAID) & ~prepared, default=0),
        prepared=Sum(cents, filter=prepared, default=0),
        sent=Sum(cents, filter=Q(state=State.SENT), default=0),
        confirmed=Sum(cents, filter=Q(state=State.CONFIRMED), default=0),
        for_answers=Sum(cents, filter=of_answers, default=0),
    )
    paid = Assignment.objects.filter(
        worker__study=study, worker__kind=Worker.Kind.PERSON, status__in=Assignment.PAID
    )
    happened = paid.aggregate(cents=Sum("hit__hit_type__reward_cents", default=0))["cents"]
    return Totals(**sums, happened=happened)
