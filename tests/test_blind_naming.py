"""Sheets to name blind: each unit once a folder, in two renderings, anonymously numbered."""

import csv

import numpy as np
import pytest
from PIL import Image

from benchmarks.blind_naming import BEFORE, NOW, write_sheets
from tests.planted_study import pictures, planted

__all__ = ["pictures", "planted"]


def key_of(folder):
    with (folder / "key.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def sheets(planted, tmp_path):
    """A function that writes sheets of the study with a seed, and returns their folder."""

    def written(seed, count=3):
        out = tmp_path / f"sheets-{seed}-{count}"
        assert write_sheets(dict.fromkeys((BEFORE, NOW), planted), out, seed, count, 4) == count
        return out

    return written


def test_each_unit_has_a_sheet_in_either_folder_in_different_renderings(sheets):
    folder = sheets(seed=1)
    rows = key_of(folder)

    assert sorted((row["folder"], row["number"]) for row in rows) == [
        (name, str(number)) for name in ("first", "second") for number in (1, 2, 3)
    ]
    for unit in ("0", "1", "2"):
        own = [row for row in rows if row["unit"] == unit]
        assert {row["folder"] for row in own} == {"first", "second"}
        assert {row["rendering"] for row in own} == {"before", "now"}
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    assert files == [
        f"{name}/0{number}.jpg" for name in ("first", "second") for number in (1, 2, 3)
    ]


def test_a_seed_draws_the_same_units_and_order_again(sheets):
    assert key_of(sheets(seed=5)) == key_of(sheets(seed=5, count=3))
    assert len({str(key_of(sheets(seed))) for seed in range(4)}) > 1
    assert len(key_of(sheets(seed=5, count=2))) == 4


def test_sheets_show_the_pictures_as_they_were_and_as_they_are(sheets):
    folder = sheets(seed=1)

    light = {}
    for row in key_of(folder):
        with Image.open(folder / row["folder"] / f"0{row['number']}.jpg") as sheet:
            light[row["rendering"], row["unit"]] = np.asarray(sheet.convert("L")).mean()
            assert sheet.width > 4 * 160
    for unit in ("0", "1", "2"):  # the rest was darker, and nothing was cut
        assert light["before", unit] + 2 < light["now", unit]
