"""Two networks of a study: compared where the design allows it, else side by side.

A comparison of two sets of weights says something about these weights, not about how networks of
that kind come out of training.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

import numpy as np

from annotator.results.loading.answers import AnswerRow
from annotator.results.loading.layout import NetworkRow
from annotator.results.loading.plan import Hypothesis, parse_hypotheses
from annotator.results.loading.report_data import ReportData
from annotator.results.report.layer import LayerKey, UnitAnswers
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import Interval, difference_interval
from annotator.results.stats.multiple_testing import holm
from annotator.results.stats.permutation_test import (
    MIN_DRAWS,
    Value,
    draws_for,
    mean_difference,
    permutation_p_values,
    unit_sums,
)

MIN_SHARED_WORKERS = 2
POST_HOC = "chosen after seeing the data"
# (number, group) of the differences of two layers.
NUMBERS: tuple[tuple[str, int | None], ...] = (
    ("mean_precision", None),
    *(("groups", group) for group in GROUPS),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of a layer in the first network minus the same number in the second.

    Attributes:
        number: `mean_precision`, or `groups` for one group's share above the threshold.
        group: 1..6 with `groups`, else None.
        interval: 95 % interval over workers, with these units as the whole population; for
            `mean_precision` only.
        p: by permutation of the network labels.
        adjusted_p: by Holm, over all planned differences of the study, or over those of the two
            networks that were not planned.
        is_planned: a preregistered plan names it; otherwise it was chosen after seeing the data.
    """

    first_layer: str
    second_layer: str
    number: str
    group: int | None
    difference: float | None
    interval: Interval | None
    p: float | None
    adjusted_p: float | None = None
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks of a study.

    Attributes:
        is_control: one is a chance control of the other.
        why_not: why they only stand side by side; None where they are compared.
    """

    first: str
    second: str
    is_control: bool
    why_not: str | None
    differences: tuple[Difference, ...]


def comparisons(
    data: ReportData, answers: Mapping[LayerKey, UnitAnswers]
) -> tuple[Comparison, ...]:
    """Compare every two networks that have answers, in layout order.

    Args:
        answers: the analysed ones.
    """
    hypotheses = parse_hypotheses(data.plans[-1].plan) if data.plans else []
    answered = {network for network, _ in answers}
    networks = [network for network in data.layout if network.name in answered]
    pairs = [_pair(*pair, data, answers, hypotheses) for pair in combinations(networks, 2)]
    planned = sum(len(pair.planned) for pair in pairs)
    return _adjusted([_comparison(pair, data, answers, planned) for pair in pairs])


def reason_not_comparable(
    first: NetworkRow, second: NetworkRow, image_list_sha256: str, rows: Iterable[AnswerRow]
) -> str | None:
    """Say why a comparison of two networks is not allowed in the report; None if it is.

    Networks of one study share its HIT design. Comparable ones also share the view of the
    pictures, the image list, one queue and enough workers.

    Args:
        rows: the analysed answers about both.
    """
    workers: dict[str, set[str]] = {first.name: set(), second.name: set()}
    first_answer_at: datetime | None = None
    for row in rows:
        workers[row.network].add(row.worker)
        if row.given_at is not None:
            first_answer_at = min(first_answer_at or row.given_at, row.given_at)
    if first.workers_are_places or second.workers_are_places:
        return "the answers do not say who gave them, so nothing is measured within workers"
    if not image_list_sha256:
        return "it is not known that both were dissected on the same list of images"
    if len(views := {*first.tile_views, *second.tile_views}) > 1:
        return f"their HITs showed different views of the pictures: {' and '.join(sorted(views))}"
    if first.published_at is None or second.published_at is None:
        return "they were not offered in one queue"
    if first_answer_at and first_answer_at < max(first.published_at, second.published_at):
        return "one was offered when the other already had answers, so their units never mixed"
    shared = workers[first.name] & workers[second.name]
    if len(shared) < MIN_SHARED_WORKERS:
        return f"only {len(shared)} worker{'' if len(shared) == 1 else 's'} answered about both"
    if 2 * len(shared) < len(workers[first.name] | workers[second.name]):
        return "most workers answered about one of them only, so the crowds differ"
    return None


def matching_layers(first: NetworkRow, second: NetworkRow) -> list[tuple[str, str]]:
    """Pair the layers of two compared networks by name; where none is shared, by depth.

    Networks of different depth without a shared name have no pair.
    """
    names = [layer.name for layer in first.layers]
    others = [layer.name for layer in second.layers]
    shared = [(name, name) for name in names if name in others]
    if shared:
        return shared
    return list(zip(names, others, strict=True)) if len(names) == len(others) else []


def layer_differences(
    layers: tuple[str, str],
    first: Sequence[Sequence[AnswerRow]],
    second: Sequence[Sequence[AnswerRow]],
    threshold: float,
    draws: int = MIN_DRAWS,
) -> list[Difference]:
    """Compute every difference of two layers in a comparison of networks; no p is adjusted yet.

    Args:
        layers: the name of each.
        first: the answers of each unit. second: likewise.
        draws: permutations of the labels.
    """
    units = [*first, *second]
    is_first = np.arange(len(units)) < len(first)
    sums = [unit_sums(units, _value(group, threshold)) for _, group in NUMBERS]
    p_values = permutation_p_values(sums, is_first, draws)
    return [
        Difference(
            *layers,
            number,
            group,
            mean_difference(of_number, is_first),
            difference_interval(first, second) if group is None else None,
            p,
        )
        for (number, group), of_number, p in zip(NUMBERS, sums, p_values, strict=True)
    ]


def _value(group: int | None, threshold: float) -> Value:
    """What an answer adds to a number of NUMBERS; None leaves the answer out."""
    if group is None:
        return lambda row: row.precision
    return lambda row: float(row.group == group) if row.precision > threshold else None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two networks before they are compared.

    Attributes:
        layers: those that stand for each other; none where the networks are not compared.
        planned: (layers, number, group) of what a preregistered plan names.
    """

    first: NetworkRow
    second: NetworkRow
    why_not: str | None
    layers: tuple[tuple[str, str], ...]
    planned: frozenset[tuple[tuple[str, str], str, int | None]]

    @property
    def unplanned_count(self) -> int:
        return len(self.layers) * len(NUMBERS) - len(self.planned)


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
    reason = reason_not_comparable(first, second, data.image_list_sha256, rows)
    if reason is None and not layers:
        reason = "no layer of one stands for a layer of the other"
    compared = () if reason else tuple(layers)
    planned = {
        (pair, number, group)
        for pair in compared
        for number, group in NUMBERS
        for hypothesis in hypotheses
        if hypothesis.covers(number, group, (first.name, second.name), pair)
    }
    return _Pair(first, second, reason, compared, frozenset(planned))


def _comparison(
    pair: _Pair, data: ReportData, answers: Mapping[LayerKey, UnitAnswers], planned: int
) -> Comparison:
    """Two networks compared, with p-values that are not adjusted yet.

    Args:
        planned: how many differences were planned, of all networks.
    """
    first, second = pair.first, pair.second
    draws = draws_for(max(planned, pair.unplanned_count))
    differences = (
        replace(one, is_planned=(layers, one.number, one.group) in pair.planned)
        for layers in pair.layers
        for one in layer_differences(
            layers,
            list(answers[first.name, layers[0]].values()),
            list(answers[second.name, layers[1]].values()),
            data.threshold,
            draws,
        )
    )
    return Comparison(
        first.name,
        second.name,
        is_control=first.control_of == second.name or second.control_of == first.name,
        why_not=pair.why_not,
        differences=tuple(differences),
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
