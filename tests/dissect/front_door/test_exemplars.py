"""Top images from a notebook: any kind of images gives what the definition says."""

import numpy as np
import pytest
import torch
from PIL import Image

import dissect
from dissect.errors import BadSetting
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.segmentation.regions import segmentation_threshold, upsampled_regions
from tests.dissect.custom_networks import Small
from tests.dissect.topk.test_collect import all_maps, top_slowly


@pytest.fixture(scope="module")
def listed(noise_folder):
    return find_images(noise_folder)


@pytest.fixture(scope="module")
def pictures(listed):
    return [listed.open(place).copy() for place in range(len(listed))]


def test_top_images_of_a_module_are_those_of_the_slow_definition(listed):
    maps = all_maps(load_network(Small()), listed, "deep")

    result = dissect.exemplars(Small(), "deep", listed, top=5, units=[6, 2])
    layer = result.layers["deep"]

    assert np.array_equal(layer.image, top_slowly(maps, 5)[[6, 2]])
    assert layer.units == (6, 2)
    assert layer.score.tolist() == [
        [float(maps[place, unit].max()) for place in row]
        for unit, row in zip(layer.units, layer.image, strict=True)
    ]


def test_every_kind_of_images_gives_the_same_top_images(noise_folder, listed, pictures):
    arrays = [np.asarray(picture) for picture in pictures]
    kinds = {
        "folder": noise_folder,
        "paths": [listed.location(place) for place in range(len(listed))],
        "pictures": pictures,
        "arrays": np.stack(arrays),
        "tensors": [torch.from_numpy(array.copy()).permute(2, 0, 1) for array in arrays],
    }

    tops = {
        name: dissect.exemplars(Small(), "deep", images, top=4).layers["deep"]
        for name, images in kinds.items()
    }

    for layer in tops.values():
        assert np.array_equal(layer.image, tops["folder"].image)
        assert np.array_equal(layer.score, tops["folder"].score)


def test_regions_are_maps_above_the_quantile_of_the_unit(listed):
    network = load_network(Small())
    maps = all_maps(network, listed, "deep")

    layer = dissect.exemplars(network, "deep", listed, top=3).layers["deep"]

    for unit in (0, 5):
        row = layer.units.index(unit)
        cut = segmentation_threshold(
            torch.tensor(layer.threshold[row]), torch.tensor(layer.maximum[row])
        )
        expected = upsampled_regions(maps[layer.image[row], unit], cut)
        assert torch.equal(layer.regions(unit), expected)
    with pytest.raises(BadSetting, match="Unit 99 of layer 'deep' was not asked for"):
        layer.regions(99)


def test_regions_are_found_again_where_the_maps_took_too_much_memory(listed, monkeypatch):
    kept = dissect.exemplars(Small(), "deep", listed, top=3).layers["deep"]
    monkeypatch.setattr("dissect.topk.results.MAX_MAP_BYTES", 0)
    model = Small()

    layer = dissect.exemplars(model, "deep", listed, top=3).layers["deep"]

    assert layer.collected.maps is None
    assert torch.equal(layer.regions(1), kept.regions(1))
    assert model.training


def test_rows_and_the_table_have_a_row_for_each_image_of_each_unit(listed):
    pytest.importorskip("pandas")
    result = dissect.exemplars(Small(), ["stem", "deep"], listed, top=4, units=[1, 3])

    table = result.to_pandas()

    assert list(table.columns) == ["layer", "unit", "rank", "score", "y", "x", "image"]
    assert len(table) == 2 * 2 * 4
    best = table[(table.layer == "deep") & (table.unit == 3) & (table["rank"] == 1)]
    assert best.image.item() == listed.paths[result.layers["deep"].image[1, 0]]


def test_a_sample_and_units_are_not_asked_for_together(listed):
    with pytest.raises(BadSetting, match="take one of them"):
        dissect.exemplars(Small(), "deep", listed, units=[1], sample=2)


def test_images_that_cannot_be_read_are_named_and_the_others_ranked(pictures):
    broken = Image.new("RGBA", (9, 9), (0, 0, 0, 0))  # transparent everywhere

    result = dissect.exemplars(Small(), "deep", [broken, *pictures], top=3)

    assert list(result.skipped) == ["0"]
    assert 0 not in result.layers["deep"].image


def test_progress_names_its_stage_and_ends_with_all_images(listed):
    calls = []

    dissect.exemplars(Small(), "deep", listed, top=2, progress=lambda *call: calls.append(call))

    assert {stage for stage, _, _ in calls} == {"forwarding"}
    assert calls[-1][1:] == (len(listed), len(listed))
