"""A preregistered plan compared with what was done: its deviations, and its hypotheses answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotator.results.loading.preregistered_plans import PlanRow
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison import Comparison, Difference
from annotator.results.report.preregistration.plan import Hypothesis, parse_hypotheses
from annotator.results.stats.permutation_test import MIN_UNITS

LEVEL = 0.05
SUPPORTED, NOT_SUPPORTED = "supported", "not supported"


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """One point of the plan. `is_kept` is None where only a reader can judge it."""

    what: str
    planned: str
    done: str
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class HypothesisResult:
    """A hypothesis and its answer: supported, not supported, or why it could not be tested.

    It is supported if every planned layer shows it: the difference has the planned direction, and
    a Holm-adjusted p below .05.
    """

    hypothesis: Hypothesis
    differences: tuple[Difference, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A preregistered plan and its outcome.

    Attributes:
        at: when it was frozen.
        answer_count: answers that the study had then; 0 is before the data.
        earlier_count: plans of the study that were frozen before this one.
    """

    sha256: str
    at: datetime
    answer_count: int
    earlier_count: int
    checks: tuple[PlanCheck, ...]
    hypotheses: tuple[HypothesisResult, ...]

    @property
    def supported_count(self) -> int:
        """Hypotheses that are supported."""
        return sum(tested.answer == SUPPORTED for tested in self.hypotheses)

    @property
    def judged_checks(self) -> tuple[PlanCheck, ...]:
        """The points of the plan that are not left to the reader to judge."""
        return tuple(check for check in self.checks if check.is_kept is not None)

    @property
    def kept_count(self) -> int:
        """How many of `judged_checks` are kept."""
        return sum(bool(check.is_kept) for check in self.judged_checks)


def plan_result(
    data: ReportData, comparisons: Sequence[Comparison], excluded: Mapping[str, int]
) -> PlanResult | None:
    """Compare the newest preregistered plan with the report; None without a plan.

    Args:
        excluded: answers left out, by reason.
    """
    if not data.plans:
        return None
    row = data.plans[-1]
    return PlanResult(
        sha256=row.sha256,
        at=row.at,
        answer_count=row.answer_count,
        earlier_count=len(data.plans) - 1,
        checks=tuple(_checks(row, data, excluded)),
        hypotheses=tuple(_tested(one, comparisons) for one in parse_hypotheses(row.plan)),
    )


def _checks(row: PlanRow, data: ReportData, excluded: Mapping[str, int]) -> Iterator[PlanCheck]:
    is_before_data = row.answer_count == 0
    yield PlanCheck(
        "When it was frozen",
        "before the first answer",
        "before the first answer"
        if is_before_data
        else f"when {row.answer_count:,} answers were there",
        is_before_data,
    )
    plan = row.plan
    if (threshold := _entry(plan, "thresholds", "precision")) is not None:
        yield _equality("Threshold of precision", threshold, data.threshold)
    if (wanted := _entry(plan, "stopping", "assignments")) is not None:
        yield _equality("Answers a unit", wanted, data.design.get("assignments_wanted"))
    elif "stopping" in plan:
        yield PlanCheck("Stopping", str(plan["stopping"]), "see the flow of exclusions", None)
    if "exclusions" in plan:
        planned = list(map(str, plan["exclusions"]))
        unplanned = [reason for reason in excluded if reason not in planned]
        done = ", ".join(excluded) or "none"
        yield PlanCheck("Reasons for exclusion", ", ".join(planned), done, not unplanned)
    for name, rule in dict(plan.get("rules", {})).items():
        yield PlanCheck(str(name), str(rule), "see the rule beside the number", None)


def _entry(plan: Mapping[str, Any], part: str, name: str) -> Any:
    """An entry of a part of the plan; None where the part is in words, or lacks the entry."""
    entries = plan.get(part)
    return entries.get(name) if isinstance(entries, dict) else None


def _equality(what: str, planned: object, done: object) -> PlanCheck:
    return PlanCheck(what, str(planned), str(done), planned == done)


def _tested(hypothesis: Hypothesis, comparisons: Sequence[Comparison]) -> HypothesisResult:
    for comparison in comparisons:
        networks = (comparison.first, comparison.second)
        if hypothesis.networks not in (networks, networks[::-1]):
            continue
        if comparison.why_not:
            return HypothesisResult(hypothesis, (), f"not tested: {comparison.why_not}")
        differences = tuple(
            one
            for one in comparison.differences
            if hypothesis.covers(
                one.number, one.group, networks, (one.first_layer, one.second_layer)
            )
        )
        if not differences:
            reason = "not tested: no layer has answers in both networks"
            return HypothesisResult(hypothesis, (), reason)
        sign = 1 if hypothesis.networks == networks else -1
        return HypothesisResult(
            hypothesis, differences, _answer(differences, hypothesis.direction, sign)
        )
    return HypothesisResult(hypothesis, (), "not tested: one of the networks has no answers")


def _answer(differences: Sequence[Difference], direction: str, sign: int) -> str:
    """Whether every planned layer shows the difference, or why that could not be tested."""
    if any(one.p is None for one in differences):
        return f"not tested: fewer than {MIN_UNITS} units of a network have such answers"
    is_shown = all(_shows(one, direction, sign) for one in differences)
    return SUPPORTED if is_shown else NOT_SUPPORTED


def _shows(difference: Difference, direction: str, sign: int) -> bool:
    """Whether a difference is significant and has the planned direction.

    Args:
        sign: -1 where the plan names the two networks in the opposite order.
    """
    if difference.difference is None or difference.adjusted_p is None:
        return False
    planned = sign * difference.difference
    is_as_planned = {"different": True, "greater": planned > 0, "less": planned < 0}[direction]
    return is_as_planned and difference.adjusted_p < LEVEL
