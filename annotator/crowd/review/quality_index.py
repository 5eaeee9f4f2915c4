"""The quality of a study's answers as reviewers' pages read it.

Up to MAX_COMPUTED answers a page computes it, so that it is always up to date. Above that a task
stores it, and pages read the rows that they show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet
from django.db.models.functions import Now

from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import Baseline, CatchImage, bad_catch_images, baseline_of
from annotator.crowd.quality.signals import Signal, blind_signals, signals_of
from annotator.crowd.quality.workers import Share, WorkerQuality, worker_quality
from annotator.crowd.review.quality_totals import QualityTotals, quality_totals
from annotator.models import (
    Answer,
    AnswerReview,
    Assignment,
    Attempt,
    AuditRow,
    KnownAnswer,
    Study,
    StudyReview,
    WorkerReview,
)

MAX_COMPUTED = 500  # answers of a study
MAX_BAD_CATCH = 100  # that a page lists
BATCH = 1000
STORED_FORMAT = "blind totals"  # another name where more is stored: then all is stored again
ANY = "any"


@dataclass(frozen=True)
class ReviewedAnswer:
    """What a reviewer sees of an answer's quality. catch_kept: left unmarked at first submit."""

    seconds: float | None
    catch_shown: int
    catch_kept: int
    signals: Sequence[Signal]


class QualityIndex(Protocol):
    """The quality of a study's answers.

    Attributes:
        is_stored: whether it may be older than the newest answers.
        at: when it was stored; None if it is up to date, or never was.
        bad_catch: the bad catch images, the worst MAX_BAD_CATCH.
    """

    is_stored: bool
    at: datetime | None
    bad_catch: Sequence[CatchImage]

    def answers(self, assignments: Iterable[int]) -> Mapping[int, ReviewedAnswer]:
        """The quality of some answers; those that nobody has looked at yet are left out."""

    def workers(self, pks: Iterable[int]) -> Mapping[int, WorkerQuality]:
        """The quality of some workers, without those who have answered nothing."""

    def select(
        self, assignments: QuerySet[Assignment], signal: str, by_signals: bool
    ) -> Sequence[int] | QuerySet[Assignment]:
        """The pks of the answers with a signal ("any": with at least one; "": all).

        Only signals count that use neither concept nor precision.

        Args:
            assignments: in order.
            by_signals: the most signals first, else in that order.
        """


def quality_index(study: Study) -> QualityIndex:
    """The quality of a study's answers, computed or stored.

    Args:
        study: as `with_size` loads it.
    """
    return StoredIndex(study) if study.is_large else ComputedIndex(quality_rows(study))


