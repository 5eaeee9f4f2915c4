"""Template contexts for analyses of layers: lists, filters, fields, comparisons, similar units."""

from django.utils.translation import gettext_lazy as _

from annotator.lab.networks import view_px
from annotator.models import Analysis, Exemplar
from annotator.views.lab.image_analyses import FILLS
from annotator.views.lab.lookups import (
    Context,
    images_by_path,
    picture_url,
    report_context,
    unit_keys,
    unit_link,
    unit_results,
)

MAX_FIELDS = 6  # of dissected layers, drawn on an image
FIELD_FILLS = {"constants": _("black, gray and white in turn"), **dict(FILLS)}


def layers(analysis: Analysis) -> Context:
    """Template context for the lab's `layers`: their list, and the fields of dissected ones.

    The fields are drawn in the middle of one of the network's top images.
    """
    network = analysis.network
    dissected = set(network.layers.values_list("name", flat=True))
    rows = [row | {"dissected": row["name"] in dissected} for row in analysis.result["layers"]]
    side = view_px(network)
    fields = []
    for row in rows:
        if row["dissected"] and len(fields) < MAX_FIELDS:
            size = side if row["theoretical"]["whole"] else min(side, row["theoretical"]["size"])
            fields.append(row | {"field": {"x": (side - size) / 2, "size": size}})
    exemplars = Exemplar.objects.filter(unit__layer__network=network, role=Exemplar.Role.TOP)
    top = exemplars.select_related("image").order_by("-unit__layer__position", "rank", "pk").first()
    return {"layers": rows, "fields": fields, "side": side, "image": top and top.image}


def filters(analysis: Analysis) -> Context:
    rows = [
        layer
        | {
            "name": name,
            "picture": picture_url(analysis, f"{name}.png"),
            "vector": picture_url(analysis, f"{name}.svg"),
            "random_picture": picture_url(analysis, f"{name}-random.png"),
        }
        for name, layer in analysis.result["layers"].items()
    ]
    return {"layers": rows}


def receptive_field(analysis: Analysis) -> Context:
    keys, results = unit_keys(analysis), unit_results(analysis)
    rows = []
    for name, layer in analysis.result["layers"].items():
        sizes = (layer["empirical"] or {}).get("units", {})
        units = [(unit_link(keys, name, unit, results), size) for unit, size in sizes.items()]
        address = picture_url(analysis, layer["sheet"])
        rows.append(layer | {"name": name, "address": address, "units": units})
    settings = analysis.result["settings"]
    return {"layers": rows, "settings": settings, "fill": FIELD_FILLS[settings["fill"]]} | (
        report_context(analysis)
    )


def compare(analysis: Analysis) -> Context:
    layer_pairs = analysis.result["layers"]
    paths = [top["image"] for pair in layer_pairs for tops in pair["top"] for top in tops]
    images = images_by_path(analysis, paths)
    pairs = [
        pair
        | {"sides": [[(top, images.get(top["image"])) for top in tops] for tops in pair["top"]]}
        for pair in layer_pairs
    ]
    other = analysis.network.study.networks.filter(pk=analysis.request["other"]).first()
    return {
        "pairs": pairs,
        "names": [
            analysis.network.display_name,
            other.display_name if other else "a deleted network",
        ],
        "image_count": analysis.result["image_count"],
        "sheet": picture_url(analysis, "compare.png"),
        "vector": picture_url(analysis, "compare.svg"),
    }


def concepts(analysis: Analysis) -> Context:
    """Template context for the lab's results of `concepts`, by layer: units, best match first.

    Units come with what people named them.
    """
    keys, results = unit_keys(analysis), unit_results(analysis)
    rows = []
    for name, layer in analysis.result["layers"].items():
        units = [
            match | unit_link(keys, name, number, results)
            for number, match in sorted(layer["units"].items(), key=lambda item: -item[1]["iou"])
        ]
        named = [unit for unit in units if unit["result"] and unit["result"].named.consensus]
        same = [unit for unit in named if unit["result"].named.consensus == unit["concept"].lower()]
        rows.append({
            "name": name, "sheet": picture_url(analysis, layer["sheet"]), "units": units,
            "agreement": (len(same), len(named)),
        })  # fmt: skip
    return {"layers": rows, "image_count": analysis.result["image_count"]} | report_context(
        analysis
    )
