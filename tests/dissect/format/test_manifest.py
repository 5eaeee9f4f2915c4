"""A manifest is read as it was written, and one that is not whole is refused."""

import json

import pytest

from dissect.errors import BadDissection, UnknownLayer
from dissect.format.manifest import (
    ImageFacts,
    LayerFacts,
    LayerFiles,
    Manifest,
    NetworkFacts,
    SettingsFacts,
    decode_manifest,
    encode_manifest,
)

LEAST = {
    "format": "unitscope-dissection",
    "schema_version": 1,
    "network": {
        "spec": "n", "name": "n", "weights_sha256": "0", "resize": 256, "crop": 224
    },
    "images": {"source": "i", "count": 3, "sha256": "1"},
    "settings": {"top": 2, "segment": "quantile"},
    "layers": [
        {"name": "conv", "unit_count": 4, "map_size": [7, 7], "table": "t", "masks": "m/{unit}.png"}
    ],
}  # fmt: skip


def decoded(**changes):
    return decode_manifest(json.dumps(LEAST | changes).encode())


def test_a_manifest_is_read_as_it_was_written():
    manifest = Manifest(
        created_by="a test",
        network=NetworkFacts(
            spec="n", name="n", weights_sha256="0", resize=256, crop=224, origin={"seed": 1}
        ),
        images=ImageFacts(source="i", count=3, sha256="1"),
        settings=SettingsFacts(top=2, segment="quantile", quantile=0.995),
        random_images=[2, 0],
        layers=[
            LayerFacts(name="c", unit_count=4, map_size=(7, 7), **LayerFiles.numbered(0)._asdict())
        ],
    )

    content = encode_manifest(manifest)

    assert decode_manifest(content).as_json().items() >= manifest.as_json().items()
    assert encode_manifest(decode_manifest(content)) == content


def test_keys_that_are_not_known_are_kept_and_those_left_out_stay_out():
    network = LEAST["network"] | {"licence": "none"}

    assert decoded(network=network, note=[1]).as_json() == LEAST | {"network": network, "note": [1]}


@pytest.mark.parametrize(
    ("old", "name"),
    [("upsample", "quantile"), ("receptive-field", "field"), ("imported", "imported")],
)
def test_older_names_of_segmentations_are_read_as_those_of_today(old, name):
    assert decoded(settings={"top": 2, "segment": old}).settings.segment == name


def test_what_a_manifest_leaves_out_is_that_of_a_trained_network_with_its_own_pictures():
    manifest = decoded()

    assert manifest.network.condition == "trained"
    assert (manifest.pictures, manifest.picture_folder) == ("pictures.json", "pictures")
    assert (manifest.random_images, manifest.images.skipped) == ([], [])
    assert list(manifest.layers[0].unit_numbers) == [0, 1, 2, 3]


def test_a_layer_knows_its_units_and_their_sheets():
    layer = decoded(layers=[LEAST["layers"][0] | {"units": [3, 1]}]).layer("conv")

    assert list(layer.unit_numbers) == [3, 1]
    assert layer.sheet(3) == "m/3.png"


def test_an_unknown_layer_is_named_with_those_that_are_there():
    with pytest.raises(UnknownLayer, match="no layer named 'cnov'. Did you mean conv"):
        decoded().layer("cnov")


@pytest.mark.parametrize("path", ["../../secret", "/etc", "pictures/..", "..", "other"])
def test_pictures_lie_in_a_folder_called_pictures_here_or_above(path):
    with pytest.raises(BadDissection, match="picture_folder"):
        decoded(picture_folder=path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "has a manifest that is not JSON"),
        (b"[]", "has schema version None; this Unitscope reads version 1"),
        (json.dumps(LEAST | {"schema_version": 2}).encode(), "has schema version 2"),
        (json.dumps(LEAST | {"format": "other"}).encode(), "has format 'other'"),
        (json.dumps(LEAST | {"layers": []}).encode(), "layers: List should have at least 1 item"),
        (json.dumps(LEAST | {"images": {}}).encode(), r"images\.source: Field required"),
        (
            json.dumps(LEAST | {"layers": [{"name": "c"}]}).encode(),
            r"layers\.0\.unit_count: Field required",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_one_sentence(content, says):
    with pytest.raises(BadDissection, match=says):
        decode_manifest(content)
