"""Makes rows of a dissection: its network, layers, units, images and top exemplars."""

from collections.abc import Iterator

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from annotator.dissection_reader.dissection import Dissection, open_dissection
from annotator.dissection_reader.images import images_by_place
from annotator.models import Exemplar, Image, Layer, Network, Study, Unit
from annotator.models.rows import insert_rows
from dissect.format.live_units import is_dense
from dissect.format.manifest import LayerFacts, NetworkFacts
from dissect.format.tables import LayerTable

TOP_FIELDS = ("unit", "image", "role", "rank", "score", "peak_y", "peak_x", "mask", "coverage")


def load_dissection(study: Study, prefix: str, name: str) -> Network:
    """Read a dissection into the database rows of a network, all of them or none.

    Its pictures must be in the shared folder: call `serve_pictures` first.

    Args:
        prefix: the dissection's folder in the storage.
        name: of the network in the study.
    """
    dissection = open_dissection(prefix)
    with transaction.atomic():
        network = _make_network(study, dissection, name)
        images = _make_images(study, dissection)
        for position, layer in enumerate(dissection.manifest.layers):
            _make_layer(network, layer, position, dissection.table(layer), images)
    return network


def _make_network(study: Study, dissection: Dissection, name: str) -> Network:
    facts = dissection.manifest.network
    return Network.objects.create(
        study=study,
        name=name,
        spec=facts.spec,
        position=study.next_position(),
        weights_sha256=facts.weights_sha256,
        dissection=dissection.prefix,
        manifest=dissection.manifest.as_json(),
        condition=facts.condition,
        control_of=_control_of(study, facts),
    )


def _control_of(study: Study, facts: NetworkFacts) -> Network | None:
    """The study's network that a control is compared with; None where this is no control."""
    same = study.networks.filter(spec=facts.spec)
    if facts.condition in (Network.Condition.RANDOM_DIRECTIONS, Network.Condition.RANDOM_IMAGES):
        real = (Network.Condition.TRAINED, Network.Condition.UNTRAINED)
        return same.filter(weights_sha256=facts.weights_sha256, condition__in=real).first()
    if facts.condition == Network.Condition.UNTRAINED:
        return same.filter(condition=Network.Condition.TRAINED).first()
    return None


def _make_images(study: Study, dissection: Dissection) -> dict[int, Image]:
    """The study's rows for a dissection's pictures, by place; networks may share them."""
    pictures, sample = dissection.pictures(), set(dissection.manifest.random_images)
    rows = [
        Image(
            study=study,
            place=row.place,
            path=row.path,
            tile=row.tile,
            zoom=row.zoom,
            is_random=row.place in sample,
        )
        for row in pictures
    ]
    Image.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return images_by_place(study, pictures)


def _make_layer(
    network: Network,
    facts: LayerFacts,
    position: int,
    table: LayerTable,
    images: dict[int, Image],
) -> None:
    height, width = facts.map_size
    layer = Layer.objects.create(
        network=network,
        name=facts.name,
        position=position,
        unit_count=len(facts.unit_numbers),
        map_height=height,
        map_width=width,
    )
    units = Unit.objects.bulk_create(
        Unit(
            layer=layer,
            number=number,
            maximum=float(table.maximum[number]),
            threshold=float(table.threshold[number]),
            saturated=bool(table.saturated[number]),
            dead=table.dead is not None and bool(table.dead[number]),
            firing_share=_number(table.firing_share, number),
            near_copies=facts.near_copies.get(number, []),
            dense=facts.latents and is_dense(_number(table.firing_share, number)),
            broad_share=_number(table.broad_share, number),
        )
        for number in facts.unit_numbers
    )
    exemplars = _top_exemplars(units, table, network.study.top_count, images)
    insert_rows(Exemplar, TOP_FIELDS, exemplars)


def _number(of_units: NDArray[np.float32] | None, unit: int) -> float | None:
    return None if of_units is None else float(of_units[unit])


def _top_exemplars(
    units: list[Unit], table: LayerTable, top_count: int, images: dict[int, Image]
) -> Iterator[tuple[int | str | float, ...]]:
    """The values of TOP_FIELDS of each unit's top exemplars."""
    for unit in units:
        for rank in range(min(top_count, table.rank_count)):
            at = unit.number, rank
            yield (
                unit.pk,
                images[int(table.top.image[at])].pk,
                Exemplar.Role.TOP.value,
                rank + 1,
                float(table.top.score[at]),
                int(table.top.y[at]),
                int(table.top.x[at]),
                rank,
                float(table.coverage[at]),
            )
