"""The networks that a study's lab can ask: what they see, and which are compared."""

from annotator.models import Network, Study
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import ground_truth_of


def view_px(network: Network) -> int:
    """The side of what a network of the lab sees of an image, from its dissection's manifest."""
    return int(network.manifest.get("network", {}).get("crop", 224))


def mask_levels(study: Study) -> tuple[str, ...]:
    """The levels of the masks beside the images of a lab's networks; empty if there are none."""
    try:
        return ground_truth_of(study.image_source).levels
    except NoGroundTruth:
        return ()


def other_network(network: Network) -> Network | None:
    """The network that the lab compares with: a trained one with another spec, else any other."""
    others = network.study.networks.exclude(pk=network.pk)
    others = others.exclude(condition=Network.Condition.RANDOM_IMAGES).prefetch_related("layers")
    trained = [one for one in others if one.condition == Network.Condition.TRAINED]
    return next(iter([*trained, *others]), None)


def layer_pairs(chosen: list[str], own: list[str], theirs: list[str]) -> list[str]:
    """Pair layers of two networks of the lab: the same name, else the same position ("a=b").

    >>> layer_pairs(["relu5"], ["relu1", "relu5"], ["features.0", "features.9"])
    ['relu5=features.9']
    """
    return [
        f"{name}={name if name in theirs else theirs[min(own.index(name), len(theirs) - 1)]}"
        for name in chosen
    ]


def lab_networks(study: Study) -> list[Network]:
    """The networks that the lab can ask, trained ones first; random images have no network."""
    networks = study.networks.exclude(condition=Network.Condition.RANDOM_IMAGES)
    rows = networks.prefetch_related("layers").select_related("study")
    return sorted(rows, key=lambda row: (row.condition != Network.Condition.TRAINED, row.position))
