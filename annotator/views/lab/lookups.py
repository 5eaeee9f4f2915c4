"""What the results of analyses name: their pictures, and the study's images and units.

Units come with what people called them.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from annotator.models import Analysis, Image, Network, Unit
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.unit import UnitResult
from annotator.views.reader.snapshot import complete_snapshot

Context = dict[str, Any]


def picture_url(analysis: Analysis, name: str | None) -> str:
    """Look up the URL of a picture that a lab result names; empty if there is none."""
    if not name or name not in analysis.pictures:
        return ""
    return reverse("analysis_picture", args=[analysis.network.study.name, analysis.pk, name])


# Of each kind of analysis, how the picture is called that stands for it on the lab's first page.
PREVIEWS = {
    "filters": r".*(?<!-random)\.png",
    "activations": r".*-over\.png",
    "minimal-image": r"minimal-images\.png",
    "scenes": r".*-picture\.png",
}


def preview_url(analysis: Analysis | None) -> str:
    """Look up the picture that stands for an analysis, as a URL; empty if it has none."""
    if analysis is None:
        return ""
    pattern = PREVIEWS.get(analysis.kind, r".*\.png")
    names = sorted(name for name in analysis.pictures if re.fullmatch(pattern, name))
    return picture_url(analysis, next(iter(names), None))


def images_by_path(analysis: Analysis, paths: list[str]) -> dict[str, Image]:
    """Load the images in the results of a lab analysis in one query: path to image.

    If networks crop an image differently, its first picture is taken.
    """
    rows = analysis.network.study.images.filter(path__in=paths, is_mirrored=False)
    return {image.path: image for image in rows.order_by("-pk")}


def unit_keys(analysis: Analysis) -> dict[str, dict[str, int]]:
    """Load unit keys for the results of a lab analysis: layer to unit number to primary key.

    Only dissected layers have any.
    """
    keys: dict[str, dict[str, int]] = {}
    units = Unit.objects.filter(layer__network=analysis.network)
    for layer, number, pk in units.values_list("layer__name", "number", "pk"):
        keys.setdefault(layer, {})[str(number)] = pk
    return keys


def unit_link(
    keys: dict[str, dict[str, int]],
    layer: str,
    number: int | str,
    results: dict[str, dict[str, UnitResult]] | None = None,
) -> Context:
    """Look up a unit that a lab result names, as context for lab/_unit.html.

    `pk` is None if the unit has no page, `name` empty if people reached no consensus.
    """
    result = (results or {}).get(layer, {}).get(str(number))
    return {
        "number": number,
        "pk": keys.get(layer, {}).get(str(number)),
        "name": (result.named.consensus if result else None) or "",
        "result": result,
    }


def unit_results(analysis: Analysis) -> dict[str, dict[str, UnitResult]]:
    """Look up people's answers about the units in a lab result: layer to unit number to result.

    Empty if there is no snapshot.
    """
    snapshot = complete_snapshot(analysis.network.study)
    if snapshot is None:
        return {}
    return {
        layer.name: {str(unit.unit): unit for unit in units_in(snapshot, layer.pk)}
        for layer in analysis.network.layers.all()
    }


def report_context(analysis: Analysis) -> Context:
    """Look up the report from which the names in a lab result come, as template context.

    Its notice says if the workers were simulated.
    """
    snapshot = complete_snapshot(analysis.network.study)
    return {"report": report_in(snapshot) if snapshot else None}


def image_keys(network: Network, paths: Sequence[str]) -> list[int]:
    """Look up the primary keys of images by their paths, for a form; one for each image."""
    rows = Image.objects.filter(study=network.study, path__in=paths, is_mirrored=False)
    return list(dict(rows.order_by("-pk").values_list("place", "pk")).values())


def analysis_of(study: str, pk: int) -> Analysis:
    """Look up an analysis by its study and number; Http404 for none."""
    rows = Analysis.objects.select_related("network__study")
    return get_object_or_404(rows, pk=pk, network__study__name=study)
