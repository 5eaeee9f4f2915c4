"""Results of a pass over the images: whole, or of a part of them.

A pass may be cut into ranges of whole batches that different machines collect. Partial results
merge in any order, and the union of all ranges is the result of the whole pass, to the bit.
`stored_results` writes and reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting, ImagesError
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo, layer_infos
from dissect.networks.registry import Network
from dissect.topk.activity import UnitActivity, unit_activity
from dissect.topk.copies import Views
from dissect.topk.layer_state import LayerState
from dissect.topk.ranking import Ranking, stacked
from dissect.topk.sampling import RANDOM_IMAGES, catch_candidates, in_random_order, sampled_images

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

    def random_images(self, images: ImageList) -> list[int]:
        """The random images of a dissection: places in the list, in the order drawn.

        The image list alone decides the order, so the networks of a study share the sample.
        """
        order = in_random_order(len(images), images.sha256).tolist()
        left_out = self.bad.keys() | self.copies.keys()
        return [place for place in order if place not in left_out][:RANDOM_IMAGES]


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
