"""Commands as a user types them: wrong input is one sentence, and leaves nothing behind."""

import json
import re

import pytest
from PIL import Image

from annotator.models import Run, Study
from tests.end_to_end.dissections import dissect, is_one_sentence

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"network": "torchvision:alexnett"}, "Did you mean alexnet"),
        ({"layers": ["deeep"]}, "Did you mean deep"),
        ({"top": 41}, "40 images, fewer than the 41"),
        ({"top": 0}, "--top must be at least 1, got 0"),
        ({"images": "/nowhere/at/all"}, "There is no folder or list of images '/nowhere/at/all'"),
        ({"weights": "/nowhere/weights.pth"}, "There is no weights file /nowhere/weights.pth"),
        ({"study": "My Study"}, "lower-case letters"),
        ({"device": "tpu"}, "'tpu'"),
    ],
)
def test_wrong_input_is_one_sentence_and_leaves_nothing(command, pictures, wrong, says):
    done = dissect(command, **{"images": pictures, **wrong})

    assert is_one_sentence(done), done.stderr
    assert says in done.stderr
    assert (Study.objects.count(), Run.objects.count()) == (0, 0)


def test_a_wrong_command_exits_with_one_line_on_stderr_alone(manage, pictures):
    done = dissect(manage, pictures, network="nonsense")

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"CommandError: There is no network 'nonsense'.*\n", done.stderr)


def test_an_empty_folder_is_one_sentence(command, tmp_path):
    (tmp_path / "empty").mkdir()

    done = dissect(command, tmp_path / "empty")

    assert is_one_sentence(done)
    assert "There are no images in" in done.stderr


def test_a_study_keeps_its_images_and_settings(command, pictures, tmp_path):
    assert dissect(command, pictures).returncode == 0
    again = dissect(command, pictures)
    (tmp_path / "others").mkdir()
    for number in range(30):
        Image.new("RGB", (60, 60), (number, 0, 0)).save(tmp_path / "others" / f"{number}.png")

    other_images = dissect(command, tmp_path / "others")
    other_top = dissect(command, pictures, top=9)
    other_layers = dissect(command, pictures, layers=["stem", "deep"])

    assert again.returncode == 0
    for done, says in [
        (other_images, "another list"),
        (other_top, "--top 10"),
        (other_layers, "layers deep"),
    ]:
        assert is_one_sentence(done), done.stderr
        assert says in done.stderr


def test_another_network_is_added_to_the_study(command, pictures):
    dissect(command, pictures, layers=["deep"])

    done = dissect(
        command, pictures, network="tests.dissect.custom_networks:bright", layers=["cells"]
    )

    assert done.returncode == 0, done.stderr
    rows = command("results", "s", "--format", "json")
    networks = json.loads(rows.stdout)["networks"]
    assert [network["layers"][0]["name"] for network in networks] == ["deep", "cells"]


def test_bad_images_are_counted_and_named(command, pictures, tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    for path in sorted(pictures.iterdir())[:30]:
        (folder / path.name).symlink_to(path)
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")

    done = dissect(command, folder)

    assert done.returncode == 0
    assert "Skipped torn.jpg: " in done.stderr
    assert "over 30 images" in done.stderr


def test_publishing_more_answers_adds_places_and_fewer_is_refused(command, pictures):
    assert "There is no study 's'" in command("publish", "s", "--yes").stderr
    dissect(command, pictures)

    dry = command("publish", "s", "--dry-run")
    first = command("publish", "s", "--yes")
    more = command("publish", "s", "--assignments", "5", "--yes")
    fewer = command("publish", "s", "--assignments", "2", "--yes")

    assert "Would publish 8 HITs, 24 answers for up to $19.20" in dry.stderr
    assert "Published 8 HITs, 24 answers for up to $19.20, $0.80 a HIT" in first.stderr
    assert "Published 0 HITs, 16 answers" in more.stderr
    assert more.stdout == first.stdout
    assert is_one_sentence(fewer)
    assert "wants 5 answers per unit already" in fewer.stderr


def test_too_few_images_for_catch_images_is_said_when_publishing(command, pictures):
    dissect(command, pictures, top=39)

    done = command("publish", "s", "--yes")

    assert is_one_sentence(done)
    assert "3 catch images" in done.stderr
