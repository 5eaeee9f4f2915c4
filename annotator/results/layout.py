"""What a study dissected, as plain rows: its networks and their layers, in order."""

from dataclasses import dataclass
from typing import Any

from annotator.models import Layer, Study


@dataclass(frozen=True, slots=True)
class LayerRow:
    id: int
    name: str
    unit_count: int


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One network. `workers_are_places`: its imported answers do not say who gave them."""

    name: str
    spec: str
    weights_sha256: str
    layers: tuple[LayerRow, ...]
    workers_are_places: bool = False


def layout_of(study: Study) -> list[NetworkRow]:
    """The networks of a study by position, each with its layers by depth, in two queries."""
    layers: dict[int, list[LayerRow]] = {}
    rows = Layer.objects.filter(network__study=study).order_by("network__position", "position")
    for pk, network, name, unit_count in rows.values_list("pk", "network", "name", "unit_count"):
        layers.setdefault(network, []).append(LayerRow(pk, name, unit_count))
    return [
        NetworkRow(
            name=network.name,
            spec=network.spec,
            weights_sha256=network.weights_sha256,
            layers=tuple(layers.get(network.pk, ())),
            workers_are_places=_are_places(network.manifest),
        )
        for network in study.networks.order_by("position")
    ]


def _are_places(manifest: dict[str, Any]) -> bool:
    return any(source["workers"] == "places" for source in manifest.get("imported", []))
