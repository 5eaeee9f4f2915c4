"""The plan against what was done: every deviation is named, and every hypothesis answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotator.results.loading.plan import Hypothesis, PlanRow, parse_hypotheses
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison import Comparison, Difference

LEVEL = 0.05
SUPPORTED, NOT_SUPPORTED = "supported", "not supported"


@dataclass(frozen=True, slots=True)
class Check:
    """One point of the plan. `is_kept`: None where only a reader can tell."""

    what: str
    planned: str
    done: str
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class Tested:
    """A hypothesis and its answer: supported, not supported, or why it could not be tested.

    Supported is what every planned layer shows: the difference goes the planned way, with a
    Holm-adjusted p below .05.
    """

    hypothesis: Hypothesis
    differences: tuple[Difference, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A preregistered plan and what came of it.

    Attributes:
        answer_count: answers that were there when it was frozen; 0 is before the data.
        earlier_count: plans of the study that were frozen before this one.
    """

    sha256: str
    at: datetime
    answer_count: int
    earlier_count: int
    checks: tuple[Check, ...]
    hypotheses: tuple[Tested, ...]


def plan_result(
    material: ReportData, compared: Sequence[Comparison], excluded: Mapping[str, int]
) -> PlanResult | None:
    """Hold the newest plan against the report; None without one.

    Args:
        excluded: answers left out, by reason.
    """
    if not material.plans:
        return None
    row = material.plans[-1]
    return PlanResult(
        sha256=row.sha256,
        at=row.at,
        answer_count=row.answer_count,
        earlier_count=len(material.plans) - 1,
        checks=tuple(_checks(row, material, excluded)),
        hypotheses=tuple(_tested(one, compared) for one in parse_hypotheses(row.plan)),
    )


def _checks(row: PlanRow, material: ReportData, excluded: Mapping[str, int]) -> Iterator[Check]:
    before = row.answer_count == 0
    yield Check(
        "When it was frozen",
        "before the first answer",
        "before the first answer" if before else f"when {row.answer_count:,} answers were there",
        before,
    )
    plan = row.plan
    if (threshold := _of(plan, "thresholds", "precision")) is not None:
        yield _same("Threshold of precision", threshold, material.threshold)
    if (wanted := _of(plan, "stopping", "assignments")) is not None:
        yield _same("Answers a unit", wanted, material.design.get("assignments_wanted"))
    elif "stopping" in plan:
        yield Check("Stopping", str(plan["stopping"]), "see the flow of exclusions", None)
    if "exclusions" in plan:
        planned = list(map(str, plan["exclusions"]))
        unplanned = [reason for reason in excluded if reason not in planned]
        done = ", ".join(excluded) or "none"
        yield Check("Reasons for exclusion", ", ".join(planned), done, not unplanned)
    for name, rule in dict(plan.get("rules", {})).items():
        yield Check(str(name), str(rule), "see the rule beside the number", None)


def _of(plan: Mapping[str, Any], part: str, name: str) -> Any:
    found = plan.get(part)
    return found.get(name) if isinstance(found, dict) else None


def _same(what: str, planned: object, done: object) -> Check:
    return Check(what, str(planned), str(done), planned == done)


def _tested(hypothesis: Hypothesis, compared: Sequence[Comparison]) -> Tested:
    for comparison in compared:
        networks = (comparison.first, comparison.second)
        if hypothesis.networks not in (networks, networks[::-1]):
            continue
        if comparison.why_not:
            return Tested(hypothesis, (), f"not tested: {comparison.why_not}")
        found = tuple(
            one
            for one in comparison.differences
            if hypothesis.covers(
                one.number, one.group, networks, (one.first_layer, one.second_layer)
            )
        )
        if not found:
            return Tested(hypothesis, (), "not tested: no layer has answers in both networks")
        sign = 1 if hypothesis.networks == networks else -1
        shown = all(_shows(one, hypothesis.direction, sign) for one in found)
        return Tested(hypothesis, found, SUPPORTED if shown else NOT_SUPPORTED)
    return Tested(hypothesis, (), "not tested: one of the networks has no answers")


def _shows(found: Difference, direction: str, sign: int) -> bool:
    """Whether a difference goes the planned way. `sign`: -1 where the plan turns it about."""
    if found.difference is None or found.adjusted_p is None or found.adjusted_p >= LEVEL:
        return False
    way = sign * found.difference
    return direction == "different" or (way > 0 if direction == "greater" else way < 0)
