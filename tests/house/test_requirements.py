"""What the code imports is declared, each half in its own file, and the wheel says the same."""

import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.reading import ROOT, Import, imports

OURS = {"annotator", "dissect", "tests", "benchmarks"}
OPTIONS = {"timm"}  # of users who install them, and of the tests


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(*names: str) -> list[str]:
    """The distributions that some requirements files name, without those they include."""
    text = "\n".join((ROOT / name).read_text() for name in names)
    return [normal(name) for name in re.findall(r"^([A-Za-z][\w.-]*)", text, re.M)]


def listed(*names: str) -> set[str]:
    return set(lines(*names))


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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """The wheel, built from a copy: setuptools leaves its scraps beside the source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "var", "tests", "build"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    subprocess.run([*build, "--wheel-dir", folder, source], check=True, capture_output=True)
    (built,) = folder.glob("unitscope-*.whl")
    return zipfile.ZipFile(built)


@pytest.mark.parametrize(
    "pattern",
    ["templates/**/*", "annotator/**/*", "dissect/**/*"],
    ids=["templates", "", "dissect"],
)
def test_the_wheel_holds_every_file_of_the_program(wheel, pattern):
    files = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files
    assert files <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel):
    tops = {Path(name).parts[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "annotator", "dissect", "templates"
    }  # fmt: skip


def test_the_wheel_needs_torch_only_for_its_extra(wheel):
    (path,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    needs = message_from_string(wheel.read(path).decode()).get_all("Requires-Dist")
    extra = {normal(re.match(r"[\w.-]+", need)[0]) for need in needs if "extra ==" in need}
    always = {normal(re.match(r"[\w.-]+", need)[0]) for need in needs if "extra ==" not in need}

    assert always == listed("requirements-web.txt")
    assert extra == listed("requirements-dissect.txt")
