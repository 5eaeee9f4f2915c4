"""Networks drawn at random: `layers` and `exemplars` give what the definition gives, or refuse.

The judge forwards all images at once and looks at the maps that each network keeps of itself.
"""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st
from PIL import Image

from dissect.commands.runner import run_command
from dissect.errors import DissectError
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from tests.dissect import drawn_networks
from tests.dissect.drawn_networks import FORMS, REFUSED, SIDE, STEPS, Plan
from tests.dissect.topk.test_collect import top_slowly

SPEC, TOP, BATCH = "tests.dissect.drawn_networks:make", 3, 32
DTYPES = ["float32", "float32", "float64", "bfloat16", "float16"]
PLANS = st.builds(
    Plan,
    st.lists(st.tuples(st.sampled_from(list(STEPS)), st.sampled_from(list(FORMS))),
             min_size=1, max_size=5).map(tuple),
    st.sampled_from(DTYPES),
    st.integers(0, 5),
)  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    rng = np.random.default_rng(0)
    for number in range(6):
        pixels = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def true_maps(pictures):
    """The maps of every layer by definition: (images, units, height, width) each."""
    network, images = load_network(SPEC), find_images(pictures)
    pixels = [network.preprocessing.pixels(images.open(place)) for place in range(len(images))]
    pixels += [torch.zeros_like(pixels[0])] * (BATCH - len(images))
    with torch.inference_mode():
        network.model(network.input_of(torch.stack(pixels)))
    return {name: maps[: len(images)] for name, maps in network.model.truth.items()}


def exemplars_slowly(maps):
    """What `exemplars` says of each unit: (place, score, y, x) of its top images."""
    places = top_slowly(maps, TOP)
    return {
        str(unit): [
            (int(place), float(maps[place, unit].max()),
             *divmod(int(maps[place, unit].argmax()), maps.shape[3]))
            for place in places[unit]
        ]
        for unit in range(maps.shape[1])
    }  # fmt: skip


def check(plan, pictures):
    note(plan)
    drawn_networks.drawn = plan
    asked = ["--network", SPEC]
    listed = {one["name"]: one for one in run_command("layers", asked)["layers"]}
    truth = true_maps(pictures)
    for number, (_, form) in enumerate(plan.parts):
        name = f"layer{number}"
        if name in listed:
            one = listed[name]
            assert [one["unit_count"], *one["map_size"]] == list(truth[name].shape[1:])
        else:
            one_cell = truth[name].shape[2:] == (1, 1)  # which tells no axis from another
            assert form in REFUSED or (one_cell and form in ("class_of_tokens", "by_columns"))
    asked += ["--images", str(pictures), "--top", str(TOP), "--layers"]
    if refused := [name for name in truth if name not in listed]:
        with pytest.raises(DissectError) as raised:
            run_command("exemplars", [*asked, refused[0]])
        assert is_one_sentence(raised.value)
    if names := [name for name in truth if name in listed]:
        layers = run_command("exemplars", [*asked, *names])["layers"]
        for name in names:
            assert rows_of(layers[name]["units"]) == exemplars_slowly(truth[name])


def rows_of(units):
    """(place, score, y, x) of the top images of each unit, as the command tells them."""
    return {
        unit: [
            (int(row["image"].removesuffix(".png")), row["score"], row["y"], row["x"])
            for row in rows
        ]
        for unit, rows in units.items()
    }


def is_one_sentence(error):
    text = str(error)
    return text[:1].isupper() and "\n" not in text and "Traceback" not in text


ALL_FORMS = settings(max_examples=15, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip


@given(plan=PLANS)
@ALL_FORMS
@example(plan=Plan((("one_cell", "class_of_tokens"),)))
@example(plan=Plan((("as_many_as_rows", "maps"), ("strided", "registers_last"))))
@example(plan=Plan((("one_channel", "tokens"), ("mixer", "tokens"), ("one_cell", "tokens"))))
def test_drawn_networks_are_read_as_defined_or_refused(pictures, plan):
    check(plan, pictures)


@pytest.mark.thorough
@given(plan=PLANS)
@settings(ALL_FORMS, max_examples=300)
def test_many_drawn_networks_are_read_as_defined_or_refused(pictures, plan):
    check(plan, pictures)
