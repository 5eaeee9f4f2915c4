"""Every concept of a report with the units that carry it: in both networks, or in one alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.results.report.detectors import is_detector
from annotator.results.report.unit import UnitResult


@dataclass(frozen=True, slots=True)
class ConceptUse:
    """One unit whose consensus is a concept. `is_detector`: it is a detector of it as an object."""

    network: str
    layer_id: int
    layer: str
    unit: int
    precision: float
    ranked_by: float
    is_detector: bool


@dataclass(frozen=True, slots=True)
class ConceptEntry:
    """One concept, its units by network, the most precise (shrunken) first."""

    concept: str
    uses_by_network: Mapping[str, tuple[ConceptUse, ...]]

    @property
    def unit_count(self) -> int:
        return sum(map(len, self.uses_by_network.values()))

    @property
    def detector_count(self) -> int:
        return sum(use.is_detector for uses in self.uses_by_network.values() for use in uses)


Layers = Iterable[tuple[str, int, str, Iterable[UnitResult]]]  # network, layer id, layer, units


def concept_index(layers: Layers, threshold: float) -> list[ConceptEntry]:
    """Every consensus concept, the one with most units first, ties by name."""
    found: dict[str, dict[str, list[ConceptUse]]] = {}
    for network, layer_id, layer, units in layers:
        for unit in units:
            if unit.named.consensus is None:
                continue
            use = ConceptUse(
                network,
                layer_id,
                layer,
                unit.unit,
                unit.precision,
                unit.precision if unit.shrunken is None else unit.shrunken,
                is_detector(unit, threshold),
            )
            found.setdefault(unit.named.consensus, {}).setdefault(network, []).append(use)
    entries = [
        ConceptEntry(
            concept, {network: tuple(sorted(uses, key=_rank)) for network, uses in of.items()}
        )
        for concept, of in found.items()
    ]
    return sorted(entries, key=lambda one: (-one.unit_count, one.concept))


def matching_entries(
    entries: Iterable[ConceptEntry], part: str = "", where: str = ""
) -> list[ConceptEntry]:
    """The entries that a reader asks for.

    Args:
        part: of the concept.
        where: `both` for concepts of two networks or more, a network's name for what only it has.
    """
    part = part.strip().casefold()
    found = [entry for entry in entries if part in entry.concept]
    if where == "both":
        return [entry for entry in found if len(entry.uses_by_network) > 1]
    if where:
        return [entry for entry in found if set(entry.uses_by_network) == {where}]
    return found


def _rank(use: ConceptUse) -> tuple[float, str, int]:
    return -use.ranked_by, use.layer, use.unit
