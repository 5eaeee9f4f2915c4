"""The published units of a study as simulated workers find them."""

from collections.abc import Iterator

from annotator.dissection_reader.ground_truth import NoGroundTruth, View, ground_truth
from annotator.models import Hit, Study
from annotator.simulation.perception import Eyes, Seen

# Looking is most of the work, and whoever simulates a crowd wants to know the truth afterwards.
_looked_at: dict[tuple[int, str], Seen] = {}


def hits_of(study: Study, *kinds: Hit.Kind) -> list[Hit]:
    """The HITs of a study that are not withdrawn, oldest first; those to name unless said."""
    kinds = kinds or (Hit.Kind.NAMING,)
    hits = Hit.objects.filter(unit__layer__network__study=study, kind__in=kinds)
    hits = hits.exclude(status=Hit.Status.DISPOSED).select_related("hit_type", "unit__layer")
    return list(hits.order_by("pk"))


def eyes_of(study: Study) -> Eyes:
    """Eyes for the HITs of a study.

    Raises:
        NoGroundTruth: there are no masks, or it is not known what the networks saw.
    """
    truth = ground_truth(study.image_source)
    views = {_view(network.manifest) for network in study.networks.all()}
    if len(views) != 1:
        raise NoGroundTruth(f"The networks of {study} do not see the same part of an image.")
    images = study.images.order_by("place")
    return Eyes(truth, views.pop(), {image.pk: image.path for image in images})


def _view(manifest: dict) -> View:
    facts = manifest.get("network", {})
    try:
        return View(resize=facts["resize"], crop=facts["crop"])
    except KeyError as error:
        raise NoGroundTruth(
            f"The dissection does not say what part of an image the network saw ({error})."
        ) from error


def look_at(hits: list[Hit], eyes: Eyes) -> Iterator[tuple[Hit, Seen]]:
    """Every HIT with what is seen of it; looked at once in the life of this process."""
    for hit in hits:
        key = (hit.pk, hit.masks)
        if key not in _looked_at:
            _looked_at[key] = eyes.look(hit, list(hit.shown))
        yield hit, _looked_at[key]
