"""torchvision is loaded without torch's compiler, and is the same torchvision."""

import subprocess
import sys

import pytest


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


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


def test_any_other_name_is_that_of_the_compiler():
    assert run(
        "import sys\n"
        "from dissect.quick_torchvision import COMPILER, _compiler_on_demand\n"
        "with _compiler_on_demand():\n"
        "    stand_in = sys.modules[COMPILER]\n"
        "    from torch._dynamo.utils import same\n"
        "print(same is sys.modules[COMPILER].same, sys.modules[COMPILER] is stand_in)\n"
        "try:\n"
        "    stand_in.no_such_name\n"
        "except AttributeError as error:\n"
        "    print('no_such_name' in str(error))\n"
    ) == ["True", "False", "True"]


def test_where_the_compiler_is_loaded_nothing_stands_in():
    assert run(
        "import sys\n"
        "import torch._dynamo.utils as real\n"
        "from dissect.quick_torchvision import COMPILER, _compiler_on_demand\n"
        "with _compiler_on_demand():\n"
        "    print(sys.modules[COMPILER] is real)\n"
        "print(sys.modules[COMPILER] is real)\n"
    ) == ["True", "True"]
