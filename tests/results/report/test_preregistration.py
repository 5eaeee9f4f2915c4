"""A plan is frozen once, as a dated hash, and only if its form is right."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from annotator.models import Preregistration
from annotator.results.report.preregistration.plan import plan_sha256
from annotator.results.report.report import report_of
from tests.results.report.test_plan_result import plan_of
from tests.results.studies import answered_study


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
    plan = report_of(study).plan
    assert (plan.sha256, plan.at) == (sha256, row.at)
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
