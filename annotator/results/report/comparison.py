"""Two networks of a study: compared where the design allows it, else side by side.

A comparison of two sets of weights says something about these weights, not about how networks of
that kind come out of training.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

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
    Value,
    mean_difference,
    permutation_p_values,
    unit_sums,
)

MIN_SHARED_WORKERS = 2
POST_HOC = "chosen after seeing the data"


class RawDifference(NamedTuple):
    """One number of two layers, before its p-value is adjusted."""

    number: str
    group: int | None
    difference: float | None
    interval: Interval | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of a layer in the first network minus the same number in the second.

    Attributes:
        number: `mean_precision`, or `groups` for one group's share above the threshold.
        group: 1..6 with `groups`, else None.
        interval: 95 % interval over workers, with these units as the whole population; for
            `mean_precision` only.
        p: by permutation of the network labels.
        adjusted_p: by Holm, over all differences of the two networks.
        is_planned: a preregistered plan names it; otherwise it was chosen after seeing the data.
    """

    first_layer: str
    second_layer: str
    number: str
    group: int | None
    difference: float | None
    interval: Interval | None
    p: float | None
    adjusted_p: float | None
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
    return tuple(
        _comparison(first, second, data, answers, hypotheses)
        for first, second in combinations(networks, 2)
    )


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
    first: Sequence[Sequence[AnswerRow]],
    second: Sequence[Sequence[AnswerRow]],
    threshold: float,
) -> list[RawDifference]:
    """Compute every difference of two layers in a comparison of networks.

    Args:
        first: the answers of each unit. second: likewise.
    """
    units = [*first, *second]
    is_first = np.arange(len(units)) < len(first)
    numbers = _numbers(threshold)
    sums = [unit_sums(units, value) for _, _, value in numbers]
    p_values = permutation_p_values(sums, is_first)
    return [
        RawDifference(
            number,
            group,
            mean_difference(of_number, is_first),
            difference_interval(first, second) if group is None else None,
            p,
        )
        for (number, group, _), of_number, p in zip(numbers, sums, p_values, strict=True)
    ]


def _numbers(threshold: float) -> list[tuple[str, int | None, Value]]:
    """(number, group, its value for one answer; None leaves the answer out)."""

    def is_of(group: int) -> Value:
        def value(row: AnswerRow) -> float | None:
            return float(row.group == group) if row.precision > threshold else None

        return value

    return [
        ("mean_precision", None, lambda row: row.precision),
        *(("groups", group, is_of(group)) for group in GROUPS),
    ]


def _comparison(
    first: NetworkRow,
    second: NetworkRow,
    data: ReportData,
    answers: Mapping[LayerKey, UnitAnswers],
    hypotheses: Sequence[Hypothesis],
) -> Comparison:
    pairs = [
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
    if reason is None and not pairs:
        reason = "no layer of one stands for a layer of the other"
    differences = [
        (one, two, difference)
        for one, two in ([] if reason else pairs)
        for difference in layer_differences(
            list(answers[first.name, one].values()),
            list(answers[second.name, two].values()),
            data.threshold,
        )
    ]
    return Comparison(
        first.name,
        second.name,
        is_control=first.control_of == second.name or second.control_of == first.name,
        why_not=reason,
        differences=_adjusted(differences, hypotheses, (first.name, second.name)),
    )


def _adjusted(
    differences: Sequence[tuple[str, str, RawDifference]],
    hypotheses: Sequence[Hypothesis],
    networks: tuple[str, str],
) -> tuple[Difference, ...]:
    """Adjust the p-values of two networks over all their differences."""
    adjusted = iter(holm([raw.p for _, _, raw in differences if raw.p is not None]))
    return tuple(
        Difference(
            first_layer,
            second_layer,
            *raw,
            adjusted_p=None if raw.p is None else next(adjusted),
            is_planned=any(
                hypothesis.covers(raw.number, raw.group, networks, (first_layer, second_layer))
                for hypothesis in hypotheses
            ),
        )
        for first_layer, second_layer, raw in differences
    )
