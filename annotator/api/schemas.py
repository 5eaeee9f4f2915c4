"""The shapes of answers and of query parameters. Shares are from 0 to 1; null is missing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import create_model

from annotator.results.output.tables import layer_columns, unit_columns
from annotator.results.report.reported_numbers.entries import Measure, ReportedNumber

Crowd = Literal["people", "simulated"]
Order = Literal["unit", "precision", "-precision", "answer_count", "-answer_count", "concept"]
# Of VARIANTS.
Variant = Literal[
    "", "without-flagged", "without-ai", "with-excluded", "with-opened", "every-answer"
]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]  # PostgreSQL has no NUL
Whole = Field(0, ge=0, le=2**31 - 1)


class Problem(Schema):
    """Why a request failed."""

    detail: Any


class StudyOut(Schema):
    name: str
    created_at: datetime
    threshold: float
    image_count: int
    image_list_sha256: str
    top_count: int
    catch_count: int
    assignments_wanted: int


# What a number of the registry is in JSON; all others are floats.
TYPES: dict[Measure, type] = {
    **dict.fromkeys(("count", "number"), int),
    "flag": bool,
    "text": str,
}


def row_schema(name: str, purpose: str, numbers: Iterable[ReportedNumber[Any]]) -> type[Schema]:
    """The schema of a row of a table of the report, a field for each of its columns."""
    fields: dict[str, Any] = {}
    for number in numbers:
        own, *ends = number.columns
        kind = TYPES.get(number.measure, float)
        described = Field(..., description=_description(number))
        fields[own] = (kind if number.is_always else kind | None, described)
        fields.update(dict.fromkeys(ends, (kind | None, ...)))
    schema: type[Schema] = create_model(name, __base__=Schema, __doc__=purpose, **fields)
    return schema


def _description(number: ReportedNumber[Any]) -> str:
    """What a field holds. Not translated: the schema is one for all readers."""
    rule = number.definition.rule if number.definition else ""
    return number.meaning or rule.format(t="the study's threshold")


LayerOut = row_schema(
    "LayerOut",
    "One layer of one network; its rules are at /api/studies/NAME/report.",
    layer_columns(),
)
UnitOut = row_schema(
    "UnitOut",
    "One unit that has answers. `shrunken` is what rankings go by, where there is one.",
    unit_columns(),
)


class AnswerOut(Schema):
    """One answer; `worker` is a pseudonym, `excluded` says why it is in no number, or is empty."""

    answer: int
    network: str
    layer: str
    unit: int
    worker: str
    worker_kind: str
    task: str
    says: str
    concept: str
    group_number: int | None
    shown: int
    fitting: int
    precision: float | None
    status: str
    excluded: str
    given_at: datetime


class WorkerOut(Schema):
    worker: str
    worker_kind: str
    accepted: int
    returned: int
    expired: int
    answer_count: int
    catch_shown: int
    catch_marked_at_first: int


class Which(Schema):
    """Whose answers a report is about, and which of them count."""

    answers: Crowd | None = Field(None, description="people's as soon as there are any")
    variant: Variant = Field("", description="which answers count")


class UnitFilter(Which):
    network: str | None = None
    layer: str | None = None
    group: int | None = Field(None, ge=1, le=6)
    concept: str | None = Field(None, max_length=100, description="a part of any of its concepts")
    least_precision: float | None = Field(None, ge=0, le=1)
    most_precision: float | None = Field(None, ge=0, le=1)
    order: Order = "unit"


class AnswerFilter(Schema):
    network: Name | None = None
    layer: Name | None = None
    unit: int | None = Field(None, ge=0, le=2**31 - 1)
    task: Literal["naming", "verification"] | None = None
