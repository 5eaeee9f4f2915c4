"""The examples in docstrings are right."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

from annotator.results import concepts, loading, stats

MODULES = [
    name
    for package in (concepts, loading, stats)
    for _, name, _ in walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_gives_what_its_docstring_says(name):
    assert doctest.testmod(import_module(name)).failed == 0
