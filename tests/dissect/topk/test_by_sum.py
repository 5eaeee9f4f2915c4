"""Images ranked by the sum of a unit's map, on request; the maximum then breaks ties."""

import json

import numpy as np
import pytest
import torch

from dissect.__main__ import main
from dissect.errors import BadSetting
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.collect import collect
from dissect.topk.ranking import score_maps, top_k
from tests.dissect.topk.test_collect import all_maps


def top_by_sum_slowly(maps, k):
    """(units, k): sort by sum, then maximum, then place, one unit after another."""
    flat = maps.flatten(2)
    rows = []
    for unit in range(maps.shape[1]):
        key = [
            (-float(flat[i, unit].sum()), -float(flat[i, unit].max()), i) for i in range(len(flat))
        ]
        rows.append([image for _, _, image in sorted(key)[:k]])
    return np.array(rows)


@pytest.mark.parametrize("layer", ["stem", "head"])
def test_top_images_by_sum_are_those_of_the_slow_definition(noise_folder, layer):
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    maps = all_maps(network, images, layer)

    found = collect(network, [layer], images, top=20, by="sum").layers[0]

    assert np.array_equal(found.top.image, top_by_sum_slowly(maps, 20))
    assert np.array_equal(found.maximum, maps.amax(dim=(0, 2, 3)).numpy())
    lowest = maps.sum(dim=(2, 3)).sort(dim=0).values[23].numpy()
    low = maps.sum(dim=(2, 3)).T.numpy() <= lowest[:, None]
    for unit, places in enumerate(found.low.image):
        top = found.top.image[unit]
        assert set(places[places >= 0]) == set(np.flatnonzero(low[unit])) - set(top)


def test_equal_sums_go_to_the_higher_peak():
    maps = torch.tensor([[2.0, 2.0], [3.0, 1.0], [2.0, 2.0]])[:, None, None, :]

    found = top_k([score_maps(maps, np.array([4, 5, 6]))], 3, by="sum")

    assert found.image.tolist() == [[5, 4, 6]]


def test_another_way_of_ranking_is_refused():
    with pytest.raises(BadSetting, match="by max or sum, not by 'mean'"):
        top_k([score_maps(torch.ones(1, 1, 1, 1), np.array([0]))], 1, by="mean")


def test_exemplars_prints_the_score_that_it_ranks_by(noise_folder, capsys):
    command = ["exemplars", "--network", "tests.dissect.custom_networks:small", "--layers", "stem"]
    command += ["--images", str(noise_folder), "--top", "2", "--units", "1", "--format", "json"]
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    maps = all_maps(network, images, "stem")[:, 1]

    main([*command, "--by", "sum"])
    by_sum = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["1"]
    main(command)
    by_max = json.loads(capsys.readouterr().out)["layers"]["stem"]["units"]["1"]

    sums, peaks = maps.sum(dim=(1, 2)), maps.amax(dim=(1, 2))
    best_sums, best_peaks = (every.sort(descending=True).values[:2] for every in (sums, peaks))
    assert [one["score"] for one in by_sum] == pytest.approx(best_sums.tolist(), rel=1e-6)
    assert [one["score"] for one in by_max] == best_peaks.tolist()
