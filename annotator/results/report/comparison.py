"""Two networks: a difference where the design allows one, else side by side with a sentence why.

One pair of weights supports a statement about these weights, not about training.
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
from annotator.results.report.layer import Answers
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

Place = tuple[str, str]  # network, layer


class Raw(NamedTuple):
    """One number of two layers before it is adjusted for how many there are."""

    number: str
    group: int | None
    difference: float | None
    interval: Interval | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of a layer, in the first network less in the second.

    Attributes:
        number: `mean_precision`, or `groups` for one group's share above the threshold.
        group: 1..6 with `groups`, else None.
        interval: 95 %, over workers, these units being all there are; of the mean alone.
        p: by permuted labels. adjusted_p: by Holm, over all differences of two networks.
        is_planned: it stands in a preregistered plan; else it was chosen after seeing the data.
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
        why_not: the sentence why they only stand side by side; None where they are compared.
        is_control: one is a chance control of the other.
    """

    first: str
    second: str
    is_control: bool
    why_not: str | None
    differences: tuple[Difference, ...]


def comparisons(material: ReportData, answers: Mapping[Place, Answers]) -> tuple[Comparison, ...]:
    """Every pair of networks that has answers.

    Args:
        answers: the analysed ones by network and layer.
    """
    planned = parse_hypotheses(material.plans[-1].plan) if material.plans else []
    there = {network for network, _ in answers}
    networks = [network for network in material.layout if network.name in there]
    return tuple(
        _comparison(one, two, material, answers, planned) for one, two in combinations(networks, 2)
    )


def reason_not_comparable(
    one: NetworkRow, two: NetworkRow, image_list_sha256: str, rows: Iterable[AnswerRow]
) -> str | None:
    """Why two networks of one study, which share its HIT design, may not be compared.

    Args:
        rows: the analysed answers of both.
    """
    workers: dict[str, set[str]] = {one.name: set(), two.name: set()}
    first: datetime | None = None
    for row in rows:
        workers[row.network].add(row.worker)
        if row.given_at is not None:
            first = min(first, row.given_at) if first else row.given_at
    if one.workers_are_places or two.workers_are_places:
        return "the answers do not say who gave them, so nothing is measured within workers"
    if not image_list_sha256:
        return "it is not known that both were dissected on the same list of images"
    if one.published_at is None or two.published_at is None:
        return "they were not offered in one queue"
    if first is not None and first < max(one.published_at, two.published_at):
        return "one was offered when the other already had answers, so their units never mixed"
    shared = workers[one.name] & workers[two.name]
    if len(shared) < MIN_SHARED_WORKERS:
        return f"only {len(shared)} worker{'' if len(shared) == 1 else 's'} answered about both"
    if 2 * len(shared) < len(workers[one.name] | workers[two.name]):
        return "most workers answered about one of them only, so the crowds differ"
    return None


def matching_layers(one: NetworkRow, two: NetworkRow) -> list[tuple[str, str]]:
    """Which layers stand for each other: those of one name, else those of one depth."""
    names = [layer.name for layer in one.layers]
    others = [layer.name for layer in two.layers]
    shared = [(name, name) for name in names if name in others]
    if shared:
        return shared
    return list(zip(names, others, strict=True)) if len(names) == len(others) else []


def layer_differences(
    first: Sequence[Sequence[AnswerRow]],
    second: Sequence[Sequence[AnswerRow]],
    threshold: float,
) -> list[Raw]:
    """Every number of two layers, from the answers of their units."""
    units = [*first, *second]
    is_first = np.arange(len(units)) < len(first)
    numbers = _numbers(threshold)
    of_numbers = [unit_sums(units, value) for _, _, value in numbers]
    ps = permutation_p_values(of_numbers, is_first)
    return [
        Raw(
            number,
            group,
            mean_difference(of, is_first),
            difference_interval(first, second) if group is None else None,
            p,
        )
        for (number, group, _), of, p in zip(numbers, of_numbers, ps, strict=True)
    ]


def _numbers(threshold: float) -> list[tuple[str, int | None, Value]]:
    def is_of(group: int) -> Value:
        def value(row: AnswerRow) -> float | None:
            return float(row.group == group) if row.precision > threshold else None

        return value

    return [
        ("mean_precision", None, lambda row: row.precision),
        *(("groups", group, is_of(group)) for group in GROUPS),
    ]


def _comparison(
    one: NetworkRow,
    two: NetworkRow,
    material: ReportData,
    answers: Mapping[Place, Answers],
    hypotheses: Sequence[Hypothesis],
) -> Comparison:
    pairs = [
        (mine, theirs)
        for mine, theirs in matching_layers(one, two)
        if (one.name, mine) in answers and (two.name, theirs) in answers
    ]
    reason = reason_not_comparable(one, two, material.image_list_sha256, _rows(one, two, answers))
    if reason is None and not pairs:
        reason = "no layer of one stands for a layer of the other"
    found = [
        (mine, theirs, raw)
        for mine, theirs in ([] if reason else pairs)
        for raw in layer_differences(
            list(answers[one.name, mine].values()),
            list(answers[two.name, theirs].values()),
            material.threshold,
        )
    ]
    is_control = one.control_of == two.name or two.control_of == one.name
    return Comparison(
        one.name, two.name, is_control, reason, _adjusted(found, hypotheses, one, two)
    )


def _adjusted(
    found: Sequence[tuple[str, str, Raw]],
    hypotheses: Sequence[Hypothesis],
    one: NetworkRow,
    two: NetworkRow,
) -> tuple[Difference, ...]:
    """The differences of two networks, their p-values adjusted over all of them."""
    adjusted = iter(holm([raw.p for _, _, raw in found if raw.p is not None]))
    return tuple(
        Difference(
            mine,
            theirs,
            *raw,
            adjusted_p=None if raw.p is None else next(adjusted),
            is_planned=any(
                planned.covers(raw.number, raw.group, (one.name, two.name), (mine, theirs))
                for planned in hypotheses
            ),
        )
        for mine, theirs, raw in found
    )


def _rows(
    one: NetworkRow, two: NetworkRow, answers: Mapping[Place, Answers]
) -> Iterable[AnswerRow]:
    for (network, _), units in answers.items():
        if network in (one.name, two.name):
            for of_unit in units.values():
                yield from of_unit
