"""The endpoints: studies, layers, units, answers, workers and tables, as a reader may see them."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import HttpError
from ninja.pagination import LimitOffsetPagination, paginate

from annotator.api import schemas
from annotator.api.authentication import BasicKey, BearerKey
from annotator.crowd.review.looks import open_results, why_hidden
from annotator.models import Role, Snapshot, SnapshotRequest, Study
from annotator.results.loading.answers import Crowd
from annotator.results.output.as_json import as_json
from annotator.results.output.exports.answers import ANSWERS, FIELDS, answer_rows, answers_in
from annotator.results.output.exports.formats import MEDIA_TYPES, WRITERS
from annotator.results.output.exports.registry import SHARED, TABLE_NAMES, export_table
from annotator.results.output.exports.workers import WORKERS, worker_rows
from annotator.results.output.snapshots.lifecycle import ask_for
from annotator.results.output.snapshots.stored_reports import full_report, report_in, units_in
from annotator.results.output.tables import precision_table, unit_columns
from annotator.results.report.reported_numbers.network import ReportedLayer
from annotator.results.report.reported_numbers.unit import UnitInLayer, units_in_layer
from annotator.results.report.unit import UnitResult
from annotator.views.access import actor_of, is_requester, studies_for
from annotator.views.reader.snapshot import snapshot_of

api = NinjaAPI(
    title="Unitscope",
    version="1",
    description="Results of studies that name the units of vision networks.",
    auth=[BearerKey(), BasicKey()],
    docs_url=None,  # Ninja's page of documentation loads scripts from a CDN
    urls_namespace="api",
)
PROBLEMS = {frozenset({400, 401, 403, 404, 422, 429, 503}): schemas.Problem}


class Pages(LimitOffsetPagination):
    """At most 1,000 rows at a time."""

    class Input(Schema):
        limit: int = Field(100, ge=1, le=1000)
        offset: int = schemas.Whole


def answers(shape: Any) -> dict[Any, Any]:
    return {200: shape, **PROBLEMS}


@api.get("/studies", response=answers(list[schemas.StudyOut]))
@paginate(Pages)
def studies(request: HttpRequest) -> Any:
    """List the studies that this access key may read."""
    return studies_for(request, Role.READER).order_by("name")


@api.get("/studies/{study}", response=answers(schemas.StudyOut))
def study(request: HttpRequest, study: str) -> Study:
    """Endpoint of a study: its design and the number of its images."""
    return _study(request, study)


@api.get("/studies/{study}/report", response=answers(dict[str, Any]))
def report(request: HttpRequest, study: str, which: Query[schemas.Which]) -> dict[str, Any]:
    """Endpoint of the API: a study's whole report, every number with its rule."""
    return as_json(full_report(_snapshot(request, study, which)))


@api.get("/studies/{study}/layers", response=answers(list[schemas.LayerOut]))
@paginate(Pages)
def layers(request: HttpRequest, study: str, which: Query[schemas.Which]) -> Any:
    """The layers with answers, each with its precision and groups, as in the report."""
    return precision_table(report_in(_snapshot(request, study, which))).as_dicts()


@api.get("/studies/{study}/units", response=answers(list[schemas.UnitOut]))
@paginate(Pages)
def units(request: HttpRequest, study: str, query: Query[schemas.UnitFilter]) -> Any:
    """The units that have answers, filtered and sorted by the query of a request to the API."""
    rows = _units(_snapshot(request, study, query), query)
    matching = [row for row in rows if _matches(row[1].unit, query)]
    key, is_descending = _sort_key(query.order.lstrip("-")), query.order.startswith("-")
    matching.sort(key=lambda row: key(row[1].unit), reverse=is_descending)
    return UnitRows(matching)


@api.get("/studies/{study}/answers", response=answers(list[schemas.AnswerOut]))
@paginate(Pages)
def given(request: HttpRequest, study: str, query: Query[schemas.AnswerFilter]) -> Any:
    """A page of all answers for the API, with those that are excluded or about training units."""
    readable = _opened(request, study)
    only = {FIELDS[key]: value for key, value in query.dict(exclude_none=True).items()}
    columns = tuple(column.name for column in ANSWERS)
    count = answers_in(readable).filter(**only).count()
    return Rows(columns, count, lambda part: answer_rows(readable, only, part))


@api.get("/studies/{study}/workers", response=answers(list[schemas.WorkerOut]))
@paginate(Pages)
def workers(request: HttpRequest, study: str) -> Any:
    """The workers who answered, under pseudonyms, for the API."""
    columns = [column.name for column in WORKERS]
    rows = worker_rows(_opened(request, study))
    return [dict(zip(columns, row, strict=True)) for row in rows]


