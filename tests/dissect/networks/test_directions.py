"""Directions among channels stand for units: read, checked, hooked, and drawn at random."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dissect.analyses.random_directions import (
    ChannelStatistics,
    channel_statistics,
    haar_rotation,
    random_directions,
)
from dissect.commands.command_line import main
from dissect.errors import BadDirections, BadSetting
from dissect.images.image_list import find_images
from dissect.networks.direction_files.files import load_directions, save_directions
from dissect.networks.directions import Directions
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import Passes
from dissect.topk.collect import collect
from tests.dissect.topk.test_collect import all_maps, top_slowly

CPU = torch.device("cpu")
SMALL = "tests.dissect.custom_networks:small"


def along_slowly(maps, rows, offset):
    """Every unit by its own sum over every channel."""
    result = []
    for row, shift in zip(rows.tolist(), offset.tolist(), strict=True):
        result.append(sum(w * maps[:, c] for c, w in enumerate(row)) + shift)
    return torch.stack(result, dim=1)


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "directions.safetensors"
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(5, 6, generator=generator)
    save_file({"stem": rows, "stem.offset": torch.arange(5.0), "deep": torch.eye(8)}, path)
    return path, rows


def with_directions(path, layers) -> Network:
    network = load_network(SMALL)
    return replace(network, directions=load_directions(path, layers))


def test_maps_of_directions_are_the_sums_of_their_channels(noise_folder, written):
    path, rows = written
    images = find_images(noise_folder)
    channels = all_maps(load_network(SMALL), images, "stem")

    result = collect(with_directions(path, ["stem", "deep"]), ["stem", "deep"], images, top=9)

    maps = along_slowly(channels, rows, torch.arange(5.0))
    assert result.layers[0].info.unit_count == 5
    assert np.array_equal(result.layers[0].top.image, top_slowly(maps, 9))
    assert np.allclose(result.layers[0].maximum, maps.amax(dim=(0, 2, 3)), rtol=1e-5)


def test_directions_that_are_the_channels_themselves_change_nothing(noise_folder, written):
    path, _ = written
    images = find_images(noise_folder)

    plain = collect(load_network(SMALL), ["deep"], images, top=9).layers[0]
    turned = collect(with_directions(path, ["deep"]), ["deep"], images, top=9).layers[0]

    assert np.array_equal(plain.top.image, turned.top.image)
    assert np.array_equal(plain.top.score, turned.top.score)


def test_a_single_tensor_serves_a_single_layer_whatever_its_name(tmp_path):
    save_file({"latents": torch.ones(2, 6)}, tmp_path / "directions.safetensors")

    result = load_directions(tmp_path / "directions.safetensors", ["stem"])

    assert torch.equal(result["stem"].rows, torch.ones(2, 6))
    assert result["stem"].offset.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("tensors", "layers", "says"),
    [
        ({"stem": torch.ones(3)}, ["stem"], "must be real numbers"),
        ({"stem": torch.ones(3, 6, dtype=torch.int64)}, ["stem"], "is torch.int64 of"),
        ({"stem": torch.ones(0, 6)}, ["stem"], r"\(0, 6\)"),
        ({"stem": torch.tensor([[1.0, 2], [0, 0]])}, ["stem"], "Direction 1 of layer 'stem'"),
        ({"stem": torch.tensor([[float("nan"), 2]])}, ["stem"], r"'stem' in .* is nan at \(0, 0\)"),
        (
            {"stem": torch.ones(2, 6), "stem.offset": torch.ones(3)},
            ["stem"],
            "'stem.offset' in .* has 3 numbers, not one for each of 2",
        ),
        ({"a": torch.ones(2, 6), "b": torch.ones(2, 6)}, ["stem"], "it has a, b"),
        ({"a": torch.ones(2, 6)}, ["stem", "deep"], "no directions for layer 'stem'"),
    ],
)
def test_tensors_that_are_no_directions_are_refused_with_a_sentence(
    tmp_path, tensors, layers, says
):
    save_file(tensors, tmp_path / "bad.safetensors")

    with pytest.raises(BadDirections, match=says):
        load_directions(tmp_path / "bad.safetensors", layers)


def test_a_file_that_is_no_safetensors_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(b"PK\x03\x04 anything")

    with pytest.raises(BadDirections, match="cannot be read"):
        load_directions(tmp_path / "bad.safetensors", ["stem"])
    with pytest.raises(BadDirections, match="cannot be read"):
        load_directions(tmp_path / "missing.safetensors", ["stem"])


def test_directions_of_another_layer_name_both_widths():
    directions = Directions("stem", torch.ones(2, 7), torch.zeros(2))

    with pytest.raises(BadDirections, match="have 7 channels, the layer has 6"):
        directions.project(torch.zeros(1, 6, 4, 4))


def test_directions_are_read_as_they_were_written(tmp_path):
    directions = Directions("a.b", torch.randn(2, 3), torch.tensor([1.0, -1.0]))

    save_directions(tmp_path / "new" / "d.safetensors", [directions], {"seed": "3"})

    result = load_directions(tmp_path / "new" / "d.safetensors", ["a.b"])["a.b"]
    assert torch.equal(result.rows, directions.rows)
    assert torch.equal(result.offset, directions.offset)


def test_a_haar_rotation_is_a_rotation_and_depends_on_its_seed_alone():
    first, again, other = haar_rotation(7, 0), haar_rotation(7, 0), haar_rotation(7, 1)

    assert torch.allclose(first @ first.T, torch.eye(7, dtype=torch.float64), atol=1e-12)
    assert torch.linalg.det(first).item() == pytest.approx(1)
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=0.1)


def test_haar_rotations_have_no_favorite_direction():
    corners = torch.stack([haar_rotation(3, seed)[0, 0] for seed in range(600)])

    # A coordinate of an even direction in three dimensions is even on [-1, 1] (Archimedes).
    ranks = corners.sort().values
    even = torch.linspace(-1, 1, 600, dtype=torch.float64)
    assert (ranks - even).abs().max() < 0.14  # Kolmogorov: 1 in 10,000 beyond


def test_channel_statistics_are_those_of_all_cells_at_once(noise_folder):
    network, images = load_network(SMALL), find_images(noise_folder)
    cells = all_maps(network, images, "stem").transpose(0, 1).flatten(1).double()

    result = channel_statistics(network, ["stem"], Passes(images, 1, CPU))["stem"]

    assert torch.allclose(result.mean, cells.mean(dim=1))
    assert torch.allclose(result.std, cells.std(dim=1, correction=0))


def test_random_directions_are_centered_and_no_loud_channel_dominates_all():
    generator = torch.Generator().manual_seed(0)
    cells = torch.randn(8, 4000, generator=generator, dtype=torch.float64)
    cells[3] = 1000 * cells[3] + 500  # loud
    cells[6] = 2.0  # dead
    statistics = ChannelStatistics(cells.mean(dim=1), cells.std(dim=1, correction=0))

    result = random_directions("stem", statistics, count=5, seed=2)

    output = result.project(cells[None, :, None, :].float())[0, :, 0].double()
    assert output.mean(dim=1).abs().max() < 1e-3
    assert result.rows[:, 6].tolist() == [0] * 5
    shares = (result.rows.double() * statistics.std) ** 2  # of each direction's variance
    assert torch.allclose(shares.sum(dim=1), torch.ones(5, dtype=torch.float64), atol=1e-5)
    assert shares[:, 3].max() < 0.9


def test_more_directions_than_live_channels_are_refused():
    statistics = ChannelStatistics(torch.zeros(4), torch.tensor([1.0, 1.0, 0.0, 1.0]))

    with pytest.raises(BadSetting, match="1 to 3 rotated directions, not 4"):
        random_directions("stem", statistics, count=4, seed=0)


def test_rotations_are_written_as_a_file_that_other_commands_read(noise_folder, tmp_path, capsys):
    path = tmp_path / "r.safetensors"
    common = ["--network", SMALL, "--layers", "stem", "deep", "--images", str(noise_folder)]

    main(["rotations", *common, "--count", "4", "--out", str(path), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["layers"]["deep"] == {
        "unit_count": 4, "channels": 8,
    }  # fmt: skip
    with safe_open(path, "pt") as file:
        assert file.metadata()["seed"] == "0"
    main(["exemplars", *common, "--directions", str(path), "--top", "1", "--format", "json"])

    layers = json.loads(capsys.readouterr().out)["layers"]
    assert list(layers["stem"]["units"]) == ["0", "1", "2", "3"]
