"""Pictures that look alike are reported of an imported dissection as of one made here."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image

from annotator.models import Network, Unit

pytestmark = pytest.mark.django_db
RANKS = 5


@pytest.fixture
def table(tmp_path):
    """Two units of five pictures; unit 0's third one is its first one saved again as JPEG."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(2 * RANKS):
        coarse = rng.integers(0, 256, (7, 7, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number}.png")
    with Image.open(folder / "0.png") as first:
        first.save(folder / "2.png", "JPEG", quality=60)
    rows = [
        f"{unit},{rank},{unit * RANKS + rank - 1}.png,{10 - rank}"
        for unit in range(2)
        for rank in range(1, RANKS + 1)
    ]
    (folder / "table.csv").write_text("\n".join(["unit,rank,image,score", *rows]))
    return folder / "table.csv"


def imported(path, study):
    call_command("import_dissection", str(path), "--study", study)
    return Network.objects.get(study__name=study)


def near_copies_of(network):
    units = Unit.objects.filter(layer__network=network).order_by("number")
    return list(units.values_list("near_copies", flat=True))


def test_near_copies_in_an_imported_table_are_reported(table):
    network = imported(table, "tables")

    assert near_copies_of(network) == [[[1, 3]], []]
    assert network.manifest["layers"][0]["near_copies"] == {"0": [[1, 3]]}


@pytest.mark.parametrize(
    ("says", "expected"),
    [(None, [[[1, 3]], []]), ({}, [[], []]), ({"1": [[2, 4]]}, [[], [[2, 4]]])],
    ids=["nothing", "that there are none", "others"],
)
def test_near_copies_in_an_imported_folder_are_its_own_or_else_looked_for(
    table, tmp_path, says, expected
):
    first = imported(table, "tables")
    folder = tmp_path / "folder"
    shutil.copytree(Path(settings.DATA_DIR) / first.dissection, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    shutil.copytree(
        Path(settings.DATA_DIR) / first.dissection / manifest["picture_folder"],
        folder / "pictures",
        dirs_exist_ok=True,
    )
    del manifest["picture_folder"], manifest["layers"][0]["near_copies"]
    if says is not None:
        manifest["layers"][0]["near_copies"] = says
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert near_copies_of(imported(folder, "folders")) == expected
