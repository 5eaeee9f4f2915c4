"""What the answers of the lab share: addresses of pictures, and what people said of units."""

from typing import Any

from django.urls import reverse

from annotator.models import Analysis, Image, Unit
from annotator.results.output.snapshots import report_in, units_in
from annotator.results.report.unit import UnitResult
from annotator.views.reader.snapshot import snapshot_of

Context = dict[str, Any]


def address(analysis: Analysis, name: str | None) -> str:
    """Where a picture of an answer is served; empty where there is none."""
    if not name or name not in analysis.pictures:
        return ""
    return reverse("analysis_picture", args=[analysis.network.study.name, analysis.pk, name])


def views_of(analysis: Analysis, paths: list[str]) -> dict[str, Image]:
    """The study's picture of each image, the network's own view where there are several."""
    rows = analysis.network.study.images.filter(path__in=paths, is_mirrored=False)
    return {image.path: image for image in rows.order_by("-pk")}


def unit_pages(analysis: Analysis) -> dict[str, dict[str, int]]:
    """Layer to unit to the key of its page, for the layers that were dissected."""
    found: dict[str, dict[str, int]] = {}
    units = Unit.objects.filter(layer__network=analysis.network)
    for layer, number, pk in units.values_list("layer__name", "number", "pk"):
        found.setdefault(layer, {})[str(number)] = pk
    return found


def told_by(analysis: Analysis) -> Context:
    """The report that words come from, whose notice says where no people answered."""
    snapshot = snapshot_of(analysis.network.study, None)
    return {"report": report_in(snapshot) if snapshot else None}


def said_of(analysis: Analysis) -> dict[str, dict[str, UnitResult]]:
    """What people said of the network's units: layer to unit to its result."""
    snapshot = snapshot_of(analysis.network.study, None)
    if snapshot is None:
        return {}
    return {
        layer.name: {str(unit.unit): unit for unit in units_in(snapshot, layer.pk)}
        for layer in analysis.network.layers.all()
    }
