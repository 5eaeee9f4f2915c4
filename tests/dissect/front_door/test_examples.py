"""The examples in the docstrings of the front door are right."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from dissect import front_door
from dissect.images import sequences

NAMES = [f"{front_door.__name__}.{module.name}" for module in iter_modules(front_door.__path__)]
NAMES += [sequences.__name__]
MIN_EXAMPLES = 5


@pytest.fixture
def scenes_as_photographs(scenes_folder, monkeypatch):
    """The examples name folders of the working directory."""
    monkeypatch.chdir(scenes_folder.parent)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_gives_what_its_docstring_says(name, scenes_as_photographs):
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for name in NAMES for test in finder.find(import_module(name)) if test.examples]

    assert len(tests) >= MIN_EXAMPLES
