"""The names of `import dissect`, and what importing it costs."""

import subprocess
import sys

import pytest

import dissect


@pytest.mark.parametrize(("name", "module"), dissect._MODULES.items())
def test_every_name_of_the_front_door_is_that_of_its_module(name, module):
    assert getattr(dissect, name) is getattr(sys.modules[module], name)
    assert name in dir(dissect)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'load_networks'"):
        dissect.load_networks  # noqa: B018


def test_importing_dissect_loads_no_torch():
    code = "import sys, dissect; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
