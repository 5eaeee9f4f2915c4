"""The published units of a study, as simulated workers perceive them and by their ground truth."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from annotator.models import Hit, Study
from annotator.simulation.perception import PerceivedUnit, Perception
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import OBJECT, Concept, ground_truth_of
from dissect.format.picture_list import View

OBJECT_LEVEL = "object"

# Perceiving takes most of the time, and a unit is perceived for its answers and for its truth.
_cache: dict[tuple[int, str], PerceivedUnit] = {}


def hits_of(study: Study, *kinds: Hit.Kind) -> list[Hit]:
    """The HITs of units that simulated workers see, not withdrawn, oldest first.

    Naming HITs by default.
    """
    kinds = kinds or (Hit.Kind.NAMING,)
    hits = Hit.objects.filter(unit__layer__network__study=study, kind__in=kinds)
    hits = hits.exclude(status=Hit.Status.DISPOSED).select_related("hit_type", "unit__layer")
    return list(hits.order_by("pk"))


def perception_of(study: Study) -> Perception:
    """What simulated workers need to perceive the units of a study.

    Raises:
        NoGroundTruth: there are no masks, or it is unknown what the networks saw of an image.
    """
    truth = ground_truth_of(study.image_source)
    views = {_view(network.manifest) for network in study.networks.all()}
    if len(views) != 1:
        raise NoGroundTruth(f"The networks of {study} do not see the same part of an image.")
    images = study.images.order_by("place")
    return Perception(truth, views.pop(), {image.pk: image.path for image in images})


def _view(manifest: dict) -> View:
    facts = manifest.get("network", {})
    try:
        return View(resize=facts["resize"], crop=facts["crop"])
    except KeyError as error:
        raise NoGroundTruth(
            f"The dissection does not say what part of an image the network saw ({error})."
        ) from error


def perceive(hits: list[Hit], perception: Perception) -> Iterator[tuple[Hit, PerceivedUnit]]:
    """Every HIT with its unit as simulated workers perceive it, cached in this process."""
    for hit in hits:
        key = (hit.pk, hit.masks)
        if key not in _cache:
            _cache[key] = perception.look(hit, list(hit.shown))
        yield hit, _cache[key]


@dataclass(frozen=True)
class LayerTruth:
    """How many units of a layer have their best label at which level of the ground truth.

    Attributes:
        levels: {level: units}; the level is "" for units for which no label beats chance.
    """

    network: str
    layer: str
    unit_count: int
    levels: dict[str, int]

    @property
    def object_detectors(self) -> int:
        return self.levels.get(OBJECT_LEVEL, 0)


def count_detectors(study: Study) -> list[LayerTruth]:
    """Count units by the ground-truth level of the label with the best lift, by layer.

    It needs no answers, only the pictures, regions and ground truth that simulated workers see.

    Raises:
        NoGroundTruth: the study's images have no masks.
    """
    counts: dict[int, Counter[str]] = {}
    perception = perception_of(study)
    for hit, unit in perceive(hits_of(study), perception):
        level = "" if unit.best is None else level_of(perception.labels[unit.best])
        counts.setdefault(hit.unit.layer_id, Counter())[level] += 1
    return [
        LayerTruth(network.name, layer.name, layer.unit_count, dict(counts.get(layer.pk, {})))
        for network in study.networks.all()
        for layer in network.layers.all()
    ]


def level_of(label: Concept) -> str:
    """The ground-truth level of a unit's label; with a single level, whether it is an object."""
    return label.level or (OBJECT_LEVEL if label.group == OBJECT else "other")
