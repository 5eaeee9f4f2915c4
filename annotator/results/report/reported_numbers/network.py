"""What is said of a network, of a kind of network, and of where a row of a table stands."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import (
    NETWORKS_AND_PLANS,
    Definition,
    IntervalOf,
    ReportedNumber,
    attributes,
)
from annotator.results.report.reported_numbers.terms import LAYER_NAME
from annotator.results.report.training_runs import KindStatement

NETWORK: list[ReportedNumber[NetworkResult]] = [
    *attributes("text", "name", "display_name", "spec", "weights_sha256"),
    *attributes("flag", "workers_are_places"),
    *attributes("text", "condition", "control_of"),
    *attributes("structure", "layers"),
]


@dataclass(frozen=True, slots=True)
class ReportedLayer:
    """A layer with its network and report: where a row of a table stands."""

    report: StudyReport
    network: NetworkResult
    layer: LayerResult


# The first columns of a table.
NAMES: list[ReportedNumber[ReportedLayer]] = [
    ReportedNumber(
        "network",
        "text",
        lambda row: row.network.name,
        meaning="The network's name in the study.",
        is_always=True,
    ),
    ReportedNumber("layer", "text", lambda row: row.layer.name, meaning=LAYER_NAME, is_always=True),
]

# After the numbers of a layer.
ABOUT: list[ReportedNumber[ReportedLayer]] = [
    ReportedNumber(
        "condition",
        "text",
        lambda row: row.network.condition,
        meaning="What the network is: trained, directions, or a chance control and of which kind.",
        is_always=True,
    ),
    ReportedNumber(
        "control_of",
        "text",
        lambda row: row.network.control_of,
        meaning="The network whose chance control it is; empty for all others.",
    ),
    ReportedNumber(
        "spec",
        "text",
        lambda row: row.network.spec,
        meaning="What the network was built from, for instance torchvision:alexnet.",
        is_always=True,
    ),
    ReportedNumber(
        "display_name",
        "text",
        lambda row: row.network.display_name,
        meaning="The network's name on pages and in figures.",
        is_always=True,
    ),
    ReportedNumber(
        "layer_display_name",
        "text",
        lambda row: row.layer.display_name,
        meaning="The layer's name on pages and in figures.",
        is_always=True,
    ),
]

# The last column of every table.
SIMULATED: ReportedNumber[bool] = ReportedNumber(
    "simulated",
    "flag",
    lambda is_simulated: is_simulated,
    meaning="Whether simulated workers answered.",
    is_always=True,
)

# A row of the table that `results --kind` makes.
KIND: list[ReportedNumber[KindStatement]] = [
    ReportedNumber("layer", "text", lambda one: one.layer, meaning=LAYER_NAME, is_always=True),
    ReportedNumber(
        "number",
        "text",
        lambda one: one.number,
        meaning="Which headline: mean_precision, share_of_units_above, detector_share or groups.",
        is_always=True,
    ),
    ReportedNumber(
        "kind", "text", lambda one: one.kind, meaning="The kind of network.", is_always=True
    ),
    ReportedNumber(
        "other_kind",
        "text",
        lambda one: one.other,
        meaning="The kind that it is compared with; empty for a number of one kind.",
    ),
    ReportedNumber(
        "kind_value",
        "difference",
        lambda one: one.value,
        interval=IntervalOf(
            lambda one: one.interval,
            Definition(
                NETWORKS_AND_PLANS,
                _("Interval over training runs"),
                _(
                    "95 % interval of the mean over training runs of one kind of network, by "
                    "Student's t with runs - 1 degrees of freedom; of a difference of two kinds, "
                    "by Welch's. At least 3 runs a kind: one pair of weights supports a statement "
                    "about these weights, not about training."
                ),
                key="runs_interval",
            ),
        ),
        meaning="The mean over training runs, or the first kind's minus the other's.",
        is_always=True,
    ),
    ReportedNumber(
        "freedom",
        "freedom",
        lambda one: one.freedom,
        meaning="Degrees of freedom of the interval.",
        is_always=True,
    ),
    ReportedNumber(
        "p",
        "p",
        lambda one: one.p,
        meaning="Two-sided, of a difference over training runs, by Welch; at least .000001.",
    ),
    ReportedNumber(
        "run_count",
        "count",
        lambda one: one.runs,
        meaning="Training runs of the kind.",
        is_always=True,
    ),
    ReportedNumber(
        "other_run_count",
        "count",
        lambda one: one.other_runs,
        meaning="Training runs of the other kind.",
    ),
]
