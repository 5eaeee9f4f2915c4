"""Every command of README.md and docs/tutorial.md is run as it is written, in the page's order.

What a command asks is answered with yes. Dissections show 3 images a unit (--top 3), of 24 rendered
pictures that stand where the page has photographs, and 8 units a layer are published (--sample 8);
networks see them at 112 px, a quarter of the work; weights are real where there are some.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from annotator.models import Invitation, Unit
from dissect.commands.command_line import main as dissect
from dissect.demo.__main__ import main as render
from dissect.networks.libraries.packages import NAMED
from dissect.networks.libraries.squeezenet import SqueezeNetBN
from tests.conftest import _shared_data
from tests.docs.written_commands import written_commands
from tests.results.studies import store_answer

NETWORK = """
import torch
from torch import nn


def make():
    torch.manual_seed(0)
    model, channels = nn.Sequential(), 3
    for name in ("layer1", "layer2", "layer3", "layer4"):
        model.add_module(name, nn.Sequential(nn.Conv2d(channels, 6, 3, 2, 1), nn.ReLU()))
        channels = 6
    return model
"""
WEIGHTS = "squeezenet_bn_places365.pth"
FOLDERS = ("PHOTOGRAPHS", "imagenet1k-sample", "places-rooms", "camvid")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Twenty-four pictures with masks."""
    folder = tmp_path_factory.mktemp("rendered") / "scenes"
    render(["render", str(folder), "--count", "24", "--kind", "scenes"])
    return folder


@pytest.fixture
def small_inputs(monkeypatch):
    """The named networks, fed with 112 x 112 px."""

    def at_112_px(builder):
        def build(*arguments):
            built = builder(*arguments)
            return replace(built, preprocessing=replace(built.preprocessing, resize=128, crop=112))

        return build

    for name, builder in list(NAMED.items()):
        monkeypatch.setitem(NAMED, name, at_112_px(builder))


@pytest.fixture
def work_folder(tmp_path, monkeypatch, rendered, small_inputs):
    """A folder with everything that the pages name: photographs, weights and a network."""
    for name in FOLDERS:
        (tmp_path / name).symlink_to(rendered / "images" if name == "PHOTOGRAPHS" else rendered)
    (tmp_path / "nets.py").write_text(NETWORK)
    real = _shared_data() / "weights" / WEIGHTS
    if real.exists():
        (tmp_path / WEIGHTS).symlink_to(real)
    else:
        torch.save(SqueezeNetBN().state_dict(), tmp_path / WEIGHTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(written, command):
    """The output of one command of a page.

    What a page does between commands is done too: a HIT is answered while `up` runs, which
    tests/management/test_up.py starts and stops; and the consent text is filled in.
    """
    name, *words = written.words
    if name == "up":
        unit = Unit.objects.filter(hits__isnull=False).latest("pk")
        store_answer(unit.layer.network.study, unit, "reader", "dog")
        return
    if name in ("dissect", "exemplars"):
        words += ["--top", "3"]
    if name == "publish" and "--pilot" not in words:
        words += ["--sample", "8"]
    if name == "publish" and not {"--yes", "--dry-run"} & set(words):
        words += ["--yes"]
    if written.program == "-m dissect":
        dissect([name, *words])
        return
    done = command(name, *words)
    assert done.returncode == 0, f"{written}\n{done.stderr}"
    if written.to:
        filled = re.sub('^(.*) = ""$', r'\1 = "As the board decided."', done.stdout, flags=re.M)
        Path(written.to).write_text(filled)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_every_command_of_a_page_can_be_run_in_its_order(page, command, work_folder):
    commands = [each for each in written_commands() if each.page == page]
    commands = [each for each in commands if each.words != ["--help"]]
    assert len(commands) > 7

    for written in commands:
        run(written, command)

    assert Invitation.objects.get().study.name in ("mine", "tutorial")  # of these is a consent text
    if page == "docs/tutorial.md":
        report = (work_folder / "report.html").read_text()
        assert "tutorial" in report
        assert "<svg" in report
