"""Results of a pass over the images: whole, or of a part of them.

A pass may be cut into ranges of whole batches that different machines collect. Partial results
merge in any order, and the union of all ranges is the result of the whole pass, to the bit. The
file of a partial result is an uncompressed npz without pickles; its first array holds the origin
(network, images, settings, fingerprint), and only results of one origin are merged.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadDissection, BadSetting, ImagesError
from dissect.format.arrays import load_arrays
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.networks.direction_files.files import directions_sha256
from dissect.networks.layers import LayerInfo, layer_infos
from dissect.networks.registry import Network
from dissect.topk.activity import UnitActivity, unit_activity
from dissect.topk.batches import fingerprint
from dissect.topk.copies import Views
from dissect.topk.layer_state import LayerState
from dissect.topk.ranking import Ranking, stacked
from dissect.topk.sampling import catch_candidates, cells_of_each, sampled_images

MAX_MAP_BYTES = 1 << 30  # maps of the running top-k kept in memory, of all layers together


@dataclass(frozen=True)
class TopKSettings:
    """What a pass collects.

    Attributes:
        layers: dotted names.
        top: images kept for each unit; cut to the number of images that can be read.
        shown: how many of them will be shown; at least as many must be readable.
        by: the score of an image, "max" of the map or "sum"; the other breaks ties.
        keep_duplicates: rank every copy of an image; otherwise copies stand once.
    """

    layers: tuple[str, ...]
    top: int
    shown: int
    by: str = "max"
    keep_duplicates: bool = False

    @property
    def kept(self) -> int:
        """Images kept of each unit: one more than is shown tells whether it is saturated."""
        return max(self.top, self.shown + 1)

    def check(self, images: ImageList) -> None:
        """Refuse settings that these images cannot meet.

        Raises:
            BadSetting: no image would be shown.
            ImagesError: there are fewer images than would be shown.
        """
        if self.shown < 1:
            raise BadSetting(f"The number of top images must be at least 1, got {self.shown}.")
        if len(images) < self.shown:
            raise ImagesError(
                f"{images.source} holds {len(images)} images, fewer than the {self.shown} top "
                f"images asked for: add images, or take --top {len(images)} or less."
            )


@dataclass(frozen=True)
class CollectedLayer:
    """The result of a pass for one layer.

    Attributes:
        top: (units, k), best first.
        low: (units, p), candidates for catch images; image -1 pads units with fewer.
        maximum, threshold: (units,), the highest activation and the 0.995 quantile.
        saturated: (units,), whether more images reach the top score than are shown.
        activity: which units are dead, and how often the others respond.
        maps: (units, k, height, width), of `top`; None where they take too much memory.
        sample: numbers of the units that a sample was drawn of, in order; None: all units.
    """

    info: LayerInfo
    top: Ranking
    low: Ranking
    maximum: NDArray[np.float32]
    threshold: NDArray[np.float32]
    saturated: NDArray[np.bool_]
    activity: UnitActivity
    maps: Tensor | None
    sample: tuple[int, ...] | None = None

    @property
    def units(self) -> Sequence[int]:
        """The numbers of the units that are shown: the sample, or all."""
        return range(self.info.unit_count) if self.sample is None else self.sample


@dataclass(frozen=True)
class PassResult:
    """The result of a whole pass.

    Attributes:
        layers: in the order of the settings.
        bad: for each image that could not be read, by its place in the list, the reason.
        copies: for each image that is left out as a copy, by place, the lowest place of its like.
    """

    layers: list[CollectedLayer]
    bad: dict[int, str]
    copies: dict[int, int]


@dataclass
class PartialResult:
    """The result of a range of batches.

    Attributes:
        states: of each layer. bad: why images could not be read, by place.
        views: of the readable images, to find copies; empty where copies are kept.
    """

    states: list[LayerState]
    bad: dict[int, str] = field(default_factory=dict)
    views: Views = field(default_factory=Views)

    def merge(self, other: "PartialResult") -> None:
        """Add the result of another range; the order of merges does not matter."""
        replaced = self.views.merge(other.views)
        for mine, theirs in zip(self.states, other.states, strict=True):
            mine.merge(theirs, replaced)
        self.bad |= other.bad

    @classmethod
    def empty(cls, network: Network, settings: TopKSettings, images: ImageList) -> Self:
        """The result of no images, which a pass starts from."""
        infos = layer_infos(network, settings.layers)
        with_maps = _layers_with_maps(infos, min(settings.kept, len(images)))
        sample_size = len(sampled_images(len(images)))
        states = [
            LayerState(info, settings.kept, sample_size, info.name in with_maps, settings.by)
            for info in infos
        ]
        return cls(states)


def _layers_with_maps(infos: Sequence[LayerInfo], k: int) -> set[str]:
    """Layers whose top maps fit in memory together, smallest first."""
    room, names = MAX_MAP_BYTES, set()
    for info in sorted(infos, key=lambda i: i.unit_count * i.map_size[0] * i.map_size[1]):
        room -= info.unit_count * k * info.map_size[0] * info.map_size[1] * 4  # float32
        if room >= 0:
            names.add(info.name)
    return names


def finish(partial: PartialResult, settings: TopKSettings, images: ImageList) -> PassResult:
    """The result of the whole pass over the images, from the partial results of all ranges.

    Raises:
        ImagesError: fewer images can be read than are to be shown.
    """
    bad, copies = dict(sorted(partial.bad.items())), partial.views.copies()
    readable = len(images) - len(bad)
    if readable < settings.shown:
        place, reason = next(iter(bad.items()))
        path = on_one_line(images.paths[place])
        raise ImagesError(
            f"Only {readable} of {len(images)} images in {images.source} can be read, fewer than "
            f"the {settings.shown} top images asked for; {path}: {reason}."
        )
    if (distinct := readable - len(copies)) < settings.shown:
        raise ImagesError(
            f"Only {distinct} of {readable} images in {images.source} differ, fewer than the "
            f"{settings.shown} top images asked for: add images, take --top {distinct} or less, or "
            "--keep-duplicates."
        )
    layers = [_collected(state, settings, copies) for state in partial.states]
    return PassResult(layers, bad, copies)


def _collected(
    state: LayerState, settings: TopKSettings, copies: Mapping[int, int]
) -> CollectedLayer:
    shown, maps = settings.shown, state.maps
    score = state.top.score_by(state.by)  # (units, kept), best first
    highest = score[:, 0]
    ties = score[:, shown : shown + 1] == highest[:, None]  # no column if there are no more images
    low, activities = [], []
    for first, sample in state.sample.rankings():
        some = slice(first, first + len(sample.score))
        # Of copies in different parts of the pass each part has sampled its own.
        sample = sample.columns(np.flatnonzero(~np.isin(sample.image[0], list(copies))))
        low.append(catch_candidates(sample, state.top.of_units(some), shown, state.by, first))
        activities.append(unit_activity(sample, highest[some], state.lowest[some], state.by))
    return CollectedLayer(
        info=state.info,
        top=state.top.columns(np.arange(min(settings.top, len(state.top)))),
        low=stacked(low),
        maximum=state.maximum,
        threshold=state.tail.threshold(),
        saturated=ties.any(axis=1),
        activity=UnitActivity.joined(activities),
        maps=None if maps is None else maps[:, : settings.top],
    )


def result_origin(
    network: Network, settings: TopKSettings, images: ImageList, device: torch.device
) -> dict[str, Any]:
    """The origin of a pass's partial results: what must agree for them to be merged."""
    return {
        "weights_sha256": network.weights_sha256,
        "spec": network.spec,
        "axes": network.axes.text or None,
        "directions_sha256": directions_sha256(network.directions),
        "images_sha256": images.sha256,
        "wanted": asdict(settings) | {"layers": list(settings.layers)},
        "quantile": quantile_sample(images),
        "fingerprint": fingerprint(device, network.numerics, dtype=network.dtype),
    }


