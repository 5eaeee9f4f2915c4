"""On real photographs enough of a cropped tile is lit, and the rest of it can be seen."""

import numpy as np
import pytest

from annotator.models import Study
from annotator.publishing import plan_naming
from annotator.publishing.hit_pictures import opened_picture
from annotator.publishing.lit_share import sample_tiles
from dissect.format.tile_drawing import cut_tile, levels_in_frame, light_region
from tests.end_to_end.dissections import dissect

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

# Network, its layers and the photographs: 1,000 of ImageNet, 600 of Places.
STUDIES = [
    ("efficientnet_lite0", ["_blocks.4", "_blocks.10"], "imagenet1k-sample/images", 1000),
    ("squeezenet_bn_places365", ["fire5", "fire9"], "places-rooms/images", 600),
]


def linked(photographs, count, folder):
    folder.mkdir()
    paths = sorted(path for path in photographs.rglob("*") if path.is_file())
    for number, path in enumerate(paths[:: len(paths) // count][:count]):
        (folder / f"{number:04d}{path.suffix}").symlink_to(path)
    return folder


def luminance(tile):
    """The mean of a tile's gray pixels as people see it, from 0 to 255."""
    levels, box = tile.frame
    drawn = light_region(cut_tile(opened_picture(tile.picture), box), levels_in_frame(levels, box))
    return np.asarray(drawn.convert("L")).mean()


@pytest.mark.parametrize(("network", "layers", "folder", "count"), STUDIES)
def test_regions_light_a_twelfth_of_a_tile_and_pictures_are_not_dark(
    command, shared_data, tmp_path, network, layers, folder, count
):
    weights = shared_data / "weights" / f"{network}.pth"
    options = {"weights": weights} if weights.exists() else {}
    for layer in layers:
        photographs = linked(shared_data / folder, count, tmp_path / layer)
        name = layer.strip("_").replace(".", "-").replace("_", "-")
        dissect(
            command, photographs, study=name, network=network, layers=[layer], top=60, **options
        )
        study = Study.objects.get(name=name)

        tiles = sample_tiles(study, plan_naming(study, 3, 80), "crop")

        shares = [tile.share for tile in tiles]
        brightness = [luminance(tile) for tile in tiles[::4]]
        print(layer, np.median(shares), np.percentile(shares, 5), np.mean(brightness))
        assert np.median(shares) >= 0.08
        assert np.percentile(shares, 5) >= 0.02
        assert np.mean(brightness) >= 60
