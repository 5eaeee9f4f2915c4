"""The page of a layer: its units, filtered and sorted as the reader chooses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from annotator.dissection_reader.regions import count_regions
from annotator.models import Layer, Snapshot, Study, Unit
from annotator.results.output.formatting import decimal, group_names, written
from annotator.results.output.headlines import chance_counts, chance_means
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.control_labels import control_kinds, labels_in_prose
from annotator.results.report.detectors import is_detector
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import number_named
from annotator.results.report.reported_numbers.registry import definitions
from annotator.results.report.reported_numbers.unit import UNIT
from annotator.results.report.unit import UnitResult
from annotator.views.access import for_readers
from annotator.views.reader.addresses import layer_at
from annotator.views.reader.exemplar_tiles import tiles_of
from annotator.views.reader.snapshot import selection, with_snapshot
from dissect.format.live_units import activity_of


@dataclass(frozen=True)
class Order:
    """A way to sort the units of a layer.

    Attributes:
        label: what the units are sorted by; cards show it with the value.
        value: of a unit; units without one (None) come last.
        text: writes the value on a card; empty if the card shows it anyway.
        is_rising: whether low values come first.
    """

    label: str
    value: Callable[[UnitResult], float | str | None]
    text: Callable[[Any], str] = decimal
    is_rising: bool = False


def _by(name: str, label: Any) -> Order:
    """By a number of the registry, written as its kind is; words and groups are on every card."""
    number = number_named(UNIT, name)
    if number.measure in ("text", "number"):
        return Order(label, number.value, lambda value: "", is_rising=True)
    return Order(label, number.value, partial(written, measure=number.measure))


ORDERS: dict[str, Order] = {
    "shrunken": Order(_("Shrunken precision"), lambda unit: _ranked_precision(unit)),
    "precision": _by("precision", _("Precision")),
    "consensus": _by("precision_under_consensus", _("Consensus precision")),
    "verified": Order(_("Verified precision"), lambda unit: _verified(unit)),
    "concept": _by("concept", _("Concept")),
    "group": _by("group", _("Group")),
    "answers": _by("answer_count", _("Answers")),
    "returns": _by("return_rate", _("Return rate")),
    "nothing": _by("nothing_count", _("Answers “nothing in common”")),
    "unit": _by("unit", _("Unit number")),
}
DEFAULT_ORDER = "shrunken"
UNITS_PER_PAGE = 24
TILES_PER_UNIT = 3
# The definitions that the page links to.
DEFINED = {
    *("units_answered", "counted", "return_rate", "precision", "precision_interval", "shrunken"),
    *("concept", "group", "verified", "precision_under_consensus", "detectors", "nothing_share"),
    *("dead", "dense", "broad", "same_pictures"),
    *("mean_precision", "mean_precision_interval", "detector_share", "share_of_units_above"),
    *("groups", "chance_level", "excess", "excess_interval", "control"),
}


@dataclass(frozen=True)
class UnitRow:
    """A unit of a layer, with its result if it has answers."""

    pk: int
    number: int
    result: UnitResult | None
    activity: str = ""


@require_safe
@for_readers
@with_snapshot
def layer(
    request: HttpRequest, study: Study, snapshot: Snapshot, network: str, layer: str
) -> HttpResponse:
    row = layer_at(study, network, layer)
    report, query = report_in(snapshot), request.GET
    key = query.get("order", "")
    order = ORDERS.get(key, ORDERS[DEFAULT_ORDER])
    rows = layer_units(row, units_in(snapshot, row.pk), query, report.threshold)
    page = Paginator(rows, UNITS_PER_PAGE).get_page(query.get("page"))
    units = Unit.objects.filter(pk__in=[unit.pk for unit in page])
    units = units.select_related("layer__network").prefetch_related("hits")
    context = {
        "study": study.name,
        "layer": row,
        **_headline(report, row),
        "page": page,
        "numbers": {unit.pk: _sorted_by(order, unit) for unit in page},
        "tiles": tiles_of(units, TILES_PER_UNIT),
        "detecting": {
            unit.pk: unit.result is not None and is_detector(unit.result, report.threshold)
            for unit in page
        },
        "regions": count_regions(Unit.objects.filter(layer=row)),
        "query": query,
        "order": key if key in ORDERS else DEFAULT_ORDER,
        "orders": [(name, each.label) for name, each in ORDERS.items()],
        "keep_all": f"?{query.urlencode()}" if query else "",
        "report": report,
        "snapshot": snapshot,
        "group_names": group_names(),
        "definitions": definitions(report.threshold, DEFINED),
    }
    return render(request, "results/layer.html", context | selection(request))


def _headline(report: StudyReport, row: Layer) -> dict[str, Any]:
    """The layer's numbers beside what chance gives, as the report shows them."""
    network, result = next(pair for pair in report.all_layers() if pair[1].id == row.pk)
    return {
        "result": result,
        "networks": [replace(network, layers=(result,))],
        "chances": chance_counts(result),
        "mean_chances": chance_means(result),
        "labels": labels_in_prose(report.networks),
        "kinds": control_kinds(report.networks),
    }


