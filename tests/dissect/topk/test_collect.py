"""The one pass, judged by the definition: forward everything, look at all of it, sort."""

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.errors import DissectError, ImagesError
from dissect.images.image_list import find_images
from dissect.networks.layers import forward, recording
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import decoded_batches, forward_batches
from dissect.topk.collect import collect, recompute_top_maps
from dissect.topk.quantiles import UpperTail
from dissect.topk.ranking import score_maps, top_k
from dissect.topk.sampling import sampled_cells, sampled_images

LAYERS = ["stem", "deep", "head"]
FIELDS = ["score", "sum", "image", "y", "x"]


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("tests.dissect.custom_networks:small")


@pytest.fixture(scope="module")
def images(noise_folder):
    return find_images(noise_folder)


def all_maps(network, images, layer, block=32):
    """Every map of a layer: (images, units, height, width), in blocks of one shape."""
    found = []
    with recording(network.model, [layer]) as maps:
        for start in range(0, len(images), block):
            pixels = [network.preprocessing.pixels(images.open(i))
                      for i in range(start, min(start + block, len(images)))]  # fmt: skip
            pixels += [torch.zeros_like(pixels[0])] * (block - len(pixels))
            forward(network, torch.stack(pixels))
            found.append(maps[layer].clone())
    return torch.cat(found)[: len(images)]


def top_slowly(maps, k):
    """(units, k) images by METHODS' order, one unit after another."""
    flat = maps.flatten(2)
    rows = []
    for unit in range(maps.shape[1]):
        key = [
            (-float(flat[i, unit].max()), -float(flat[i, unit].sum()), i) for i in range(len(flat))
        ]
        rows.append([image for _, _, image in sorted(key)[:k]])
    return np.array(rows)


@pytest.mark.parametrize("layer", LAYERS)
def test_top_images_are_those_of_the_slow_definition(network, images, layer):
    maps = all_maps(network, images, layer)

    found = collect(network, LAYERS, images, top=20).layers[LAYERS.index(layer)]

    wanted = top_slowly(maps, 20)
    assert np.array_equal(found.top.image, wanted)
    chosen = maps[torch.from_numpy(wanted), torch.arange(len(wanted))[:, None]]
    assert np.array_equal(found.top.score, chosen.amax(dim=(2, 3)).numpy())
    assert torch.equal(found.maps, chosen)
    peaks = chosen.flatten(2).argmax(dim=2).numpy()
    assert np.array_equal(found.top.y * maps.shape[3] + found.top.x, peaks)


def test_ties_go_to_the_larger_sum_then_to_the_earlier_image():
    maps = torch.zeros(4, 1, 1, 3)
    maps[:, 0, 0, 0] = 6.0  # all tie at the top, as under ReLU6
    maps[2, 0, 0, 1] = 1.0

    found = top_k([score_maps(maps, np.array([10, 11, 12, 13]))], 4)

    assert found.image.tolist() == [[12, 10, 11, 13]]


def test_the_peak_is_the_first_of_equal_cells_in_reading_order():
    maps = torch.zeros(1, 1, 3, 4)
    maps[0, 0, 1, 2] = maps[0, 0, 2, 0] = 5.0

    found = score_maps(maps, np.array([0]))

    assert (found.y.item(), found.x.item()) == (1, 2)


def test_partial_rankings_merge_in_any_order_to_the_same_bits(network, images):
    maps = all_maps(network, images, "deep")
    parts = [
        score_maps(maps[first:last], np.arange(first, last))
        for first, last in [(0, 20), (20, 33), (33, 70)]
    ]
    whole = top_k([score_maps(maps, np.arange(70))], 15)

    for order in [(0, 1, 2), (2, 0, 1), (1, 2, 0)]:
        merged = top_k([top_k([parts[i]], 15) for i in order], 15)
        for field in FIELDS:
            assert np.array_equal(getattr(merged, field), getattr(whole, field))


def test_block_companions_do_not_change_a_bit(network, images):
    """A shard that starts at block 1 finds for its images what the whole pass finds."""
    alone = [maps["deep"] for _, maps in _fed(network, images, [32])]
    together = [maps["deep"] for _, maps in _fed(network, images, [0, 32, 64])]

    assert torch.equal(alone[0], together[1])


def _fed(network, images, starts):
    return forward_batches(
        network, ["deep"], decoded_batches(network, images, starts), torch.device("cpu")
    )


