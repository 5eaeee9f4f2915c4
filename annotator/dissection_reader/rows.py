"""Rows of a dissection: its network, layers, units, images and top exemplars."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction

from annotator.dissection_reader.manifest import Dissection, open_dissection
from annotator.models import Exemplar, Image, Layer, Network, Study, Unit


def load_dissection(study: Study, prefix: str, name: str) -> Network:
    """Make rows of a dissection: its network, layers, units, images and top exemplars.

    `serve_pictures` comes first. One transaction: all of it or nothing.
    """
    dissection = open_dissection(prefix)
    with transaction.atomic():
        network = _network(study, dissection, name)
        images = _images(study, dissection)
        for position, layer in enumerate(dissection.manifest["layers"]):
            _layer(network, dissection, layer, position, images)
    return network


def _network(study: Study, dissection: Dissection, name: str) -> Network:
    facts = dissection.manifest["network"]
    condition = facts.get("condition", Network.Condition.TRAINED)
    return Network.objects.create(
        study=study,
        name=name,
        spec=facts["spec"],
        position=study.networks.count(),
        weights_sha256=facts["weights_sha256"],
        dissection=dissection.prefix,
        manifest=dissection.manifest,
        condition=condition,
        control_of=_control_of(study, facts, condition),
    )


def _control_of(study: Study, facts: dict[str, Any], condition: str) -> Network | None:
    """The study's network that one of chance is compared with: of its weights, or of its spec."""
    chance = (Network.Condition.RANDOM_DIRECTIONS, Network.Condition.RANDOM_IMAGES)
    same = study.networks.filter(spec=facts["spec"])
    if condition in chance:
        own = (Network.Condition.TRAINED, Network.Condition.UNTRAINED)
        return same.filter(weights_sha256=facts["weights_sha256"], condition__in=own).first()
    if condition == Network.Condition.UNTRAINED:
        return same.filter(condition=Network.Condition.TRAINED).first()
    return None


def _images(study: Study, dissection: Dissection) -> dict[int, Image]:
    """The study's rows for a dissection's pictures, by place; other networks may share them."""
    at_random = set(dissection.manifest.get("random_images", []))
    rows = [
        Image(
            study=study,
            place=p["place"],
            path=p["path"],
            tile=p["tile"],
            zoom=p["zoom"],
            is_random=p["place"] in at_random,
        )
        for p in dissection.pictures()
    ]
    Image.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    tiles = {(row.place, row.tile) for row in rows}
    return {i.place: i for i in study.images.all() if (i.place, i.tile) in tiles}


def random_images(network: Network) -> list[Image]:
    """The images drawn whatever their scores, as the network sees them, in the order drawn.

    Any first n of them are a random sample too. Empty where the dissection has none.
    """
    drawn = network.manifest.get("random_images", [])
    if not drawn:
        return []
    tiles = {p["place"]: p["tile"] for p in open_dissection(network.dissection).pictures()}
    rows = network.study.images.filter(is_random=True)
    there = {image.place: image for image in rows if tiles.get(image.place) == image.tile}
    return [there[place] for place in drawn if place in there]


def _layer(
    network: Network,
    dissection: Dissection,
    facts: dict[str, Any],
    position: int,
    images: dict[int, Image],
) -> None:
    height, width = facts["map_size"]
    numbers = facts.get("units") or range(facts["unit_count"])
    layer = Layer.objects.create(
        network=network,
        name=facts["name"],
        position=position,
        unit_count=len(numbers),
        map_height=height,
        map_width=width,
    )
    table = dissection.table(facts)
    units = Unit.objects.bulk_create(
        Unit(
            layer=layer,
            number=number,
            maximum=float(table["maximum"][number]),
            threshold=float(table["threshold"][number]),
            saturated=bool(table["saturated"][number]),
        )
        for number in numbers
    )
    Exemplar.objects.bulk_create(
        _top_exemplars(units, table, network.study.top_count, images), batch_size=2000
    )


def _top_exemplars(
    units: list[Unit], table: dict[str, np.ndarray], top: int, images: dict[int, Image]
) -> Iterator[Exemplar]:
    for unit in units:
        row = {name: table[name][unit.number] for name in ("image", "score", "y", "x", "coverage")}
        for rank in range(min(top, len(row["image"]))):
            yield Exemplar(
                unit=unit,
                image=images[int(row["image"][rank])],
                role=Exemplar.Role.TOP,
                rank=rank + 1,
                score=float(row["score"][rank]),
                peak_y=int(row["y"][rank]),
                peak_x=int(row["x"][rank]),
                mask=rank,
                coverage=float(row["coverage"][rank]),
            )
