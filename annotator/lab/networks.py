"""The networks that a study's lab can ask: what they see, how their layers pair up, their names."""

from typing import Any

from annotator.models import Network, Snapshot, Study, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.detectors import units_by_class
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import ground_truth_of


def view_px(network: Network) -> int:
    """The side of what a network of the lab sees of an image, from its dissection's manifest."""
    return int(network.manifest.get("network", {}).get("crop", 224))


def mask_levels(study: Study) -> tuple[str, ...]:
    """What the lab can ask about a network's images: levels of their masks; empty without any."""
    try:
        return ground_truth_of(study.image_source).levels
    except NoGroundTruth:
        return ()


def layer_pairs(chosen: list[str], own: list[str], theirs: list[str]) -> list[str]:
    """Pair the layers of two networks: the same name, else the same position ("a=b").

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


def named_units(network: Network, snapshot: Snapshot | None, objects_only: bool) -> dict[str, Any]:
    """The named units of a network as input of `python -m dissect scenes --named`.

    They have a consensus, and a precision for it above the study's threshold.
    """
    if snapshot is None:
        return {"layers": {}}
    threshold = report_in(snapshot).threshold
    layers: dict[str, Any] = {}
    for layer in network.layers.all():
        classes = units_by_class(units_in(snapshot, layer.pk), threshold, objects_only)
        results = {result.unit: result.named for units in classes.values() for result in units}
        for unit in Unit.objects.filter(layer=layer, number__in=results):
            layers.setdefault(layer.name, {})[str(unit.number)] = {
                "concept": results[unit.number].consensus,
                "precision": results[unit.number].precision,
                "threshold": unit.threshold,
                "maximum": unit.maximum,
            }
    return {"layers": layers}
