"""What the code imports is declared, each half in its own file."""

import sys
from importlib.metadata import packages_distributions

from tests.house.reading import ROOT, Import, imports
from tests.house.requirement_files import lines, listed, normal

OURS = {"annotator", "dissect", "tests", "benchmarks"}
OPTIONS = {"timm", "pandas"}  # of users who install them, and of the tests


def undeclared(imported: list[Import], declared: set[str]) -> set[str]:
    distributions = packages_distributions()
    return {
        str(one)
        for one in imported
        if (top := one.of.split(".")[0]) not in OURS | sys.stdlib_module_names
        # What is installed nowhere is an option of the user's too.
        if top in distributions and not {normal(d) for d in distributions[top]} & declared
    }


def test_the_web_half_imports_only_what_requirements_web_lists():
    assert undeclared(imports("annotator"), listed("requirements-web.txt")) == set()


def test_dissect_imports_only_what_runs():
    declared = listed("requirements-web.txt", "requirements-dissect.txt") | OPTIONS

    assert undeclared(imports("dissect"), declared) == set()


def test_tests_import_only_what_they_need():
    declared = listed(*(path.name for path in ROOT.glob("requirements*.txt")))

    assert undeclared(imports("tests") + imports("benchmarks"), declared) == set()


def test_nothing_is_listed_twice():
    names = lines(*(path.name for path in ROOT.glob("requirements*.txt")))

    assert sorted(names) == sorted(set(names))
