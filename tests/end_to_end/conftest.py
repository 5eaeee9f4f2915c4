"""What tests of commands share: an installation of its own, and forty pictures."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image


@pytest.fixture
def command(tmp_path, settings):
    """Run a command in this process, over an installation of its own."""
    settings.DISSECTIONS_URL = str(tmp_path / "dissections")
    storage = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}

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
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(1)
    for number in range(40):
        coarse = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((60, 60)).save(folder / f"{number:02d}.png")
    return folder
