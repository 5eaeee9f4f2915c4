"""The main workflow on real networks and photographs, as its three users go through it.

A requester dissects a network and publishes with policy `block`. An annotator labels a HIT in
Chromium with mouse and keyboard. A reader finds the answer in the report.
"""

import json
import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browsing import wait_for
from tests.crowd.consents import ANSWERED
from tests.end_to_end.serving import served
from tests.services import free_port

# Network, layer, number of its units, photographs. SAMPLE of the units are published.
STUDIES = [
    pytest.param(
        *("efficientnet_lite0", "_blocks.10", 112, "imagenet1k-sample/images"),
        marks=pytest.mark.thorough,  # of `make test`, README.md's commands dissect it
    ),
    ("squeezenet_bn_places365", "fire9.squeeze", 64, "places-rooms/images"),
]
SAMPLE = 12
REFUSAL = "Some pictures may need a second look"


def linked(photographs, folder):
    """A new folder of links to 90 photographs, which are spread evenly over another folder."""
    folder.mkdir()
    paths = sorted(path for path in photographs.rglob("*") if path.is_file())
    for number, photo in enumerate(paths[:: len(paths) // 90][:90]):
        (folder / f"{number:03d}{photo.suffix}").symlink_to(photo)
    return folder


def catch_slots(data_dir, unit):
    """The slots of a unit's catch images, which only the database tells."""
    with sqlite3.connect(data_dir / "unitscope.sqlite3") as database:
        rows = database.execute(
            "SELECT e.slot FROM annotator_exemplar e WHERE e.role='catch' AND e.unit_id=?", [unit]
        )
        return [slot for (slot,) in rows]


def unit_of(data_dir, assignment_key):
    with sqlite3.connect(data_dir / "unitscope.sqlite3") as database:
        return database.execute(
            "SELECT a.unit_id, u.number FROM annotator_assignment a JOIN annotator_unit u "
            "ON u.id=a.unit_id WHERE a.key=?",
            [assignment_key],
        ).fetchone()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("network", "layer", "units", "folder"), STUDIES)
def test_a_hit_of_a_real_study_is_labeled_and_reported(
    manage, shared_data, browser_page, tmp_path, network, layer, units, folder
):
    photographs = linked(shared_data / folder, tmp_path / "photographs")
    weights = shared_data / "weights" / f"{network}.pth"
    with_weights = ["--weights", weights] if weights.exists() else []
    data_dir, page, port = tmp_path / "var", browser_page, free_port()
    done = manage("dissect", "real", "--network", network, "--layers", layer,
                  "--images", photographs, *with_weights)  # fmt: skip
    assert done.returncode == 0, done.stderr
    address = f"http://127.0.0.1:{port}"
    fields = tmp_path / "consent.json"
    fields.write_text(json.dumps(ANSWERED))
    assert manage("consent", "real", fields).returncode == 0
    done = manage("publish", "real", "--yes", "--sample", SAMPLE, "--catch-policy", "block",
                  PUBLIC_URL=address)  # fmt: skip
    assert done.returncode == 0, done.stderr
    invitation = done.stdout.strip()
    assert invitation.startswith(f"{address}/enter/")

    with served(data_dir, port):
        page.goto(invitation)
        page.get_by_label("Yes, together").check()
        page.get_by_label("I am 18 years old or older.").check()
        page.get_by_role("button", name="I agree").click()
        page.get_by_role("button", name=re.compile("start|next|take", re.I)).first.click()
        page.wait_for_url("**/hits/*/")
        unit, number = unit_of(data_dir, page.url.rstrip("/").rsplit("/", 1)[1])
        catch = catch_slots(data_dir, unit)
        assert page.locator("input[name=marked]").count() == 63
        assert len(catch) == 3
        # A random token may contain any word.
        content = re.sub(r'value="[^"]{40,}"', "", page.content())
        for word in (network, layer, "unit", "catch"):
            assert word not in content.lower().replace("unitscope", "")

        # The first two catch images with the mouse, a top image with the keyboard.
        for slot in catch[:2]:
            page.locator(f"#slot-{slot}").click()
        top = next(slot for slot in range(63) if slot not in catch)
        page.locator(f"#slot-{top}").focus()
        page.keyboard.press("Space")
        page.get_by_label("Name what most of them share").fill("striped fur")
        page.locator(f"#slot-{top}").focus()
        page.keyboard.press("2")
        assert page.locator("#group-2").is_checked()
        page.get_by_role("button", name="Submit and continue").click()

        # One catch image is unmarked: the refusal does not tell which.
        alert = page.get_by_role("alert").filter(has_text=REFUSAL)
        alert.wait_for()
        assert not re.search(r"\d", alert.inner_text())
        expect(page.locator("input[name=marked]:checked")).to_have_count(3)
        assert page.get_by_label("Name what most of them share").input_value() == "striped fur"

        page.locator(f"#slot-{catch[2]}").click()
        page.get_by_role("button", name="Submit and stop").click()
        page.get_by_text("Your answer was submitted").wait_for()

        page.goto(f"{address}/results/real/")
        page.get_by_role("button", name="Open the results before").click()
        page.get_by_role("link", name=layer, exact=True).click()
        page.wait_for_url("**/real/*/*/")
        page.get_by_role("searchbox", name="Name").fill("striped fur")
        wait_for(page, "document.querySelectorAll('.unit-card').length === 1")
        page.get_by_role("link", name=f"Unit {number}", exact=True).wait_for()
        assert "striped fur" in page.locator("main").inner_text()

    done = manage("results", "real", "--early", "--format", "json")
    reported = json.loads(done.stdout)["networks"][0]["layers"][0]
    assert (reported["name"], reported["unit_count"]) == (layer, units)
    answered = [row for row in reported["unit_results"] if row["answer_count"]]
    assert [row["unit"] for row in answered] == [number]
    assert answered[0]["precision"] == pytest.approx(59 / 60)
    assert reported["mean_precision"] == pytest.approx(59 / 60)


@pytest.mark.slow
def test_a_simulated_crowd_answers_from_camvids_masks_and_says_so(manage, shared_data, tmp_path):
    weights = shared_data / "weights" / "squeezenet_bn_places365.pth"
    images = tmp_path / "images"
    images.mkdir()
    for photo in sorted((shared_data / "camvid" / "images").iterdir())[::4]:
        (images / photo.name).symlink_to(photo)
    for name in ("masks", "classes.csv"):
        (tmp_path / name).symlink_to(shared_data / "camvid" / name)
    for command in (
        ["dissect", "streets", "--network", "squeezenet_bn_places365", "--weights", weights,
         "--layers", "fire9.squeeze", "--images", images, "--top", 20],
        ["publish", "streets", "--yes", "--sample", SAMPLE],
        ["simulate_crowd", "streets"],
    ):  # fmt: skip
        done = manage(*command)
        assert done.returncode == 0, done.stderr

    done = manage("results", "streets", "--format", "json")

    report = json.loads(done.stdout)
    layer = report["networks"][0]["layers"][0]
    assert report["simulated"]
    assert report["notice"] == "simulated workers"
    assert "simulated workers" in done.stderr
    assert (layer["unit_count"], layer["answer_count"]) == (64, 3 * SAMPLE)
    named = {row["concept"] for row in layer["unit_results"] if row["has_consensus"]}
    assert named & {"road", "sky", "building", "car", "tree", "pavement", "pole", "fence"}
