"""A table of answers, read and validated line by line.

Columns: network, layer, unit, concept; `group` (1..6 or its name) or `category_code` (the code
of the released answers of Zhou et al. 2015, arXiv:1412.6856); `precision`, or `fitting` and
`shown`. `worker` and `says` may be left out. Other columns are ignored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from annotator.free_text import whole_number_text
from annotator.imports.csv_files import with_point
from annotator.imports.tables import TIDY, ImportRefused, TableRow, WholeNumber, read_rows
from annotator.models.answer import Answer, Group

# The released codes are not in the order in which the groups were shown.
GROUP_OF_CODE = {1: 6, 2: 5, 3: 3, 4: 4, 5: 2, 6: 1}
GROUP_OF_NAME = {group.label.casefold(): int(group) for group in Group}
MAX_SHOWN = 1000  # pictures that one answer may judge
UNKNOWN = 0  # pictures shown, where a line only has a precision
# Less than half a picture of MAX_SHOWN, more than the rounding of six written digits.
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """One answer of another campaign. A worker without a name is called by its place."""

    line: int
    network: str
    layer: str
    unit: int
    worker: str
    concept: str
    group: int | None
    says: str
    precision: float
    fitting: int
    shown: int


def read_answers(path: Path) -> list[ForeignAnswer]:
    """Read and validate a table of answers to import, CSV or Parquet.

    Raises:
        ImportRefused: the file, a column or a value is missing or wrong.
    """
    answers = _with_places([row.answer() for row in read_rows(path, AnswerTableRow)])
    _check_no_worker_answers_twice(answers)
    return _with_counts(answers)


def _group(value: Any) -> int:
    """A group by its number or name."""
    text = str(value)
    group = int(whole_number_text(text) or GROUP_OF_NAME.get(text.casefold(), 0))
    if group not in Group.values:
        raise ValueError(f"group must be 1 to 6 or one of {', '.join(Group.labels)}; got {text!r}.")
    return group


def _group_of_code(value: Any) -> int:
    """A group by the code of the released answers."""
    code = int(whole_number_text(str(value)) or 0)
    if code not in GROUP_OF_CODE:
        raise ValueError(f"category_code must be 1 to 6, got {value!r}.")
    return GROUP_OF_CODE[code]


def _share(value: Any) -> float:
    try:
        share = float(with_point(value))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"precision must be from 0 to 1, got {value!r}.")
    return share


def _kind(value: Any) -> str:
    if value not in Answer.Says.values:
        raise ValueError(f"says must be one of {', '.join(Answer.Says.values)}; got {value!r}.")
    return str(value)


class AnswerTableRow(TableRow):
    """A line of the table: its values, and whether they agree with each other."""

    required_columns: ClassVar = ("network", "layer", "unit", "concept")
    network: Annotated[str, Field(max_length=200), TIDY]
    layer: Annotated[str, Field(max_length=200), TIDY]
    unit: WholeNumber
    concept: Annotated[str, Field(max_length=100), TIDY] = ""
    worker: Annotated[str, Field(max_length=60), TIDY] = ""
    group: Annotated[int | None, BeforeValidator(_group)] = None
    category_code: Annotated[int | None, BeforeValidator(_group_of_code)] = None
    says: Annotated[str | None, BeforeValidator(_kind)] = None
    precision: Annotated[float | None, BeforeValidator(_share)] = None
    fitting: WholeNumber | None = None
    shown: WholeNumber = UNKNOWN

    @classmethod
    def missing_columns(cls, columns: set[str]) -> list[str]:
        missing = super().missing_columns(columns)
        if not columns & {"group", "category_code"}:
            missing.append("group (or category_code)")
        if "precision" not in columns and not {"fitting", "shown"} <= columns:
            missing.append("precision (or fitting and shown)")
        return missing

    @model_validator(mode="after")
    def _words_and_group_agree(self) -> Self:
        answer = self.answer()
        if answer.says == Answer.Says.NOTHING:
            if answer.precision or answer.group:
                raise ValueError(
                    f'"nothing" has precision 0 and no group; got precision {answer.precision:g} '
                    f"and group {answer.group}."
                )
        elif not answer.concept:
            raise ValueError(f"concept is empty, but group is {answer.group}.")
        elif answer.group is None:
            raise ValueError(f"concept {answer.concept!r} has no group.")
        return self

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        answer = self.answer()
        if answer.shown == UNKNOWN:
            return self
        if answer.fitting > answer.shown:
            raise ValueError(f"fitting is {answer.fitting}, but only {answer.shown} were shown.")
        precision = answer.precision if self.precision is None else self.precision
        if abs(precision * answer.shown - answer.fitting) > TOLERANCE * answer.shown:
            raise ValueError(
                f"precision {precision:g} of {answer.shown} shown is not {answer.fitting} fitting."
            )
        return self

    def answer(self) -> ForeignAnswer:
        """The answer of the line; its `shown` is UNKNOWN where the line only has a precision."""
        if self.shown and self.fitting is not None:
            precision, fitting = self.fitting / self.shown, self.fitting
        elif self.precision is not None:
            precision, fitting = self.precision, round(self.precision * self.shown)
        else:
            raise ValueError("there is neither a precision nor fitting and shown.")
        group = self.group if self.group is not None else self.category_code
        says = "concept" if self.concept or group else "nothing"
        return ForeignAnswer(
            line=self.line, network=self.network, layer=self.layer, unit=self.unit,
            worker=self.worker, concept=self.concept, group=group, says=self.says or says,
            precision=precision, fitting=fitting, shown=self.shown,
        )  # fmt: skip


def _with_places(answers: Iterable[ForeignAnswer]) -> list[ForeignAnswer]:
    """The answers, those without a worker named by their place among the unit's answers."""
    places: Counter[tuple[str, str, int]] = Counter()
    named = []
    for answer in answers:
        unit = (answer.network, answer.layer, answer.unit)
        places[unit] += 1
        named.append(replace(answer, worker=answer.worker or f"place {places[unit]}"))
    return named


def _check_no_worker_answers_twice(answers: Iterable[ForeignAnswer]) -> None:
    lines: dict[tuple[str, str, int, str], int] = {}
    for answer in answers:
        name = (answer.network, answer.layer, answer.unit, answer.worker)
        if name in lines:
            raise ImportRefused(
                f"Line {answer.line}: worker {answer.worker!r} answers unit {answer.unit} of "
                f"{answer.layer} again (first in line {lines[name]}); a worker labels a unit once."
            )
        lines[name] = answer.line


def _with_counts(answers: list[ForeignAnswer]) -> list[ForeignAnswer]:
    """The answers, those that only have a precision with the counts behind it."""
    shown = shown_by([answer.precision for answer in answers if answer.shown == UNKNOWN])
    return [
        replace(answer, fitting=round(answer.precision * shown), shown=shown)
        if answer.shown == UNKNOWN
        else answer
        for answer in answers
    ]


def shown_by(precisions: Iterable[float]) -> int:
    """Pictures shown for a table of answers: the fewest that make each precision a whole count.

    The released answers give 57: their HITs showed 60, of which 3 were catch trials.

    >>> shown_by([0.5, 1.0, 0.25])
    4

    Raises:
        ImportRefused: no number up to MAX_SHOWN does.
    """
    distinct = sorted(set(precisions))
    for shown in range(1, MAX_SHOWN + 1):
        if all(abs(p * shown - round(p * shown)) < 1e-6 for p in distinct):
            return shown
    raise ImportRefused(
        f"No number of pictures up to {MAX_SHOWN} makes every precision a whole count: add the "
        "columns fitting and shown, or write the precisions with more digits."
    )
