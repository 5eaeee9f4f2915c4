"""The published units of a study, as simulated workers perceive them."""

from collections.abc import Iterator

from annotator.models import Hit, Study
from annotator.simulation.perception import PerceivedUnit, Perception
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import ground_truth_of
from dissect.format.picture_list import CENTER, View


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
        return View(facts["resize"], facts["crop"], facts.get("crop_mode", CENTER))
    except KeyError as error:
        raise NoGroundTruth(
            f"The dissection does not say what part of an image the network saw ({error})."
        ) from error


def perceive(hits: list[Hit], perception: Perception) -> Iterator[tuple[Hit, PerceivedUnit]]:
    """Every HIT with its unit as simulated workers perceive it."""
    for hit in hits:
        yield hit, perception.look(hit, list(hit.shown))
