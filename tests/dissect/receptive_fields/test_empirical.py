"""Empirical fields: planted detectors, slow definitions, and what the command prints."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dissect.commands.command_line import main
from dissect.errors import BadSetting, UnsupportedLayer
from dissect.images.image_list import find_images
from dissect.networks.layers import layer_infos
from dissect.networks.registry import load_network
from dissect.receptive_fields.empirical import (
    EmpiricalFields,
    average_map,
    empirical_fields,
    field_size,
    is_cut,
)
from dissect.receptive_fields.occluders import Occluders
from dissect.receptive_fields.theoretical import theoretical_fields
from dissect.render.contact_sheets import PAGE_PX
from dissect.render.field_pictures import IMAGES, UNITS, FieldRow, field_sheet, fields_figure
from dissect.topk.collect import collect

STRIDE = 4  # px between cells of the planted layer


class Planted(nn.Module):
    """Unit i sums the brightness of a square of WIDTHS[i] px in the middle of a 40 px field."""

    input_size, mean, std = 96, 0.0, 1.0
    widths = (16, 24, 32)

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(3, 3, 40, stride=STRIDE, bias=False)
        weight = torch.zeros(3, 3, 40, 40)
        for unit, width in enumerate(self.widths):
            edge = (40 - width) // 2
            weight[unit, :, edge : edge + width, edge : edge + width] = 1 / width**2
        self.see.weight.data = weight
        self.dead = nn.Conv2d(3, 2, 1)
        self.dead.weight.data.zero_()
        self.say = nn.Linear(5, 2)

    def forward(self, x):
        maps = self.see(x)
        return self.say(torch.cat([maps.mean(dim=(2, 3)), self.dead(maps).mean(dim=(2, 3))], 1))


def planted():
    return Planted()


@pytest.fixture(scope="module")
def bright_spots(tmp_path_factory):
    """Six dark pictures, each with one bright square of 40 px somewhere."""
    folder = tmp_path_factory.mktemp("spots")
    rng = np.random.default_rng(4)
    for number in range(6):
        picture = np.zeros((96, 96, 3), dtype=np.uint8)
        top, left = rng.integers(8, 48, 2)
        picture[top : top + 40, left : left + 40] = 230 - number  # or units had one score: dead
        Image.fromarray(picture).save(folder / f"{number}.png")
    return folder


def measured(network, layer, folder, occluders, k=4, units=None):
    images = find_images(folder)
    info = layer_infos(network, [layer])[0]
    top = collect(network, [layer], images, k).layers[0].top
    field = theoretical_fields(network, [layer])[layer]
    chosen = list(range(info.unit_count)) if units is None else units
    result = empirical_fields(network, info, field, images, top, chosen, occluders)
    return result, top, field, images


def test_fields_of_planted_detectors_are_found_within_a_cell(bright_spots):
    network = load_network("tests.dissect.receptive_fields.test_empirical:planted")

    result, _, field, _ = measured(network, "see", bright_spots, Occluders(stride=2, size=9))

    assert field.size == (40, 40)
    for unit, width in enumerate(Planted.widths):
        assert abs(result.sizes[0.5][unit] - width) <= STRIDE
        assert result.sizes[0.25][unit] > result.sizes[0.5][unit] > result.sizes[0.75][unit]
    assert not result.cut.any()
    assert result.mean() == pytest.approx(np.mean(result.sizes[0.5]))
    assert result.spread() == pytest.approx(np.std(result.sizes[0.5], ddof=1))


def test_the_average_of_a_planted_detector_is_centered_on_it(bright_spots):
    network = load_network("tests.dissect.receptive_fields.test_empirical:planted")
    occluders = Occluders(stride=2, size=9)
    result, top, field, _ = measured(network, "see", bright_spots, occluders)
    centres = [field.centre(y, x) for y, x in zip(top.y[1], top.x[1], strict=True)]

    mean = average_map(result.maps[1], centres, occluders, 96)

    y, x = np.nonzero(mean > 0.5 * np.nanmax(mean))
    assert abs(y.mean() - 95) <= STRIDE / 2
    assert abs(x.mean() - 95) <= STRIDE / 2


def test_a_unit_that_no_occluder_changes_is_left_out_of_the_mean(bright_spots):
    network = load_network("tests.dissect.receptive_fields.test_empirical:planted")

    result, _, _, _ = measured(network, "dead", bright_spots, Occluders(stride=9), k=2)

    assert np.isnan(result.sizes[0.5]).all()
    assert result.count() == 0
    assert result.mean() is None
    assert result.spread() is None


def average_slowly(maps, centres, occluders, side):
    """Pixel by pixel: the mean over images of the mean over the occluders that cover it."""
    starts = range(0, side - occluders.size + 1, occluders.stride)
    mean = np.full((2 * side - 1, 2 * side - 1), np.nan)
    for v, u in np.ndindex(*mean.shape):
        seen = []
        for image, (y, x) in zip(maps, centres, strict=True):
            row, column = int(y) + v - (side - 1), int(x) + u - (side - 1)
            cover = [
                image[i, j]
                for i, top in enumerate(starts)
                for j, left in enumerate(starts)
                if 0 <= row - top < occluders.size and 0 <= column - left < occluders.size
            ]
            if cover:
                seen.append(np.mean(cover))
        if seen:
            mean[v, u] = np.mean(seen)
    return mean


def test_maps_are_shifted_to_their_peaks_and_averaged_over_covered_pixels_only():
    occluders = Occluders(size=5, stride=3)
    side = 21
    places = len(occluders.starts(side))
    maps = np.random.default_rng(0).random((3, places, places)).astype(np.float32)
    centres = [(3.0, 17.5), (10.0, 10.0), (19.5, 0.0)]

    result = average_map(maps, centres, occluders, side)

    expected = average_slowly(maps, centres, occluders, side)
    assert np.isnan(expected).any()
    assert np.allclose(result, expected, equal_nan=True)


def test_size_is_the_square_root_of_the_area_above_a_share_of_the_maximum():
    mean = np.full((9, 9), np.nan)
    mean[1:8, 1:8] = 1.0
    mean[2:6, 2:7] = 5.1
    mean[4, 4] = 10.0

    assert field_size(mean) == pytest.approx(np.sqrt(20))
    assert field_size(mean, 0.75) == 1.0
    assert field_size(mean, 0.05) == 7.0


def test_a_field_that_ends_where_no_image_reaches_is_cut():
    mean = np.full((9, 9), np.nan)
    mean[2:, :] = 0.1
    mean[4:6, 4:6] = 1.0
    assert not is_cut(mean)

    mean[2:4, 4] = 1.0

    assert is_cut(mean)


def test_cut_fields_can_be_left_out_of_the_mean():
    sizes = np.array([10.0, 20.0, 30.0, np.nan])
    result = EmpiricalFields(
        (0, 1, 2, 3),
        {0.5: sizes},
        np.array([True, False, False, False]),
        np.zeros((4, 1, 1, 1)),
        sizes / 2,
    )

    assert (result.mean(), result.count()) == (20.0, 3)
    assert (result.mean(uncut=True), result.count(uncut=True)) == (25.0, 2)
    assert result.spread(uncut=True) == pytest.approx(np.sqrt(50))
    assert result.corrected_mean() == 10.0


def test_fields_are_the_same_whichever_units_are_measured_together(noise_folder):
    network = load_network("tests.dissect.custom_networks:small")
    occluders = Occluders(fill="random", stride=5)

    together, _, _, _ = measured(network, "deep", noise_folder, occluders)
    alone, _, _, _ = measured(network, "deep", noise_folder, occluders, units=[5])

    assert np.allclose(together.maps[5], alone.maps[0], atol=1e-6)


def test_a_layer_with_maps_of_one_cell_is_refused_with_a_sentence(noise_folder):
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(UnsupportedLayer, match="'head' has no space"):
        measured(network, "head", noise_folder, Occluders())


def test_an_occluder_larger_than_the_image_is_refused_with_a_sentence(noise_folder):
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(BadSetting, match="sees 48 px, fewer than an occluder of 49"):
        measured(network, "deep", noise_folder, Occluders(size=49))


SMALL = [
    "receptive-field",
    "--network",
    "tests.dissect.custom_networks:small",
    "--layers",
    "stem",
    "deep",
]


def test_the_command_prints_both_fields_as_json_and_writes_a_sheet(noise_folder, tmp_path, capsys):
    assert main([*SMALL, "--images", str(noise_folder), "--units", "0", "3", "--top-images", "3",
                 "--stride", "6", "--out", str(tmp_path), "--format", "json"]) == 0  # fmt: skip

    layers = json.loads(capsys.readouterr().out)["layers"]
    assert list(layers) == ["stem", "deep"]
    assert layers["deep"]["theoretical"] == {"size": 9, "stride": 4, "whole": False}
    empirical = layers["deep"]["empirical"]
    assert empirical["unit_count"] == 2
    assert empirical["uncut"]["unit_count"] == 2 - empirical["cut_count"]
    assert list(empirical["units"]) == ["0", "3"]
    assert empirical["mean"] == pytest.approx(np.mean(list(empirical["units"].values())))
    assert empirical["std"] == pytest.approx(np.std(list(empirical["units"].values()), ddof=1))
    with Image.open(tmp_path / "deep.png") as sheet:
        assert sheet.width > 4 * 48


def test_the_fields_of_two_networks_stand_in_one_picture(noise_folder, tmp_path, capsys):
    main([*SMALL[:3], "--layers", "stem=cells", "--beside", "tests.dissect.custom_networks:bright",
          "--images", str(noise_folder), "--units", "0", "1", "2", "--top-images", "3",
          "--stride", "9", "--out", str(tmp_path), "--format", "json"])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert (list(printed["layers"]), list(printed["beside"]["layers"])) == (["stem"], ["cells"])
    assert printed["beside"]["network"] == "tests.dissect.custom_networks:bright"
    assert printed["beside"]["layers"]["cells"]["empirical"]["unit_count"] == 3
    assert printed["figure"] == str(tmp_path / "fields.png")
    with Image.open(tmp_path / "fields.png") as figure, Image.open(tmp_path / "stem.png") as one:
        assert figure.width > 2 * 4 * 48  # an average map and three images of each network
        assert figure.height > 3 * 48  # three units
        assert one.height > 3 * 48


def test_a_figure_of_fields_shows_three_units_of_each_layer_under_each_network():
    tile = Image.new("RGB", (50, 50))
    rows = [
        FieldRow(layer, f"unit {unit}, 9 px", (tile,) * 6) for layer in "ab" for unit in range(5)
    ]

    sheet = fields_figure({"A: one": rows, "B: other": rows[:5]})

    texts = [caption.text for caption in sheet.captions]
    assert texts[:7] == [
        "A: one",
        *(f"{layer}, unit {n}, 9 px" for layer in "ab" for n in range(3)),
    ]
    assert texts[7:] == ["B: other", *(f"a, unit {n}, 9 px" for n in range(3))]
    assert min(c.x for c in sheet.captions[7:]) > max(c.x for c in sheet.captions[:7]) + 4 * 50


def test_fields_of_few_top_images_are_called_quick(noise_folder, capsys):
    given = [*SMALL[:3], "--layers", "deep", "--units", "0", "--images", str(noise_folder),
             "--stride", "12"]  # fmt: skip

    main([*given, "--top-images", "5"])
    quick = capsys.readouterr().out
    main([*given, "--top-images", "25"])

    assert "Quick fields, of 5 top images: not for a table with fields of 25." in quick
    assert "Quick" not in capsys.readouterr().out


def test_theoretical_fields_alone_need_no_images(capsys):
    assert main([*SMALL, "--theoretical-only", "--format", "json"]) == 0

    layers = json.loads(capsys.readouterr().out)["layers"]
    assert layers["stem"] == {
        "theoretical": {"size": 5, "stride": 2, "whole": False}, "empirical": None, "sheet": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "need --images"),
        (["--images", "{folder}", "--top-images", "71"], "--top-images 70 or less"),
        (["--images", "{folder}", "--top-images", "0"], "at least 1"),
        (["--images", "{folder}", "--occluder", "60"], "smaller --occluder"),
        (["--images", "{folder}", "--stride", "0"], "at least 1 px"),
        (["--images", "{folder}", "--units", "6"], "units 0 to 5, not 6"),
    ],
)
def test_bad_input_is_one_sentence(options, says, noise_folder, capsys):
    given = [option.format(folder=noise_folder) for option in options]

    assert main([*SMALL, *given]) == 1

    error = capsys.readouterr().err.strip()
    assert says in error
    assert "\n" not in error


@pytest.mark.parametrize("side", [32, 96, 224, 448])
@pytest.mark.parametrize("words", ["unit 1, 32 px", "unit 1024, 187 px"])
def test_labels_of_a_sheet_have_11_px_where_a_page_shows_it(side, words):
    tiles = (1 + IMAGES) * (Image.new("RGB", (side, side)),)

    sheet = field_sheet(UNITS * [FieldRow("see", words, tiles)])

    width = sheet.picture.width
    assert len(sheet.captions) == UNITS + 2  # the ends of the color bar too
    assert all(label.font_px * min(1, PAGE_PX / width) >= 11 for label in sheet.captions)
    assert all(label.y + label.font_px <= sheet.picture.height for label in sheet.captions)
