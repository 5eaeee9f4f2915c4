"""Comparisons and plans as plain dicts, for JSON."""

from typing import Any

from annotator.results.output.rounding import interval, number
from annotator.results.report.comparison import POST_HOC, Comparison, Difference
from annotator.results.report.plan_result import PlanResult


def comparison_as_json(found: Comparison) -> dict[str, Any]:
    """`why_not` is a sentence where two networks stand side by side only."""
    return {
        "first": found.first,
        "second": found.second,
        "is_control": found.is_control,
        "why_not": found.why_not,
        "differences": [difference_as_json(one) for one in found.differences],
    }


def difference_as_json(found: Difference) -> dict[str, Any]:
    return {
        "first_layer": found.first_layer,
        "second_layer": found.second_layer,
        "number": found.number,
        "group": found.group,
        "difference": number(found.difference),
        "interval": interval(found.interval),
        "p": number(found.p),
        "adjusted_p": number(found.adjusted_p),
        "planned": found.is_planned,
        "note": None if found.is_planned else POST_HOC,
    }


def plan_as_json(found: PlanResult | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "sha256": found.sha256,
        "at": found.at.isoformat(),
        "answer_count_when_frozen": found.answer_count,
        "earlier_plan_count": found.earlier_count,
        "checks": [
            {"what": one.what, "planned": one.planned, "done": one.done, "is_kept": one.is_kept}
            for one in found.checks
        ],
        "hypotheses": [
            {
                "id": tested.hypothesis.id,
                "statement": tested.hypothesis.statement,
                "answer": tested.answer,
                "differences": [difference_as_json(one) for one in tested.differences],
            }
            for tested in found.hypotheses
        ],
    }
