"""The numbers of a layer beside what chance gives, and those of a kind over training runs."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from annotator.results.report.chance_levels import ChanceLevel
from annotator.results.report.reported_numbers.entries import (
    NETWORKS_AND_PLANS,
    NO_TABLE,
    Definition,
    IntervalOf,
    ReportedNumber,
)


@dataclass(frozen=True, slots=True)
class ChanceInLayer:
    """A headline number of a layer beside its level in a chance control.

    Attributes:
        value: the layer's own.
        condition: of the control; empty where it is not asked for.
    """

    chance: ChanceLevel
    value: float | None
    condition: str = ""


CHANCE: list[ReportedNumber[ChanceInLayer]] = [
    ReportedNumber(
        "control",
        "text",
        lambda one: one.chance.control,
        Definition(
            NETWORKS_AND_PLANS,
            _("Chance controls"),
            _(
                "Random directions (a rotation of the layer's channels), random images with "
                "regions borrowed from a unit, and an untrained network, mixed unannounced "
                "into the same queue. What people find in these they find anywhere."
            ),
        ),
        meaning="The chance control, by name.",
        is_always=True,
    ),
    ReportedNumber(
        "control_condition",
        "text",
        lambda one: one.condition,
        meaning="Of which kind it is: random directions, random images or untrained.",
        json=None,
        is_always=True,
    ),
    ReportedNumber(
        "number",
        "text",
        lambda one: one.chance.number,
        meaning="Which headline: mean_precision, share_of_units_above, detector_share or groups.",
        is_always=True,
    ),
    ReportedNumber(
        "group_number",
        "number",
        lambda one: one.chance.group,
        meaning="The group's number, 1 to 6, where the number is of one group; else empty.",
        json="group",
    ),
    ReportedNumber(
        "value",
        "share",
        lambda one: one.value,
        meaning="The number of the layer itself.",
        json=None,
    ),
    ReportedNumber(
        "chance_level",
        "share",
        lambda one: one.chance.level,
        Definition(
            NETWORKS_AND_PLANS,
            _("Chance"),
            _(
                "The same number over the units of a chance control of the network: random "
                "directions, random images or an untrained network. What people find there "
                "they find anywhere."
            ),
        ),
        json="level",
    ),
    ReportedNumber(
        "excess",
        "difference",
        lambda one: one.chance.excess,
        Definition(
            NETWORKS_AND_PLANS,
            _("Excess over chance"),
            _("The layer's number minus that of a chance control of the same layer."),
        ),
        IntervalOf(
            lambda one: one.chance.interval,
            Definition(
                NETWORKS_AND_PLANS,
                _("Interval of an excess"),
                _(
                    "95 % interval of the layer's number minus its chance level, studentized, "
                    "over the units and the workers of both: the control's units are a sample of "
                    "all random directions or images. Not above chance: the interval is not "
                    "wholly above 0. None where a side has fewer than 8 units that count."
                ),
            ),
        ),
    ),
    ReportedNumber(
        "is_above_chance",
        "flag",
        lambda one: one.chance.is_above_chance,
        meaning="Whether the whole interval of the excess is above 0.",
    ),
    ReportedNumber(
        "control_unit_count",
        "count",
        lambda one: one.chance.unit_count,
        meaning="Units of the control that were answered.",
        json="unit_count",
        is_always=True,
    ),
    ReportedNumber("why_not", "text", lambda one: one.chance.why_not, table=NO_TABLE),
]
