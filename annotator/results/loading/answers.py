"""The answers of a study as plain rows, which of them count, and the query that loads them."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from annotator.models import Answer, Hit, Study
from annotator.models.answer import exclusion_of
from annotator.models.gold import practice

Crowd = Literal["people", "simulated"]

EXCLUSIONS = {
    "surplus": "came after its place was filled by another: paid, not counted",
    "soft-rejected": "paid, excluded by a reviewer",
    "rejected": "not paid, excluded by a reviewer",
    "worker excluded": "by a worker whom a reviewer excluded, for a reason that is kept",
    "nothing shown": "no picture of it could be judged",
    "later": "after the first answers of its unit: more were asked for, or it checks every worker",
    "flagged": "by a worker with a signal against them, left out because the reader asked for that",
}
REVIEW_EXCLUSIONS = {"soft-rejected", "rejected", "worker excluded"}


class UnitName(NamedTuple):
    """What a unit is called wherever a number is traced back to it."""

    network: str
    layer: str
    unit: int


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer with all that a number may depend on.

    `shown` counts the top images that were really shown and `fitting` those left unmarked;
    catch images are in neither. `worker` is a pseudonym: a bundle must give the same report.
    """

    answer: int
    network: str
    layer: str
    unit: int
    worker: str
    concept: str
    group: int | None
    shown: int
    fitting: int
    says: str = "concept"
    kind: str = "person"
    status: str = "submitted"
    is_surplus: bool = False
    given_at: datetime | None = None
    worker_excluded_at: datetime | None = None
    worker_excluded_why: str = ""
    is_flagged: bool = False

    @property
    def unit_name(self) -> UnitName:
        return UnitName(self.network, self.layer, self.unit)

    @property
    def crowd(self) -> Crowd:
        return "simulated" if self.kind == "simulated" else "people"

    @property
    def precision(self) -> float:
        """Fitting / shown. Only an answer that was shown something has one."""
        return self.fitting / self.shown


@lru_cache(maxsize=20_000)
def pseudonym(study_key: str, worker_key: str) -> str:
    """A worker's name in one study: the same in every table, and none of it can be traced back.

    Args:
        study_key: keys the hash, and is never shown; another study's workers have other names.
    """
    digest = hmac.new(study_key.encode(), worker_key.encode(), hashlib.sha256)
    return f"w-{digest.hexdigest()[:16]}"


def exclusion(row: AnswerRow) -> str | None:
    """Why an answer does not count: a key of EXCLUSIONS, or None for one that does."""
    reason: str | None = exclusion_of(row.status, row.is_surplus, row.worker_excluded_at, row.shown)
    return reason


def counted(rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    """The answers that every number is made of, in their order."""
    return [row for row in rows if exclusion(row) is None]


def count_exclusions(rows: Iterable[AnswerRow]) -> dict[str, int]:
    """How many answers do not count, by reason; reasons without any are left out."""
    reasons = Counter(exclusion(row) for row in rows)
    return {reason: reasons[reason] for reason in EXCLUSIONS if reasons[reason]}


def default_crowd(rows: Iterable[AnswerRow]) -> Crowd:
    """Whose answers a report is about unless it is told: people's as soon as there are any.

    Simulated answers never mix with people's.
    """
    crowds = {row.crowd for row in rows}
    return "simulated" if crowds == {"simulated"} else "people"


def by_unit(rows: Iterable[AnswerRow]) -> dict[UnitName, list[AnswerRow]]:
    """The answers of each unit, units and answers in the order of their first row."""
    units: dict[UnitName, list[AnswerRow]] = {}
    for row in rows:
        units.setdefault(row.unit_name, []).append(row)
    return units


def load_answers(study: Study, flagged: Container[str] = ()) -> list[AnswerRow]:
    """Every answer that names a study's units, in one query: the excluded ones too.

    Units for training and qualification are not asked about: their answer was known beforehand.

    Args:
        flagged: keys of workers with a signal against them.
    """
    named = Answer.objects.filter(assignment__hit__kind=Hit.Kind.NAMING)
    named = named.exclude(practice("assignment__unit__"))
    return load_answer_rows(named.filter(assignment__unit__layer__network__study=study), flagged)


def load_answer_rows(answers: QuerySet[Answer], flagged: Container[str] = ()) -> list[AnswerRow]:
    """Answers as plain rows, in the order in which they were stored."""
    found = answers.order_by("pk").values_list(
        "pk",
        "assignment__unit__layer__network__name",
        "assignment__unit__layer__name",
        "assignment__unit__number",
        "assignment__worker__key",
        "concept",
        "group",
        "shown",
        "fitting",
        "says",
        "assignment__worker__kind",
        "assignment__status",
        "is_surplus",
        "given_at",
        "assignment__worker__excluded_at",
        "assignment__worker__excluded_why",
        "assignment__worker__study__key",
    )
    return [_row(values, key, flagged) for *values, key in found.iterator()]


def _row(values: list[Any], study_key: str, flagged: Container[str]) -> AnswerRow:
    worker = values[4]
    values[4] = pseudonym(study_key, worker)
    return AnswerRow(*(*values, worker in flagged))
