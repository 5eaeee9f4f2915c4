"""The study `demo`: rendered scenes, networks trained on them, a simulated crowd.

Each step says what it does and is passed over where it is done, so a second call is quick.
"""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from annotator.models import Answer, Hit, Study

STUDY = "demo"
PICTURES = 1200  # half scenes, half single objects
LAYERS = ["relu1", "relu3", "relu5"]
# One seed of each in all layers; the deepest layer also of other seeds, since one pair of weights
# says nothing about training.
NETWORKS = {
    "scene_0": LAYERS, "object_0": LAYERS, "untrained_0": LAYERS,
    "scene_1": LAYERS[-1:], "object_1": LAYERS[-1:],
    "scene_2": LAYERS[-1:], "object_2": LAYERS[-1:],
}  # fmt: skip
WORKERS = 9


def build() -> Study:
    """Render, dissect, publish and answer the demo study."""
    images = render(settings.DATA_DIR / "demo")
    for name, layers in NETWORKS.items():
        spec = f"dissect.demo.networks:{name}"
        call_command("dissect", STUDY, network=spec, layers=layers, images=str(images))
    call_command("publish", STUDY, stdout=sys.stderr)
    call_command("simulate_crowd", STUDY, workers=WORKERS, seed=0, stdout=sys.stderr)
    return Study.objects.get(name=STUDY)


def render(folder: Path) -> Path:
    """Render the probe pictures with their masks; returns the folder of pictures."""
    if not (folder / "labels.csv").exists():
        # The renderer is of the other half, which this one does not import.
        command = [sys.executable, "-m", "dissect.demo", "render", str(folder)]
        subprocess.run([*command, "--count", str(PICTURES)], cwd=settings.BASE_DIR, check=True)
    return folder / "images"


def accuracies() -> str:
    """What the demo's networks reach on held-out pictures, as a table."""
    command = [sys.executable, "-m", "dissect.demo", "accuracy"]
    found = subprocess.run(
        command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True
    )
    return found.stdout


def is_whole(study: Study) -> bool:
    """Whether every unit has its HIT and every place its answer."""
    hits = Hit.objects.filter(unit__layer__network__study=study)
    units = sum(
        layer.unit_count for network in study.networks.all() for layer in network.layers.all()
    )
    answers = Answer.objects.filter(assignment__hit__in=hits, is_surplus=False).count()
    return units > 0 and hits.count() == units and answers == units * study.assignments_wanted
