"""Claims about single units: what is estimated of each, and which is above the threshold."""

from collections.abc import Sequence
from dataclasses import replace

from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.unit import UnitResult
from annotator.results.stats.multiple_testing import benjamini_hochberg
from annotator.results.stats.shrinkage import p_above, reliability, shrunken


def with_unit_claims(
    networks: Sequence[NetworkResult], threshold: float
) -> tuple[NetworkResult, ...]:
    """Add its claims to every unit of the networks: shrunken precision, p of being above threshold.

    The p-values are adjusted by Benjamini and Hochberg over all units of the report; those of
    consensus precisions over all units that have a consensus.
    """
    units = [
        (layer, unit) for network in networks for layer in network.layers for unit in layer.units
    ]
    p_values = [
        p_above(unit.precision, unit.answer_count, layer.spread, threshold) for layer, unit in units
    ]
    of_consensus = [_consensus_p(unit, layer, threshold) for layer, unit in units]
    claims = zip(p_values, _adjusted(p_values), _adjusted(of_consensus), strict=True)

    def claimed(layer: LayerResult) -> LayerResult:
        return replace(
            layer, units=tuple(_with_claim(unit, layer, *next(claims)) for unit in layer.units)
        )

    return tuple(
        replace(network, layers=tuple(claimed(layer) for layer in network.layers))
        for network in networks
    )


def _consensus_p(unit: UnitResult, layer: LayerResult, threshold: float) -> float | None:
    """One-sided p of a consensus precision above the threshold; None without a consensus."""
    if unit.named.precision is None:
        return None
    return p_above(unit.named.precision, unit.named.votes[0][1], layer.spread, threshold)


def _adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """The p-values adjusted by Benjamini and Hochberg, over those that exist."""
    q_values = iter(benjamini_hochberg([p for p in p_values if p is not None]))
    return [None if p is None else next(q_values) for p in p_values]


def _with_claim(
    unit: UnitResult,
    layer: LayerResult,
    p: float | None,
    q: float | None,
    consensus_q: float | None,
) -> UnitResult:
    reliable = reliability(layer.agreement.icc_1, unit.answer_count)
    estimate = shrunken(unit.precision, layer.mean_precision or 0.0, reliable)
    return replace(
        unit,
        reliability=reliable,
        shrunken=estimate,
        p_above=p,
        q_above=q,
        consensus_q_above=consensus_q,
    )
