"""The names of `import dissect`, and what importing it costs."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dissect
from dissect import errors
from dissect.commands import MODULES


@pytest.mark.parametrize(("name", "module"), dissect._MODULES.items())
def test_every_name_of_the_front_door_is_that_of_its_module(name, module):
    assert getattr(dissect, name) is getattr(sys.modules[module], name)
    assert name in dir(dissect)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'load_networks'"):
        dissect.load_networks  # noqa: B018


FUNCTIONS = [
    name for name, module in dissect._MODULES.items() if "front_door" in module and name != "Result"
]
INPUTS = {"layers", "images"}  # what is looked at; it may be left out, but is no option
MAX_IMPORT_SECONDS = 0.2


def test_importing_dissect_is_instant_and_loads_no_torch():
    command = [sys.executable, "-X", "importtime", "-c", "import dissect"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()

    microseconds = {line.split("|")[2].strip(): int(line.split("|")[1]) for line in lines[1:]}

    assert microseconds["dissect"] < MAX_IMPORT_SECONDS * 1e6
    assert {"torch", "numpy", "PIL"}.isdisjoint(microseconds)


def test_no_name_of_the_front_door_is_that_of_a_sub_package():
    """`import dissect.x` would put the package in the place of the function."""
    packages = {module.name for module in pkgutil.iter_modules(dissect.__path__)}

    assert packages.isdisjoint(dissect._MODULES)


def test_type_checkers_see_the_names_that_are_imported_lazily():
    tree = ast.parse(Path(dissect.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    names = {alias.asname: node.module for node in block.body for alias in node.names}

    assert names == dissect._MODULES


def test_every_command_is_a_function_of_its_name():
    assert sorted(FUNCTIONS) == sorted(name.replace("-", "_") for name in MODULES)


def sections(function):
    """The docstring of a function: its first paragraphs, and each section by its name."""
    parts = re.split(r"^(Args|Returns|Raises|Source):$", inspect.getdoc(function), flags=re.M)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


SHAPE = re.compile(r"\((units|filters|images|top|rows|height|side)\b[^)]*\)")
UNIT = re.compile(r"\bpx\b|\bcells?\b|\b0 to 1\b|-1 to 1|unit of activation")
SOURCE = re.compile(r"arXiv:\d{4}\.\d{4,5}|arXiv:[a-z-]+/\d{7}|doi:10\.\d+/\S+")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_says_arguments_shapes_units_errors_and_source(name):
    function = getattr(dissect, name)
    parts = sections(function)

    parameters = inspect.signature(function).parameters.values()
    assert re.findall(r"^    (\w+):", parts["Args"], re.M) == [one.name for one in parameters]
    options = [one for one in parameters if one.default is not one.empty and one.name not in INPUTS]
    assert all(one.kind is one.KEYWORD_ONLY for one in options), "options are given by name"
    whole = inspect.getdoc(inspect.signature(function, eval_str=True).return_annotation)
    assert SHAPE.search(parts["Returns"] + whole)
    assert UNIT.search(parts["Returns"] + whole)
    assert SOURCE.search(parts["Source"])
    named = re.findall(r"\b([A-Z]\w+)(?=[,:])", parts["Raises"])
    assert named
    assert all(issubclass(getattr(errors, error), errors.DissectError) for error in named)


MEASURING = ["collect", "empirical_fields", "theoretical_fields"]
PARTS = ["find_images", "list_layers", "load_network", "recording"]


@pytest.mark.parametrize("name", [*MEASURING, *PARTS])
def test_what_functions_are_made_of_says_its_errors_and_measures_their_source(name):
    function = getattr(dissect, name)
    text = inspect.getdoc(function)
    errors_named = re.findall(r"\b([A-Z]\w+)(?=[,:])", text.partition("Raises:")[2])

    assert any(
        issubclass(getattr(errors, one, object), errors.DissectError) for one in errors_named
    )
    if name in MEASURING:
        assert SHAPE.search(text)
        assert UNIT.search(text)
        assert SOURCE.search(text)


def test_every_public_function_is_read_here():
    functions = {name for name in dissect._MODULES if inspect.isfunction(getattr(dissect, name))}

    assert functions == {*FUNCTIONS, *MEASURING, *PARTS}
