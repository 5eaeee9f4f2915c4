"""A preregistered plan compared with what was done: deviations, and answers to hypotheses."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from annotator.results.loading.preregistered_plans import PlanRow
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison import POST_HOC
from annotator.results.report.preregistration.plan import plan_sha256
from annotator.results.report.report import report_from
from tests.results.report.test_comparison import both, network

AT = datetime(2026, 10, 1, tzinfo=UTC)
HYPOTHESIS = {
    "id": "H1",
    "statement": "Units of the scene network are named more precisely.",
    "number": "mean_precision",
    "networks": ["places", "imagenet"],
    "direction": "greater",
}


def plan_of(**hypothesis):
    return {"hypotheses": [HYPOTHESIS | hypothesis], "thresholds": {"precision": 0.75}}


def reported(plan, rows=None, answer_count=0, **fields):
    networks = (network("places"), network("imagenet"))
    fields = {"image_list_sha256": "abc", "design": {"assignments_wanted": 3}, **fields}
    plans = (PlanRow(plan, plan_sha256(plan), AT, answer_count),)
    return report_from(ReportData("s", 0.75, networks, rows or both(), plans=plans, **fields))


def test_a_planned_hypothesis_gets_its_answer():
    (tested,) = reported(plan_of()).plan.hypotheses

    assert tested.answer == "supported"
    assert [one.number for one in tested.differences] == ["mean_precision"]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"direction": "less"}, "not supported"),
        ({"networks": ["imagenet", "places"], "direction": "less"}, "supported"),
        ({"networks": ["imagenet", "vgg"]}, "not tested: one of the networks has no answers"),
        ({"layers": ["fc6"]}, "not tested: no layer has answers in both networks"),
        (
            {"number": "groups", "group": 5},
            "not tested: fewer than 8 units of a network have such answers",
        ),
        ({"direction": "different"}, "supported"),
    ],
)
def test_every_hypothesis_is_answered_by_its_own_words(change, answer):
    (tested,) = reported(plan_of(**change)).plan.hypotheses

    assert tested.answer == answer


def test_networks_that_are_not_compared_leave_a_hypothesis_untested():
    (tested,) = reported(plan_of(), image_list_sha256="").plan.hypotheses

    assert tested.answer.startswith("not tested: it is not known")


def test_what_was_not_planned_says_that_it_was_chosen_afterwards():
    differences = reported(plan_of()).comparisons[0].differences

    assert [one.is_planned for one in differences] == [True] + 6 * [False]
    assert POST_HOC == "chosen after seeing the data"


def test_every_deviation_from_the_plan_is_named():
    plan = plan_of() | {
        "thresholds": {"precision": 0.8},
        "stopping": {"assignments": 3},
        "exclusions": ["surplus"],
    }
    first, *others = both()
    rows = (replace(first, status="soft-rejected"), *others)

    checks = {one.what: one.is_kept for one in reported(plan, rows, 12).plan.checks}

    assert checks == {
        "When it was frozen": False,
        "Threshold of precision": False,
        "Answers a unit": True,
        "Reasons for exclusion": False,
    }
