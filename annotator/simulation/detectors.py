"""What the units of each layer see, by ground truth: do object detectors emerge?"""

from collections import Counter
from dataclasses import dataclass

from annotator.dissection_reader.ground_truth import OBJECT, Label
from annotator.models import Study
from annotator.simulation.units import eyes_of, hits_of, look_at

OBJECT_LEVEL = "object"


@dataclass(frozen=True)
class LayerTruth:
    """How many units of a layer have their best label at which level.

    Attributes:
        levels: level: units; the level of a unit for which no label beats chance is "".
    """

    network: str
    layer: str
    unit_count: int
    levels: dict[str, int]

    @property
    def object_detectors(self) -> int:
        return self.levels.get(OBJECT_LEVEL, 0)


def detectors(study: Study) -> list[LayerTruth]:
    """Count units by the level of the label with the best lift, layer by layer.

    No worker is asked: the same truth, pictures and regions that simulated workers see.

    Raises:
        NoGroundTruth: the study's images have no masks.
    """
    counts: dict[int, Counter[str]] = {}
    eyes = eyes_of(study)
    for hit, seen in look_at(hits_of(study), eyes):
        level = "" if seen.best is None else level_of(eyes.labels[seen.best])
        counts.setdefault(hit.unit.layer_id, Counter())[level] += 1
    return [
        LayerTruth(network.name, layer.name, layer.unit_count, dict(counts.get(layer.pk, {})))
        for network in study.networks.all()
        for layer in network.layers.all()
    ]


def level_of(label: Label) -> str:
    """A label's level; where the truth has only one, whether it is an object."""
    return label.level or (OBJECT_LEVEL if label.group == OBJECT else "other")
