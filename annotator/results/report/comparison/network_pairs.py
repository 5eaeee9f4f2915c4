"""Every two networks of a study, and their p-values adjusted in families."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from annotator.results.loading.layout import NetworkRow
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison.comparability import (
    Comparability,
    comparability,
    matching_layers,
)
from annotator.results.report.comparison.differences import (
    Difference,
    Number,
    layer_differences,
    numbers_of,
)
from annotator.results.report.layer import LayerKey, UnitAnswers
from annotator.results.report.preregistration.plan import Hypothesis, parse_hypotheses
from annotator.results.stats.multiple_testing import holm
from annotator.results.stats.permutation_test import draws_for

POST_HOC = "chosen after seeing the data"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks of a study.

    Attributes:
        is_control: one is a chance control of the other.
        why_not: why they only stand side by side; None where they are compared.
        test, overlap, caution: see Comparability.
    """

    first: str
    second: str
    is_control: bool
    why_not: str | None
    differences: tuple[Difference, ...]
    test: str
    overlap: float | None
    caution: str | None


def comparisons(
    data: ReportData, answers: Mapping[LayerKey, UnitAnswers]
) -> tuple[Comparison, ...]:
    """Compare every pair of networks of a study that have answers; p-values adjusted in families.

    Args:
        answers: the analyzed ones.
    """
    hypotheses = parse_hypotheses(data.plans[-1].plan) if data.plans else []
    answered = {network for network, _ in answers}
    networks = [network for network in data.layout if network.name in answered]
    pairs = [_pair(*pair, data, answers, hypotheses) for pair in combinations(networks, 2)]
    planned = sum(len(pair.planned) for pair in pairs)
    return _adjusted([_comparison(pair, data, answers, planned) for pair in pairs])


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two networks before they are compared.

    Attributes:
        layers: those that stand for each other; none where the networks are not compared.
        planned: layers and number of what a preregistered plan names.
    """

    first: NetworkRow
    second: NetworkRow
    ground: Comparability
    layers: tuple[tuple[str, str], ...]
    planned: frozenset[tuple[tuple[str, str], Number]]

    @property
    def unplanned_count(self) -> int:
        return len(self.layers) * len(numbers_of(self.ground.test)) - len(self.planned)


def _pair(
    first: NetworkRow,
    second: NetworkRow,
    data: ReportData,
    answers: Mapping[LayerKey, UnitAnswers],
    hypotheses: Sequence[Hypothesis],
) -> _Pair:
    layers = [
        (one, two)
        for one, two in matching_layers(first, second)
        if (first.name, one) in answers and (second.name, two) in answers
    ]
    rows = (
        row
        for (network, _), units in answers.items()
        if network in (first.name, second.name)
        for of_unit in units.values()
        for row in of_unit
    )
    ground = comparability(first, second, data.image_list_sha256, rows)
    if ground.why_not is None and not layers:
        ground = replace(ground, why_not="no layer of one stands for a layer of the other")
    compared = () if ground.why_not else tuple(layers)
    planned = {
        (pair, number)
        for pair in compared
        for number in numbers_of(ground.test)
        for hypothesis in hypotheses
        if hypothesis.covers(*number, (first.name, second.name), pair)
    }
    return _Pair(first, second, ground, compared, frozenset(planned))


def _comparison(
    pair: _Pair, data: ReportData, answers: Mapping[LayerKey, UnitAnswers], planned: int
) -> Comparison:
    """Two networks compared, with p-values that are not adjusted yet.

    Args:
        planned: how many differences were planned, of all networks.
    """
    first, second, ground = pair.first, pair.second, pair.ground
    draws = draws_for(max(planned, pair.unplanned_count))
    differences = (
        replace(one, is_planned=(layers, (one.number, one.group)) in pair.planned)
        for layers in pair.layers
        for one in layer_differences(
            layers,
            list(answers[first.name, layers[0]].values()),
            list(answers[second.name, layers[1]].values()),
            data.threshold,
            draws,
            ground.test,
        )
    )
    return Comparison(
        first.name,
        second.name,
        is_control=first.control_of == second.name or second.control_of == first.name,
        why_not=ground.why_not,
        differences=tuple(differences),
        test=ground.test,
        overlap=ground.overlap,
        caution=ground.caution,
    )


def _adjusted(compared: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Adjust p-values by Holm. What was planned pays for nothing that was not."""

    def family(number: int, difference: Difference) -> int | None:
        return None if difference.is_planned else number

    p_values: dict[int | None, list[float]] = defaultdict(list)
    for number, comparison in enumerate(compared):
        for one in comparison.differences:
            if one.p is not None:
                p_values[family(number, one)].append(one.p)
    adjusted = {name: iter(holm(of_family)) for name, of_family in p_values.items()}
    return tuple(
        replace(
            comparison,
            differences=tuple(
                one if one.p is None else replace(one, adjusted_p=next(adjusted[family(n, one)]))
                for one in comparison.differences
            ),
        )
        for n, comparison in enumerate(compared)
    )
