"""Regions drawn from measured receptive fields, from the command to the page of a HIT."""

import hashlib
import json

import numpy as np
import pytest
import torch

from annotator.dissection_reader import open_dissection
from annotator.models import Exemplar, Hit, Network, Study
from dissect.analyses.activation_maps import maps_of
from dissect.dissection.settings import Settings
from dissect.dissection.writer import dissect as dissect_library
from dissect.format.masks import MASK_PX, unpack_regions
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.receptive_fields.disc_diameters import FieldSettings
from dissect.receptive_fields.empirical import empirical_fields
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import theoretical_fields
from dissect.segmentation.field_discs import FieldDiscs
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from tests.end_to_end.dissections import SMALL, dissect, is_one_sentence

FIELD = {"segment": "field", "field-units": 3, "field-images": 4, "occluder": 5}
MEASURING = FieldSettings(units=3, top_images=4, occluder=5, stride=6)


def contents(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.*"))
    }


@pytest.mark.django_db
def test_regions_are_discs_of_the_field_that_the_manifest_tells(command, pictures):
    done = dissect(command, pictures, top=4, stride=6, **FIELD)

    assert done.returncode == 0, done.stderr
    row = Network.objects.get()
    facts, dissection = row.manifest["layers"][0], open_dissection(row.dissection)
    network, images = load_network(SMALL), find_images(pictures)
    field = theoretical_fields(network, ["deep"])["deep"]
    layer = collect(network, ["deep"], images, top=8).layers[0]
    top = collect(network, ["deep"], images, top=4).layers[0].top
    units = [int(unit) for unit in facts["field"]["units"]]
    again = empirical_fields(
        network, layer.info, field, images, top, units, Occluders(5, 6, fill="constants")
    )
    assert len(units) == 3
    assert facts["field"]["mean"] == again.mean()
    assert facts["field"]["how"] == "measured"
    assert facts["field"]["px"] == max(again.median(), 2 * 4)  # two strides of the map
    assert row.manifest["settings"]["field"] == {
        "size": "measured", "units": 3, "top_images": 4, "occluder": 5, "stride": 6,
    }  # fmt: skip
    discs = FieldDiscs(layer.info.map_size, facts["field"]["px"], field, 48)
    for unit in range(8):
        masks = dissection.masks(dissection.manifest.layers[0], unit)
        for rank, place in enumerate(layer.top.image[unit]):
            maps = maps_of(network, ["deep"], images.open(int(place)))["deep"][[unit]]
            region = unpack_regions(discs.regions(maps.numpy()))[0]
            assert (masks[rank] != region).mean() < 0.01  # a cell may lie at its very cut


def test_shards_and_a_second_try_write_the_same_bytes(pictures, tmp_path):
    network, images = load_network(SMALL), find_images(pictures)
    settings = Settings(top=4, segment="field", field=MEASURING)

    def write(name, stage=None):
        store = Folder(tmp_path / name)
        dissect_library(network, ["stem", "deep"], images, store, settings, "cpu", stage)

    def dies(stage, done, total):
        if stage == "measuring fields of deep":
            raise KeyboardInterrupt

    write("at once")
    with pytest.raises(KeyboardInterrupt):
        write("stopped", dies)
    kept = contents(tmp_path / "stopped")
    write("stopped")

    assert list(kept) == ["fields/0.json"]
    assert contents(tmp_path / "stopped") == contents(tmp_path / "at once")
    assert "manifest.json" in contents(tmp_path / "at once")


