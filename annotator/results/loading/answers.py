"""The answers of a study as plain rows, which of them count, and the queries that load them."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from annotator.concept_words import normalised
from annotator.models import Answer, ConsentGiven, Hit, Study
from annotator.models.answer import exclusion_of
from annotator.models.gold import practice
from annotator.results.loading.people import pseudonym

Crowd = Literal["people", "simulated"]
SIMULATED = "simulated workers"

# Why an answer is left out, in the words that a report prints.
EXCLUSIONS = {
    "surplus": "submitted after another worker had filled its place: paid, not counted",
    "soft-rejected": "paid, excluded by a reviewer",
    "rejected": "not paid, excluded by a reviewer",
    "worker excluded": "its worker was excluded by a reviewer, for a recorded reason",
    "nothing shown": "none of its pictures could be judged",
    "later": "came after the first answers of its unit, which got more answers than others",
    "flagged": "its worker has a signal against them; left out at the reader's choice",
    "ai tool": "its worker said that they used an AI tool; left out at the reader's choice",
}
CHOSEN_EXCLUSIONS = {"flagged", "ai tool"}  # by a reader; no study leaves these out by itself
REVIEW_EXCLUSIONS = {"soft-rejected", "rejected", "worker excluded"}

NOT_SHARED = "private"  # in place of a word that only people said who do not share theirs

# Where the database keeps each column of a row, seen from an answer.
IDENTITY_COLUMNS = {
    "answer": "pk",
    "network": "assignment__unit__layer__network__name",
    "layer": "assignment__unit__layer__name",
    "unit": "assignment__unit__number",
    "worker": "assignment__worker__key",
    "kind": "assignment__worker__kind",
}
SUBMITTED_COLUMNS = {
    **IDENTITY_COLUMNS,
    "shown": "shown",
    "fitting": "fitting",
    "status": "assignment__status",
    "is_surplus": "is_surplus",
    "worker_excluded_at": "assignment__worker__excluded_at",
    "shares": "shares",  # annotated by `stored_values`
}
NAMING_COLUMNS = {
    **SUBMITTED_COLUMNS,
    "concept": "concept",
    "group": "group",
    "says": "says",
    "given_at": "given_at",
    "worker_excluded_why": "assignment__worker__excluded_why",
    "used_ai": "assignment__worker__closing_answer__used_ai",
    "decided_opened": "assignment__decided_opened",
    "worker_excluded_opened": "assignment__worker__excluded_opened",
}


class UnitName(NamedTuple):
    """What a unit is called wherever a number is traced back to it."""

    network: str
    layer: str
    unit: int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A row about one unit."""

    network: str
    layer: str
    unit: int

    @property
    def unit_name(self) -> UnitName:
        return UnitName(self.network, self.layer, self.unit)


