"""The networks that a study's lab can ask: what they see, and how their layers pair up."""

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


def layer_pairs(chosen: list[str], own: list[str], theirs: list[str]) -> list[str]:
    """Pair layers of two of the lab's networks: the same name, else the same position ("a=b").

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