CONTENT = {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
CONTENT["application/json"] = {"schema": {"type": "array", "items": {"type": "object"}}}
STREAMED = {"responses": {200: {"description": "The table, streamed.", "content": CONTENT}}}


@api.get("/studies/{study}/tables/{name}.{kind}", response=PROBLEMS, openapi_extra=STREAMED)
def table(
    request: HttpRequest, study: str, name: str, kind: str, which: Query[schemas.Which]
) -> StreamingHttpResponse:
    """Stream a whole table to a client of the API, in one of the formats.

    The tables are answers, marks, units, layers, agreement, groups, chance, workers and attempts;
    a requester also gets people, remarks and audit.
    """
    allowed = TABLE_NAMES if is_requester(request, study) else SHARED
    if name not in allowed or kind not in WRITERS:
        raise HttpError(404, f"There is no table {name}.{kind}.")
    snapshot = _snapshot(request, study, which)
    exported = export_table(name, _study(request, study), snapshot)
    return StreamingHttpResponse(WRITERS[kind](exported), content_type=MEDIA_TYPES[kind])


class Rows:
    """The rows of a table as objects. It loads only the rows of the requested page."""

    def __init__(
        self, columns: tuple[str, ...], count: int, rows: Callable[[slice], Iterator[Any]]
    ) -> None:
        self.columns, self.count, self.rows = columns, count, rows

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows(part)]

    def __len__(self) -> int:
        return self.count


class UnitRows:
    """Units as objects. It computes only those of the requested page."""

    def __init__(self, rows: list[tuple[ReportedLayer, UnitInLayer]]) -> None:
        self.rows = rows

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        numbers = unit_columns()
        return [
            {
                column: value
                for number in numbers
                for column, value in zip(number.columns, number.values(row), strict=True)
            }
            for row in self.rows[part]
        ]

    def __len__(self) -> int:
        return len(self.rows)


def _study(request: HttpRequest, name: str) -> Study:
    # Studies that this key may not read look the same as studies that do not exist.
    readable = studies_for(request, Role.READER)
    study = None if "\0" in name else readable.filter(name=name).first()
    if study is None:
        raise HttpError(404, f"There is no study {name!r} that this key may read.")
    return study


def _opened(request: HttpRequest, name: str) -> Study:
    """A study whose results this key's account may see now."""
    study = _study(request, name)
    if not open_results(study, actor_of(request), "report"):
        raise HttpError(
            403,
            f"{why_hidden(study)} A requester can open them for an hour on the report's page. This "
            "opens them for the access keys of the same account too, and is logged as a look.",
        )
    return study


def _snapshot(request: HttpRequest, name: str, which: schemas.Which) -> Snapshot:
    crowd: Crowd | None = which.answers
    readable = _opened(request, name)
    snapshot = snapshot_of(readable, crowd, which.variant)
    if snapshot is None:
        raise HttpError(503, _why_not_made(ask_for(readable, crowd, which.variant)))
    return snapshot


def _why_not_made(asked: SnapshotRequest) -> str:
    """Say why there is no report yet: it failed, waits for a worker, or is being made."""
    if asked.error:
        return f"The report could not be made. It is tried again every 5 minutes. {asked.error}"
    if asked.begun_at is None:
        return "The report waits for a background worker, such as `manage.py work`, which makes it."
    return "A background worker is making the report. Ask again in a minute."


def _units(
    snapshot: Snapshot, query: schemas.UnitFilter
) -> Iterator[tuple[ReportedLayer, UnitInLayer]]:
    report = report_in(snapshot)
    for network, layer in report.all_layers():
        if query.network in (None, network.name) and query.layer in (None, layer.name):
            place = ReportedLayer(report, network, layer)
            for unit in units_in_layer(layer, units_in(snapshot, layer.id)):
                yield place, unit


def _matches(unit: UnitResult, query: schemas.UnitFilter) -> bool:
    low, high = query.least_precision, query.most_precision
    part = (query.concept or "").strip().casefold()
    return (
        (low is None or unit.precision >= low)
        and (high is None or unit.precision <= high)
        and query.group in (None, unit.group)
        and (not part or any(part in word for word, _ in unit.named.votes))
    )


def _sort_key(order: str) -> Callable[[UnitResult], Any]:
    if (
        order == "precision"
    ):  # by the shrunken precision, or the plain one where there is no shrunken one
        return lambda unit: unit.precision if unit.shrunken is None else unit.shrunken
    if order == "concept":
        return lambda unit: unit.named.concept or "\uffff"  # units without a concept come last
    if order == "answer_count":
        return lambda unit: unit.answer_count
    return lambda unit: 0  # the order of the report