# The fields of a UnitRow, by lookup paths from a row that has a unit.
UNIT_PATHS = {
    "network": "unit__layer__network__name",
    "layer": "unit__layer__name",
    "unit": "unit__number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedRow(UnitRow):
    """One submitted answer: who gave it, how many pictures fit, and whether it counts.

    Attributes:
        answer: its primary key.
        worker: a pseudonym, so that a bundle gives the same report as the database.
        shown: pictures of the unit that were really shown; catch images are not among them.
        fitting: of these, the pictures left unmarked.
        kind: of worker: `person`, `simulated` or `imported`.
        shares: whether its worker lets single answers be shared; None where nobody asked. One that
            is not shared is in the numbers of a report, and in no export.
    """

    answer: int
    worker: str
    concept: str
    shown: int
    fitting: int
    kind: str = "person"
    status: str = "submitted"
    is_surplus: bool = False
    worker_excluded_at: datetime | None = None
    shares: bool | None = None

    @property
    def crowd(self) -> Crowd:
        return crowd_of(self.kind)

    @property
    def precision(self) -> float:
        """Fitting / shown, from 0 to 1. An answer that was shown nothing has none."""
        return self.fitting / self.shown

    @property
    def exclusion(self) -> str | None:
        """Why the answer does not count: a key of EXCLUSIONS, or None for one that counts."""
        reason: str | None = exclusion_of(
            self.status, self.is_surplus, self.worker_excluded_at, self.shown
        )
        return reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow(SubmittedRow):
    """One answer that names a unit, with all that a number may depend on.

    Attributes:
        group: the semantic group, 1..6; None for "nothing in common".
        says: `concept`, `two things` or `nothing`.
        is_flagged: there is a signal against its worker.
        decided_opened: a reviewer decided about it after its words were open to them.
        worker_excluded_opened: a reviewer excluded its worker after words of theirs were open.
        used_ai: whether its worker said that they used an AI tool; None where they did not say.
    """

    group: int | None
    says: str = "concept"
    given_at: datetime | None = None
    worker_excluded_why: str = ""
    is_flagged: bool = False
    used_ai: bool | None = None
    decided_opened: bool = False
    worker_excluded_opened: bool = False

    @property
    def is_excluded_opened(self) -> bool:
        """Whether it was excluded by a decision that was not blind: its words were open."""
        if self.exclusion == "worker excluded":
            return self.worker_excluded_opened
        return self.exclusion in REVIEW_EXCLUSIONS and self.decided_opened


def crowd_of(kind: str) -> Crowd:
    """The crowd to which a kind of worker's answers belong: people or simulated workers."""
    return "simulated" if kind == "simulated" else "people"


def counted(rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    """Those of the loaded answers that are not excluded, in their order."""
    return [row for row in rows if row.exclusion is None]


def by_unit(rows: Iterable[AnswerRow]) -> dict[UnitName, list[AnswerRow]]:
    """Group loaded answers by unit, units and answers in the order of their first row."""
    units: dict[UnitName, list[AnswerRow]] = {}
    for row in rows:
        units.setdefault(row.unit_name, []).append(row)
    return units


def load_answers(study: Study, flagged: Container[str] = ()) -> list[AnswerRow]:
    """Load every answer that names a unit of a study, the excluded ones too, in one query.

    Answers to training and qualification units are left out: the right answer was known before.

    Args:
        flagged: keys of workers with a signal against them.
    """
    answers = Answer.objects.filter(
        assignment__hit__kind=Hit.Kind.NAMING, assignment__unit__layer__network__study=study
    )
    return load_answer_rows(answers.exclude(practice("assignment__unit__")), flagged)


def load_answer_rows(answers: QuerySet[Answer], flagged: Container[str] = ()) -> list[AnswerRow]:
    """Load answers as plain rows, in the order in which they were stored."""
    rows = [
        AnswerRow(**values, is_flagged=worker_key in flagged)
        for worker_key, values in stored_values(answers, NAMING_COLUMNS)
    ]
    return _without_unshared_words(rows)


def _without_unshared_words(rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    """Loaded answers without the words of those people alone who do not share their answers.

    Within a unit equal words stay equal, so that its consensus has the numbers that it had; its
    name is then NOT_SHARED.
    """
    if all(row.shares is not False for row in rows):
        return list(rows)
    shared = {(row.unit_name, normalised(row.concept)) for row in rows if row.shares is not False}
    hidden: dict[UnitName, dict[str, str]] = {}
    masked = []
    for row in rows:
        word = normalised(row.concept)
        if row.shares is False and row.concept and (row.unit_name, word) not in shared:
            names = hidden.setdefault(row.unit_name, {})
            number = len(names) + 1
            name = names.setdefault(word, NOT_SHARED if number == 1 else f"{NOT_SHARED} {number}")
            row = replace(row, concept=name)
        masked.append(row)
    return masked


def stored_values(
    answers: QuerySet[Answer], columns: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream the values from which answers are loaded: (key of the worker, values by column).

    Among the values the worker stands under a pseudonym.

    Args:
        columns: name of a column to its look-up; `worker` is one of them.
    """
    answers = answers.annotate(shares=ConsentGiven.newest_choice("assignment__worker"))
    stored = answers.order_by("pk").values_list("assignment__worker__study__key", *columns.values())
    for study_key, *row in stored.iterator():
        values = dict(zip(columns, row, strict=True))
        worker_key = values["worker"]
        values["worker"] = pseudonym(study_key, worker_key)
        yield worker_key, values
