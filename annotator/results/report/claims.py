"""What may be said of single units: shrunken precisions, and p-values adjusted over all units."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.unit import UnitResult
from annotator.results.stats.multiple_testing import benjamini_hochberg
from annotator.results.stats.shrinkage import p_above, reliability, shrunken


def with_unit_claims(
    networks: Sequence[NetworkResult], threshold: float
) -> tuple[NetworkResult, ...]:
    """The networks, every unit with what may be claimed of it, among all units of the report."""
    ps = [
        p_above(unit.precision, unit.answer_count, layer.spread, threshold)
        for network in networks
        for layer in network.layers
        for unit in layer.units
    ]
    adjusted = iter(benjamini_hochberg([p for p in ps if p is not None]))
    pairs = iter([(p, None if p is None else next(adjusted)) for p in ps])
    return tuple(
        replace(network, layers=tuple(_claimed(layer, pairs) for layer in network.layers))
        for network in networks
    )


def _claimed(layer: LayerResult, pairs: Iterator[tuple[float | None, float | None]]) -> LayerResult:
    return replace(layer, units=tuple(_unit(unit, layer, *next(pairs)) for unit in layer.units))


def _unit(unit: UnitResult, layer: LayerResult, p: float | None, q: float | None) -> UnitResult:
    reliable = reliability(layer.agreement.icc_1, unit.answer_count)
    drawn = shrunken(unit.precision, layer.mean_precision or 0.0, reliable)
    return replace(unit, reliability=reliable, shrunken=drawn, p_above=p, q_above=q)
