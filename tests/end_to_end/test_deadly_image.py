"""An image that kills every process that reads it, and a command that finds and leaves it out."""

import json
import os
import subprocess
import sys

import pytest

from tests.end_to_end.serving import ROOT
from tests.noise import write_noise

# As where the memory of a machine ends: nothing of the process can say goodbye.
DEADLY = """
import os, signal, sys
from dissect.images import image_list

read = image_list.read_image

def deadly(file, *scale):
    if str(file).endswith("21.png"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read(file, *scale)

image_list.read_image = deadly
os.environ["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
sys.argv[0] = "manage.py"
exec(open("manage.py").read(), {"__name__": "__main__", "__file__": "manage.py"})
"""
OPTIONS = [
    "dissect", "rooms", "--network", "tests.dissect.custom_networks:small", "--layers", "deep",
    "--top", "8",
]  # fmt: skip


@pytest.mark.thorough
def test_an_image_that_kills_workers_is_found_named_and_left_out(tmp_path):
    (tmp_path / "pictures").mkdir()
    pictures = write_noise(tmp_path / "pictures")
    environment = {**os.environ, "DATA_DIR": str(tmp_path / "var"), "RUN_LEASE_SECONDS": "1"}

    def dissect(*more):
        return subprocess.run(
            [sys.executable, "-c", DEADLY, *OPTIONS, "--images", pictures, *more], cwd=ROOT,
            env=environment, capture_output=True, text=True,
        )  # fmt: skip

    codes = [dissect().returncode for _ in range(3)]
    given_up, skipping = dissect(), dissect("--skip", "21.png")

    assert codes == [-9, -9, -9]
    assert given_up.returncode == 1
    assert "2 workers in a row died while they read image 21.png" in given_up.stderr
    assert skipping.returncode == 0, skipping.stderr
    assert "Skipped 21.png: left out by --skip" in skipping.stderr
    (manifest,) = (tmp_path / "var" / "dissections").rglob("manifest.json")
    assert json.loads(manifest.read_text())["images"]["skipped"] == [
        {"image": "21.png", "reason": "left out by --skip"}
    ]
