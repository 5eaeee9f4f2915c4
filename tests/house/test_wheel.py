"""The wheel: what it holds and needs, and `unitscope`, which it installs, in an empty folder."""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections import defaultdict
from email import message_from_string
from pathlib import Path

import pytest

from tests.house.reading import ROOT
from tests.house.requirement_files import listed, normal


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory) -> Path:
    """The wheel, built from a copy: setuptools leaves its scraps beside the source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "var", "tests", "build"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    subprocess.run([*build, "--wheel-dir", folder, source], check=True, capture_output=True)
    (built,) = folder.glob("unitscope-*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(wheel_file) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel_file)


@pytest.mark.parametrize(
    "pattern",
    ["templates/**/*", "annotator/**/*", "dissect/**/*"],
    ids=["templates", "annotator", "dissect"],
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
    by_extra = defaultdict(set)
    for need in needs:
        extra = re.search(r"""extra == ['"](\w+)""", need)
        by_extra[extra and extra[1]].add(normal(re.match(r"[\w.-]+", need)[0]))

    assert by_extra == {
        None: listed("requirements-web.txt"),
        "dissect": listed("requirements-dissect.txt"),
        "heic": listed("requirements-heic.txt"),
    }


@pytest.fixture(scope="module")
def installed(wheel_file, tmp_path_factory) -> Path:
    """The scripts of an environment with the wheel and, from here, all that it needs."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "needs.pth").write_text(sysconfig.get_paths()["purelib"])
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", wheel_file]
    subprocess.run(install, check=True, capture_output=True)
    return environment / "bin"


def run(folder, program, *arguments):
    """The output of a program in a folder, with no setting in its environment, on one core."""
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [program, *map(str, arguments)], cwd=folder,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def begun(installed, tmp_path_factory):
    """A folder that was empty, and what the command said that made an installation of it."""
    folder = tmp_path_factory.mktemp("begun")
    return folder, run(folder, installed / "unitscope", "create_requester", "ada@example.org")


def test_unitscope_is_the_command_of_an_empty_folder(installed, begun):
    folder, made = begun

    help_text = run(folder, installed / "unitscope", "help").stdout

    assert all(name in help_text for name in ("demo", "dissect", "publish", "results", "up"))
    assert f"Creating the database {folder}/var/unitscope.sqlite3." in made.stderr
    assert [path.name for path in folder.iterdir()] == ["var"]


def test_the_installed_library_needs_no_service_and_starts_without_torch(installed, tmp_path):
    code = (
        "import sys, dissect; print(dissect.__file__);"
        "print({'torch', 'django', 'annotator'} & set(sys.modules))"
    )

    file, loaded = run(tmp_path, installed / "python", "-c", code).stdout.split("\n")[:2]

    assert Path(file).is_relative_to(installed.parent)
    assert loaded == "set()"


def test_the_notebook_of_the_library_runs_without_the_service(installed, tmp_path):
    """As Jupyter runs it: every cell, and what its last line shows of itself."""
    pytest.importorskip("pandas")
    script = (ROOT / "tests" / "house" / "notebook_cells.py", ROOT / "docs" / "library.ipynb")

    printed = run(tmp_path / "empty", installed / "python", "-P", *script).stdout.splitlines()

    assert Path(printed[-2]).is_relative_to(installed.parent)
    assert printed[-1] == "set()"  # neither Django nor the service
    shown = [line.removeprefix("shown: ") for line in printed if line.startswith("shown: ")]
    assert len(shown) >= 12
    assert sum(map(int, shown)) >= 10  # pictures


def test_static_files_and_templates_are_in_the_installed_pages(installed, begun):
    folder, _ = begun
    code = (
        "import django; django.setup();"
        "from django.test import Client; c = Client(SERVER_NAME='localhost');"
        "page = c.get('/sign-in/'); print(page.status_code);"
        "from django.contrib.staticfiles.finders import find; print(find('hit/main.js'))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "annotator.settings", "DEBUG": "True"}
    done = subprocess.run(
        [installed / "python", "-c", code], cwd=folder, env=environment, capture_output=True,
        text=True,
    )  # fmt: skip

    status, static = done.stdout.splitlines()
    assert status == "200", done.stderr
    assert Path(static).is_relative_to(installed.parent)