def with_size(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Studies with `is_large`: whether their quality index is stored, not computed.

    It is stored for more than MAX_COMPUTED answers.
    """
    answers = Answer.objects.filter(assignment__worker__study=OuterRef("pk")).order_by()
    return studies.annotate(is_large=Exists(answers[MAX_COMPUTED:]))


class ComputedIndex:
    """The quality of all answers of a study, computed now."""

    at = None
    is_stored = False

    def __init__(self, rows: Sequence[QualityRow]) -> None:
        self._rows = {row.assignment: row for row in rows}
        self._baseline: Baseline = baseline_of(rows)
        self.bad_catch = bad_catch_images(rows)[:MAX_BAD_CATCH]

    def answers(self, assignments: Iterable[int]) -> dict[int, ReviewedAnswer]:
        known = (pk for pk in assignments if pk in self._rows)
        return {pk: self._answer(self._rows[pk]) for pk in known}

    def totals(self, study: Study) -> QualityTotals:
        """The totals over all answers."""
        flagged = (
            bool(blind_signals(signals_of(row, self._baseline))) for row in self._rows.values()
        )
        workers = self.workers({row.worker_id for row in self._rows.values()})
        rows = list(self._rows.values())
        bad_catch = len(bad_catch_images(rows))
        return quality_totals(study, rows, workers, bad_catch, sum(flagged))

    def _answer(self, row: QualityRow) -> ReviewedAnswer:
        signals = signals_of(row, self._baseline)
        return ReviewedAnswer(row.seconds, len(row.catch), len(row.catch_kept), signals)

    def workers(self, pks: Iterable[int]) -> dict[int, WorkerQuality]:
        wanted = set(pks)
        own: dict[int, list[QualityRow]] = {}
        for row in self._rows.values():
            if row.worker_id in wanted:
                own.setdefault(row.worker_id, []).append(row)
        return {pk: worker_quality(rows, self._baseline) for pk, rows in own.items()}

    def select(self, assignments: QuerySet[Assignment], signal: str, by_signals: bool) -> list[int]:
        pks = [pk for pk in assignments.values_list("pk", flat=True) if pk in self._rows]
        if not signal and not by_signals:
            return pks
        answers = self.answers(pks).items()
        keys = {
            pk: [each.key for each in blind_signals(reviewed.signals)] for pk, reviewed in answers
        }
        if signal:
            pks = [pk for pk in pks if (keys[pk] if signal == ANY else signal in keys[pk])]
        return sorted(pks, key=lambda pk: -len(keys[pk])) if by_signals else pks


class StoredIndex:
    """The quality of a study's answers when it was stored last."""

    is_stored = True

    def __init__(self, study: Study) -> None:
        stored = StudyReview.objects.filter(study=study).first()
        self.at = stored and stored.at
        self.bad_catch = [CatchImage(*row) for row in stored.bad_catch] if stored else []

    def answers(self, assignments: Iterable[int]) -> dict[int, ReviewedAnswer]:
        rows = AnswerReview.objects.filter(pk__in=list(assignments))
        return {
            row.pk: ReviewedAnswer(
                row.seconds,
                row.catch_shown,
                row.catch_kept,
                [Signal(*pair) for pair in row.signals],
            )
            for row in rows
        }

    def workers(self, pks: Iterable[int]) -> dict[int, WorkerQuality]:
        rows = WorkerReview.objects.filter(pk__in=list(pks))
        return {row.pk: _quality(row.quality) for row in rows}

    def select(
        self, assignments: QuerySet[Assignment], signal: str, by_signals: bool
    ) -> QuerySet[Assignment]:
        if signal == ANY:
            assignments = assignments.filter(review__signal_count__gt=0)
        elif signal:
            assignments = assignments.filter(review__signal_keys__contains=f" {signal} ")
        if by_signals:
            most = F("review__signal_count").desc(nulls_last=True)
            assignments = assignments.order_by(most, *assignments.query.order_by)
        return assignments.values_list("pk", flat=True)


def stored_totals(study: Study) -> tuple[QualityTotals | None, datetime | None]:
    """Ask the quality index of a study for its totals, and when it was stored; None for now.

    Args:
        study: as `with_size` loads it. Totals of a small study are computed.
    """
    if not study.is_large:
        return ComputedIndex(quality_rows(study)).totals(study), None
    stored = StudyReview.objects.filter(study=study).first()
    if stored is None:
        return None, None
    totals = QualityTotals.of_json(stored.totals)
    return totals, stored.at if totals else None


def _quality(fields: Mapping[str, Any]) -> WorkerQuality:
    return WorkerQuality(
        **{
            name: Share(**value) if isinstance(value, dict) else value
            for name, value in fields.items()
        }
    )


def _version_of(study: Study) -> str:
    """What tells whether answers, decisions, exclusions or known units of a study have changed."""
    answers = Answer.objects.filter(assignment__worker__study=study)
    counts = answers.aggregate(count=Count("pk"), highest=Max("pk"))
    # A worker may change the last answer; each time is an attempt.
    attempts = Attempt.objects.filter(assignment__worker__study=study)
    latest = attempts.aggregate(highest=Max("pk"))["highest"]
    audit = AuditRow.objects.filter(study=study).aggregate(highest=Max("pk"))
    known = KnownAnswer.objects.filter(unit__layer__network__study=study).count()
    parts = (STORED_FORMAT, counts["count"], counts["highest"], latest, audit["highest"], known)
    return " ".join(map(str, parts))


def store_quality(study: Study) -> bool:
    """Store the quality of a study's answers for reviewers' pages. False if it is up to date.

    Nothing is stored of a study that is small enough to be computed for every page.
    """
    if not with_size(Study.objects.all()).get(pk=study.pk).is_large:
        return False
    version = _version_of(study)
    if StudyReview.objects.filter(study=study, version=version).exists():
        return False
    rows = quality_rows(study)
    index = ComputedIndex(rows)
    answers = index.answers(row.assignment for row in rows)
    workers = index.workers({row.worker_id for row in rows})
    totals = index.totals(study).as_json()
    with transaction.atomic():
        _upsert(AnswerReview, [_answer_review(pk, each) for pk, each in answers.items()])
        qualities = (WorkerReview(pk=pk, quality=asdict(each)) for pk, each in workers.items())
        _upsert(WorkerReview, list(qualities))
        bad_catch = [list(image) for image in index.bad_catch]
        defaults = {"version": version, "bad_catch": bad_catch, "at": Now(), "totals": totals}
        StudyReview.objects.update_or_create(study=study, defaults=defaults)
    return True


def _answer_review(pk: int, reviewed: ReviewedAnswer) -> AnswerReview:
    blind = blind_signals(reviewed.signals)
    return AnswerReview(
        pk=pk,
        seconds=reviewed.seconds,
        catch_shown=reviewed.catch_shown,
        catch_kept=reviewed.catch_kept,
        signals=[list(signal) for signal in reviewed.signals],
        signal_keys="".join(f" {signal.key} " for signal in blind),
        signal_count=len(blind),
    )


def _upsert(model: type, rows: list[Any]) -> None:
    """Insert rows, or replace those with the same primary key."""
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[model._meta.pk.name],
        update_fields=columns,
    )
