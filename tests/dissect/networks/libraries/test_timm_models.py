import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.errors import BadSetting, UnknownNetwork, UnreadableWeights
from dissect.networks.libraries.timm_models import preprocessing_of
from dissect.networks.registry import load_network

timm = pytest.importorskip("timm", reason="timm is an option: pip install timm")
SIZES = [(640, 427), (301, 500), (90, 61), (400, 100)]


def photograph(size):
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def configurations():
    """The data configuration of every listed model and tag, each once, with a name that has it."""
    by_key = {}
    for name in [*timm.list_models(), *timm.list_pretrained()]:
        config = timm.data.resolve_data_config(
            pretrained_cfg=timm.get_pretrained_cfg(name).to_dict()
        )
        by_key[str(sorted(config.items()))] = (config, name)
    return by_key.values()


def test_images_are_prepared_as_timms_own_transform_prepares_them():
    photographs, modes = itertools.cycle(map(photograph, SIZES)), set()
    for config, name in configurations():
        if config["input_size"][1] != config["input_size"][2]:
            with pytest.raises(BadSetting, match="networks here see squares"):
                preprocessing_of(config, name)
            continue
        view, transform = preprocessing_of(config, name), timm.data.create_transform(**config)
        modes.add(config["crop_mode"])
        photo = next(photographs)
        mine = view.normalise(view.pixels(photo)[None])[0]
        assert torch.equal(mine, transform(photo)), (name, photo.size)
    assert modes == {"center", "squash", "border"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("resnt18", "Did you mean resnet18"),
        ("resnet18.nonsense", "resnet18 has a1_in1k, "),
        ("resnet18d.", "resnet18d has ra"),
    ],
)
def test_an_unknown_model_or_tag_is_one_sentence(name, says):
    with pytest.raises(UnknownNetwork, match=says):
        load_network(f"timm:{name}")


def test_weights_that_timm_does_not_publish_are_one_sentence():
    name = next(name for name in timm.list_models("resnet*") if not timm.is_model_pretrained(name))

    with pytest.raises(UnreadableWeights, match="could not be downloaded"):
        load_network(f"timm:{name}", "DEFAULT")


NETS = """
import timm
def plain():
    return timm.create_model("test_vit", num_classes=3)
def own():
    model = plain()
    model.input_size, model.mean = 160, .25
    return model
"""


def test_a_timm_model_of_a_factory_is_fed_as_timm_says_unless_it_says_so_itself(tmp_path):
    (tmp_path / "timm_nets.py").write_text(NETS)

    plain, own = (load_network(f"{tmp_path}/timm_nets.py:{name}") for name in ("plain", "own"))

    assert plain.preprocessing == load_network("timm:test_vit").preprocessing
    assert plain.preprocessing.crop == 160
    assert own.preprocessing.mean == (0.25, 0.25, 0.25)
