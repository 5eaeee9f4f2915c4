"""Answers as plain rows, with everything that the quality signals use."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator.models import (
    Answer,
    Attempt,
    Exemplar,
    Hit,
    KnownAnswer,
    Mark,
    Network,
    PictureReport,
    Study,
    Worker,
)
from annotator.models.answer import exclusion_of
from annotator.pay.work_time import seconds_worked


@dataclass(frozen=True, slots=True)
class WorkTrace:
    """How an answer was worked on, as its page reported. seen_ms: slot to milliseconds in view."""

    active_seconds: float
    paste_count: int
    focus_lost_count: int
    seen_ms: Mapping[str, int]
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One answer.

    Attributes:
        worker, worker_id: the key and the pk of the worker.
        scores: whether it says anything about its worker. Answers about random images and
            verifications do not.
        is_counted: by the rule of results, `Answer.objects.counted()`.
        shown, fitting: counts of top images.
        judged: the number of pictures of any kind that the worker was asked about.
        hidden: pictures that the worker hid, or that did not load.
        mark_count: marks of any kind in the stored answer.
        catch: exemplars that are catch images.
        catch_kept: those left unmarked at first submit.
        seconds: `work_time.seconds_worked`; None unless a person answered.
        known: the known answer, if the unit is a control unit.
    """

    assignment: int
    worker: str
    unit: int
    worker_id: int = 0
    says: str = "concept"
    concept: str = ""
    group: int | None = None
    second_group: int | None = None
    scores: bool = True
    is_counted: bool = True
    shown: int = 0
    fitting: int = 0
    judged: int = 0
    hidden: int = 0
    mark_count: int = 0
    catch: frozenset[int] = frozenset()
    catch_kept: frozenset[int] = frozenset()
    repeat_shown: int = 0
    repeat_marked: int = 0
    seconds: float | None = None
    trace: WorkTrace | None = None
    known: KnownAnswer | None = None

    @property
    def is_right(self) -> bool | None:
        """Whether the answer to a control unit is right; None for another unit."""
        if self.known is None:
            return None
        return self.known.is_right(self.concept, self.group, self.second_group)


def quality_rows(study: Study, units: Collection[int] | None = None) -> list[QualityRow]:
    """Load a study's answers as rows for quality checks, the earliest first, in three queries.

    Args:
        units: those whose answers to load; None for all.
    """
    answers = Answer.objects.filter(assignment__worker__study=study).order_by("given_at", "pk")
    if units is not None:
        answers = answers.filter(assignment__unit__in=units)
    catch = _Catch(study, units)
    return [_row(fields, catch) for fields in _fields(answers)]


# Columns of an answer and of what belongs to it, by the names that `_row` uses.
OWN = (
    "assignment",
    "says",
    "concept",
    "group",
    "second_group",
    "shown",
    "fitting",
    "is_surplus",
) + ("catch_shown", "repeat_shown", "repeat_marked", "random_shown", "mark_count", "first_form")
JOINED = {
    "unit": "assignment__unit",
    "worker_id": "assignment__worker_id",
    "worker": "assignment__worker__key",
    "worker_kind": "assignment__worker__kind",
    "worker_excluded_at": "assignment__worker__excluded_at",
    "hit_kind": "assignment__hit__kind",
    "condition": "assignment__unit__layer__network__condition",
    "status": "assignment__status",
    "accepted_at": "assignment__accepted_at",
    "submitted_at": "assignment__submitted_at",
    "known_concepts": "assignment__unit__known__concepts",
    "known_group": "assignment__unit__known__group",
    "is_control": "assignment__unit__known__for_control",
    **{
        name: f"assignment__trace__{name}"
        for name in ("active_seconds", "paste_count", "focus_lost_count", "seen_ms", "views")
    },
}


