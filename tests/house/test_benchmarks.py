"""Benchmarks take a while, so tests only see that what they import is there."""

import ast
from importlib import import_module

import pytest

from tests.house.reading import ROOT

PROGRAM = ("dissect", "annotator", "tests")


def imported_names():
    """(file, module, name) of everything that benchmarks import from the program."""
    for path in sorted((ROOT / "benchmarks").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PROGRAM:
                for alias in (name for name in node.names if name.name != "*"):
                    yield path.relative_to(ROOT).as_posix(), node.module, alias.name


@pytest.mark.parametrize(("file", "module", "name"), sorted(set(imported_names())))
def test_what_a_benchmark_imports_is_there(file, module, name):
    place = import_module(module)

    if not hasattr(place, name):
        import_module(f"{module}.{name}")
