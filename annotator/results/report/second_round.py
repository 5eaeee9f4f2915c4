"""What a second round and machines add to a report: verified concepts, and machine names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotator.results.loading.answers import Crowd, UnitName
from annotator.results.loading.report_data import ReportData
from annotator.results.report.layer import LayerKey, LayerResult
from annotator.results.report.methods import CONSENSUS
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
    """One crowd's second round.

    Attributes:
        answers, units, layers: by who named the concept: `consensus`, or a method.
        machine_names: (method, raw name) of each unit, by method.
    """

    answers: Mapping[str, RowsOfUnits]
    units: Mapping[str, Mapping[UnitName, VerifiedConcept]]
    layers: Mapping[str, Mapping[LayerKey, VerifiedLayer]]
    machine_names: Mapping[UnitName, tuple[tuple[str, str], ...]]


def second_round(data: ReportData, crowd: Crowd) -> SecondRound:
    """Sum up the second round of one crowd, and collect the machine names of the units."""
    answers = by_method(row for row in data.verifications if row.crowd == crowd)
    methods = sorted(answers, key=lambda method: (method != CONSENSUS, method))
    names: dict[UnitName, list[tuple[str, str]]] = {}
    for row in data.machine_names:
        names.setdefault(row.unit_name, []).append((row.method, row.name))
    return SecondRound(
        answers=answers,
        units={method: verified_concepts(answers[method]) for method in methods},
        layers={method: verified_layers(answers[method]) for method in methods},
        machine_names={unit: tuple(sorted(pairs)) for unit, pairs in names.items()},
    )


def with_second_round(
    networks: Sequence[NetworkResult], verified: SecondRound
) -> tuple[NetworkResult, ...]:
    """Add the second round's results and the machine names to a report's layers and units."""
    if not (verified.units or verified.machine_names):
        return tuple(networks)
    return tuple(
        replace(
            network, layers=tuple(_layer(network.name, layer, verified) for layer in network.layers)
        )
        for network in networks
    )


def _layer(network: str, layer: LayerResult, verified: SecondRound) -> LayerResult:
    units = []
    for unit in layer.units:
        name = UnitName(network, layer.name, unit.unit)
        concepts = tuple(of[name] for of in verified.units.values() if name in of)
        machine_names = verified.machine_names.get(name, ())
        units.append(replace(unit, verified=concepts, machine_names=machine_names))
    key = (network, layer.name)
    of_layer = {method: layers[key] for method, layers in verified.layers.items() if key in layers}
    return replace(layer, units=tuple(units), verified=of_layer)
