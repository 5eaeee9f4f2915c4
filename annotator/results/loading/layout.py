"""The networks of a study and their layers as plain rows, in the order of the report."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q

from annotator.models import Hit, Layer, Network, Study, Unit
from annotator.models.display_names import slug_of
from dissect.format.live_units import BROAD_SHARE, activity_of


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer. `unit_count` counts its dissected units, answered or not.

    Attributes:
        name: its module path.
        display_name: what readers see instead.
        slug: what stands for it in addresses.
        activity: the units that are dead, dense or broad: that word to their numbers, in order.
        is_sampled: whether only a sample of its live units was published, or dissected.
    """

    id: int
    name: str
    unit_count: int
    display_name: str = ""
    slug: str = ""
    activity: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    is_sampled: bool = False

    def __post_init__(self) -> None:
        # Data of earlier versions have no display names.
        object.__setattr__(self, "display_name", self.display_name or self.name)
        object.__setattr__(self, "slug", self.slug or slug_of(self.display_name, "layer"))


COMPUTED = ("activity", "is_sampled")
LAYER_COLUMNS = [each.name for each in fields(LayerRow) if each.name not in COMPUTED]


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One network.

    Attributes:
        spec: what it was built from, for instance `torchvision:alexnet`.
        display_name: what readers see instead of its name.
        slug: what stands for it in addresses.
        workers_are_places: its imported answers do not say who gave them; a worker's name is only
            the place of an answer among those of its unit.
        condition: `trained`, `untrained`, `random directions`, ...
        control_of: name of the network that this one is a chance control of.
        published_at: when the last of its HITs was published; None before, and for imports.
        tile_views: what the tiles of its HITs show of a picture, `full` or `crop`; empty before.
    """

    name: str
    spec: str
    weights_sha256: str
    layers: tuple[LayerRow, ...]
    workers_are_places: bool = False
    condition: str = "trained"
    control_of: str | None = None
    published_at: datetime | None = None
    display_name: str = ""
    slug: str = ""
    tile_views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # Data of earlier versions have no display names.
        object.__setattr__(self, "display_name", self.display_name or self.name)
        object.__setattr__(self, "slug", self.slug or slug_of(self.display_name, "network"))


def load_layout(study: Study) -> list[NetworkRow]:
    """Load a study's layout: networks by position, with their layers by depth, in six queries."""
    hits = Hit.objects.filter(kind=Hit.Kind.NAMING, unit__layer__network__study=study)
    hits = hits.exclude(hit_type__publisher="imported").order_by()
    of_network = "unit__layer__network"
    published = dict(hits.values_list(of_network).annotate(Max("published_at")))
    views: dict[int, list[str]] = {}
    for network, view in hits.values_list(of_network, "tile_view").distinct():
        views.setdefault(network, []).append(view)
    layers: dict[int, list[LayerRow]] = {}
    rows = Layer.objects.filter(network__study=study).order_by("network__position", "position")
    activity, sampled = _activity(study), _sampled_layers(study)
    networks = list(study.networks.select_related("control_of").order_by("position"))
    in_part = {network.pk: _dissected_in_part(network) for network in networks}
    for row in rows.values("network", *LAYER_COLUMNS):
        network, layer = row.pop("network"), row["id"]
        is_sampled = layer in sampled or row["name"] in in_part[network]
        layers.setdefault(network, []).append(
            LayerRow(**row, activity=activity.get(layer, {}), is_sampled=is_sampled)
        )
    return [
        NetworkRow(
            name=network.name,
            spec=network.spec,
            weights_sha256=network.weights_sha256,
            layers=tuple(layers.get(network.pk, ())),
            workers_are_places=any(
                source["workers"] == "places" for source in network.manifest.get("imported", [])
            ),
            condition=network.condition,
            control_of=network.control_of.name if network.control_of else None,
            published_at=published.get(network.pk),
            display_name=network.display_name,
            slug=network.slug,
            tile_views=tuple(sorted(views.get(network.pk, ()))),
        )
        for network in networks
    ]


def _sampled_layers(study: Study) -> set[int]:
    """The layers of which some live units have a HIT, and others have none."""
    has_hit = Exists(Hit.objects.filter(kind=Hit.Kind.NAMING, unit=OuterRef("pk")))
    live = Unit.objects.filter(dead=False, dense=False, layer__network__study=study).order_by()
    states: dict[int, set[bool]] = defaultdict(set)
    rows = live.annotate(has_hit=has_hit).values_list("layer", "has_hit")
    for layer, is_published in rows.distinct():
        states[layer].add(is_published)
    return {layer for layer, of_units in states.items() if len(of_units) == 2}


def _dissected_in_part(network: Network) -> set[str]:
    """The layers of a network of which a sample of the units was dissected."""
    return {facts["name"] for facts in network.manifest.get("layers", []) if facts.get("units")}


def _activity(study: Study) -> dict[int, dict[str, tuple[int, ...]]]:
    """Layer to the units that are dead, dense or broad: that word to their numbers."""
    marked = Q(dead=True) | Q(dense=True) | Q(broad_share__gt=BROAD_SHARE)
    units = Unit.objects.filter(marked, layer__network__study=study).order_by("number")
    by_layer: dict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for layer, number, *facts in units.values_list(
        "layer", "number", "dead", "dense", "broad_share"
    ):
        word = activity_of(*facts)
        by_layer[layer][word] = (*by_layer[layer].get(word, ()), number)
    return by_layer
