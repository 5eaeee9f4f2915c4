"""The index of concepts: every consensus concept of a report, with the units named for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.results.report.detectors import is_detector
from annotator.results.report.unit import UnitResult


@dataclass(frozen=True, slots=True)
class ConceptUse:
    """One unit whose consensus is a concept.

    Attributes:
        ranked_by: its shrunken precision, or its precision where that does not exist.
        is_detector: it detects the concept as an object.
    """

    network: str
    layer_id: int
    layer: str
    unit: int
    precision: float
    ranked_by: float
    is_detector: bool


@dataclass(frozen=True, slots=True)
class ConceptEntry:
    """One concept with its units by network, those of highest shrunken precision first."""

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
    """Make the concept index: every consensus concept, the one with most units first."""
    index: dict[str, dict[str, list[ConceptUse]]] = {}
    for network, layer_id, layer, units in layers:
        for unit in units:
            if unit.named.consensus is not None:
                use = ConceptUse(
                    network,
                    layer_id,
                    layer,
                    unit.unit,
                    unit.precision,
                    unit.precision if unit.shrunken is None else unit.shrunken,
                    is_detector(unit, threshold),
                )
                index.setdefault(unit.named.consensus, {}).setdefault(network, []).append(use)
    entries = [
        ConceptEntry(concept, {network: _ranked(uses) for network, uses in networks.items()})
        for concept, networks in index.items()
    ]
    return sorted(entries, key=lambda entry: (-entry.unit_count, entry.concept))


def matching_entries(
    entries: Iterable[ConceptEntry], part: str = "", where: str = ""
) -> list[ConceptEntry]:
    """Search the concept index of a report for entries with some text, or of some networks.

    Args:
        part: text that the concept contains; upper and lower case are equal.
        where: `both` keeps concepts of two networks or more; the name of a network keeps
            concepts that no other network has; empty keeps all.
    """
    part = part.strip().casefold()
    matching = [entry for entry in entries if part in entry.concept]
    if where == "both":
        return [entry for entry in matching if len(entry.uses_by_network) > 1]
    if where:
        return [entry for entry in matching if set(entry.uses_by_network) == {where}]
    return matching


def _ranked(uses: Iterable[ConceptUse]) -> tuple[ConceptUse, ...]:
    return tuple(sorted(uses, key=lambda use: (-use.ranked_by, use.layer, use.unit)))
