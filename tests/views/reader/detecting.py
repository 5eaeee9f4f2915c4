"""A finished study of three networks, one of which has object detectors: quick to make."""

import random

from annotator.models import Answer, Assignment, Unit, Worker
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.snapshots.lifecycle import take
from tests.crowd.studies import published_study
from tests.results.studies import finish
from tests.views.hits import stored_pictures

NETWORKS = ("scene network", "object network", "untrained")
LAYERS = (("relu1", 4), ("relu3", 6), ("relu5", 16))
# Unit of the scene network's relu5 to what it detects.
DETECTED = dict(
    enumerate(("stove", "stove", "stove", "house", "farm", "bed", "lamp", "car", "sofa", "sink"))
)
WORDS = ("red", "stripes", "round things", "grass", "sky", "edges")


def detecting_study(kind="person"):
    """Ten object detectors of eight classes in the last layer of the first network."""
    layers = [(network, layer, units) for network in NETWORKS for layer, units in LAYERS]
    pictures = stored_pictures(7, seed=3)
    study = published_study("rooms", layers=layers, tops=6, catches=1, pictures=pictures)
    draw = random.Random(0)
    people = Worker.objects.bulk_create(
        Worker(study=study, key=f"w{number}", kind=kind) for number in range(12)
    )
    units = Unit.objects.filter(layer__network__study=study)
    units = units.select_related("layer__network").prefetch_related("hits__places")
    assignments, answers = [], []
    for unit in units:
        for place, worker in zip(unit.hit.places.all(), draw.sample(people, 3), strict=True):
            assignment = Assignment(
                hit=unit.hit, unit=unit, worker=worker, place=place, claim_number=1,
                status="submitted",
            )  # fmt: skip
            assignments.append(assignment)
            answers.append(Answer(assignment=assignment, says="concept", **_said(unit, draw)))
    Assignment.objects.bulk_create(assignments)
    Answer.objects.bulk_create(answers)
    finish(study)
    figures_in(take(study))  # drawing takes longer than a browser waits, on a busy machine
    return study


def _said(unit, draw):
    is_last_of_scenes = (unit.layer.network.name, unit.layer.name) == (NETWORKS[0], "relu5")
    if is_last_of_scenes and unit.number in DETECTED:
        return {"concept": DETECTED[unit.number], "group": 5, "shown": 6, "fitting": 6}
    concept, group = draw.choice(WORDS), draw.randint(1, 4)
    return {"concept": concept, "group": group, "shown": 6, "fitting": draw.randint(1, 6)}
