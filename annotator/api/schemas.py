"""The shapes of answers and of query parameters. Shares are from 0 to 1; null is missing."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

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


class LayerOut(Schema):
    """One layer of one network; its rules are at /api/studies/NAME/report."""

    network: str
    layer: str
    unit_count: int
    answered_unit_count: int
    dead_unit_count: int
    dense_unit_count: int
    broad_unit_count: int
    answer_count: int
    mean_precision: float | None
    mean_precision_low: float | None
    mean_precision_high: float | None
    share_of_units_above: float | None
    share_of_units_above_low: float | None
    share_of_units_above_high: float | None
    share_of_answers_above: float | None
    nothing_share: float | None
    two_things_share: float | None
    unanimous_share: float | None
    object_detector_count: int
    detector_share: float | None
    detector_share_low: float | None
    detector_share_high: float | None
    condition: str
    control_of: str | None
    simulated: bool


class UnitOut(Schema):
    """One unit that has answers. `shrunken` is what rankings go by, where there is one."""

    network: str
    layer: str
    unit: int
    precision: float
    precision_low: float | None
    precision_high: float | None
    shrunken: float | None
    answer_count: int
    concept: str | None
    has_consensus: bool
    precision_under_consensus: float | None
    precision_under_consensus_low: float | None
    precision_under_consensus_high: float | None
    group: int | None
    nothing_count: int
    activity: str


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
