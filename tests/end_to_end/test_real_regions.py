"""What a tile shows of real photographs: enough is lit, and the rest is not too dark to see.

`_blocks.N` of EfficientNet are linear bottlenecks, the hardest case: people name more units after a
nonlinearity, as SqueezeNet's fires have one (README.md). Both must be shown well.
"""

import numpy as np
import pytest
from PIL import Image

from annotator.publishing.lit_share import lit_share
from dissect.dissection.settings import Settings
from dissect.dissection.writer import dissect
from dissect.format.masks import decode_sheet
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import decode_table
from dissect.format.tile_drawing import levels_in_frame
from dissect.format.tiles import OUTSIDE, crop_box, lit_levels
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.storage.store import Folder

OUTSIDE_BRIGHTNESS = 0.6
SIDE = 224  # px
SHOWN = 60
PLACES_WEIGHTS = "weights/squeezenet_bn_places365.pth"
REAL = [
    ("efficientnet_lite0", None, ["_blocks.4", "_blocks.10"], "imagenet1k-sample", 1000),
    ("squeezenet_bn_places365", PLACES_WEIGHTS, ["fire5", "fire9"], "places-rooms", 600),
]


def dissected(shared_data, folder, spec, weights, layers, images, count, top=SHOWN):
    """A dissection of evenly spread photographs, and where it is stored."""
    paths = sorted((shared_data / images / "images").rglob("*.[jJ]*"))
    chosen = paths[:: max(1, len(paths) // count)][:count]
    folder.mkdir()
    (folder / "list.txt").write_text("\n".join(map(str, chosen)))
    network = load_network(spec, weights and str(shared_data / weights))
    store = Folder(folder / "dissection")
    list_ = find_images(folder / "list.txt")
    return dissect(network, layers, list_, store, Settings(top=top), "cpu"), store


def tile_numbers(manifest, store, layer, units=40, ranks=10):
    """(tiles, 2): lit share and mean luminance of a random sample of a layer's tiles."""
    rng = np.random.default_rng(0)
    names = {row.place: row.tile for row in decode_pictures(store.get(manifest.pictures))}
    table = decode_table(store.get(layer.table))
    numbers = []
    for unit in rng.choice(layer.unit_count, min(units, layer.unit_count), replace=False):
        masks = decode_sheet(store.get(layer.sheet(unit)))
        for rank in rng.choice(manifest.settings.top, ranks, replace=False):
            peak = tuple(table.peak[unit, rank].tolist())
            box, levels = crop_box(masks[rank], peak), lit_levels(masks[rank], peak)
            name = names[int(table.top.image[unit, rank])]
            with Image.open(store.path / "pictures" / name) as picture:
                grey, width = picture.convert("L"), picture.width
            edges = (box.left, box.top, box.left + box.side, box.top + box.side)
            seen = np.asarray(
                grey.resize((SIDE, SIDE), box=tuple(width * edge for edge in edges)), dtype=float
            )
            outside = levels_in_frame(levels, box) == OUTSIDE
            shown = np.where(outside, OUTSIDE_BRIGHTNESS * seen, seen)
            numbers.append((lit_share(levels, box), shown.mean()))
    return np.array(numbers)


@pytest.mark.thorough
@pytest.mark.parametrize("real", REAL, ids=lambda real: real[0])
def test_tiles_of_real_layers_show_enough_to_judge(shared_data, tmp_path, real):
    manifest, store = dissected(shared_data, tmp_path / "d", *real)

    for layer in manifest.layers:
        share, luminance = tile_numbers(manifest, store, layer).T
        print(layer.name, layer.field["px"], layer.field["how"], np.median(share),
              np.percentile(share, 5), luminance.mean())  # fmt: skip
        assert np.median(share) >= 0.08
        assert np.percentile(share, 5) >= 0.02
        assert luminance.mean() >= 60
    spent = sum(layer.field["forwards"] for layer in manifest.layers)
    assert spent <= real[-1] / 10


def test_a_deep_layer_of_a_real_network_is_measured_within_its_budget(shared_data, tmp_path):
    real = ("efficientnet_lite0", None, ["_blocks.10"], "imagenet1k-sample", 40)

    manifest, store = dissected(shared_data, tmp_path / "d", *real, top=8)

    (layer,) = manifest.layers
    assert (layer.field["how"], layer.after) == ("gradient", "")
    assert layer.field["forwards"] <= 4
    assert 2 * 16 <= layer.field["px"] <= layer.field["theoretical"]["size"]
    share, _ = tile_numbers(manifest, store, layer, units=10, ranks=4).T
    assert np.median(share) > 0.05
