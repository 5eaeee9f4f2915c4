"""Layers that are a run of a module, or whose axes an option tells: from command to page."""

import pytest
from django.urls import reverse

from annotator.analysis_requests import analysis_request
from annotator.dissection_jobs.analyses import arguments_of
from annotator.models import Analysis, Network
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.collect import collect
from tests.end_to_end.dissections import SMALL, dissect, is_one_sentence

MIXER = "tests.dissect.transformers:mixer"

pytestmark = pytest.mark.django_db


def test_each_run_of_a_module_is_a_layer_with_a_page_and_files(command, pictures, client):
    done = dissect(command, pictures, layers=["relu", "relu:1"], top=4)

    assert done.returncode == 0, done.stderr
    network = Network.objects.get()
    layers = {layer.name: layer for layer in network.layers.all()}
    assert {name: layer.unit_count for name, layer in layers.items()} == {"relu": 6, "relu:1": 8}
    assert layers["relu:1"].slug == "relu-1"
    assert layers["relu:1"].display_name == "relu:1"
    assert [one["after"] for one in network.manifest["layers"]] == ["ReLU", "ReLU"]
    top = collect(load_network(SMALL), ["relu:1"], find_images(pictures), top=4).layers[0].top
    unit = layers["relu:1"].units.get(number=2)
    exemplars = unit.exemplars.filter(role="top").order_by("rank")
    assert [one.score for one in exemplars] == pytest.approx(top.score[2].tolist())
    for name, text in [("layer", "relu:1"), ("network", "relu:1")]:
        where = ["s", network.slug, "relu-1"][: 3 if name == "layer" else 2]
        assert text in client.get(reverse(name, args=where), follow=True).content.decode()


def test_an_option_tells_the_axes_in_request_manifest_and_later_questions(
    command, pictures, tmp_path
):
    layers = {"layers": ["mlp_tokens"], "network": MIXER, "top": 4}
    refused = dissect(command, pictures, **layers)
    done = dissect(command, pictures, **layers, grid="2x8")
    again = dissect(command, pictures, **layers, grid="4x4")

    assert is_one_sentence(refused)
    assert "say --grid HxW" in refused.stderr
    assert done.returncode == again.returncode == 0, done.stderr + again.stderr
    first, second = Network.objects.order_by("pk")
    assert first.runs.get().request["axes"]["grid"] == [2, 8]
    assert first.manifest["network"]["axes"] == {"grid": [2, 8]}
    assert first.manifest["layers"][0]["map_size"] == [2, 8]
    assert (second.name, second.manifest["layers"][0]["map_size"]) == (
        f"{MIXER}, --grid 4x4",
        [4, 4],
    )
    request = analysis_request("activations", {"layers": ["mlp_tokens"]})
    analysis = Analysis(network=second, kind="activations", request=request.options())
    assert "--grid=4x4" in arguments_of(analysis, tmp_path)