def quantile_sample(images: ImageList) -> dict[str, int]:
    """How many images, and cells of each map, the quantiles of a pass's result come from."""
    sampled = len(sampled_images(len(images)))
    return {"images": sampled, "cells": cells_of_each(sampled)}


def result_to_bytes(partial: PartialResult, origin: dict[str, Any]) -> bytes:
    """Store a partial result of a pass and its origin as the bytes of a file."""
    head = {"origin": origin, "bad": partial.bad}
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
    for number, state in enumerate(partial.states):
        arrays |= {f"{number}/{name}": array for name, array in state.arrays().items()}
    arrays |= partial.views.arrays()
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def result_from_bytes(
    content: bytes,
    origin: dict[str, Any],
    network: Network,
    settings: TopKSettings,
    images: ImageList,
) -> PartialResult:
    """Read a partial result of a pass from stored bytes: `result_to_bytes` inverted.

    Raises:
        BadDissection: the bytes are no partial result, or have another origin.
    """
    head, arrays = _parsed(content)
    _check_origin(head["origin"], origin)
    partial = PartialResult.empty(network, settings, images)
    partial.bad = {int(place): reason for place, reason in head["bad"].items()}
    partial.views.fill(arrays)
    for number, state in enumerate(partial.states):
        prefix = f"{number}/"
        state.fill({k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)})
    return partial


def origin_in(content: bytes) -> dict[str, Any]:
    """The origin that a partial result was stored with.

    Raises:
        BadDissection: the bytes are no partial result.
    """
    origin: dict[str, Any] = _parsed(content, "head")[0]["origin"]
    return origin


def _parsed(content: bytes, *names: str) -> tuple[dict[str, Any], dict[str, NDArray[np.generic]]]:
    """The head of a stored partial result, and its arrays: some by name, or all."""
    try:
        arrays = load_arrays(content, *names)
        head = json.loads(arrays.pop("head").tobytes())
    except (BadDissection, ValueError, KeyError, RecursionError) as error:
        raise BadDissection(f"A partial result cannot be read: {error}.") from error
    return head, arrays


def _check_origin(actual: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if actual.get(name) != value:
            raise BadDissection(
                f"A partial result has {name} {actual.get(name)}, not {value}: its last digits "
                "would differ. Let machines of one kind do all shards, or start another study."
            )
