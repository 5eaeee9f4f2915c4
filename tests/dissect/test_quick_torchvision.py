"""torchvision is loaded without torch's compiler, and is the same torchvision."""

import subprocess
import sys

import pytest

import dissect.quick_torchvision as quick


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_the_maps_of_a_network_are_found_without_loading_the_compiler():
    assert run(
        "import sys\n"
        "from dissect.networks.layers import layer_infos\n"
        "from dissect.networks.registry import load_network\n"
        "network = load_network('torchvision:squeezenet1_1')\n"
        "print(layer_infos(network, ['features.3'])[0].unit_count)\n"
        "print('torch._dynamo' in sys.modules)\n"
    ) == ["128", "False"]


@pytest.mark.slow
def test_what_detection_networks_ask_of_the_compiler_is_loaded_when_they_ask():
    pool = (
        "import torch\n"
        "pooled = torchvision.ops.roi_align(torch.arange(64.).reshape(1, 1, 8, 8),\n"
        "    [torch.tensor([[1., 2., 6., 7.]], requires_grad=True)], 2)\n"
        "print(*pooled.flatten().tolist())\n"
    )
    ours = run("from dissect.quick_torchvision import torchvision\n" + pool)

    assert ours == run("import torchvision\n" + pool)


def test_any_other_name_is_that_of_the_compiler(monkeypatch):
    stand_in = quick._CompilerOnDemand(quick.COMPILER)
    monkeypatch.setitem(sys.modules, quick.COMPILER, stand_in)

    assert stand_in.same is sys.modules[quick.COMPILER].same
    assert sys.modules[quick.COMPILER] is not stand_in
    assert stand_in.is_compile_supported("cpu") in (True, False)
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        stand_in.no_such_name  # noqa: B018


def test_where_the_compiler_is_loaded_nothing_stands_in():
    import torch._dynamo.utils as real

    with quick._compiler_on_demand():
        assert sys.modules[quick.COMPILER] is real
