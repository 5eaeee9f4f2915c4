"""The overview of a study: everything that its requester watches, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from annotator.crowd.review.quality_index import stored_totals
from annotator.crowd.review.quality_totals import QualityTotals
from annotator.crowd.watch.counts import (
    Activity,
    DayCount,
    LayerCount,
    activity,
    day_counts,
    layer_counts,
    total,
)
from annotator.crowd.watch.pace import estimated_finish
from annotator.models import LedgerEntry, Study
from annotator.pay.budget import committed_cents


@dataclass(frozen=True)
class Overview:
    """A study as its requester watches it.

    Attributes:
        filled, wanted: answers that are in, and wanted; without practice.
        totals: over the quality of all answers; None where they are not computed yet.
        totals_at: when they were stored; None where they are of this moment.
        spent_cents: what it has to pay in any case: as `budget.committed_cents`.
        owed_cents: the part of it that is not sent.
    """

    layers: Sequence[LayerCount]
    days: Sequence[DayCount]
    activity: Activity
    totals: QualityTotals | None
    totals_at: datetime | None
    spent_cents: int
    owed_cents: int
    finish: datetime | None

    @property
    def filled(self) -> int:
        return total(self.layers)[0]

    @property
    def wanted(self) -> int:
        return total(self.layers)[1]


def overview(study: Study, at: datetime) -> Overview:
    """What there is to watch in a study at a moment, in eight queries for a large one.

    Args:
        study: as `quality_index.with_size` loads it.
    """
    layers, now = layer_counts(study), activity(study, at)
    filled, wanted = total(layers)
    totals, totals_at = stored_totals(study)
    unpaid = LedgerEntry.objects.filter(study=study, state__in=LedgerEntry.UNPAID)
    return Overview(
        layers=layers,
        days=day_counts(study, at.date()),
        activity=now,
        totals=totals,
        totals_at=totals_at,
        spent_cents=committed_cents(study),
        owed_cents=unpaid.aggregate(cents=Sum("cents"))["cents"] or 0,
        finish=estimated_finish(now, wanted - filled, at),
    )
