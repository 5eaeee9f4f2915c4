"""The numbers of two networks that are compared, and of the plan that was made beforehand."""

from django.utils.translation import gettext_noop as _

from annotator.results.report.comparison import POST_HOC, Comparison, Difference
from annotator.results.report.preregistration.result import HypothesisResult, PlanCheck, PlanResult
from annotator.results.report.reported_numbers.entries import (
    NETWORKS_AND_PLANS,
    Definition,
    ReportedNumber,
    attributes,
    in_json,
)

# `why_not` is a sentence where the two networks only stand side by side.
COMPARISON: list[ReportedNumber[Comparison]] = [
    *attributes("text", "first", "second"),
    *attributes("flag", "is_control"),
    *attributes("text", "why_not"),
    *attributes("structure", "differences"),
    *attributes("text", "test"),
    in_json(
        "overlap",
        "share",
        lambda comparison: comparison.overlap,
        Definition(
            NETWORKS_AND_PLANS,
            _("Overlap of two crowds"),
            _(
                "How far both networks were judged by one crowd. With n1 and n2 answers of a "
                "worker about the two, and N1 and N2 of all: the sum over workers of n1 n2 / "
                "(n1 + n2), divided by N1 N2 / (N1 + N2). 1 where every worker answered about "
                "both in the study's mix, 0 where nobody answered about both. Below 0.5 the "
                "networks are not compared."
            ),
            key="crowd_overlap",
        ),
    ),
    *attributes("text", "caution"),
]

DIFFERENCE: list[ReportedNumber[Difference]] = [
    *attributes("text", "first_layer", "second_layer", "number"),
    *attributes("number", "group"),
    in_json(
        "difference",
        "difference",
        lambda one: one.difference,
        Definition(
            NETWORKS_AND_PLANS,
            _("Difference of two networks"),
            _(
                "The number of the first network minus that of the second. Shown only where "
                "both networks were dissected on the same list of images and asked about by "
                "the same HIT design, and their units were offered in one queue to the same "
                "workers; otherwise they stand side by side. Imported answers that do not say "
                "who gave them are compared by a test over units. One pair of weights "
                "supports a statement about these weights, not about training."
            ),
            key="comparison",
        ),
    ),
    in_json(
        "interval",
        "interval",
        lambda one: one.interval,
        Definition(
            NETWORKS_AND_PLANS,
            _("Interval of a difference over workers"),
            _(
                "95 % interval over workers, each with all their answers about both networks. "
                "It is about exactly these units, so p, which is about units like these, may "
                "disagree. Of mean precision alone."
            ),
            key="comparison_interval",
        ),
    ),
    in_json(
        "p",
        "p",
        lambda one: one.p,
        Definition(
            NETWORKS_AND_PLANS,
            _("p of a difference"),
            _(
                "How often network labels drawn at random make a difference as large, in "
                "standard errors of the draw (Chung and Romano 2011). Each answer is measured "
                "against the mean of its worker, and the answers of a unit stay together. "
                "There are 1,999 draws, or 100 for each number of the family if those are "
                "more. Adjusted by Holm: planned differences among planned ones alone, the "
                "others over all layers and groups of the two networks that were not planned. "
                "There is none where a side has fewer than 8 units with such answers."
            ),
            key="comparison_p",
        ),
    ),
    *attributes("p", "adjusted_p"),
    in_json(
        "planned",
        "flag",
        lambda one: one.is_planned,
        Definition(
            NETWORKS_AND_PLANS,
            _("Planned"),
            _(
                "A hypothesis of the preregistered plan. Everything else is marked as chosen "
                "after seeing the data."
            ),
        ),
    ),
    in_json("note", "text", lambda one: None if one.is_planned else POST_HOC),
    *attributes("share", "first_value", "second_value"),
    in_json(
        "interval_over_units",
        "interval",
        lambda one: one.interval_over_units,
        Definition(
            NETWORKS_AND_PLANS,
            _("Interval of a difference over units and workers"),
            _(
                "95 % interval of what other units and other workers of the same kinds would "
                "give. It answers the same question as p. Where the answers do not say who "
                "gave them it is over units alone. None where a side has fewer than 8 units "
                "that count."
            ),
            key="comparison_interval_over_units",
        ),
    ),
]

PLAN: list[ReportedNumber[PlanResult]] = [
    *attributes("text", "sha256", "at"),
    in_json("answer_count_when_frozen", "count", lambda plan: plan.answer_count),
    in_json("earlier_plan_count", "count", lambda plan: plan.earlier_count),
    *attributes("structure", "checks", "hypotheses"),
]

CHECK: list[ReportedNumber[PlanCheck]] = [
    *attributes("text", "what", "planned", "done"),
    *attributes("flag", "is_kept"),
]

HYPOTHESIS: list[ReportedNumber[HypothesisResult]] = [
    in_json("id", "text", lambda tested: tested.hypothesis.id),
    in_json("statement", "text", lambda tested: tested.hypothesis.statement),
    *attributes("text", "answer"),
    *attributes("structure", "differences"),
]
