"""A dissection is written whole: into one folder, or with its pictures in a shared one."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dissect.dissection.settings import Settings
from dissect.dissection.writer import dissect, write_dissection
from dissect.format.manifest import decode_manifest
from dissect.format.masks import MASK_PX, decode_sheet
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import decode_table
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.segmentation.regions import quantile_segmenter, unit_regions
from dissect.storage.store import Folder
from dissect.topk.collect import collect

LAYERS = ["deep"]


@pytest.fixture(scope="module")
def network():
    return load_network("tests.dissect.custom_networks:small")


class Recording(Folder):
    """A folder that remembers the order in which it was written."""

    def __init__(self, path):
        super().__init__(path)
        self.names = []

    def put(self, name, content):
        super().put(name, content)
        self.names.append(name)


def test_a_dissection_holds_its_own_pictures_and_its_manifest_is_written_last(
    network, noise_folder, tmp_path
):
    store = Recording(tmp_path)

    manifest = dissect(network, LAYERS, find_images(noise_folder), store, Settings(top=3), "cpu")

    assert store.names[-1] == "manifest.json"
    assert (
        decode_manifest(store.get("manifest.json")).as_json().items() >= manifest.as_json().items()
    )
    assert "picture_folder" not in json.loads(store.get("manifest.json"))
    pictures = decode_pictures(store.get(manifest.pictures))
    assert {f"pictures/{row.tile}" for row in pictures} <= set(store.names)
    layer = manifest.layers[0]
    table = decode_table(store.get(layer.table))
    for unit in layer.unit_numbers:
        masks = decode_sheet(store.get(layer.sheet(unit)))[: table.rank_count]
        assert masks.shape[1:] == (MASK_PX, MASK_PX) == (224, 224)
        assert masks.mean(axis=(1, 2)) == pytest.approx(table.coverage[unit], abs=1e-6)


def test_the_middle_of_each_peak_is_written_in_shares_of_the_view(noise_folder, tmp_path):
    bright = load_network("tests.dissect.custom_networks:bright")  # 8 x 8 cells of 8 px

    store = Folder(tmp_path)
    dissect(bright, ["cells"], find_images(noise_folder), store, Settings(top=3), "cpu")

    table = decode_table(store.get("layers/0.npz"))
    middles = (np.stack([table.top.y, table.top.x], axis=-1) + 0.5) / 8
    assert table.peak.dtype == np.float32
    assert table.peak == pytest.approx(middles)


def test_regions_are_the_same_whether_the_maps_were_kept_or_are_forwarded_again(
    network, noise_folder
):
    images = find_images(noise_folder)
    layer = collect(network, LAYERS, images, top=5).layers[0]
    forwarded = replace(layer, maps=None)

    kept, again = (
        unit_regions(network, one, quantile_segmenter(one), images, torch.device("cpu"))
        for one in (layer, forwarded)
    )

    for unit in range(layer.info.unit_count):
        assert kept(unit).any()
        assert np.array_equal(kept(unit), again(unit))


def test_shared_pictures_are_written_there_and_nothing_else(network, noise_folder, tmp_path):
    images, settings = find_images(noise_folder), Settings(top=3)
    result = collect(network, LAYERS, images, settings.collected, settings.top)
    own, shared = Recording(tmp_path / "a/b"), Recording(tmp_path)
    shared.folder = "../../pictures"

    device = torch.device("cpu")
    write_dissection(network, result, images, own, settings, device, print, shared=shared)

    manifest = decode_manifest(own.get("manifest.json"))
    names = {
        name for row in decode_pictures(own.get("pictures.json")) for name in (row.tile, row.zoom)
    }
    assert manifest.picture_folder == "../../pictures"
    assert set(shared.names) == {f"pictures/{name}" for name in names}
    assert not [name for name in own.names if name.startswith("pictures/")]
