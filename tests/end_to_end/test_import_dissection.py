"""A dissection that some other program wrote, as a table or as files, becomes a study's network."""

import csv
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pyarrow
import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from PIL import Image
from pyarrow import parquet

from annotator.dissection_reader import open_dissection, random_images
from annotator.models import Exemplar, Hit, Network, Study
from dissect.format.masks import MASK_PX
from dissect.images.preprocessing import Preprocessing
from tests.end_to_end.dissections import answer, dissect, is_one_sentence
from tests.end_to_end.serving import ROOT

pytestmark = pytest.mark.django_db
HEADER = ["layer", "unit", "rank", "image", "score", "mask", "role", "y", "x"]


@pytest.fixture(scope="module")
def written(tmp_path_factory, pictures):
    """What the program in docs/seam.md writes: run by itself, where Unitscope is not."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "photos").symlink_to(pictures)
    program = re.search(r"```python\n(.*?)```", (ROOT / "docs/seam.md").read_text(), re.S)[1]
    lines = [line for line in program.split("\n\n")[1].splitlines() if line.strip()]
    assert len(lines) <= 11
    subprocess.run([sys.executable, "-I", "-c", program], cwd=folder, check=True)
    return folder


@pytest.fixture
def table(tmp_path, pictures):
    """Write a table beside the pictures; rows are dicts over a good one."""
    folder = tmp_path / "table"
    folder.mkdir()

    def write(*rows, columns=HEADER):
        for path in pictures.iterdir():
            shutil.copy(path, folder)
        with (folder / "table.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return folder / "table.csv"

    return write


def tops(count=4, unit=0, **more):
    """Rows of a unit: the pictures from the first on, with falling scores."""
    return [
        {"unit": unit, "rank": rank, "image": f"{rank:02d}.png", "score": 10 - rank} | more
        for rank in range(1, count + 1)
    ]


def read_masks(network, unit):
    dissection = open_dissection(network.dissection)
    return dissection.masks(dissection.manifest.layers[0], unit)


def test_a_table_of_another_program_goes_through_to_a_hit_and_a_report(
    command, written, client, tmp_path
):
    done = command("import_dissection", written / "colours.csv", "--study", "s", "--top", "10")
    again = command("import_dissection", written, "--study", "s", "--top", "10")

    assert done.returncode == again.returncode == 0, done.stderr
    assert "colours (3 units), 10 top images each. It has no random images" in done.stderr
    network = Network.objects.get()
    assert (network.name, network.condition, network.dissection != "") == (
        "colours",
        "trained",
        True,
    )
    with (written / "colours.csv").open() as file:
        rows = list(csv.DictReader(file))
    for unit in range(3):
        wanted = [row for row in rows if row["unit"] == str(unit)][:10]
        exemplars = Exemplar.objects.filter(unit__number=unit, role="top").order_by("rank")
        assert [one.image.path for one in exemplars] == [row["image"] for row in wanted]
        assert [one.score for one in exemplars] == pytest.approx(
            [float(r["score"]) for r in wanted]
        )
        masks = read_masks(network, unit)
        for rank, row in enumerate(wanted):
            mask = np.asarray(Image.open(written / row["mask"]))
            assert np.array_equal(masks[rank], mask.repeat(16, axis=0).repeat(16, axis=1))

    assert command("publish", "s", "--yes").returncode == 0
    answer(Study.objects.get())
    shown = Exemplar.objects.filter(unit__number=0, slot__isnull=False)
    low = {r["image"] for r in rows if r["unit"] == "0" and r["role"] == "low"}
    catches = shown.filter(role="catch")
    assert (shown.count(), catches.count()) == (13, 3)
    assert {one.image.path for one in catches} <= low
    report = json.loads(command("results", "s", "--early", "--format", "json").stdout)
    [layer] = report["networks"][0]["layers"]
    assert (layer["name"], layer["unit_results"][0]["precision"]) == ("colours", pytest.approx(0.9))
    client.force_login(get_user_model().objects.create_superuser("rita"))
    client.post(reverse("look", args=["s"]))
    assert b"colours" in client.get(reverse("report", args=["s"])).content
    address = reverse("unit", args=["s", Hit.objects.first().unit_id])
    page = client.get(address, follow=True).content.decode()
    assert all(
        reverse("picture", args=[one.image.tile]) in page for one in shown.filter(role="top")
    )


def test_parquet_without_masks_and_low_images_is_shown_whole_and_published_without_catch_images(
    command, table
):
    path = table(*tops(), *tops(unit=7))
    rows = [{**row, "image": str(row["image"])} for row in [*tops(), *tops(unit=7)]]
    parquet.write_table(pyarrow.Table.from_pylist(rows), path.with_suffix(".parquet"))
    path.unlink()

    done = command("import_dissection", path.parent, "--study", "s")
    refused = command("publish", "s", "--yes")
    published = command("publish", "s", "--catch", "0", "--yes")

    assert "layer (2 units), 4 top images each. It has 0 low images a unit" in done.stderr
    assert "publish with --catch 0" in done.stderr
    assert is_one_sentence(refused)
    assert published.returncode == 0, published.stderr
    assert Hit.objects.count() == 2
    assert set(Exemplar.objects.values_list("coverage", flat=True)) == {1.0}
    assert set(Exemplar.objects.values_list("unit__number", flat=True)) == {0, 7}


def test_masks_that_mark_nothing_are_counted(command, table):
    path = table(*tops(3), {**tops(4)[3], "mask": "none.png"})
    Image.new("L", (60, 60)).save(path.parent / "none.png")

    done = command("import_dissection", path, "--study", "s")

    assert "passes the threshold: 1 of 4. These pictures are shown whole. Give such" in done.stderr


@pytest.mark.parametrize(("resize", "crop"), [(224, 224), (256, 128)])
def test_a_mask_is_cut_as_the_network_saw_its_image(command, table, tmp_path, resize, crop):
    path = table(*tops(1), {**tops(2)[1], "image": "wide.png", "mask": "mask.png"})
    Image.new("RGB", (240, 120)).save(path.parent / "wide.png")
    mask = np.zeros((60, 120), dtype=np.uint8)
    mask[10:30, 50:90] = 255
    Image.fromarray(mask).save(path.parent / "mask.png")

    done = command("import_dissection", path, "--study", "s", "--resize", resize, "--crop", crop)

    assert done.returncode == 0, done.stderr
    network = Network.objects.get()
    region = read_masks(network, 0)[1]
    left, top, right, bottom = Preprocessing(resize, crop).box(120, 60)
    y = (np.arange(MASK_PX) + 0.5) / MASK_PX * (bottom - top) + top
    x = (np.arange(MASK_PX) + 0.5) / MASK_PX * (right - left) + left
    expected = ((y >= 10) & (y < 30))[:, None] & ((x >= 50) & (x < 90))
    assert (region != expected).mean() < 0.02


def test_imported_units_stand_beside_dissected_ones_over_the_same_images(command, pictures, table):
    path = table(*tops(count=8))
    dissect(command, pictures, top=6)

    alone = command("import_dissection", path, "--study", "s")
    done = command("import_dissection", path, "--study", "s", "--images", pictures,
                   "--name", "probe", "--condition", "directions")  # fmt: skip
    other = command("import_dissection", path, "--study", "s", "--images", pictures, "--top", "5")

    assert "another list" in alone.stderr
    assert done.returncode == 0, done.stderr
    assert "has the settings --top 6, not --top 5" in other.stderr
    ours, theirs = Network.objects.order_by("pk")
    assert (theirs.name, theirs.condition, theirs.position) == ("probe", "directions", 1)
    assert [i.place for i in random_images(theirs)] == [i.place for i in random_images(ours)]


def test_a_folder_of_the_seam_is_taken_in_as_it_is(command, pictures, tmp_path):
    dissect(command, pictures, top=6)
    ours = Network.objects.get()

    done = command("import_dissection", tmp_path / ours.dissection, "--study", "copy")

    assert done.returncode == 0, done.stderr
    theirs = Network.objects.get(study__name="copy")
    assert theirs.manifest == ours.manifest
    values = ("unit__number", "rank", "image__tile", "score", "mask", "coverage")
    same = [
        list(Exemplar.objects.filter(unit__layer__network=network).values_list(*values))
        for network in (ours, theirs)
    ]
    assert same[0] == same[1]
    assert command("publish", "copy", "--yes").returncode == 0


def spoil(folder, what):
    manifest = json.loads((folder / "manifest.json").read_text())
    picture = next(iter((folder / manifest["picture_folder"]).iterdir()))
    if what == "version":
        (folder / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 2}))
    elif what == "key":
        del manifest["images"]["sha256"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
    elif what == "outside":
        manifest["pictures"] = "../../secret.json"
        (folder / "manifest.json").write_text(json.dumps(manifest))
    elif what == "picture":
        picture.write_bytes(picture.read_bytes() + b"!")
    elif what == "masks":
        Image.new("1", (1120, 112)).save(folder / "masks/0/3.png")
    elif what == "array":
        with np.load(folder / "layers/0.npz") as arrays:
            kept = dict(arrays)
        kept["score"] = kept["score"] * np.nan
        np.savez(folder / "layers/0.npz", **kept)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("version", "has schema version 2; this Unitscope reads version 1"),
        ("key", "images.sha256: Field required"),
        ("outside", "../../secret.json is not inside"),
        ("picture", "has another SHA-256 than its name says"),
        ("masks", "masks/0/3.png of"),
        ("array", "Array score in layers/0.npz"),
    ],
)
def test_a_folder_that_is_not_whole_is_one_sentence(command, pictures, tmp_path, what, says):
    dissect(command, pictures, top=6)
    folder = tmp_path / Network.objects.get().dissection
    spoil(folder, what)

    done = command("import_dissection", folder, "--study", "copy")

    assert is_one_sentence(done), done.stderr
    assert says in done.stderr
    assert not Study.objects.filter(name="copy").exists()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{**tops(1)[0], "rank": 2}], "Line 2: unit 0 of layer has rank 2 where 1 is due"),
        ([{**tops(1)[0], "image": "gone.png"}], "cannot be read"),
        ([{**tops(1)[0], "mask": "gone.png"}], "Line 2: mask gone.png cannot be read"),
        ([{**tops(1)[0], "mask": "02.png"}], "Line 2: mask 02.png must have one channel"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_one_sentence_and_leaves_nothing(command, table, rows, says):
    done = command("import_dissection", table(*rows), "--study", "s")

    assert is_one_sentence(done), done.stderr
    assert says in done.stderr
    assert Study.objects.count() == 0


def test_wrong_options_are_one_sentence(command, table, tmp_path):
    path = table(*tops())
    for options, says in [
        (["--top", "5"], "Unit 0 of layer has 4 top images, fewer than the 5"),
        (["--top", "0"], "--top must be at least 1, got 0"),
        (["--crop", "300"], "--crop must be from 1 to --resize 224, got 300"),
        (["--images", "/nowhere"], "There is no folder or list of images '/nowhere'"),
    ]:
        done = command("import_dissection", path, "--study", "s", *options)
        assert is_one_sentence(done), done.stderr
        assert says in done.stderr
    done = command("import_dissection", tmp_path / "none.csv", "--study", "s")
    assert "none.csv cannot be read" in done.stderr
    no_column = command("import_dissection", table(*tops(), columns=["unit"]), "--study", "s")
    assert "has no column rank, image, score" in no_column.stderr
    assert Study.objects.count() == 0
