"""The main job on a real network and real photographs, as its three users do it.

A requester dissects EfficientNet-Lite0 and publishes with policy `block`; an annotator labels a HIT
in Chromium with mouse and keyboard; a reader finds the answer in the report.
"""

import json
import re
import sqlite3

import pytest

from tests.end_to_end.serving import free_port, served

LAYER = "_blocks.10"
REFUSAL = "Some pictures may need a second look"


@pytest.fixture
def photographs(shared_data, tmp_path):
    """120 photographs, as links to where they are."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for photo in sorted((shared_data / "imagenet1k-sample" / "images").iterdir())[::8][:120]:
        (folder / photo.name).symlink_to(photo)
    return folder


def catch_slots(data_dir, unit):
    """The slots of a unit's catch images: only the database knows."""
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
def test_a_hit_of_the_real_study_is_labelled_and_reported(
    manage, photographs, browser_page, tmp_path
):
    data_dir, page, port = tmp_path / "var", browser_page, free_port()
    done = manage("dissect", "real", "--network", "efficientnet_lite0", "--layers", LAYER,
                  "--images", photographs)  # fmt: skip
    assert done.returncode == 0, done.stderr
    address = f"http://127.0.0.1:{port}"
    done = manage("publish", "real", "--catch-policy", "block", PUBLIC_URL=address)
    assert done.returncode == 0, done.stderr
    invitation = done.stdout.strip()
    assert invitation.startswith(f"{address}/enter/")

    with served(data_dir, port):
        page.goto(invitation)
        page.get_by_role("button", name=re.compile("start", re.I)).click()
        page.get_by_role("button", name=re.compile("start|next|take", re.I)).first.click()
        page.wait_for_url("**/hits/*/")
        unit, number = unit_of(data_dir, page.url.rstrip("/").rsplit("/", 1)[1])
        catch = catch_slots(data_dir, unit)
        assert page.locator("input[name=marked]").count() == 63
        assert len(catch) == 3
        for told in ("efficientnet", LAYER, "unit", "catch"):
            assert told not in page.content().lower().replace("unitscope", "")

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
        page.get_by_role("button", name="Submit and go on").click()

        # One catch image was left: refused, in words that do not tell which.
        alert = page.get_by_role("alert").filter(has_text=REFUSAL)
        alert.wait_for()
        assert not re.search(r"\d", alert.inner_text())
        assert page.locator("input[name=marked]:checked").count() == 3
        assert page.get_by_label("Name what most of them share").input_value() == "striped fur"

        page.locator(f"#slot-{catch[2]}").click()
        page.get_by_role("button", name="Submit and stop").click()
        page.get_by_text("your answer is saved").wait_for()

        page.goto(f"{address}/results/real/")
        page.get_by_role("link", name=LAYER).click()
        page.get_by_role("searchbox", name="Concept").fill("striped fur")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("heading", name=f"Unit {number}", exact=True).wait_for()
        assert "striped fur" in page.locator("main").inner_text()

    done = manage("results", "real", "--format", "json")
    layer = json.loads(done.stdout)["networks"][0]["layers"][0]
    assert (layer["name"], layer["unit_count"]) == (LAYER, 112)
    answered = [row for row in layer["unit_results"] if row["answer_count"]]
    assert [row["unit"] for row in answered] == [number]
    assert answered[0]["precision"] == pytest.approx(59 / 60)
    assert layer["mean_precision"] == pytest.approx(59 / 60)
