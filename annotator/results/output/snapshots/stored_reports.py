"""Stores and reads the reports in a study's snapshots."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from pydantic import TypeAdapter

from annotator.models import Snapshot
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.unit import UnitResult
from annotator.storage import keep, read

Units = tuple[UnitResult, ...]
REPORT = TypeAdapter(StudyReport)
UNIT = TypeAdapter(UnitResult)
UNITS: TypeAdapter[Units] = TypeAdapter(Units)
WORD = TypeAdapter(str)


def report_in(snapshot: Snapshot) -> StudyReport:
    """The stored report of a snapshot without its units, at the threshold looked at."""
    return report_at(snapshot.content, snapshot.threshold)


def units_in(snapshot: Snapshot, layer_id: int) -> Units:
    """The answered units of a layer as a snapshot stores them, by number."""
    if snapshot.threshold is not None:
        return _units_at(snapshot.content, snapshot.threshold)[layer_id]
    return _units(snapshot.content, layer_id)


def unit_in(snapshot: Snapshot, layer_id: int, number: int) -> UnitResult | None:
    """One unit in a snapshot; None if it has no answers that count. Parses that unit alone."""
    if snapshot.threshold is not None:
        at_number = (unit for unit in units_in(snapshot, layer_id) if unit.unit == number)
        return next(at_number, None)
    units = _units_json(snapshot.content, layer_id)
    return next(iter(UNITS.validate_json(_single_unit(units, number))), None)


def units_named(
    snapshot: Snapshot, layer_ids: Iterable[int], concept: str, count: int
) -> tuple[list[tuple[int, UnitResult]], int]:
    """The units of a stored report that have a consensus concept, of highest precision first.

    Only those that are returned are parsed: a common concept has a thousand units.

    Returns:
        (layer id, unit) of the first `count`, ties by layer and number; how many there are.
    """
    consensus = re.compile(
        b'"consensus":%s,"precision":([^,}]+)' % re.escape(WORD.dump_json(concept))
    )
    places = sorted(
        (-float(match[1]), layer_id, match.start())
        for layer_id in layer_ids
        for match in consensus.finditer(_units_json(snapshot.content, layer_id))
    )
    shown = [(layer, _unit_at(snapshot.content, layer, at)) for _, layer, at in places[:count]]
    return shown, len(places)


def full_report(snapshot: Snapshot) -> StudyReport:
    """The report in a snapshot with every unit, bit for bit the one that was computed."""
    return _with_units(report_in(snapshot), lambda layer_id: units_in(snapshot, layer_id))


def report_data_in(snapshot: Snapshot) -> bytes:
    """The data that are stored beside a report, from which it was computed, as JSON."""
    return read(f"{snapshot.content}/material.json")


# The content of a snapshot never changes, so a process may cache it.
@lru_cache(maxsize=8)
def report_at(content: str, threshold: float | None = None) -> StudyReport:
    """The report that a snapshot's folder stores, at another threshold if one is given."""
    if threshold is not None:
        return report_at(content).at_threshold(threshold)
    return REPORT.validate_json(read(f"{content}/report.json"))


def store_report(content: str, report: StudyReport, material: bytes) -> None:
    keep(f"{content}/material.json", lambda: material)
    for network in report.networks:
        for layer in network.layers:
            units = _lines(layer.units)
            keep(f"{content}/units-{layer.id}.json", lambda units=units: units)  # type: ignore[misc]
    head = _with_units(report, lambda layer_id: ())
    keep(f"{content}/report.json", lambda: REPORT.dump_json(head))


def _unit_at(content: str, layer_id: int, position: int) -> UnitResult:
    """The unit in whose line of the layer's JSON a position is."""
    units = _units_json(content, layer_id)
    line = units[units.rindex(b"\n", 0, position) + 1 : units.index(b"\n", position)]
    return UNIT.validate_json(line.rstrip(b","))


def _with_units(report: StudyReport, units: Callable[[int], Units]) -> StudyReport:
    def filled(network: NetworkResult) -> NetworkResult:
        layers = (replace(layer, units=units(layer.id)) for layer in network.layers)
        return replace(network, layers=tuple(layers))

    return replace(report, networks=tuple(filled(network) for network in report.networks))


@lru_cache(maxsize=4)
def _units_at(content: str, threshold: float) -> dict[int, Units]:
    """The units of every layer by its id, with their claims at a threshold."""
    whole = _with_units(report_at(content), lambda layer_id: _units(content, layer_id))
    networks = whole.at_threshold(threshold).networks
    return {layer.id: layer.units for network in networks for layer in network.layers}


@lru_cache(maxsize=16)
def _units(content: str, layer_id: int) -> Units:
    return UNITS.validate_json(_units_json(content, layer_id))


@lru_cache(maxsize=64)
def _units_json(content: str, layer_id: int) -> bytes:
    return read(f"{content}/units-{layer_id}.json")


def _lines(units: Units) -> bytes:
    """Units as JSON, one a line; a line begins with the unit's number, so it can be searched."""
    return b"[\n" + b",\n".join(UNIT.dump_json(unit) for unit in units) + b"\n]"


def _single_unit(units: bytes, number: int) -> bytes:
    """A JSON list with the unit of a number, or an empty one."""
    start = units.find(b'\n{"unit":%d,' % number)
    if start < 0:
        return b"[]"
    return b"[" + units[start : units.index(b"\n", start + 1)].rstrip(b",") + b"]"
