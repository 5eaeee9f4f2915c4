"""The numbers of a layer that say which semantic groups and objects its units stand for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext_noop as _

from annotator.results.report.layer import LayerResult
from annotator.results.report.reported_numbers.entries import (
    GROUPS_AND_CONCEPTS,
    NO_TABLE,
    Definition,
    IntervalOf,
    ReportedNumber,
    in_json,
)
from annotator.results.report.reported_numbers.terms import SHARE_INTERVAL
from annotator.results.report.threshold_numbers import DawidSkeneGroups
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.results.stats.intervals import Interval

DENOMINATOR = Definition(
    GROUPS_AND_CONCEPTS,
    _("What a share is of"),
    _(
        "Number of answers or units that the shares of a row are taken of. In "
        "brackets stands the sum of their weights: each answer weighs 1/k of its "
        "unit's k counted answers."
    ),
    key="denominator",
)


@dataclass(frozen=True, slots=True)
class GroupInLayer:
    """One group of a layer by one rule; `number` is NO_MAJORITY where units have none."""

    number: int
    name: str
    shares: GroupShares


def _by_group(of_groups: Mapping[int, Any]) -> dict[str, Any]:
    """Something of each group, under its number as JSON has it."""
    return {
        "no majority" if group == NO_MAJORITY else str(group): value
        for group, value in of_groups.items()
    }


def _shares(
    name: str,
    of_layer: Callable[[LayerResult], GroupShares],
    definition: Definition,
    denominator: Callable[[GroupShares], dict[str, float | int]],
) -> list[ReportedNumber[LayerResult]]:
    """The shares of groups by one rule: with their intervals, and what they are shares of."""
    return [
        in_json(name, "structure", lambda layer: _by_group(of_layer(layer).shares), definition),
        in_json(
            f"{name}_intervals", "structure", lambda layer: _by_group(of_layer(layer).intervals)
        ),
        in_json(
            f"{name}_denominator",
            "structure",
            lambda layer: denominator(of_layer(layer)),
            DENOMINATOR,
        ),
    ]


def _of_answers(shares: GroupShares) -> dict[str, float | int]:
    return {"weight": shares.denominator, "answer_count": shares.count}


def _of_units(shares: GroupShares) -> dict[str, float | int]:
    return {"unit_count": shares.count}


GROUPS_OF_ANSWERS: list[ReportedNumber[LayerResult]] = [
    *_shares(
        "groups",
        lambda layer: layer.groups,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Groups above {t}"),
            _(
                "Share of each semantic group among the answers with precision strictly above "
                "{t}. Each answer weighs 1/k of its unit's k counted answers; the denominator "
                "is the sum of these weights."
            ),
        ),
        _of_answers,
    ),
    *_shares(
        "groups_of_all_answers",
        lambda layer: layer.groups_of_all_answers,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Groups of all answers"),
            _(
                "The same weighted shares over every counted answer that has a group, "
                "whatever its precision."
            ),
        ),
        _of_answers,
    ),
    *_shares(
        "groups_by_majority",
        lambda layer: layer.groups_by_majority,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Groups of units above {t}, by strict majority"),
            _(
                "Share of each group among the units with precision strictly above {t}. The "
                "group of a unit is the one that more than half of its answers chose; the "
                'rest is "no majority".'
            ),
        ),
        _of_units,
    ),
    in_json(
        "dawid_skene",
        "structure",
        lambda layer: layer.dawid_skene_groups,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Groups by Dawid and Skene"),
            _(
                "Share of each group among the units with precision strictly above {t}. The "
                "group of a unit is the most probable one under a model that estimates how "
                "often each worker is right about each group (Dawid and Skene 1979). With "
                "fewer than 5 answers per unit the model is weakly identified: compare it "
                "with the majority. Not shown where answers do not say who gave them."
            ),
        ),
    ),
]

DETECTORS: list[ReportedNumber[LayerResult]] = [
    ReportedNumber(
        "object_detector_count",
        "count",
        lambda layer: layer.detectors.unit_count,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Object detectors"),
            _(
                "Units with a consensus concept, the group Objects by strict majority, and a "
                "consensus precision strictly above {t}. Their classes are their different "
                "concepts."
            ),
            key="detectors",
        ),
        meaning="Units of the layer that detect an object.",
        json="object_detectors.unit_count",
        is_always=True,
    ),
    ReportedNumber(
        "object_classes",
        "structure",
        lambda layer: dict(layer.detectors.classes),
        json="object_detectors.classes",
        table=NO_TABLE,
    ),
    ReportedNumber(
        "object_class_count",
        "count",
        lambda layer: len(layer.detectors.classes),
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Classes of object detectors"),
            _(
                "The different consensus concepts of the layer's object detectors with their "
                "numbers of units, the most frequent first."
            ),
            key="detector_classes",
        ),
        meaning="Different concepts of these.",
        json=None,
        is_always=True,
    ),
    ReportedNumber(
        "detector_share",
        "share",
        lambda layer: layer.detectors.share,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Share of object detectors"),
            _(
                "Object detectors out of the answered units of a layer. The findings name "
                "each network's deepest layer that has answers, by the order in which layers "
                "run; of an imported table, by its order."
            ),
        ),
        IntervalOf(lambda layer: layer.detectors.interval, SHARE_INTERVAL),
        json="object_detectors.share_of_units",
    ),
    ReportedNumber(
        "units_with_object_answer",
        "share",
        lambda layer: layer.units_with_object_answer,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Units with an object answer above {t}"),
            _(
                "Share of the answered units with at least one answer of the group Objects "
                "whose precision is strictly above {t}. It grows with the number of answers "
                "that a unit has."
            ),
            key="units_with_object",
        ),
        IntervalOf(lambda layer: layer.units_with_object_answer_interval, SHARE_INTERVAL),
    ),
]

DAWID_SKENE: list[ReportedNumber[DawidSkeneGroups]] = [
    in_json("groups_of_units_above", "structure", lambda result: _by_group(result.groups.shares)),
    in_json("unit_count", "count", lambda result: result.groups.count),
    in_json("differing_unit_count", "count", lambda result: result.differing_count),
    in_json("is_weak", "flag", lambda result: result.is_weak),
]


def _interval(one: GroupInLayer) -> Interval | None:
    return one.shares.intervals.get(one.number)


# A row of the table of groups.
GROUP: list[ReportedNumber[GroupInLayer]] = [
    ReportedNumber(
        "group_number",
        "number",
        lambda one: None if one.number == NO_MAJORITY else one.number,
        meaning="The group's number, 1 to 6; empty for units without a majority.",
    ),
    ReportedNumber(
        "group",
        "text",
        lambda one: one.name,
        meaning="The group in words.",
        is_always=True,
    ),
    ReportedNumber(
        "share",
        "share",
        lambda one: one.shares.shares[one.number],
        interval=IntervalOf(_interval, SHARE_INTERVAL),
        meaning="Share of the group.",
    ),
    ReportedNumber(
        "denominator",
        "weight",
        lambda one: one.shares.denominator,
        DENOMINATOR,
        is_always=True,
    ),
    ReportedNumber(
        "count",
        "count",
        lambda one: one.shares.count,
        meaning="Answers that the shares are of.",
        is_always=True,
    ),
]

# A row of the table of object classes: (class, units that detect it).
OBJECT_CLASS: list[ReportedNumber[tuple[str, int]]] = [
    ReportedNumber("class", "text", itemgetter(0), meaning="The concept.", is_always=True),
    ReportedNumber(
        "unit_count",
        "count",
        itemgetter(1),
        meaning="Units of the layer that detect it.",
        is_always=True,
    ),
]