def layer_units(
    layer: Layer, answered: Iterable[UnitResult], query: Mapping[str, str], threshold: float = 0.75
) -> list[UnitRow]:
    """The units for the page of a layer, filtered and sorted; ones without a value come last.

    Args:
        answered: the units that have answers.
        query: `order` (a key of ORDERS) and `reversed`; `group` (1..6), `q` (a part of a concept),
            `detectors` and `low`, `high` (ends of a range of precision) leave units out. Values
            that are no numbers are ignored.
        threshold: of consensus precision, above which a unit named for an object is a detector.
    """
    results = {unit.unit: unit for unit in answered}
    units = Unit.objects.filter(layer=layer)
    rows = [
        UnitRow(pk, number, results.get(number), activity_of(*facts))
        for pk, number, *facts in units.values_list("pk", "number", "dead", "dense", "broad_share")
    ]
    conditions = _conditions(query, threshold)
    if conditions:
        rows = [row for row in rows if row.result and all(c(row.result) for c in conditions)]
    order = ORDERS.get(query.get("order", ""), ORDERS[DEFAULT_ORDER])
    is_rising = order.is_rising is not bool(query.get("reversed"))
    return sorted(rows, key=lambda row: _position(row, order, is_rising))


def _conditions(query: Mapping[str, str], threshold: float) -> list[Callable[[UnitResult], bool]]:
    """What a unit must fulfill to be listed; no condition is fulfilled without answers."""
    conditions: list[Callable[[UnitResult], bool]] = []
    if group := query.get("group", ""):
        conditions.append(lambda unit: str(unit.group) == group)
    if part := query.get("q", "").strip().casefold():
        conditions.append(lambda unit: any(part in word for word, _ in unit.named.votes))
    if query.get("detectors"):
        conditions.append(lambda unit: is_detector(unit, threshold))
    if (low := _number(query.get("low"))) is not None:
        conditions.append(lambda unit: unit.precision >= low)
    if (high := _number(query.get("high"))) is not None:
        conditions.append(lambda unit: unit.precision <= high)
    return conditions


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _position(row: UnitRow, order: Order, is_rising: bool) -> tuple[bool, float | str, int]:
    """What a row is sorted by. Rows without a value come last in both directions."""
    value = order.value(row.result) if row.result else None
    if value is None:
        return True, 0.0, row.number
    if not is_rising:
        value = -value if not isinstance(value, str) else _reversed_word(value)
    return False, value, row.number


def _sorted_by(order: Order, row: UnitRow) -> str:
    """The number that a row is sorted by, for its card; empty if the card shows it anyway."""
    value = order.value(row.result) if row.result else None
    return "" if value is None else order.text(value)


def _reversed_word(word: str) -> str:
    """A string that sorts in the opposite order to the word: every letter is mirrored."""
    return "".join(chr(0x10FFFF - ord(letter)) for letter in word) + chr(0x10FFFF)


def _ranked_precision(unit: UnitResult) -> float:
    """The shrunken precision: a unit with few answers cannot lead a ranking by chance."""
    return unit.precision if unit.shrunken is None else unit.shrunken


def _verified(unit: UnitResult) -> float | None:
    return unit.verified[0].held_out if unit.verified else None
