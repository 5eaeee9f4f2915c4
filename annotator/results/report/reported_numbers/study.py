"""The numbers of a whole study: which answers count, and what became of every assignment."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from annotator.models.answer import Group
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.assignments import ExclusionFlow
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import (
    ANSWERS,
    GROUPS_AND_CONCEPTS,
    NETWORKS_AND_PLANS,
    Definition,
    ReportedNumber,
    attributes,
    in_json,
)
from annotator.results.report.reported_numbers.layer import AS_ANALYSED

STUDY: list[ReportedNumber[StudyReport]] = [
    *attributes("text", "study"),
    in_json("simulated", "flag", lambda report: report.is_simulated),
    *attributes("text", "notice"),
    *attributes("setting", "threshold"),
    *attributes("count", "answer_count"),
    in_json(
        "worker_count",
        "count",
        lambda report: report.worker_count,
        Definition(
            ANSWERS,
            _("Workers"),
            _(
                "Number of different workers among the answers that count. Not shown where an "
                "imported table does not say who gave which answer."
            ),
            key="workers",
        ),
    ),
    in_json(
        "excluded",
        "structure",
        lambda report: {
            "answer_count": sum(report.excluded.values()),
            "reasons": {reason: report.excluded.get(reason, 0) for reason in EXCLUSIONS},
        },
    ),
    in_json("other_crowd_answer_count", "count", lambda report: report.other_count),
    in_json("variant", "text", lambda report: report.variant or AS_ANALYSED),
    in_json(
        "variant_answer_counts",
        "structure",
        lambda report: {name or AS_ANALYSED: n for name, n in report.variant_counts.items()},
    ),
    *attributes("count", "first_answers"),
    in_json("looks", "count", lambda report: report.looks.early),
    in_json("extensions", "count", lambda report: report.looks.extensions),
    in_json(
        "merge_version",
        "count",
        lambda report: report.merge_version,
        Definition(
            GROUPS_AND_CONCEPTS,
            _("Version of the merged words"),
            _(
                "How many times, before this report was made, somebody merged words, kept "
                "words apart, or undid either. The words as typed are kept, and every version "
                "can be made again."
            ),
        ),
    ),
    in_json(
        "flow",
        "structure",
        lambda report: report.flow,
        Definition(
            ANSWERS,
            _("Flow of exclusions"),
            _(
                "Every accepted assignment was returned, expired, is still open, or was "
                "submitted. Every submitted answer was either excluded, under the first "
                "reason that applies, or analysed."
            ),
        ),
    ),
    *attributes("structure", "who_answered"),
    in_json(
        "group_names", "structure", lambda report: {group.value: group.label for group in Group}
    ),
]

# After the rules.
PARTS: list[ReportedNumber[StudyReport]] = [
    *attributes("structure", "comparisons"),
    in_json(
        "plan",
        "structure",
        lambda report: report.plan,
        Definition(
            NETWORKS_AND_PLANS,
            _("Plan against done"),
            _(
                "The newest plan that was frozen with `preregister`, its hash and date, and "
                "for each of its points what was done. A hypothesis is supported where every "
                "layer that it names shows the planned difference with an adjusted p below "
                ".05."
            ),
        ),
    ),
    *attributes("structure", "methods", "networks"),
]

# `excluded` is by reason; `workers_excluded` has the reviewers' own words.
FLOW: list[ReportedNumber[ExclusionFlow]] = [
    *attributes("count", "accepted", "returned", "expired", "open", "submitted"),
    *attributes("structure", "excluded"),
    in_json(
        "workers_excluded",
        "structure",
        lambda flow: [{"why": why, "answer_count": n} for why, n in flow.worker_reasons],
    ),
    *attributes("count", "analysed"),
    in_json("excluded_opened", "count", lambda flow: flow.opened),
    *attributes("share", "return_rate"),
]


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A row of the flow: how many assignments reached a step, or were excluded for a reason."""

    step: str
    reason: str
    count: int


FLOW_STEP: list[ReportedNumber[FlowStep]] = [
    ReportedNumber(
        "step",
        "text",
        lambda row: row.step,
        meaning="accepted, returned, expired, open, submitted, excluded or analysed.",
        is_always=True,
    ),
    ReportedNumber(
        "reason",
        "text",
        lambda row: row.reason,
        meaning="Why they were excluded; else empty.",
        is_always=True,
    ),
    ReportedNumber(
        "count",
        "count",
        lambda row: row.count,
        meaning="Assignments that reached the step, or answers excluded for the reason.",
        is_always=True,
    ),
]


def flow_steps(flow: ExclusionFlow) -> list[FlowStep]:
    """The rows of the flow in the registry, from accepted assignments to analysed answers."""
    steps = ("accepted", "returned", "expired", "open", "submitted")
    rows = [FlowStep(name, "", getattr(flow, name)) for name in steps]
    rows += [FlowStep("excluded", reason, n) for reason, n in flow.excluded.items()]
    rows += [FlowStep("excluded", "of these not blind", flow.opened)] if flow.opened else []
    return [*rows, FlowStep("analysed", "", flow.analysed)]