def _fields(answers: QuerySet[Answer]) -> Iterable[dict[str, Any]]:
    """The columns of each answer, in one query that also counts the marks."""
    marks = Mark.objects.filter(answer=OuterRef("pk")).order_by().values("answer")
    first = Attempt.objects.filter(assignment=OuterRef("assignment"), number=1)
    answers = answers.annotate(
        mark_count=Coalesce(Subquery(marks.annotate(count=Count("pk")).values("count")), 0),
        first_form=Subquery(first.values("form")[:1]),
    )
    for values in answers.values_list(*OWN, *JOINED.values()).iterator():
        yield dict(zip((*OWN, *JOINED), values, strict=True))


def _row(fields: Mapping[str, Any], catch: "_Catch") -> QualityRow:
    is_naming = fields["hit_kind"] == Hit.Kind.NAMING
    shown, kept = catch.of(fields) if is_naming else _NONE
    judged = fields["shown"] + fields["catch_shown"] + fields["repeat_shown"]
    trace = _trace(fields)
    exclusion = exclusion_of(
        fields["status"], fields["is_surplus"], fields["worker_excluded_at"], fields["shown"]
    )
    same = ("assignment", "worker", "worker_id", "unit", "says", "concept", "group")
    same += ("second_group", "shown", "fitting", "mark_count", "repeat_shown", "repeat_marked")
    return QualityRow(
        **{name: fields[name] for name in same},
        scores=is_naming and fields["condition"] != Network.Condition.RANDOM_IMAGES,
        is_counted=exclusion is None,
        judged=judged + fields["random_shown"],
        hidden=catch.hidden_count(fields["assignment"]),
        catch=shown,
        catch_kept=kept,
        seconds=_seconds(fields, trace),
        trace=trace,
        known=_known(fields),
    )


_NONE: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())


def _seconds(fields: Mapping[str, Any], trace: WorkTrace | None) -> float | None:
    if fields["worker_kind"] != Worker.Kind.PERSON:
        return None
    active_seconds = trace.active_seconds if trace else None
    return seconds_worked(active_seconds, fields["accepted_at"], fields["submitted_at"])


class _Catch:
    """The catch images that each assignment showed, and those that it left at first submit."""

    def __init__(self, study: Study, units: Collection[int] | None) -> None:
        exemplars = Exemplar.objects.filter(role=Exemplar.Role.CATCH, slot__isnull=False)
        reports = PictureReport.objects.filter(assignment__worker__study=study)
        if units is None:
            exemplars = exemplars.filter(unit__layer__network__study=study)
        else:
            exemplars = exemplars.filter(unit__in=units)
            reports = reports.filter(assignment__unit__in=units)
        self._slots: dict[int, dict[int, int]] = defaultdict(dict)
        for unit, slot, pk in exemplars.order_by().values_list("unit", "slot", "pk"):
            self._slots[unit][slot] = pk
        self._hidden = set(reports.values_list("assignment", "exemplar"))
        self._hidden_counts = Counter(assignment for assignment, _ in self._hidden)

    def hidden_count(self, assignment: int) -> int:
        return self._hidden_counts[assignment]

    def of(self, fields: Mapping[str, Any]) -> tuple[frozenset[int], frozenset[int]]:
        """(shown, left unmarked); both empty without an attempt, or if nothing is in common."""
        first = fields["first_form"]
        if first is None or first["says"] == Answer.Says.NOTHING:
            return _NONE
        marked = set(first["marked"])
        shown = {
            slot: pk
            for slot, pk in self._slots[fields["unit"]].items()
            if (fields["assignment"], pk) not in self._hidden
        }
        kept = frozenset(pk for slot, pk in shown.items() if slot not in marked)
        return frozenset(shown.values()), kept


def _trace(fields: Mapping[str, Any]) -> WorkTrace | None:
    if fields["active_seconds"] is None:
        return None
    return WorkTrace(
        fields["active_seconds"],
        fields["paste_count"],
        fields["focus_lost_count"],
        fields["seen_ms"],
        tuple(fields["views"]),
    )


def _known(fields: Mapping[str, Any]) -> KnownAnswer | None:
    """The known answer of a control unit alone: practice is judged by `qualification`."""
    if not fields["is_control"]:
        return None
    return KnownAnswer(concepts=fields["known_concepts"], group=fields["known_group"])