def test_bad_images_are_skipped_counted_and_change_nothing_else(network, noise_folder, tmp_path):
    for path in sorted(noise_folder.rglob("*.png")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    clean = collect(network, ["deep"], find_images(tmp_path), top=10)
    (tmp_path / "00.png").write_bytes(b"not a picture")
    cut = (tmp_path / "07.png").read_bytes()
    (tmp_path / "07.png").write_bytes(cut[: len(cut) // 2])

    found = collect(network, ["deep"], find_images(tmp_path), top=10)

    assert sorted(found.bad) == [0, 7]
    assert all(reason for reason in found.bad.values())
    kept = [row[~np.isin(row, [0, 7])] for row in clean.layers[0].top.image]
    for unit, wanted in enumerate(kept):
        assert found.layers[0].top.image[unit, : len(wanted)].tolist() == wanted.tolist()


def test_the_threshold_is_the_quantile_of_the_sampled_cells(network, images):
    maps = all_maps(network, images, "stem").flatten(2)
    sample = torch.cat(
        [
            maps[i][:, torch.from_numpy(sampled_cells(np.array([i]), maps.shape[2])[0])]
            for i in range(70)
        ],
        dim=1,
    )

    found = collect(network, ["stem"], images, top=5).layers[0].threshold

    above = (sample > torch.from_numpy(found)[:, None]).float().mean(dim=1)
    assert (above <= 0.005).all()
    at_or_above = (sample >= torch.from_numpy(found)[:, None]).float().mean(dim=1)
    assert (at_or_above > 0.005 - 1 / sample.shape[1]).all()


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_a_tail_reads_the_quantile_however_it_was_filled(pieces):
    values = torch.randn(3, 8000, generator=torch.Generator().manual_seed(1))
    parts = [UpperTail(3, 0.995, max_cells=8000) for _ in range(pieces)]
    for number, chunk in enumerate(values.chunk(40, dim=1)):
        parts[number % pieces].add(chunk)

    for other in parts[1:]:
        parts[0].merge(other)

    wanted = values.sort(dim=1, descending=True).values[:, 40]
    assert torch.equal(torch.from_numpy(parts[0].threshold()), wanted)


def test_the_sample_of_images_is_fixed_and_all_of_a_small_set():
    assert sampled_images(100).tolist() == list(range(100))
    large = sampled_images(10_000)
    assert len(set(large.tolist())) == 4096
    assert np.array_equal(large, sampled_images(10_000))
    assert 4500 < large.mean() < 5500


def test_catch_candidates_come_from_the_lowest_scores_and_never_from_the_shown(network, images):
    maps = all_maps(network, images, "deep").amax(dim=(2, 3)).numpy()  # (images, units)

    found = collect(network, ["deep"], images, top=40, shown=20).layers[0]

    for unit in range(maps.shape[1]):
        low = found.low.image[unit][found.low.image[unit] >= 0]
        cut = np.sort(maps[:, unit])[23]
        wanted = np.flatnonzero(maps[:, unit] <= cut)
        assert set(low.tolist()) == set(wanted.tolist()) - set(found.top.image[unit, :20].tolist())
        assert np.array_equal(found.low.score[unit, : len(low)], maps[low, unit])


def test_catch_candidates_are_not_simply_the_first_images_where_all_tie(tmp_path):
    for number in range(200):
        shade = 255 if number % 4 == 0 else 0
        Image.new("RGB", (64, 64), (shade, 0, 0)).save(tmp_path / f"{number:03d}.png")
    network = load_network("tests.dissect.custom_networks:bright")

    found = collect(network, ["cells"], find_images(tmp_path), top=20, shown=10).layers[0]

    low = found.low.image[0][found.low.image[0] >= 0]
    assert len(low) == 96  # of 150 black pictures
    assert not set(low.tolist()) & set(range(0, 200, 4))
    assert low.max() > 150
    assert found.saturated.tolist() == [True, True, True]


def test_maps_that_do_not_fit_in_memory_are_visited_again(network, images, monkeypatch):
    kept = collect(network, ["deep"], images, top=12).layers[0]
    monkeypatch.setattr("dissect.topk.results.MAX_MAP_BYTES", 0)

    found = collect(network, ["deep"], images, top=12).layers[0]

    assert found.maps is None
    again = torch.zeros_like(kept.maps)
    for units, ranks, maps in recompute_top_maps(
        network, "deep", images, found.top, torch.device("cpu")
    ):
        again[units, ranks] = maps
    assert torch.equal(again, kept.maps)


def test_fewer_images_than_asked_for_are_refused(network, images):
    with pytest.raises(ImagesError, match="70 images, fewer than the 71"):
        collect(network, ["deep"], images, top=71)


def test_an_activation_that_is_no_number_is_named(network, images):
    network = load_network("tests.dissect.custom_networks:small")
    network.model.deep.bias.data[5] = float("nan")

    with pytest.raises(DissectError, match=r"Unit 5 of layer 'deep' is not a finite number on a/"):
        collect(network, ["deep"], images, top=5)
