"""Models in half, bfloat16 and double: fed in their own type, maps in float32."""

import numpy as np
import pytest
import torch

from dissect.commands.command_line import main
from dissect.dissection.manifest_facts import network_facts
from dissect.errors import BadSetting, OutOfMemory
from dissect.images.image_list import find_images
from dissect.networks.classes import probabilities
from dissect.networks.layer_outputs import blank_input, forward
from dissect.networks.numerics import fingerprint
from dissect.networks.registry import load_network
from dissect.receptive_fields.discrepancy import (
    Peak,
    discrepancies,
    discrepancies_by_full_forward,
)
from dissect.receptive_fields.gradient import first_order_discrepancies
from dissect.receptive_fields.occluders import Occluders
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect
from tests.dissect.custom_networks import Small

DTYPES = {"half": torch.float16, "bfloat16": torch.bfloat16, "double": torch.float64}
DIGITS = {"half": 2e-3, "bfloat16": 2e-2, "double": 1e-6}  # of a relative difference
CPU = torch.device("cpu")


@pytest.fixture(params=DTYPES)
def kind(request):
    return request.param


@pytest.fixture
def network(kind):
    return load_network(f"tests.dissect.custom_networks:{kind}")


def maps_slowly(network, images, layer):
    """(images, units, height, width) float32: by the model alone, in batches of 32."""
    outputs, view = [], network.preprocessing
    for start in range(0, len(images), 32):
        places = range(start, min(start + 32, len(images)))
        pixels = torch.zeros(32, 3, view.crop, view.crop, dtype=torch.uint8)
        for row, place in enumerate(places):
            pixels[row] = view.pixels(images.open(place))
        model = network.model
        with torch.no_grad():
            value = model.stem(view.normalise(pixels).to(network.dtype))
            value = model.deep(model.relu(value)) if layer == "deep" else value
        outputs.append(value[: len(places)].float())
    return torch.cat(outputs)


def test_the_pass_sees_what_the_model_computes_in_its_own_type(kind, network, noise_folder):
    images = find_images(noise_folder)

    layer = collect(network, ["deep"], images, top=5).layers[0]

    maps = maps_slowly(network, images, "deep")
    best, places = maps.amax(dim=(2, 3)).T.sort(dim=1, descending=True, stable=True)
    assert network.dtype == DTYPES[kind]
    assert layer.maps.dtype == torch.float32
    assert np.array_equal(layer.top.score, best[:, :5].numpy())
    distinct = (best.diff(dim=1)[:, :5] != 0).all(dim=1)  # ties go to the sum
    assert distinct.sum() >= 4
    assert np.array_equal(layer.top.image[distinct], places[distinct, :5].numpy())


def test_numbers_agree_with_those_of_float32(kind, network, noise_folder):
    single = load_network("tests.dissect.custom_networks:small")
    images = find_images(noise_folder)

    mine, theirs = (collect(one, ["stem", "deep"], images, top=5) for one in (network, single))

    for own, other in zip(mine.layers, theirs.layers, strict=True):
        scale = np.abs(other.top.score).max()
        assert np.abs(own.top.score - other.top.score).max() <= DIGITS[kind] * scale
        assert own.info == other.info
    assert probabilities(network, blank_input(network)).dtype == torch.float32


def test_fields_are_measured_as_by_full_forwards(kind, network):
    side = network.preprocessing.crop
    generator = torch.Generator().manual_seed(4)
    pixels = torch.randint(0, 256, (3, side, side), dtype=torch.uint8, generator=generator)
    occluders, peaks = Occluders(size=5, stride=4, fill="constants"), [Peak(0, 3, 4), Peak(5, 0, 0)]

    fast = discrepancies(network, "deep", pixels, peaks, occluders)
    slow = discrepancies_by_full_forward(network, "deep", pixels, peaks, occluders)
    estimated = first_order_discrepancies(network, "deep", pixels[None], peaks[:1], occluders)

    assert fast.dtype == np.float32
    slow = slow.reshape(fast.shape).numpy()
    assert np.abs(fast - slow).max() <= DIGITS[kind] * np.abs(slow).max()
    assert np.corrcoef(estimated[0].ravel(), slow[0].ravel())[0, 1] > 0.9


def test_the_type_is_in_the_fingerprint_and_other_weights_in_the_manifest(kind, network):
    single = load_network("tests.dissect.custom_networks:small")

    assert fingerprint(CPU, BATCH_SIZE, dtype=network.dtype)["dtype"] == str(DTYPES[kind])[6:]
    assert network_facts(network).weights_sha256 != network_facts(single).weights_sha256


@pytest.mark.parametrize("command", ["layers", "receptive-field", "filters", "occlusion"])
def test_commands_take_them(kind, command, noise_folder, tmp_path, capsys):
    line = [command, "--network", f"tests.dissect.custom_networks:{kind}", "--format", "json"]
    if command != "layers":
        line += ["--out", str(tmp_path)]
    if command in ("receptive-field", "filters"):
        line += ["--layers", "stem"]
    if command == "receptive-field":
        line += ["--images", str(noise_folder), "--top-images", "2", "--units", "0"]
    if command == "occlusion":
        line += ["--images", str(next(noise_folder.rglob("*.png")))]

    assert main(line) == 0, capsys.readouterr().err


class Short(Small):
    """Fails in its forward as a machine without memory would."""

    def forward(self, x):
        raise self.error


MEMORY_ERRORS = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    None,  # a real one
]


@pytest.mark.parametrize("error", MEMORY_ERRORS)
def test_a_forward_without_memory_is_called_so(error, monkeypatch):
    network = load_network("tests.dissect.custom_networks:small")
    if error is None:
        monkeypatch.setattr(network.model.deep, "forward", lambda x: torch.empty(2**52))
    else:
        monkeypatch.setattr(network.model, "__class__", Short)
        network.model.error = error

    with pytest.raises(OutOfMemory, match="needs more memory than cpu has for 2 images of 3 x 48"):
        forward(network, blank_input(network, images=2))


def test_a_gradient_without_memory_is_called_so(monkeypatch):
    network = load_network("tests.dissect.custom_networks:small")
    pixels, occluders = blank_input(network), Occluders(size=5, stride=4, fill="constants")
    first_order_discrepancies(network, "deep", pixels, [Peak(0, 3, 4)], occluders)
    monkeypatch.setattr(network.model.deep, "forward", lambda x: torch.empty(2**52))

    with pytest.raises(OutOfMemory, match="more memory than cpu has for an image"):
        first_order_discrepancies(network, "deep", pixels, [Peak(0, 3, 4)], occluders)


def test_a_device_without_room_for_the_model_is_called_so(monkeypatch):
    network = load_network("tests.dissect.custom_networks:small")

    def full(device):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(network.model, "to", full)
    with pytest.raises(OutOfMemory, match="cpu has no room for tests.dissect.custom_networks:sm"):
        network.move(CPU)


def test_a_type_that_a_device_cannot_compute_in_is_called_so(monkeypatch):
    network = load_network("tests.dissect.custom_networks:half")
    monkeypatch.setattr(network.model, "__class__", Short)
    network.model.error = RuntimeError("\"slow_conv2d_cpu\" not implemented for 'Half'")

    with pytest.raises(BadSetting, match=r"computes in float16, which cpu cannot .*\.float\(\)"):
        forward(network, blank_input(network))
