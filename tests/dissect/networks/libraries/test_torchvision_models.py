import hashlib
import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torchvision.transforms.functional import center_crop

from dissect.errors import UnknownNetwork, UnreadableWeights
from dissect.networks.layers import list_layers
from dissect.networks.libraries.torchvision_models import (
    check_takes_one_image,
    published_file,
    torchvision_model,
)
from dissect.networks.model_attributes import preprocessing_by
from dissect.networks.registry import load_network
from tests.house.reading import ROOT

LISTED = torchvision.models.list_models()
SIZES = [(640, 427), (301, 500), (90, 60)]  # one smaller than most crops


def takes_one_image(name):
    try:
        check_takes_one_image(name)
    except UnknownNetwork:
        return False
    return True


LOADED = [name for name in LISTED if takes_one_image(name)]


def photograph(size):
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def test_every_listed_network_is_loaded_or_its_sentence_says_what_it_is():
    kinds = ("detects objects", "takes clips", "takes two frames", "8-bit integers")
    sentences = {}
    for name in LISTED:
        try:
            check_takes_one_image(name)
        except UnknownNetwork as error:
            sentences[name] = str(error)

    assert len(LOADED) >= 86
    assert {"fcn_resnet50", "deeplabv3_resnet101", "lraspp_mobilenet_v3_large"} <= set(LOADED)
    assert [s for s in sentences.values() if not any(kind in s for kind in kinds)] == []
    assert "Use torchvision:resnet18, the same" in sentences["quantized_resnet18"]


def test_images_are_prepared_as_each_of_the_published_weights_says():
    """torchvision's own transform is the judge; of segmenters' whole images we see the middle."""
    photographs, compared = itertools.cycle(map(photograph, SIZES)), set()
    for name in LOADED:
        for entry in torchvision.models.get_model_weights(name):
            transform = entry.transforms()
            if str(transform) in compared:
                continue
            compared.add(str(transform))
            view, photo = preprocessing_by(transform), next(photographs)
            expected = center_crop(transform(photo), [view.crop, view.crop])
            mine = view.normalise(view.pixels(photo)[None])[0]
            assert torch.equal(mine, expected), (entry, photo.size)
    assert len(compared) >= 25


ONE_OF_EACH = """alexnet convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s mnasnet0_5
maxvit_t mobilenet_v3_small resnet18 shufflenet_v2_x0_5 squeezenet1_0 swin_t swin_v2_t vgg11
googlenet inception_v3 vit_b_16 vit_h_14 vit_l_16
fcn_resnet50 deeplabv3_mobilenet_v3_large lraspp_mobilenet_v3_large"""  # regnets need real tensors


@pytest.mark.parametrize("name", ONE_OF_EACH.split())
def test_a_loaded_network_takes_one_image_of_its_size(name):
    """On torch's meta device, which computes shapes alone."""
    with torch.device("meta"):
        built = torchvision_model(name, "untrained")
        side = built.preprocessing.crop
        output = built.model.eval()(torch.zeros(1, 3, side, side))

    output = output["out"] if isinstance(output, dict) else output
    assert output.shape[:2] == (1, len(built.classes))


def test_a_file_is_recognized_as_published_by_its_hash(tmp_path):
    path = tmp_path / "renamed.pth"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    old = SimpleNamespace(url="https://host/resnet50-00000000.pth")
    new = SimpleNamespace(url=f"https://host/resnet50-{digest[:8]}.pth")

    assert published_file([old, new], path) is new
    assert published_file([old], path) is None
    assert published_file([old], tmp_path / "absent.pth") is None


@pytest.mark.parametrize("aux", [True, False])
def test_a_segmenter_is_loaded_from_a_file_with_or_without_its_auxiliary_head(tmp_path, aux):
    model = torchvision.models.get_model(
        "deeplabv3_mobilenet_v3_large", weights=None, weights_backbone=None, aux_loss=aux
    )
    torch.save({"model": model.state_dict()}, tmp_path / "w.pth")

    network = load_network("torchvision:deeplabv3_mobilenet_v3_large", str(tmp_path / "w.pth"))

    assert (network.model.aux_classifier is not None) == aux
    assert network.classes[15] == "person"


def test_old_names_and_versions_in_torchvisions_files_are_understood(tmp_path):
    """densenet's files say norm.1 where its modules are norm1; mnasnet reads its version."""
    old = {
        name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): tensor
        for name, tensor in torchvision.models.densenet121(weights=None).state_dict().items()
    }
    versioned = torchvision.models.mnasnet0_5(weights=None).state_dict()
    torch.save(old, tmp_path / "densenet.pth")
    torch.save({"state_dict": versioned}, tmp_path / "mnasnet.pth")

    densenet = load_network("torchvision:densenet121", str(tmp_path / "densenet.pth"))
    mnasnet = load_network("torchvision:mnasnet0_5", str(tmp_path / "mnasnet.pth"))

    first = "features.denseblock1.denselayer1.norm"
    state = densenet.model.state_dict()
    assert torch.equal(state[f"{first}1.weight"], old[f"{first}.1.weight"])
    assert torch.equal(mnasnet.model.layers[0].weight, versioned["layers.0.weight"])


def test_weights_that_are_neither_a_file_nor_published_are_named(tmp_path):
    with pytest.raises(UnreadableWeights, match="publishes IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT"):
        load_network("torchvision:resnet50", "IMAGENET1K_V3")


def test_an_inception_from_a_file_of_ones_own_says_what_it_cannot_know(tmp_path, capsys):
    make = torchvision.models.get_model
    model = make("googlenet", weights=None, aux_logits=False, init_weights=False)
    torch.save(model.state_dict(), tmp_path / "w.pth")

    network = load_network("torchvision:googlenet", str(tmp_path / "w.pth"))

    assert not network.model.transform_input
    assert "transform_input=True" in capsys.readouterr().err


def test_the_backbone_of_a_detector_is_loaded_as_the_guide_shows(tmp_path):
    guide = (ROOT / "docs/how-to/own-network.md").read_text()
    code = "import torchvision\ndef backbone" + guide.split("def backbone")[1].split("```")[0]
    small = 'ssdlite320_mobilenet_v3_large", weights=None, weights_backbone=None'
    published = 'fasterrcnn_resnet50_fpn", weights="DEFAULT"'
    assert published in code
    (tmp_path / "detectors.py").write_text(code.replace(published, small).replace("512", "64"))

    network = load_network(f"{tmp_path}/detectors.py:backbone")

    assert network.preprocessing.std == (0.5, 0.5, 0.5)  # as this detector's own transform has it
    layers = {info.name: info for info in list_layers(network)}
    assert layers["features.0.0"].map_size == (32, 32)
