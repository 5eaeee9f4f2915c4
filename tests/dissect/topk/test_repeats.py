"""Networks that do not repeat themselves are refused before the long pass, with the cause."""

from dataclasses import replace

import pytest

from dissect.errors import UnsupportedLayer
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk import batches
from dissect.topk.batches import Passes
from dissect.topk.collect import collect

SPEC = "tests.dissect.unrepeatable:"
CAUSES = [
    ("batch_statistics", r"in 'part' \(BatchNorm2d\) .* without running statistics"),
    ("batch_statistics_in_training", r"in 'part' \(BatchNorm2d\) .* keep it in evaluation mode"),
    ("dropout", r"in 'part' \(Dropout2d\) or just before it: dropout is left on"),
    ("noise", r"in 'part' \(Noise\) .* noise, a random mask or dropout in evaluation"),
    ("mask", r"in 'part' \(Mask\) .* a random mask or dropout in evaluation"),
    ("neighbours", r"in 'part' \(Neighbours\) .* statistics of the batch"),
]


@pytest.fixture
def images(noise_folder):
    return find_images(noise_folder)


@pytest.mark.parametrize(("kind", "cause"), CAUSES)
def test_a_network_that_does_not_repeat_itself_is_refused_with_the_cause(images, kind, cause):
    says = f"Layer 'deep' is not repeatable: .* differ by [0-9.e-]+ of the largest .*{cause}"

    with pytest.raises(UnsupportedLayer, match=says):
        collect(load_network(SPEC + kind), ["deep"], images, top=3)


@pytest.mark.parametrize("kind", ["last_digits", "instance_norm"])
def test_last_digits_and_statistics_of_each_image_are_no_reason(images, kind):
    assert collect(load_network(SPEC + kind), ["deep"], images, top=3).layers


@pytest.mark.parametrize("kind", ["noise", "neighbours"])
def test_layers_before_what_does_not_repeat_itself_are_right(images, kind):
    assert collect(load_network(SPEC + kind), ["stem"], images, top=3).layers


def test_one_readable_image_in_the_first_batch_is_enough(images):
    one = replace(images, paths=images.paths[:1])

    with pytest.raises(UnsupportedLayer, match="is not repeatable"):
        collect(load_network(SPEC + "neighbours"), ["deep"], one, top=1)


@pytest.mark.parametrize("passes", [1, 2])
def test_the_check_costs_one_forward_of_a_network(images, monkeypatch, passes):
    network, counted = load_network("tests.dissect.custom_networks:small"), []
    forwarded = batches.forward
    monkeypatch.setattr(batches, "forward", lambda *args: counted.append(1) or forwarded(*args))
    monkeypatch.setattr("dissect.topk.repeats.forward", batches.forward)
    run = Passes(images, passes, next(network.model.parameters()).device)

    for _ in range(passes):
        list(run.over(network, ["stem", "deep"]))

    assert len(counted) == 3 * passes + 1  # 70 images are 3 batches
