"""Every command has a row here: it changes a study and is audited, or it changes none."""

import importlib
import pkgutil

import pytest

from annotator.crowd.audit import COMMAND
from annotator.management import commands

# Commands have no roles: who runs them has the machine, and no page or endpoint runs one
# (tests/house/floors.py). The audit trail names `command` for what these change or look at.
AUDITED = {
    *("bonus", "consent", "delete_worker_data", "known", "pay", "publish", "rename", "results"),
    *("review", "study"),
}
# These make, import or measure, and change no running study.
UNAUDITED = {
    *("backup", "create_access_key", "create_requester", "delete_numbers", "delete_old_data"),
    *("demo", "dissect", "doctor", "import_answers", "restore"),
    *("import_demographics", "import_dissection", "import_names", "preregister", "reconcile"),
    *("simulate_crowd", "up", "work"),
}


def test_every_command_has_a_row():
    names = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    assert names == AUDITED | UNAUDITED


@pytest.mark.parametrize("name", sorted(AUDITED))
def test_what_a_command_changes_is_noted_as_done_by_a_command(name):
    place = "results_of_study" if name == "results" else f"commands.{name}"
    module = importlib.import_module(f"annotator.management.{place}")
    assert module.COMMAND is COMMAND
