"""The default question of each kind: what is asked if nobody chooses anything.

Each is answered within seconds by a small network, and its answer is a picture that tells
something: of images that the network gets right, of units that people named, of two networks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from annotator.job_queue import enqueue_analysis
from annotator.lab.networks import layer_pairs, mask_levels, named_units, view_px
from annotator.models import Analysis, Exemplar, Network, Snapshot
from annotator.results.output.snapshots.stored_reports import report_in, units_in
from annotator.results.report.detectors import units_by_class
from annotator.results.report.unit import UnitResult

Options = dict[str, Any]
Default = Callable[[Network, "Snapshot | None"], "Options | None"]

PATCH_PX = 11  # the least side of a patch that hides a part of an image
LARGE_VIEW_PX = 192  # networks that see more than this take much longer for a forward
CANDIDATES = 24  # images among which one is looked for that the network gets right
SAMPLE, LARGE_SAMPLE = 300, 96  # images, drawn by hash, where all would be looked at
QUICK_UNITS, QUICK_TOP_IMAGES = 3, 3  # of receptive fields: a quick look, not for a table
MAX_RANK = 20  # of an image for a unit: one of the unit's clear examples


@dataclass(frozen=True)
class NamedUnits:
    """Some units of one layer, and what people call them.

    Attributes:
        names: unit number to its consensus; empty for a unit without a name.
    """

    layer: str
    names: dict[int, str]

    @property
    def numbers(self) -> list[int]:
        return list(self.names)


def _activations(network: Network, snapshot: Snapshot | None) -> Options:
    units = telling_units(network, snapshot, 4)
    return {
        "layers": [units.layer],
        "units": sorted(units.numbers),
        "images": telling_images(network, units, CANDIDATES),
        "right": 1,
    }


def _occlusion(network: Network, snapshot: Snapshot | None) -> Options:
    units, side = telling_units(network, snapshot, 12), view_px(network)
    return {
        "occluder": max(PATCH_PX, side // 7),
        "stride": max(3, side // (16 if side > LARGE_VIEW_PX else 28)),
        "images": telling_images(network, units, CANDIDATES),
        "right": 1,
    }


def _minimal_image(network: Network, snapshot: Snapshot | None) -> Options:
    is_large = view_px(network) > LARGE_VIEW_PX
    return {
        "count": 12 if is_large else 24,
        "exchanges": 24 if is_large else 100,
        "draws": 10,
        "right": 4 if is_large else 8,
        "per-class": 2,
    }


def _receptive_field(network: Network, snapshot: Snapshot | None) -> Options:
    units = telling_units(network, snapshot, QUICK_UNITS)
    images = _top_images(network, units, QUICK_TOP_IMAGES)
    patch = max(PATCH_PX, view_px(network) // 14)
    return {
        "layers": [units.layer],
        "units": sorted(units.numbers),
        "top-images": min(QUICK_TOP_IMAGES, len(images)) or 1,
        "occluder": patch,
        "stride": patch,
        "images": images,
    }


def _compare(network: Network, snapshot: Snapshot | None) -> Options | None:
    other = _other_network(network)
    if other is None:
        return None
    own = [layer.name for layer in network.layers.all()]
    pairs = layer_pairs(own, own, [layer.name for layer in other.layers.all()])
    sample = _sample(network)
    count = min([network.study.image_count, *sample.values()])
    overlap = max(1, min(100, count // 4))
    return {"other": other.pk, "layers": pairs, "top": 3, "overlap": overlap} | sample


def _concepts(network: Network, snapshot: Snapshot | None) -> Options | None:
    if not mask_levels(network.study):
        return None
    units = telling_units(network, snapshot, 12)
    sample = _sample(network) or {"sample": SAMPLE}
    return {"layers": [units.layer], "units": sorted(units.numbers), "best": 8} | sample


def _alike(network: Network, snapshot: Snapshot | None) -> Options:
    units = telling_units(network, snapshot, 24)
    top = max(1, min(60, network.study.image_count or 60))
    options: Options = {"layers": [units.layer], "units": sorted(units.numbers), "top": top}
    return options | _sample(network)


def _sample(network: Network) -> dict[str, int]:
    """Where a network sees much, a sample of the images, so that an answer takes seconds."""
    is_slow = view_px(network) > LARGE_VIEW_PX and network.study.image_count > LARGE_SAMPLE
    return {"sample": LARGE_SAMPLE} if is_slow else {}


def _scenes(network: Network, snapshot: Snapshot | None) -> Options | None:
    named = named_units(network, snapshot, objects_only=True)
    if not named["layers"]:
        named = named_units(network, snapshot, objects_only=False)
    if not named["layers"]:
        return None
    images = telling_images(network, telling_units(network, snapshot, 60), 4)
    return {"images": images, "named": named}


DEFAULTS: dict[str, Default] = {
    "layers": lambda network, snapshot: {},
    "filters": lambda network, snapshot: {},
    "activations": _activations,
    "occlusion": _occlusion,
    "minimal-image": _minimal_image,
    "receptive-field": _receptive_field,
    "compare": _compare,
    "concepts": _concepts,
    "alike": _alike,
    "scenes": _scenes,
}


def default_options(network: Network, kind: str, snapshot: Snapshot | None) -> Options | None:
    """The options of a lab analysis, by its kind, that are asked if nobody chooses any.

    Args:
        snapshot: of the study; it has the names of units. None before there is any.

    Returns:
        None where the kind cannot be asked: no second network, no masks, no named units.
    """
    return DEFAULTS[kind](network, snapshot)


def enqueue_defaults(network: Network, snapshot: Snapshot | None) -> list[Analysis]:
    """Put the default question of each kind into the job queue, for the lab to have pictures.

    Idempotent: a question that waits, runs or was answered is not asked again.
    """
    options = {kind: default_options(network, kind, snapshot) for kind in DEFAULTS}
    return [
        enqueue_analysis(network, kind, asked)
        for kind, asked in options.items()
        if asked is not None
    ]


def _other_network(network: Network) -> Network | None:
    """The network that the lab compares with: a trained one with another spec, else any other."""
    others = network.study.networks.exclude(pk=network.pk)
    others = others.exclude(condition=Network.Condition.RANDOM_IMAGES).prefetch_related("layers")
    trained = [one for one in others if one.condition == Network.Condition.TRAINED]
    return next(iter([*trained, *others]), None)


def telling_units(network: Network, snapshot: Snapshot | None, count: int) -> NamedUnits:
    """The units that the lab shows by default: named ones of the deepest layer with some.

    Object detectors come before units with other names, different names before the same name
    again, and the most precise unit of a name first. Names below the study's threshold count
    only if none is above it. Without names they are the first units that are not dead.
    """
    layers = list(network.layers.all())
    for threshold in (report_in(snapshot).threshold, 0.0) if snapshot is not None else ():
        for layer in reversed(layers):
            results = units_in(snapshot, layer.pk)
            names = _names_in_turn(results, threshold, objects_only=True)
            others = _names_in_turn(results, threshold, objects_only=False)
            names |= {number: name for number, name in others.items() if number not in names}
            if names:
                return NamedUnits(layer.name, dict(list(names.items())[:count]))
    last = layers[-1]
    numbers = list(last.units.live().values_list("number", flat=True)[:count])
    return NamedUnits(last.name, dict.fromkeys(numbers, ""))


def _names_in_turn(
    results: Iterable[UnitResult], threshold: float, objects_only: bool
) -> dict[int, str]:
    """Unit number to name: one unit of each name, then a second one of each, and so on."""
    classes = units_by_class(results, threshold, objects_only)
    longest = max(map(len, classes.values()), default=0)
    return {
        units[turn].unit: name
        for turn in range(longest)
        for name, units in classes.items()
        if turn < len(units)
    }


def telling_images(network: Network, units: NamedUnits, count: int) -> list[str]:
    """Paths of the images on which the most of some named units answer, to show in the lab.

    Of images with as many different names the one with the better ranks comes first.
    """
    layer = network.layers.get(name=units.layer)
    exemplars = Exemplar.objects.filter(
        unit__layer=layer, unit__number__in=units.numbers, role=Exemplar.Role.TOP,
        rank__lte=MAX_RANK,
    )  # fmt: skip
    names: defaultdict[str, set[str]] = defaultdict(set)
    ranks: Counter[str] = Counter()
    rows = exemplars.order_by("pk").values_list("unit__number", "image__path", "rank")
    for number, path, rank in rows:
        names[path].add(units.names[number] or str(number))
        ranks[path] += rank
    best = sorted(names, key=lambda path: (-len(names[path]), ranks[path] / len(names[path]), path))
    return best[:count]


def _top_images(network: Network, units: NamedUnits, count: int) -> list[str]:
    """Paths of the first `count` top images of each of some named units, in the list's order.

    A pass over these images alone finds the same top images of these units as one over all.
    """
    exemplars = Exemplar.objects.filter(
        unit__layer__network=network, unit__layer__name=units.layer, role=Exemplar.Role.TOP,
        unit__number__in=units.numbers, rank__lte=count,
    )  # fmt: skip
    rows = exemplars.order_by("image__place").values_list("image__path", flat=True)
    return list(dict.fromkeys(rows))
