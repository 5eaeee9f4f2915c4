"""Fixtures of tests of commands: a new installation, and forty pictures."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from tests.folder_storage import use_folder
from tests.noise import write_noise


@pytest.fixture
def command(tmp_path, settings):
    """Run a command in this process, on a new installation."""
    use_folder(settings, tmp_path)

    def run(*arguments):
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command(*map(str, arguments), stdout=out, stderr=err, no_color=True)
        except CommandError as error:
            err.write(f"CommandError: {error}\n")
            code = 1
        return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue(), returncode=code)

    return run


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of forty pictures."""
    return write_noise(tmp_path_factory.mktemp("pictures"))
