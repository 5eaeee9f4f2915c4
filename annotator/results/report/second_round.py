"""What a second round and machines add to a report: verified concepts, and other names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotator.concept_words import Normalise
from annotator.results.loading.answers import Crowd, UnitName
from annotator.results.loading.report_data import ReportData
from annotator.results.report.layer import LayerResult
from annotator.results.report.methods import CONSENSUS, MethodResult, method_results
from annotator.results.report.network import NetworkResult
from annotator.results.stats.verified_precision import (
    RowsOfUnits,
    VerifiedConcept,
    VerifiedLayer,
    by_method,
    verified_concepts,
    verified_layers,
)


@dataclass(frozen=True, slots=True)
class SecondRound:
    """One crowd's second round, by whose concept was verified."""

    answers: Mapping[str, RowsOfUnits]
    units: Mapping[str, Mapping[UnitName, VerifiedConcept]]
    layers: Mapping[str, Mapping[tuple[str, str], VerifiedLayer]]
    names: Mapping[UnitName, tuple[tuple[str, str], ...]]


def second_round(material: ReportData, crowd: Crowd) -> SecondRound:
    """The second round of one crowd, and what machines called the units."""
    answers = by_method(row for row in material.verifications if row.crowd == crowd)
    order = sorted(answers, key=lambda by: (by != CONSENSUS, by))
    names: dict[UnitName, list[tuple[str, str]]] = {}
    for row in material.machine_names:
        names.setdefault(row.unit_name, []).append((row.method, row.name))
    return SecondRound(
        answers=answers,
        units={by: verified_concepts(answers[by]) for by in order},
        layers={by: verified_layers(answers[by]) for by in order},
        names={name: tuple(sorted(of_unit)) for name, of_unit in names.items()},
    )


def with_second_round(
    networks: Sequence[NetworkResult], found: SecondRound
) -> tuple[NetworkResult, ...]:
    """The networks, with what the second round says of their layers and units."""
    if not (found.units or found.names):
        return tuple(networks)
    return tuple(
        replace(
            network, layers=tuple(_layer(network.name, layer, found) for layer in network.layers)
        )
        for network in networks
    )


def methods(
    material: ReportData,
    networks: Sequence[NetworkResult],
    found: SecondRound,
    normalise: Normalise,
) -> tuple[MethodResult, ...]:
    """Every method that named units, beside people."""
    return method_results(material.machine_names, networks, found.answers, found.units, normalise)


def _layer(network: str, layer: LayerResult, found: SecondRound) -> LayerResult:
    units = []
    for unit in layer.units:
        name = UnitName(network, layer.name, unit.unit)
        seen = tuple(of[name] for of in found.units.values() if name in of)
        units.append(replace(unit, verified=seen, machine_names=found.names.get(name, ())))
    here = (network, layer.name)
    of_layer = {by: layers[here] for by, layers in found.layers.items() if here in layers}
    return replace(layer, units=tuple(units), verified=of_layer)
