"""Answers as plain rows, with everything that the quality signals use."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from annotator.models import (
    Answer,
    Attempt,
    Exemplar,
    Hit,
    KnownAnswer,
    Network,
    PictureReport,
    Study,
    Trace,
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


def quality_rows(study: Study) -> list[QualityRow]:
    """Load a study's answers as rows for quality checks, the earliest first, in six queries."""
    answers = Answer.objects.filter(assignment__worker__study=study).order_by("given_at", "pk")
    catch = _Catch(study)
    traces, known = _traces(study), _known(study)
    return [
        _row(fields, catch, traces.get(fields["assignment"]), known.get(fields["unit"]))
        for fields in _fields(answers)
    ]


def _fields(answers: QuerySet[Answer]) -> Iterable[dict[str, Any]]:
    """The columns of each answer, in one query that also counts the marks."""
    named = {
        "unit": "assignment__unit",
        "worker": "assignment__worker__key",
        "worker_kind": "assignment__worker__kind",
        "worker_excluded_at": "assignment__worker__excluded_at",
        "hit_kind": "assignment__hit__kind",
        "condition": "assignment__unit__layer__network__condition",
        "status": "assignment__status",
        "accepted_at": "assignment__accepted_at",
        "submitted_at": "assignment__submitted_at",
    }
    own = ["assignment", "says", "concept", "group", "second_group"]
    own += ["shown", "fitting", "is_surplus"]
    own += ["catch_shown", "repeat_shown", "repeat_marked", "random_shown"]
    with_marks = answers.annotate(mark_count=Count("marks"))
    paths = [*own, *named.values(), "mark_count"]
    names = [*own, *named, "mark_count"]
    for values in with_marks.values_list(*paths).iterator():
        yield dict(zip(names, values, strict=True))


def _row(
    fields: Mapping[str, Any], catch: "_Catch", trace: WorkTrace | None, known: KnownAnswer | None
) -> QualityRow:
    is_naming = fields["hit_kind"] == Hit.Kind.NAMING
    shown, kept = catch.of(fields["assignment"], fields["unit"]) if is_naming else _NONE
    judged = fields["shown"] + fields["catch_shown"] + fields["repeat_shown"]
    return QualityRow(
        assignment=fields["assignment"],
        worker=fields["worker"],
        unit=fields["unit"],
        says=fields["says"],
        concept=fields["concept"],
        group=fields["group"],
        second_group=fields["second_group"],
        scores=is_naming and fields["condition"] != Network.Condition.RANDOM_IMAGES,
        is_counted=exclusion_of(
            fields["status"], fields["is_surplus"], fields["worker_excluded_at"], fields["shown"]
        )
        is None,
        shown=fields["shown"],
        fitting=fields["fitting"],
        judged=judged + fields["random_shown"],
        hidden=catch.hidden_count(fields["assignment"]),
        mark_count=fields["mark_count"],
        catch=shown,
        catch_kept=kept,
        repeat_shown=fields["repeat_shown"],
        repeat_marked=fields["repeat_marked"],
        seconds=_seconds(fields, trace),
        trace=trace,
        known=known,
    )


_NONE: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())


def _seconds(fields: Mapping[str, Any], trace: WorkTrace | None) -> float | None:
    if fields["worker_kind"] != Worker.Kind.PERSON:
        return None
    active_seconds = trace.active_seconds if trace else None
    return seconds_worked(active_seconds, fields["accepted_at"], fields["submitted_at"])


class _Catch:
    """The catch images that each assignment showed, and those that it left at first submit."""

    def __init__(self, study: Study) -> None:
        exemplars = Exemplar.objects.filter(
            unit__layer__network__study=study, role=Exemplar.Role.CATCH, slot__isnull=False
        )
        self._slots: dict[int, dict[int, int]] = defaultdict(dict)
        for unit, slot, pk in exemplars.values_list("unit", "slot", "pk"):
            self._slots[unit][slot] = pk
        first = Attempt.objects.filter(assignment__worker__study=study, number=1)
        self._first = dict(first.values_list("assignment", "form"))
        reports = PictureReport.objects.filter(assignment__worker__study=study)
        self._hidden = set(reports.values_list("assignment", "exemplar"))
        self._hidden_counts = Counter(assignment for assignment, _ in self._hidden)

    def hidden_count(self, assignment: int) -> int:
        return self._hidden_counts[assignment]

    def of(self, assignment: int, unit: int) -> tuple[frozenset[int], frozenset[int]]:
        """(shown, left unmarked); both empty without an attempt, or if nothing is in common."""
        first = self._first.get(assignment)
        if first is None or first["says"] == Answer.Says.NOTHING:
            return _NONE
        marked = set(first["marked"])
        shown = {
            slot: pk
            for slot, pk in self._slots[unit].items()
            if (assignment, pk) not in self._hidden
        }
        kept = frozenset(pk for slot, pk in shown.items() if slot not in marked)
        return frozenset(shown.values()), kept


def _traces(study: Study) -> dict[int, WorkTrace]:
    rows = Trace.objects.filter(assignment__worker__study=study).values_list(
        "assignment", "active_seconds", "paste_count", "focus_lost_count", "seen_ms", "views"
    )
    return {
        assignment: WorkTrace(seconds, pastes, lost, seen, tuple(views))
        for assignment, seconds, pastes, lost, seen, views in rows.iterator()
    }


def _known(study: Study) -> dict[int, KnownAnswer]:
    """Unit to its known answer, of control units alone: practice is judged by `qualification`."""
    known = KnownAnswer.objects.filter(unit__layer__network__study=study, for_control=True)
    return {row.unit_id: row for row in known}
