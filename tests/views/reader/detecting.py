"""A finished study of three networks, one of which has object detectors: quick to make."""

import random

from django.db.models import F

from annotator.models import Answer, Assignment, Unit, Worker
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.report.preregistration.plan import preregister
from tests.crowd.studies import published_study
from tests.results.studies import finish
from tests.views.hits import stored_pictures

NETWORKS = ("scene network", "object network", "untrained")
# Three training runs of two kinds, and a chance control of the first of them.
RUNS = tuple(f"{kind}, seed {seed}" for kind in NETWORKS[:2] for seed in (1, 2, 3))
RANDOM_IMAGES = "random images"
LAYERS = (("relu1", 4), ("relu3", 6))
LAST, LAST_UNITS = "relu5", 16
# Unit of the scene network's relu5 to what it detects.
DETECTED = dict(
    enumerate(("stove", "stove", "stove", "house", "farm", "bed", "lamp", "car", "sofa", "sink"))
)
# More than a gallery shows: each of a class of its own, or all of one.
MANY_CLASSES = {unit: f"thing {unit}" for unit in range(24)}
ONE_CLASS = dict.fromkeys(range(24), "stove")
PLAN = {"thresholds": {"precision": 0.8}}
WORDS = ("red", "stripes", "round things", "grass", "sky", "edges")


def detecting_study(kind="person", detected=DETECTED, detecting=NETWORKS[:1], networks=NETWORKS):
    """Ten object detectors of eight classes in the last layer of the first network, and a plan.

    Args:
        detected: unit of that layer to what it detects, in place of these ten.
        detecting: the networks that have them.
        networks: all that there are; one called RANDOM_IMAGES controls the first.
    """
    last = (LAST, max(LAST_UNITS, len(detected)))
    layers = [(network, *layer) for network in networks for layer in (*LAYERS, last)]
    pictures = stored_pictures(7, seed=3)
    study = published_study(
        "rooms", layers=layers, tops=6, catches=1, pictures=pictures, image_list_sha256="abc"
    )
    study.networks.update(weights_sha256=F("name"))  # no two have the same
    study.networks.filter(name=RANDOM_IMAGES).update(
        condition="random images", control_of=study.networks.first()
    )
    preregister(study, PLAN | {"hypotheses": [_hypothesis(*networks[:2])]})
    draw = random.Random(0)
    people = Worker.objects.bulk_create(
        Worker(study=study, key=f"w{number}", kind=kind) for number in range(12)
    )
    units = Unit.objects.filter(layer__network__study=study)
    units = units.select_related("layer__network").prefetch_related("hits__places")
    assignments, answers = [], []

    def known(unit):
        network, layer = unit.layer.network.name, unit.layer.name
        return detected.get(unit.number) if layer == LAST and network in detecting else None

    for unit in units:
        for place, worker in zip(unit.hit.places.all(), draw.sample(people, 3), strict=True):
            assignment = Assignment(
                hit=unit.hit, unit=unit, worker=worker, place=place, claim_number=1,
                status="submitted",
            )  # fmt: skip
            assignments.append(assignment)
            answers.append(
                Answer(assignment=assignment, says="concept", **_said(known(unit), draw))
            )
    Assignment.objects.bulk_create(assignments)
    Answer.objects.bulk_create(answers)
    finish(study)
    figures_in(take(study))  # drawing takes longer than a browser waits, on a busy machine
    return study


def _hypothesis(first, second):
    return {
        "id": "H1",
        "statement": "Scenes are named more precisely.",
        "networks": [first, second],
        "direction": "greater",
        "layers": [LAST],
    }


def _said(known, draw):
    if known:
        return {"concept": known, "group": 5, "shown": 6, "fitting": 6}
    concept, group = draw.choice(WORDS), draw.randint(1, 4)
    return {"concept": concept, "group": group, "shown": 6, "fitting": draw.randint(1, 6)}
