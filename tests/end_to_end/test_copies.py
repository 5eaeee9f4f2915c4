"""Copies of pictures in a study: once among top images, whatever the shards; counted and named."""

import shutil

import numpy as np
import pytest
from PIL import Image

from annotator.dissection_reader import open_dissection
from annotator.models import Network, Unit
from tests.end_to_end.dissections import dissect

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def with_copies(pictures, tmp_path_factory):
    """The forty pictures, and thirty copies of one of them before and after."""
    folder = tmp_path_factory.mktemp("with-copies")
    shutil.copytree(pictures, folder, dirs_exist_ok=True)
    for number in range(30):
        place = "0-" if number < 10 else "z-"
        shutil.copy(pictures / "07.png", folder / f"{place}{number:02d}.png")
    return folder


def dissection_of(name):
    return open_dissection(Network.objects.get(study__name=name).dissection)


def test_a_study_shows_each_picture_once_whatever_its_shards(command, with_copies):
    done = dissect(command, with_copies, study="one")
    dissect(command, with_copies, "--shards", "3", study="three")

    one, three = dissection_of("one"), dissection_of("three")
    facts = one.manifest.layers[0]
    top = one.table(facts).top
    assert all(len(set(row.tolist())) == top.image.shape[1] for row in top.image)
    for name, array in vars(top).items():
        assert np.array_equal(array, getattr(three.table(facts).top, name)), name
    # The list is sorted by name: 0-00.png is the first of all copies, and 07.png is one of them.
    paths = sorted(path.name for path in with_copies.iterdir())
    assert paths[0] == "0-00.png"
    images = one.manifest.images
    assert list(images.copies) == [0]
    copies = {paths[place] for place in images.copies[0]}
    assert (len(copies), copies >= {"0-01.png", "07.png", "z-29.png"}) == (30, True)
    assert three.manifest.images.copies == images.copies
    assert not set(one.manifest.random_images) & set(images.copies[0])
    assert len(one.manifest.random_images) == 40
    assert "30 images with the pixels of another one left out" in done.stderr
    assert "over 40 images" in done.stderr


def test_near_copies_among_shown_images_are_in_the_manifest_and_with_the_unit(
    command, pictures, tmp_path
):
    folder = tmp_path / "near"
    shutil.copytree(pictures, folder)
    Image.open(folder / "07.png").save(folder / "z.jpg", quality=90)
    dissect(command, folder, top=41)

    dissection = dissection_of("s")
    facts = dissection.manifest.layers[0]
    assert dissection.manifest.images.copies == {}
    image = dissection.table(facts).top.image
    assert sorted(facts.near_copies) == list(range(facts.unit_count))  # all images are shown
    for unit in Unit.objects.all():
        ranks = [image[unit.number].tolist().index(place) + 1 for place in (7, 40)]
        assert facts.near_copies[unit.number] == unit.near_copies == [ranks]


def test_keep_duplicates_ranks_every_copy_and_is_a_setting_of_the_study(command, with_copies):
    dissect(command, with_copies, "--keep-duplicates", top=20)

    kept = dissection_of("s")
    assert kept.manifest.settings.keep_duplicates
    assert kept.manifest.images.copies == {}
    copies = {0, *range(1, 10)}
    assert any(copies <= set(row.tolist()) for row in kept.table(kept.manifest.layers[0]).top.image)
    other = dissect(command, with_copies, "--untrained", top=20)
    assert other.returncode
    assert "--keep-duplicates" in other.stderr


def test_fewer_pictures_that_differ_than_are_shown_are_refused_with_the_way_out(
    command, with_copies
):
    refused = dissect(command, with_copies, top=41)

    assert "Only 40 of 70 images" in refused.stderr
    assert "--keep-duplicates" in refused.stderr
