import pytest
import torch

from dissect.errors import UnknownNetwork
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


def test_a_file_that_was_changed_is_loaded_anew(folder):
    load_network("./nets_here.py:make")
    (folder / "nets_here.py").write_text(NETS.format(first="", units=9))

    assert load_network("./nets_here.py:make").model[0].out_channels == 9
    assert torch.is_grad_enabled()
