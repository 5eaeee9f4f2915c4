"""The one pass, judged by the definition: forward everything, look at all of it, sort."""

import numpy as np
import pytest
import torch

from dissect.errors import DissectError
from dissect.images.image_list import find_images
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.registry import load_network
from dissect.topk.collect import collect, recompute_top_maps
from dissect.topk.sampling import sampled_cells

LAYERS = ["stem", "deep", "head"]


def all_maps(network, images, layer, batch_size=32):
    """Every map of a layer: (images, units, height, width), in batches of one shape."""
    batches = []
    with recording(network, [layer]) as maps:
        for start in range(0, len(images), batch_size):
            pixels = [network.preprocessing.pixels(images.open(i))
                      for i in range(start, min(start + batch_size, len(images)))]  # fmt: skip
            pixels += [torch.zeros_like(pixels[0])] * (batch_size - len(pixels))
            forward(network, torch.stack(pixels))
            batches.append(maps[layer].clone())
    return torch.cat(batches)[: len(images)]


def top_slowly(maps, k, by="max"):
    """(units, k) images by METHODS' order, one unit after another."""
    flat = maps.flatten(2)
    peak, total = flat.amax(dim=2), flat.sum(dim=2)
    first, second = (peak, total) if by == "max" else (total, peak)
    rows = []
    for unit in range(maps.shape[1]):
        keys = [(-float(first[i, unit]), -float(second[i, unit]), i) for i in range(len(flat))]
        rows.append([image for _, _, image in sorted(keys)[:k]])
    return np.array(rows)


@pytest.mark.parametrize("layer", LAYERS)
def test_top_images_are_those_of_the_slow_definition(network, images, layer):
    maps = all_maps(network, images, layer)

    result = collect(network, LAYERS, images, top=20).layers[LAYERS.index(layer)]

    expected = top_slowly(maps, 20)
    assert np.array_equal(result.top.image, expected)
    chosen = maps[torch.from_numpy(expected), torch.arange(len(expected))[:, None]]
    assert np.array_equal(result.top.score, chosen.amax(dim=(2, 3)).numpy())
    assert torch.equal(result.maps, chosen)
    peaks = chosen.flatten(2).argmax(dim=2).numpy()
    assert np.array_equal(result.top.y * maps.shape[3] + result.top.x, peaks)


@pytest.mark.parametrize("layer", ["stem", "head"])
def test_top_images_by_sum_are_those_of_the_slow_definition(network, images, layer):
    maps = all_maps(network, images, layer)

    result = collect(network, [layer], images, top=20, by="sum").layers[0]

    assert np.array_equal(result.top.image, top_slowly(maps, 20, by="sum"))
    assert np.array_equal(result.maximum, maps.amax(dim=(0, 2, 3)).numpy())
    cut = maps.sum(dim=(2, 3)).sort(dim=0).values[23].numpy()
    is_low = maps.sum(dim=(2, 3)).T.numpy() <= cut[:, None]
    for unit, places in enumerate(result.low.image):
        top = result.top.image[unit]
        assert set(places[places >= 0]) == set(np.flatnonzero(is_low[unit])) - set(top)


def test_bad_images_are_skipped_counted_and_change_nothing_else(network, noise_folder, tmp_path):
    for path in sorted(noise_folder.rglob("*.png")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    clean = collect(network, ["deep"], find_images(tmp_path), top=10)
    (tmp_path / "00.png").write_bytes(b"not a picture")
    cut = (tmp_path / "07.png").read_bytes()
    (tmp_path / "07.png").write_bytes(cut[: len(cut) // 2])

    result = collect(network, ["deep"], find_images(tmp_path), top=10)

    assert sorted(result.bad) == [0, 7]
    assert all(reason for reason in result.bad.values())
    kept = [row[~np.isin(row, [0, 7])] for row in clean.layers[0].top.image]
    for unit, expected in enumerate(kept):
        assert result.layers[0].top.image[unit, : len(expected)].tolist() == expected.tolist()


def quantile_slowly(cells):
    """(units,) of (units, cells): the lowest value that at most .5 % of the cells exceed."""
    highest_first = cells.sort(dim=1, descending=True).values
    return highest_first[:, int(0.005 * cells.shape[1] + 1e-9)].numpy()


@pytest.mark.parametrize("layer", LAYERS)
def test_the_quantile_is_over_every_cell_of_every_image_where_they_fit(network, images, layer):
    cells = all_maps(network, images, layer).transpose(0, 1).flatten(1)  # (units, cells)

    result = collect(network, [layer], images, top=5).layers[0].threshold

    assert np.array_equal(result, quantile_slowly(cells))


def test_larger_maps_give_each_image_an_equal_share_of_the_budget(network, images, monkeypatch):
    monkeypatch.setattr("dissect.topk.sampling.MAX_CELLS", 70 * 20 + 19)
    monkeypatch.setattr("dissect.topk.layer_state.MAX_SAMPLED_BYTES", 4000)
    maps = all_maps(network, images, "stem").flatten(2)  # (images, units, cells)
    drawn = [sampled_cells(np.array([i]), maps.shape[2], 20)[0] for i in range(70)]
    sample = torch.cat([maps[i][:, torch.from_numpy(drawn[i])] for i in range(70)], dim=1)

    result = collect(network, ["stem"], images, top=5).layers[0].threshold

    assert maps.shape[2] > 20
    assert np.array_equal(result, quantile_slowly(sample))


def test_catch_candidates_come_from_the_lowest_scores_and_never_from_the_shown(network, images):
    maps = all_maps(network, images, "deep").amax(dim=(2, 3)).numpy()  # (images, units)

    result = collect(network, ["deep"], images, top=40, shown=20).layers[0]

    for unit in range(maps.shape[1]):
        low = result.low.image[unit][result.low.image[unit] >= 0]
        cut = np.sort(maps[:, unit])[23]
        expected = np.flatnonzero(maps[:, unit] <= cut)
        assert set(low.tolist()) == set(expected.tolist()) - set(
            result.top.image[unit, :20].tolist()
        )
        assert np.array_equal(result.low.score[unit, : len(low)], maps[low, unit])


def test_maps_that_do_not_fit_in_memory_are_computed_again(network, images, monkeypatch):
    kept = collect(network, ["deep"], images, top=12).layers[0]
    monkeypatch.setattr("dissect.topk.results.MAX_MAP_BYTES", 0)

    result = collect(network, ["deep"], images, top=12).layers[0]

    assert result.maps is None
    again = torch.zeros_like(kept.maps)
    for units, ranks, maps in recompute_top_maps(
        network, "deep", images, result.top, torch.device("cpu")
    ):
        again[units, ranks] = maps
    assert torch.equal(again, kept.maps)


def test_an_activation_that_is_not_finite_is_named(network, images):
    network = load_network("tests.dissect.custom_networks:small")
    network.model.deep.bias.data[5] = float("nan")

    with pytest.raises(DissectError, match=r"Unit 5 of layer 'deep' is not a finite number on a/"):
        collect(network, ["deep"], images, top=5)
