"""Builds the studies `demo` and `demo-seeds`: rendered pictures, networks, a simulated crowd.

Every step prints what it does. A step that is done already is skipped, so building again is quick.
"""

import io
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from annotator.lab.defaults import enqueue_defaults
from annotator.lab.networks import lab_networks
from annotator.models import Answer, Hit, Study
from annotator.tasks import current_snapshot

PICTURES = 1200  # half scenes, half single objects
ALL, DEEPEST = ["relu1", "relu3", "relu5"], ["relu5"]
SPEC = "dissect.demo.networks"
# One pair of weights says nothing about training, so a second study has other seeds.
STUDIES = {
    "demo": {"scene_0": ALL, "object_0": ALL, "untrained_0": ALL},
    "demo-seeds": {
        "scene_1": DEEPEST,
        "object_1": DEEPEST,
        "scene_2": DEEPEST,
        "object_2": DEEPEST,
    },
}
# Three training runs of each kind of network, of both studies: see `results --kind`.
KINDS = ("scene", "object")
WORKERS = 9


def build() -> list[Study]:
    """Build the demo studies: render, dissect, publish and answer them. Idempotent."""
    images = render(settings.DATA_DIR / "demo")
    studies = [_build_study(name, networks, images) for name, networks in STUDIES.items()]
    fill_lab(studies[0])
    return studies


def fill_lab(study: Study) -> None:
    """Fill a demo study's lab: queue each kind of analysis once, so that there are pictures."""
    enqueue_defaults(lab_networks(study)[0], current_snapshot(study))


def _build_study(name: str, networks: dict[str, list[str]], images: Path) -> Study:
    for network, layers in networks.items():
        call_command(
            "dissect", name, network=f"{SPEC}:{network}", layers=layers, images=str(images)
        )
    call_command("publish", name, yes=True, stdout=io.StringIO())  # the invite link is of no use
    call_command("simulate_crowd", name, workers=WORKERS, seed=0, stdout=sys.stderr)
    Study.objects.filter(name=name).update(may_publish_pictures=True)  # they are rendered here
    return Study.objects.get(name=name)


def render(folder: Path) -> Path:
    """Render the pictures of the demo studies with masks, unless they exist; returns the folder."""
    if not (folder / "labels.csv").exists():
        # In a process of its own, because the service does not import dissect.
        command = [sys.executable, "-m", "dissect.demo", "render", str(folder)]
        subprocess.run([*command, "--count", str(PICTURES)], cwd=settings.BASE_DIR, check=True)
    return folder / "images"


def kind_options() -> list[str]:
    """The demo studies by kind of network, scenes and objects, as options of a command."""
    runs = [(study, network) for study, networks in STUDIES.items() for network in networks]
    return [
        f"--kind={kind}="
        + ",".join(f"{study}/{SPEC}:{name}" for study, name in runs if name.startswith(kind))
        for kind in KINDS
    ]


def accuracies() -> str:
    """The demo studies' table of accuracies: how well their networks classify."""
    command = [sys.executable, "-m", "dissect.demo", "accuracy"]
    process = subprocess.run(
        command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True
    )
    return process.stdout


def is_complete(study: Study) -> bool:
    """Whether every unit of a demo study has a HIT and every place an answer."""
    hits = Hit.objects.filter(unit__layer__network__study=study)
    units = sum(
        layer.unit_count for network in study.networks.all() for layer in network.layers.all()
    )
    answers = Answer.objects.filter(assignment__hit__in=hits, is_surplus=False).count()
    return units > 0 and hits.count() == units and answers == units * study.assignments_wanted
