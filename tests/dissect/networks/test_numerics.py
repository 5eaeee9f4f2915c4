"""Numerics change the last digits only; the fingerprint names them, and they never merge."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dissect.errors import BadDissection, BadSetting
from dissect.images.image_list import find_images
from dissect.networks.device import select_device
from dissect.networks.numerics import DEFAULT_NUMERICS, Numerics, fingerprint
from dissect.networks.registry import load_network
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.collect import collect, collect_range
from dissect.topk.results import TopKSettings
from dissect.topk.stored_results import result_from_bytes, result_origin, result_to_bytes

CPU = torch.device("cpu")
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
OPTIONS = [Numerics(channels_last=True), Numerics(autocast=True), Numerics(tf32=True)]
OPTIONS += [Numerics(scaled_jpeg=True)]
DIGITS = {True: 3e-2, False: 1e-5}  # with autocast, without


@pytest.fixture(scope="module")
def network():
    return load_network("tests.dissect.custom_networks:small")


@pytest.fixture(scope="module")
def images(noise_folder):
    return find_images(noise_folder)


def scores(network, images, device=CPU):
    return collect(network, ["stem", "deep"], images, top=10, device=device).layers


def difference(expected, result):
    """The largest difference of the best scores, relative to the largest of them."""
    return max(
        float(np.abs(a.top.score - b.top.score).max() / np.abs(a.top.score).max())
        for a, b in zip(expected, result, strict=True)
    )


@pytest.mark.parametrize("numerics", OPTIONS)
def test_numerics_change_the_last_digits_only_and_are_in_the_fingerprint(network, images, numerics):
    plain, other = scores(network, images), replace(network, numerics=numerics)

    assert difference(plain, scores(other, images)) <= DIGITS[numerics.autocast]
    assert fingerprint(CPU, numerics) != fingerprint(CPU, DEFAULT_NUMERICS)


def test_all_are_off_by_default(network):
    assert network.numerics == DEFAULT_NUMERICS
    assert fingerprint(CPU, BATCH_SIZE)["dtype"] == "float32"
    assert fingerprint(CPU, BATCH_SIZE)["memory_format"] == "contiguous"
    assert fingerprint(CPU, BATCH_SIZE)["tf32"] is False


def test_partial_results_of_other_numerics_are_refused(network, images):
    other, expected = (
        replace(network, numerics=Numerics(channels_last=True)),
        TopKSettings(("deep",), 5, 5),
    )
    partial = collect_range(other, expected, images, range(0, 32, 32))
    content = result_to_bytes(partial, result_origin(other, expected, images, CPU))

    with pytest.raises(BadDissection, match="channels_last"):
        result_from_bytes(
            content, result_origin(network, expected, images, CPU), network, expected, images
        )


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "mps"])
def test_a_device_that_does_not_exist_is_refused_with_a_sentence(name):
    with pytest.raises(BadSetting, match=name):
        select_device(name)


@GPU
def test_a_gpu_agrees_with_a_cpu_to_five_digits(network, images):
    on_gpu = scores(network, images, torch.device("cuda"))
    network.model.to(CPU)

    assert difference(scores(network, images), on_gpu) <= 1e-5


@GPU
def test_a_gpu_merges_shards_to_the_bit(network, images):
    device, expected = torch.device("cuda"), TopKSettings(("deep",), 10, 10)
    halves = [collect_range(network, expected, images, r, device) for r in
              (range(32, 70, 32), range(0, 32, 32))]  # fmt: skip
    halves[0].merge(halves[1])
    whole = collect_range(network, expected, images, range(0, 70, 32), device)
    network.model.to(CPU)

    assert np.array_equal(halves[0].states[0].top.score, whole.states[0].top.score)
    assert np.array_equal(halves[0].states[0].top.image, whole.states[0].top.image)
