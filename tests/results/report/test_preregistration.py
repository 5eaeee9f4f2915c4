"""A plan is frozen as a dated hash, and the report holds it against what was done."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from annotator.models import Preregistration
from annotator.results.loading.plan import PlanRow, plan_sha256
from annotator.results.loading.report_data import ReportData
from annotator.results.report.comparison import POST_HOC
from annotator.results.report.report import report_from, report_of
from tests.results.report.test_comparison import both, network
from tests.results.studies import answered_study

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
        ({"number": "groups", "group": 5}, "not supported"),
    ],
)
def test_every_hypothesis_is_answered_by_its_own_words(change, answer):
    (tested,) = reported(plan_of(**change)).plan.hypotheses

    assert tested.answer == answer


def test_networks_that_are_not_compared_leave_a_hypothesis_untested():
    (tested,) = reported(plan_of(), image_list_sha256="").plan.hypotheses

    assert tested.answer.startswith("not tested: it is not known")


def test_what_was_not_planned_says_that_it_was_chosen_afterwards():
    found = reported(plan_of()).comparisons[0].differences

    assert [one.is_planned for one in found] == [True] + 6 * [False]
    assert POST_HOC == "chosen after seeing the data"


def test_every_deviation_from_the_plan_is_named():
    plan = plan_of() | {
        "thresholds": {"precision": 0.8},
        "stopping": {"assignments": 3},
        "exclusions": ["surplus"],
    }
    soft = both()[0]
    rows = (*both()[1:], type(soft)(**{**as_dict(soft), "status": "soft-rejected"}))

    checks = {one.what: one.is_kept for one in reported(plan, rows, 12).plan.checks}

    assert checks == {
        "When it was frozen": False,
        "Threshold of precision": False,
        "Answers a unit": True,
        "Reasons for exclusion": False,
    }


def as_dict(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def preregister(*arguments):
    out = io.StringIO()
    call_command("preregister", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_plan_is_frozen_once_and_the_report_knows_it(db, tmp_path, capsys):
    study = answered_study()
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan_of()))

    sha256 = preregister("rooms", str(file))
    file.write_text(json.dumps(dict(reversed(plan_of().items())), indent=4))  # the same plan

    assert preregister("rooms", str(file)) == sha256 == plan_sha256(plan_of())
    (row,) = Preregistration.objects.all()
    assert row.answer_count == 4
    found = report_of(study).plan
    assert (found.sha256, found.at) == (sha256, row.at)
    assert "was already frozen" in capsys.readouterr().err


def test_without_a_file_the_design_is_the_plan_and_keeps_itself(db):
    study = answered_study()

    assert json.loads(preregister("rooms", "--dry-run"))["stopping"] == {"assignments": 3}
    preregister("rooms")

    checks = report_of(study).plan.checks
    assert [one.what for one in checks if one.is_kept is False] == ["When it was frozen"]


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ([], "A plan is an object with the keys"),
        ({"hypothesis": []}, "A plan has no part 'hypothesis'"),
        ({"exclusions": ["bad ones"]}, "Exclusions are of surplus, .* got 'bad ones'"),
        (plan_of(direction="up"), "direction must be greater or less or different, got 'up'"),
        (plan_of(number="median"), "number must be mean_precision or groups, got 'median'"),
        (plan_of(group=5), "group must be 1 to 6 with `groups` alone"),
        (plan_of(networks=["one"]), "networks must name two"),
        (plan_of(statement=""), "has no statement"),
    ],
)
def test_what_is_no_plan_gets_one_sentence(db, tmp_path, plan, sentence):
    answered_study()
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))

    with pytest.raises(CommandError, match=sentence):
        preregister("rooms", str(file))
    assert not Preregistration.objects.exists()