@pytest.mark.django_db
def test_a_study_by_field_in_shards_is_published_and_its_hits_show_the_discs(
    command, pictures, tmp_path
):
    for study, shards in (("one", 1), ("two", 2)):
        done = dissect(
            command, pictures, study=study, top=4, stride=6, shards=shards, by="sum", **FIELD
        )
        assert done.returncode == 0, done.stderr
    one, two = (network.dissection for network in Network.objects.order_by("pk"))

    published = command("publish", "one", "--yes")
    bright = "tests.dissect.custom_networks:bright"
    simpler = dissect(command, pictures, study="one", top=4, network=bright, layers=["cells"])

    assert contents(tmp_path / one) == contents(tmp_path / two)
    assert published.returncode == 0, published.stderr
    assert Hit.objects.filter(unit__layer__network__study__name="one").count() == 8
    dissection = open_dissection(one)
    scores = dissection.table(dissection.manifest.layers[0]).top.sum
    assert (np.diff(scores, axis=1) <= 0).all()
    assert is_one_sentence(simpler)
    assert "--segment field --by sum --field-units 3 --field-images 4" in simpler.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"field-images": 9}, "averaged over 9 top images, but only 8 are collected"),
        ({"occluder": 60}, "The network sees 48 px, fewer than an occluder of 60 px"),
        ({"field-units": -1}, "--field-units must be at least 0, got -1"),
        ({"segment": "quantile"}, "--field-units goes with --segment field alone"),
        ({"field-size": "fixed"}, "Fields that are fixed are not measured of 3 units"),
    ],
)
def test_fields_that_cannot_be_measured_are_one_sentence(command, pictures, wrong, says):
    done = dissect(command, pictures, **{"top": 4, "stride": 12, **FIELD, **wrong})

    assert is_one_sentence(done), done.stderr
    assert says in done.stderr


@pytest.mark.django_db
def test_a_dissection_draws_discs_by_default_and_its_controls_take_their_diameter(
    command, pictures
):
    for options in ({}, {"random-directions": 4}, {"random-images": 30}):
        done = dissect(command, pictures, top=4, layers=["deep", "head"], **options)
        assert done.returncode == 0, done.stderr

    network, directions, images = (
        [facts["field"] for facts in one.manifest["layers"]]
        for one in Network.objects.order_by("pk")
    )
    assert [facts["how"] for facts in network] == ["gradient", "whole"]
    assert [facts["px"] for facts in directions] == [facts["px"] for facts in network]
    assert [facts["of"] for facts in directions] == [SMALL, SMALL]
    assert images == network
    assert set(Exemplar.objects.filter(unit__layer__name="head").values_list("coverage")) == {(1,)}
    assert Study.objects.get().dissect_settings == {"top": 4, "segment": "field"}


@pytest.mark.django_db
def test_older_names_of_segmentations_still_ask_for_the_same(command, pictures):
    done = dissect(command, pictures, top=4, segment="upsample")
    again = dissect(command, pictures, top=4, segment="quantile")
    other = dissect(command, pictures, study="t", top=4, segment="receptive-field")

    assert [one.returncode for one in (done, again, other)] == [0, 0, 0]
    names = [network.manifest["settings"]["segment"] for network in Network.objects.order_by("pk")]
    assert names == ["quantile", "field"]


def test_a_map_is_cut_at_half_of_its_own_maximum_whatever_the_units_quantile(pictures, tmp_path):
    network, images = load_network("tests.dissect.custom_networks:bright"), find_images(pictures)
    settings = Settings(top=3, segment="field", field=MEASURING)

    dissect_library(network, ["cells"], images, Folder(tmp_path), settings, "cpu")

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    px = manifest["layers"][0]["field"]["px"]
    with np.load(tmp_path / "layers/0.npz") as table:
        place, coverage = int(table["image"][0, 0]), float(table["coverage"][0, 0])
    red = maps_of(network, ["cells"], images.open(place))["cells"][0]
    active = red > red.max() / 2
    centres = torch.nonzero(active) * 8 + 4
    middles = (torch.arange(MASK_PX) + 0.5) * 64 / MASK_PX
    pixels = torch.cartesian_prod(middles, middles)
    near = torch.cdist(pixels, centres.float()).amin(dim=1) <= px / 2
    assert coverage == pytest.approx(near.float().mean().item(), abs=0.005)
