"""Every function alike: from a SPEC and a module, as rows, tables and pages, with its progress."""

import functools
import json

import pytest
from PIL import Image

import dissect
from dissect.commands.runner import run_command
from dissect.demo.networks import SmallCNN, object_0, scene_0

SPEC, OTHER = "dissect.demo.networks:scene_0", "dissect.demo.networks:object_0"
NAMED = {"relu5": {1: ("sky", 0.9), 3: ("bed", 0.7), 5: ("lamp", 0.8)}}
UNITS = {"units": [1, 2]}

# The name of a function: how it is called with a network, a DIR of scenes with masks, and options;
# how many pictures it shows.
CALLS = {
    "layers": (lambda net, folder, **more: dissect.layers(net), 0),
    "filters": (lambda net, folder, **more: dissect.filters(net, **UNITS), 2),
    "activations": (
        lambda net, folder, **more: dissect.activations(
            net, ["relu4", "relu5"], folder / "images", **UNITS, **more), 2),
    "exemplars": (
        lambda net, folder, **more: dissect.exemplars(
            net, ["relu4", "relu5"], folder / "images", top=4, **UNITS, **more), 2),
    "segment": (
        lambda net, folder, **more: dissect.segment(
            net, "relu5", folder / "images", **UNITS, **more), 1),
    "receptive_field": (
        lambda net, folder, **more: dissect.receptive_field(
            net, "relu2", folder / "images", top_images=2, stride=24, **UNITS, **more), 1),
    "occlusion": (
        lambda net, folder, **more: dissect.occlusion(
            net, folder / "images", right=1, stride=48, **more), 1),
    "minimal_image": (
        lambda net, folder, **more: dissect.minimal_image(
            net, folder, right=1, count=5, draws=3, exchanges=5, **more), 1),
    "compare": (
        lambda net, folder, **more: dissect.compare(
            net, object_0(), [("relu1", "relu2")], folder / "images", overlap=9, **more), 1),
    "alike": (
        lambda net, folder, **more: dissect.alike(
            net, "relu5", folder / "images", top=9, **UNITS, **more), 0),
    "concepts": (
        lambda net, folder, **more: dissect.concepts(net, "relu5", folder, **UNITS, **more), 1),
    "scenes": (lambda net, folder, **more: dissect.scenes(net, folder, NAMED, **more), 1),
    "rotations": (
        lambda net, folder, **more: dissect.rotations(
            net, "relu5", folder / "images", count=3, **more), 0),
}  # fmt: skip
WITHOUT_IMAGES = {"layers", "filters"}


def test_every_function_is_called_here():
    functions = [
        name
        for name, module in dissect._MODULES.items()
        if "front_door" in module and name != "Result"
    ]

    assert sorted(CALLS) == sorted(functions)


@pytest.fixture(scope="module")
def by_spec(scenes_folder):
    """The result of a function by its name, computed once."""
    return functools.cache(lambda name: CALLS[name][0](SPEC, scenes_folder))


@pytest.mark.parametrize("name", CALLS)
def test_a_module_in_training_gives_what_its_spec_gives_and_trains_on(name, by_spec, scenes_folder):
    call, _ = CALLS[name]
    model, calls = scene_0().train(), []
    more = {} if name in WITHOUT_IMAGES else {"progress": lambda *step: calls.append(step)}

    result = call(model, scenes_folder, **more)

    assert result.rows() == by_spec(name).rows() != []
    assert model.training
    assert all(part.training for part in model.modules())
    assert name in WITHOUT_IMAGES or calls[-1][1] == calls[-1][2] > 0


@pytest.mark.parametrize("name", CALLS)
def test_a_result_shows_itself_in_a_notebook(name, by_spec, scenes_folder):
    result = by_spec(name)

    html = result._repr_html_()

    assert html.count("<img ") == CALLS[name][1]
    assert html.count("<table>") == 1
    assert str(scenes_folder) not in html
    assert repr(result).count("\n") == 0
    json.dumps(result.rows())  # plain values


@pytest.mark.parametrize("name", CALLS)
def test_a_result_becomes_a_table(name, by_spec):
    pandas = pytest.importorskip("pandas")
    result = by_spec(name)

    table = result.to_pandas()

    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns) == list(result.rows()[0])
    assert len(table) == len(result.rows())


def json_of(command, *options):
    return run_command(command, [*map(str, options)], lambda *stage: lambda done, total: None)


def test_a_function_gives_the_numbers_that_its_command_prints(scenes_folder, tmp_path):
    images = scenes_folder / "images"
    near = dissect.alike(SPEC, "relu5", images, top=9, **UNITS).layers["relu5"]
    whole = dissect.concepts(SPEC, "relu5", scenes_folder, **UNITS).layers["relu5"]
    cut = dissect.segment(SPEC, "relu5", images, **UNITS).layers["relu5"][2]
    common = ["--network", SPEC, "--layers", "relu5", "--units", "1", "2", "--images"]

    alike = json_of("alike", *common, images, "--top", "9")["layers"]["relu5"]
    concepts = json_of("concepts", *common, scenes_folder)["layers"]["relu5"]
    segment = json_of("segment", *common, images)["layers"]["relu5"]["units"]["2"]

    assert alike["correlation"] == near.correlation.tolist()
    assert {int(unit): match["iou"] for unit, match in concepts["units"].items()} == {
        unit: match.iou for unit, match in whole.matches.items()
    }
    assert [one["coverage"] for one in segment["images"]] == cut.coverage.tolist()


def test_directions_drawn_at_random_are_units_of_any_other_function(scenes_folder, tmp_path):
    images = scenes_folder / "images"
    chance = dissect.rotations(SPEC, "relu5", images, count=3)
    chance.save(tmp_path / "chance.safetensors")

    by_object, by_file = (
        dissect.exemplars(SPEC, "relu5", images, directions=directions, top=2)
        for directions in (chance.directions, tmp_path / "chance.safetensors")
    )

    assert by_object.layers["relu5"].units == (0, 1, 2)
    assert by_object.rows() == by_file.rows()


def test_two_networks_are_compared_on_pictures_in_memory():
    shades = [Image.new("RGB", (64, 64), (7 * n, 99, 255 - 7 * n)) for n in range(30)]

    result = dissect.compare(scene_0(), object_0(), "relu1", shades, overlap=5)

    assert result.pairs[0].layers == ("relu1", "relu1")
    assert 0 <= result.pairs[0].jaccard <= 1
    assert [layer for layer in result.rows()[0] if layer.startswith("layer")] == [
        "layer_a", "layer_b"
    ]  # fmt: skip


class DictOutput(SmallCNN):
    """A classifier that puts out a dictionary, as those of transformers do."""

    key = "logits"

    def forward(self, images):
        return {self.key: super().forward(images), "features": images.mean(dim=(2, 3))}


@pytest.mark.parametrize("function", ["occlusion", "minimal_image"])
def test_a_dictionary_of_outputs_has_its_classes_as_logits(function):
    model = DictOutput(("a", "b"))
    grey = Image.new("RGB", (128, 128), "grey")
    options = {"stride": 64} if function == "occlusion" else {"count": 4, "draws": 2}

    getattr(dissect, function)(model, grey, **options)

    model.key = "scores"
    with pytest.raises(dissect.DissectError, match='it puts out dict, .*or as "logits"'):
        getattr(dissect, function)(model, grey, **options)
