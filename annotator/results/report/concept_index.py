"""Every concept of a report with the units that carry it: in both networks, or in one alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.results.report.detectors import detects
from annotator.results.report.unit import UnitResult


@dataclass(frozen=True, slots=True)
class Use:
    """One unit whose consensus is a concept. `detects`: it is a detector of it as an object."""

    network: str
    layer_id: int
    layer: str
    unit: int
    precision: float
    ranked_by: float
    detects: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One concept, its units by network, the most precise (shrunken) first."""

    concept: str
    of_networks: Mapping[str, tuple[Use, ...]]

    @property
    def unit_count(self) -> int:
        return sum(map(len, self.of_networks.values()))

    @property
    def detector_count(self) -> int:
        return sum(use.detects for uses in self.of_networks.values() for use in uses)


Layers = Iterable[tuple[str, int, str, Iterable[UnitResult]]]  # network, layer id, layer, units


def concept_index(layers: Layers, threshold: float) -> list[Entry]:
    """Every consensus concept, the one with most units first, ties by name."""
    found: dict[str, dict[str, list[Use]]] = {}
    for network, layer_id, layer, units in layers:
        for unit in units:
            if unit.named.consensus is None:
                continue
            use = Use(
                network,
                layer_id,
                layer,
                unit.unit,
                unit.precision,
                unit.precision if unit.shrunken is None else unit.shrunken,
                detects(unit, threshold),
            )
            found.setdefault(unit.named.consensus, {}).setdefault(network, []).append(use)
    entries = [
        Entry(concept, {network: tuple(sorted(uses, key=_rank)) for network, uses in of.items()})
        for concept, of in found.items()
    ]
    return sorted(entries, key=lambda one: (-one.unit_count, one.concept))


def chosen(entries: Iterable[Entry], part: str = "", where: str = "") -> list[Entry]:
    """The entries that a reader asks for.

    Args:
        part: of the concept.
        where: `both` for concepts of two networks or more, a network's name for what only it has.
    """
    part = part.strip().casefold()
    found = [entry for entry in entries if part in entry.concept]
    if where == "both":
        return [entry for entry in found if len(entry.of_networks) > 1]
    if where:
        return [entry for entry in found if set(entry.of_networks) == {where}]
    return found


def _rank(use: Use) -> tuple[float, str, int]:
    return -use.ranked_by, use.layer, use.unit
