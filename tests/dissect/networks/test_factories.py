import sys

import pytest
import torch

from dissect.errors import BadSetting, UnknownNetwork, UnreadableWeights
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.layers import list_layers
from dissect.networks.registry import load_network

NETS = """
from torch import nn
{first}
def make():
    model = nn.Sequential(nn.Conv2d(3, {units}, 3), nn.ReLU())
    model.input_size = 16
    return model
ready = make()
class Own(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 5, 1))
class Zoo:
    small = staticmethod(make)
def needs(size): return make()
def empty(): raise ValueError
def leaves(): raise SystemExit(2)
def two_lines(): raise ValueError("one\\ntwo")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "nets_here.py").write_text(NETS.format(first="", units=4))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "source", ["nets_here", "nets_here.py", "./nets_here.py", "{}/nets_here.py"]
)
def test_a_module_or_file_of_the_working_directory_is_loaded(folder, source):
    network = load_network(f"{source.format(folder)}:make")

    assert network.model[0].out_channels == 4


@pytest.mark.parametrize(("name", "units"), [("ready", 4), ("Own", 5), ("Zoo.small", 4)])
def test_a_factory_may_be_a_model_a_class_or_inside_one(folder, name, units):
    assert load_network(f"nets_here:{name}").model[0].out_channels == units


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("nets_here:mak", r"has no mak\. Did you mean make"),
        ("nets_here:needs", "missing 1 required positional argument: 'size'"),
        ("nets_here:leaves", r"its code ended the program \(2\). Put what runs"),
        ("nets_here:empty", "ValueError: no reason given"),
        ("nets_here:two_lines", "ValueError: one$"),
        ("nets_her:make", "No module named 'nets_her'"),
        ("./absent.py:make", r"There is no file .*absent\.py"),
        ("./broken.py:make", "SyntaxError"),
        ("./nets_here.py", "There is no network"),
        ("nets_here:", "There is no network"),
    ],
)
def test_a_factory_that_cannot_be_loaded_is_one_sentence(folder, spec, says):
    (folder / "broken.py").write_text("def make(:")

    with pytest.raises(UnknownNetwork, match=says) as caught:
        load_network(spec)
    assert "\n" not in str(caught.value)


def test_a_file_imports_what_lies_beside_it_and_nothing_beside_another(tmp_path):
    """Two trainings, each with a folder of its code."""
    for units, name in ((6, "one"), (7, "two")):
        place = tmp_path / name
        (place / "parts").mkdir(parents=True)
        (place / "parts" / "__init__.py").write_text("")
        (place / "parts" / "sizes.py").write_text(f"UNITS = {units}")
        (place / "beside.py").write_text("from parts.sizes import UNITS")
        first = "from beside import UNITS"
        (place / "nets.py").write_text(NETS.format(first=first, units="UNITS"))

    loaded = [load_network(f"{tmp_path}/{name}/nets.py:make") for name in ("one", "two", "one")]

    assert [network.model[0].out_channels for network in loaded] == [6, 7, 6]


def test_a_file_that_was_changed_is_loaded_anew(folder, monkeypatch):
    """Within the same second and to the same length, as Python's cache of bytecode cannot see."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    load_network("./nets_here.py:make")
    (folder / "nets_here.py").write_text(NETS.format(first="", units=9))

    assert load_network("./nets_here.py:make").model[0].out_channels == 9


KINDS = """
import functools
import torch
from torch import nn
def plain():
    torch.manual_seed(1)
    layers = [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3)]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model.input_size, model.mean = 16, (.1, .2, .3)
    return model
def compiled():
    return torch.compile(plain())
def compiled_in_place():
    model = plain()
    model.compile()
    return model
def data_parallel():
    model = nn.DataParallel(plain().requires_grad_(False))
    model.classes = ("cat", "dog")
    return model
def averaged():
    return torch.optim.swa_utils.AveragedModel(plain())
def exported():
    return torch.export.export(plain().eval(), (torch.zeros(2, 3, 16, 16),)).module()
def in_parts():
    model = plain()
    model[0], model[3] = torch.compile(nn.DataParallel(model[0])), torch.compile(model[3])
    return model
def checkpointed():
    from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper
    model = plain()
    model[0], model[3] = checkpoint_wrapper(model[0]), torch.compile(checkpoint_wrapper(model[3]))
    return model
def compiled_forward():
    model = plain()
    model.forward = torch.compile(model.forward, fullgraph=True)
    return model
def compiled_forward_of_a_part():
    model = plain()
    model[3].forward = torch.compile(model[3].forward, fullgraph=True)
    return model
def compiled_before():
    model = plain().eval()
    model.forward = torch.compile(model.forward, fullgraph=True, backend="eager")
    model(torch.zeros(2, 3, 16, 16))
    return model
class Compiled(nn.Sequential):
    @torch.compile(fullgraph=True)
    def forward(self, x):
        return super().forward(x)
def compiled_class():
    model = plain()
    wrapped = Compiled(*model)
    wrapped.input_size, wrapped.mean = model.input_size, model.mean
    return wrapped
def compiled_inside():
    model = plain()
    inner = torch.compile(lambda x: nn.Sequential.forward(model, x), fullgraph=True)
    model.forward = lambda x: inner(x)
    return model
def compiled_and_hooked():
    model = compiled_forward()
    model[3].register_forward_hook(lambda module, inputs, output: output + 0)
    model.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 1,))
    return model
def built(make, units):
    return make()
partial = functools.partial(built, plain, units=3)
partial_of_compiled = functools.partial(functools.partial(built, compiled_forward), 3)
def scripted():
    return torch.jit.script(plain())
def traced():
    return torch.jit.trace(plain().eval(), torch.zeros(1, 3, 16, 16))
def with_a_script():
    model = plain()
    model[3] = torch.jit.script(nn.Sequential(nn.Conv2d(4, 2, 3)))
    return model
def lazy():
    layers = [nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.LazyConv2d(2, 3)]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model.input_size, model.mean = 16, (.1, .2, .3)
    return model
def lazy_head():
    return nn.Sequential(plain(), nn.LazyLinear(5))
def lazy_and_unused():
    model = lazy()
    model.unused = nn.ModuleList([nn.LazyLinear(3)])
    model.forward = lambda x: model[0](x)
    return model
def lazy_and_grey():
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(5, 2, 3), nn.LazyConv2d(2, 1))
"""


