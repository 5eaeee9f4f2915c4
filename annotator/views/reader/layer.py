"""The page of a layer: its units, filtered and sorted as the reader chooses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.dissection_reader.regions import count_regions
from annotator.models import Layer, Snapshot, Study, Unit
from annotator.results.definitions import definitions
from annotator.results.output.formatting import GROUP_NAMES
from annotator.results.output.snapshots import report_in, units_in
from annotator.results.report.unit import UnitResult
from annotator.views.access import for_readers
from annotator.views.reader.addresses import layer_at
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import selection, with_snapshot

SortKey = Callable[[UnitResult], float | str | None]

# Sort order: (its label, the key by which units are sorted in rising order; None sorts last).
ORDERS: dict[str, tuple[str, SortKey]] = {
    "shrunken": ("Precision, shrunken", lambda unit: -_ranked_precision(unit)),
    "precision": ("Precision", lambda unit: -unit.precision),
    "consensus": ("Precision under the consensus", lambda unit: _descending(unit.named.precision)),
    "verified": ("Verified precision", lambda unit: _descending(_verified(unit))),
    "concept": ("Concept", lambda unit: unit.named.concept),
    "group": ("Group", lambda unit: unit.group),
    "answers": ("Number of answers", lambda unit: -unit.answer_count),
    "returns": ("Return rate", lambda unit: _descending(unit.assignments.return_rate)),
    "nothing": ("Answers “nothing in common”", lambda unit: -unit.nothing_count),
    "unit": ("Unit number", lambda unit: unit.unit),
}
DEFAULT_ORDER = "shrunken"
# View of a layer: (units a page, pictures a unit).
VIEWS = {"list": (25, 5), "grid": (60, 3)}
# The definitions that the page links to.
DEFINED = {
    *("units_answered", "counted", "return_rate", "precision", "precision_interval", "shrunken"),
    *("concept", "group", "verified"),
}


@dataclass(frozen=True)
class UnitRow:
    """A unit of a layer, with its result if it has answers."""

    pk: int
    number: int
    result: UnitResult | None


@require_safe
@for_readers
@with_snapshot
def layer(
    request: HttpRequest, study: Study, snapshot: Snapshot, network: str, layer: str
) -> HttpResponse:
    row = layer_at(study, network, layer)
    report = report_in(snapshot)
    view = "grid" if request.GET.get("view") == "grid" else "list"
    unit_count, tile_count = VIEWS[view]
    rows = layer_units(row, units_in(snapshot, row.pk), request.GET)
    page = Paginator(rows, unit_count).get_page(request.GET.get("page"))
    units = Unit.objects.filter(pk__in=[unit.pk for unit in page])
    units = units.select_related("layer__network").prefetch_related("hits")
    order = request.GET.get("order", "")
    context = {
        "study": study.name,
        "layer": row,
        "page": page,
        "tiles": tiles_of(units, tile_count),
        "regions": count_regions(Unit.objects.filter(layer=row)),
        "query": request.GET,
        "view": view,
        "order": order if order in ORDERS else DEFAULT_ORDER,
        "orders": [(key, label) for key, (label, _) in ORDERS.items()],
        "keep_all": f"?{request.GET.urlencode()}" if request.GET else "",
        "report": report,
        "snapshot": snapshot,
        "group_names": GROUP_NAMES,
        "definitions": definitions(report.threshold, DEFINED),
    }
    return render(request, "results/layer.html", context | selection(request))


def layer_units(
    layer: Layer, answered: Iterable[UnitResult], query: Mapping[str, str]
) -> list[UnitRow]:
    """The units for the page of a layer, filtered and sorted; ones without a value come last.

    Args:
        answered: the units that have answers.
        query: `order` (a key of ORDERS), `reversed`, `group` (1..6) and `q`, a part of a concept.
    """
    results = {unit.unit: unit for unit in answered}
    units = Unit.objects.filter(layer=layer).values_list("pk", "number")
    rows = [UnitRow(pk, number, results.get(number)) for pk, number in units]
    rows = [row for row in rows if _matches(row, query.get("group", ""), query.get("q", ""))]
    _, key = ORDERS.get(query.get("order", ""), ORDERS[DEFAULT_ORDER])
    is_reversed = bool(query.get("reversed"))
    return sorted(rows, key=lambda row: _position(row, key, is_reversed))


def _matches(row: UnitRow, group: str, part: str) -> bool:
    if not (group or part):
        return True
    if row.result is None or (group and str(row.result.group) != group):
        return False
    part = part.strip().casefold()
    return not part or any(part in word for word, _ in row.result.named.votes)


def _position(row: UnitRow, key: SortKey, is_reversed: bool) -> tuple[bool, float | str, int]:
    """What a row is sorted by. Rows without a value come last in both directions."""
    value = key(row.result) if row.result else None
    if value is None:
        return True, 0.0, row.number
    if is_reversed:
        value = -value if not isinstance(value, str) else _reversed_word(value)
    return False, value, row.number


def _reversed_word(word: str) -> str:
    """A string that sorts in the opposite order to the word: every letter is mirrored."""
    return "".join(chr(0x10FFFF - ord(letter)) for letter in word) + chr(0x10FFFF)


def _ranked_precision(unit: UnitResult) -> float:
    """The shrunken precision: a unit with few answers cannot lead a ranking by chance."""
    return unit.precision if unit.shrunken is None else unit.shrunken


def _verified(unit: UnitResult) -> float | None:
    return unit.verified[0].held_out if unit.verified else None


def _descending(value: float | None) -> float | None:
    return None if value is None else -value
