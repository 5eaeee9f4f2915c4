"""Totals over the quality of all answers of a study: its time, pay, catch images and flags."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import Any

from annotator.crowd.quality.answer_rows import QualityRow
from annotator.crowd.quality.workers import Share, WorkerQuality, flag_reasons
from annotator.crowd.review.roster import ReturnRate, return_rates
from annotator.models import Assignment, Study

MAX_RETURNED_UNITS = 20  # in the table of returned units


@dataclass(frozen=True)
class QualityTotals:
    """The quality of a study's answers in a few numbers.

    Attributes:
        seconds: the median work time of people's answers; None without any.
        hourly_cents: the median, over people's paid answers, of what an hour at that pace pays.
        catch: catch images marked at first submit; bad ones are left out.
        flagged_answers: answers with a signal that uses neither concept nor precision.
        flagged_workers: workers whom a quality rule flags.
        returned: units that were returned, the highest rates first; at most MAX_RETURNED_UNITS.
        returned_count: how many units were returned.
    """

    seconds: float | None
    hourly_cents: int | None
    catch: Share
    bad_catch_count: int
    flagged_answers: int
    flagged_workers: int
    returned: Sequence[ReturnRate]
    returned_count: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> "QualityTotals | None":
        """The totals that were stored; None if none were, or by another version of the code."""
        if stored.keys() != {field.name for field in fields(cls)}:
            return None
        returned = [ReturnRate(**row) for row in stored["returned"]]
        return cls(**{**stored, "catch": Share(**stored["catch"]), "returned": returned})


def quality_totals(
    study: Study,
    rows: Sequence[QualityRow],
    workers: Mapping[int, WorkerQuality],
    bad_catch_count: int,
    flagged_answers: int,
) -> QualityTotals:
    """Sum up the quality of a study's answers, in two queries.

    Args:
        rows: of all answers.
        workers: the quality of all workers.
    """
    returned = return_rates(study)
    qualities = workers.values()
    seconds = [row.seconds for row in rows if row.seconds is not None]
    return QualityTotals(
        seconds=median(seconds) if seconds else None,
        hourly_cents=_hourly_cents(study, rows),
        catch=Share(
            sum(each.catch.count for each in qualities), sum(e.catch.of for e in qualities)
        ),
        bad_catch_count=bad_catch_count,
        flagged_answers=flagged_answers,
        flagged_workers=sum(bool(flag_reasons(each)) for each in qualities),
        returned=returned[:MAX_RETURNED_UNITS],
        returned_count=len(returned),
    )


def _hourly_cents(study: Study, rows: Sequence[QualityRow]) -> int | None:
    paid = Assignment.objects.filter(worker__study=study, status__in=Assignment.PAID)
    rewards = dict(paid.values_list("pk", "hit__hit_type__reward_cents"))
    hourly = [
        rewards[row.assignment] * 3600 / row.seconds
        for row in rows
        if row.seconds and row.assignment in rewards
    ]
    return round(median(hourly)) if hourly else None