@pytest.fixture
def kinds(tmp_path, monkeypatch):
    (tmp_path / "kinds.py").write_text(KINDS)
    monkeypatch.chdir(tmp_path)
    return lambda name, *args: load_network(f"kinds.py:{name}", *args)


@pytest.mark.parametrize(
    "name",
    ["compiled", "compiled_in_place", "data_parallel", "averaged", "in_parts", "checkpointed"],
)
def test_wrappers_of_training_are_taken_off(kinds, name):
    network, plain = kinds(name), kinds("plain")

    assert list_layers(network) == list_layers(plain)
    assert network.preprocessing == plain.preprocessing
    assert network.weights_sha256 == plain.weights_sha256
    assert network.classes == (("cat", "dog") if name == "data_parallel" else ())


FUNCTIONS = [
    "compiled_forward", "compiled_forward_of_a_part", "compiled_before", "compiled_class",
    "compiled_inside", "compiled_and_hooked", "partial", "partial_of_compiled",
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_compiled_function_gives_the_maps_of_the_function_as_written(kinds, name):
    pixels = torch.randint(0, 256, (3, 3, 16, 16), dtype=torch.uint8)
    network, plain = kinds(name), kinds("plain")

    assert list_layers(network) == list_layers(plain)
    for layers in (["0"], ["2", "3"]):
        with (
            recording(network, layers, stop_early=True) as maps,
            recording(plain, layers, stop_early=True) as expected,
        ):
            for images in (pixels, pixels.flip(3)):
                forward(network, images)
                forward(plain, images)
                assert all(torch.equal(maps[layer], expected[layer]) for layer in layers)


@pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")
@pytest.mark.parametrize("name", ["scripted", "traced", "with_a_script"])
def test_torchscript_programs_are_refused_with_the_way_out(kinds, name):
    part = ", part 3, is" if name == "with_a_script" else " is"
    says = (
        f"kinds.py:{name}{part} a TorchScript program.* before torch.jit.script or torch.jit.trace"
    )

    with pytest.raises(UnknownNetwork, match=says):
        kinds(name)


def test_an_exported_program_is_refused(kinds):
    with pytest.raises(UnknownNetwork, match=r"kinds.py:exported cannot be made: .*eval"):
        kinds("exported")


def test_lazy_modules_learn_their_sizes_and_their_random_weights_are_said(kinds, capsys):
    network = kinds("lazy")

    assert (
        "lazy modules without weights (0.weight, 0.bias, 1.weight, ...)" in capsys.readouterr().err
    )
    assert network.condition == "untrained"
    assert [info.unit_count for info in list_layers(network)] == [4, 4, 4, 2, 2, 2]
    assert network.weights_sha256 == kinds("lazy").weights_sha256


def test_lazy_modules_take_weights_from_a_file(kinds, tmp_path, capsys):
    plain = kinds("plain")
    torch.save({"model": plain.model.state_dict()}, tmp_path / "w.pth")
    capsys.readouterr()

    network = kinds("lazy", str(tmp_path / "w.pth"))

    assert "lazy" not in capsys.readouterr().err
    assert network.condition == "trained"
    assert torch.equal(network.model[3].weight, plain.model[3].weight)


def test_untrained_lazy_modules_depend_on_the_seed_alone(kinds):
    digests = [
        load_network("kinds.py:lazy", "untrained", seed).weights_sha256 for seed in (1, 1, 2)
    ]

    assert digests[0] == digests[1] != digests[2]


def test_a_factory_has_no_published_weights(kinds):
    with pytest.raises(UnreadableWeights, match=r"kinds.py:plain is your own.* leave out"):
        kinds("plain", "DEFAULT")


def test_a_lazy_head_on_a_trained_network_leaves_it_trained(kinds, capsys):
    assert kinds("lazy_head").condition == "trained"
    assert "(1.weight, 1.bias)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("lazy_and_unused", r"do not run when it sees an image \(1\.weight"),
        ("lazy_and_grey", r"cannot be learned from an image of \(1, 224, 224\)"),
    ],
)
def test_lazy_modules_whose_sizes_stay_unknown_are_one_sentence(kinds, name, says):
    with pytest.raises(BadSetting, match=says) as caught:
        kinds(name)
    assert "\n" not in str(caught.value)
