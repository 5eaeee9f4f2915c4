"""Draws the catch images of a layer: gathers what they must be like, and draws them together."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from annotator.models import Exemplar, Study, Unit
from annotator.publishing.catch.draw import NONE, CatchCandidates, draw_catch_images
from annotator.publishing.catch.lenders import UnitRegions, draw_lenders, unit_regions
from annotator.publishing.catch.raking import Cue, split
from annotator.publishing.catch.sharpness import size_and_sharpness
from annotator.publishing.draws import draw
from annotator.publishing.layer_dissection import LayerDissection
from annotator.publishing.tiles import THREADS, Cut
from dissect.background import Background

Numbers = NDArray[np.int64]


class Pictures(NamedTuple):
    """Pictures of a layer's units.

    Attributes:
        places: (units, n) in the image list, NONE where there is none.
        masks: (units, n), whose regions are lit.
    """

    places: Numbers
    masks: Numbers


class CatchImage(NamedTuple):
    """A catch image: its column among the low images, and the mask that it borrows."""

    column: int
    mask: int


class LayerCatchImages:
    """The catch images of the units of a layer that have none yet.

    Spare regions and low images of a unit are split at random into as many parts as it gets catch
    images. One of each part is drawn, so no two catch images of a unit share a region.
    """

    def __init__(self, dissection: LayerDissection) -> None:
        self._dissection, self._study = dissection, dissection.study
        self._is_cropped = self._study.tile_view == Study.TileView.CROP

    def of(self, unit: Unit) -> list[CatchImage]:
        """The catch images drawn for a unit; one with too few candidates gets fewer."""
        return self._drawn.get(unit.number, [])

    @cached_property
    def _drawn(self) -> dict[int, list[CatchImage]]:
        all_units = self._dissection.layer.units.all()
        units = list(all_units.exclude(exemplars__role=Exemplar.Role.CATCH))
        if not units or not self._study.catch_count:
            return {}
        lenders = self.lenders(units)
        points = self._numbers("catch", units, self._each_catch)
        columns = draw_catch_images(self.pool(units, lenders), points.ravel())
        drawn = {}
        for unit, own, masks in zip(units, columns.reshape(points.shape), lenders, strict=True):
            pairs = zip(own.tolist(), masks.tolist(), strict=True)
            drawn[unit.number] = [CatchImage(*pair) for pair in pairs if pair[0] != NONE]
        return drawn

    @property
    def _each_catch(self) -> range:
        return range(self._study.catch_count)

    def lenders(self, units: Sequence[Unit]) -> Numbers:
        """(units, catch images): the masks whose regions catch images borrow."""
        regions = [self._regions(unit) for unit in units]
        order = self._numbers("mask part", units, range(len(regions[0].is_lit)))
        return draw_lenders(regions, order, self._numbers("mask", units, self._each_catch))

    def pool(self, units: Sequence[Unit], lenders: Numbers) -> CatchCandidates:
        """What the catch images of some units of the layer are drawn from."""
        numbers, count = [unit.number for unit in units], self._study.catch_count
        shown = self._dissection.table.top.image[numbers, : self._study.top_count]
        repeats = shown[:, : self._study.repeat_count]
        candidates = self._candidates(numbers, shown)
        is_in_part = self._parts(units, candidates)
        masks = (is_in_part.reshape(*lenders.shape, -1) * lenders[:, :, None]).sum(axis=1)
        top, again = (Pictures(places, _ranks(places)) for places in (shown, repeats))
        counts = self._hit_counts()
        mirrored = np.where(repeats == NONE, NONE, repeats + len(counts))
        repeat_counts = np.bincount(repeats[repeats != NONE], minlength=len(counts))
        cues = self._crop_cues if self._is_cropped else self._picture_cues
        return CatchCandidates(
            shown=np.repeat(np.hstack([shown, mirrored]), count, axis=0),
            candidates=np.repeat(candidates, count, axis=0),
            is_in_part=is_in_part,
            hit_counts=np.append(counts, repeat_counts),
            cues=tuple(
                cue.repeated(count) for cue in cues(units, top, again, Pictures(candidates, masks))
            ),
        )

    def _parts(self, units: Sequence[Unit], candidates: Numbers) -> NDArray[np.bool_]:
        """(units * catch images, candidates): which candidates are in each part."""
        order = [
            [draw(self._study, "catch part", unit, place) for place in row]
            for unit, row in zip(units, candidates.tolist(), strict=True)
        ]
        numbers = np.array(order, dtype=np.uint64).reshape(candidates.shape)
        return split(numbers, candidates != NONE, self._study.catch_count)

    def _numbers(self, purpose: str, units: Sequence[Unit], parts: range) -> NDArray[np.uint64]:
        """(units, parts): random numbers that the study's key fixes."""
        rows = [[draw(self._study, purpose, unit, part) for part in parts] for unit in units]
        return np.array(rows, dtype=np.uint64).reshape(len(units), len(parts))

    def _regions(self, unit: Unit) -> UnitRegions:
        """The regions of a unit, of which the first ones are shown."""
        table, study = self._dissection.table, self._study
        masks = self._dissection.masks(unit)[: table.coverage.shape[1]]
        boxes = self._dissection.boxes(unit.number) if self._is_cropped else None
        return unit_regions(masks, boxes, study.top_count, study.repeat_count)

    def _candidates(self, numbers: list[int], shown: Numbers) -> Numbers:
        """(units, candidates) places of low images that the unit shows in no other role."""
        low = self._dissection.table.low.image[numbers]
        others = Exemplar.objects.filter(unit__layer=self._dissection.layer)
        used = defaultdict(set)
        for number, place in others.exclude(role=Exemplar.Role.TOP).values_list(
            "unit__number", "image__place"
        ):
            used[number].add(place)
        is_used = [
            np.isin(row, [*top, *used[number]])
            for number, row, top in zip(numbers, low, shown, strict=True)
        ]
        return np.where(np.reshape(is_used, low.shape), NONE, low)

    def _hit_counts(self) -> NDArray[np.float64]:
        """(images,): for how many units of the study each image is an exemplar, by its place."""
        exemplars = Exemplar.objects.filter(image__study=self._study)
        rows = dict(exemplars.order_by().values_list("image").annotate(Count("pk")))
        images = self._dissection.images
        counts = np.zeros(max(images, default=NONE) + 1)
        for place, image in images.items():
            counts[place] = rows.get(image.pk, 0)
        return counts

    def _picture_cues(
        self, units: Sequence[Unit], top: Pictures, repeats: Pictures, low: Pictures
    ) -> tuple[Cue, ...]:
        """How many bytes the tiles are that show whole pictures, and how sharp they are."""
        images = self._dissection.images
        places = sorted({*top.places.ravel().tolist(), *low.places.ravel().tolist()} - {NONE})
        measures = np.full((3, max(images, default=NONE) + 2), np.nan)  # the last one is NONE's
        names = [images[place].tile for place in places]
        with Background(THREADS, name="tiles") as background:
            measures[:, places] = np.transpose(list(background.map(size_and_sharpness, names)))
        # A mirrored picture is about as large as the picture, and as sharp.
        shown = np.hstack([top.places, repeats.places])
        return tuple(Cue(of[shown], of[low.places]) for of in measures)

    def _crop_cues(
        self, units: Sequence[Unit], top: Pictures, repeats: Pictures, low: Pictures
    ) -> tuple[Cue, ...]:
        """Bytes, pixels, sharpness of tiles, bytes of pictures, how often tiles come again."""
        cuts, again, lent = (self._cuts(units, each) for each in (top, repeats, low))
        tiles = self._dissection.measured_tiles(_all(cuts), _all(lent))
        measures: list[Callable[[Cut], float]] = [
            lambda cut: tiles[cut].size,
            lambda cut: tiles[cut].picture_size,
            lambda cut: tiles[cut].source_px,
            lambda cut: tiles[cut].sharpness[0],
            lambda cut: tiles[cut].sharpness[1],
        ]
        cues = [
            Cue(np.hstack([_numbers(cuts, of), _numbers(again, of)]), _numbers(lent, of))
            for of in measures
        ]
        counts, mirrored = (Counter(cut for row in rows for cut in row) for rows in (cuts, again))
        shown = np.hstack(
            [_numbers(cuts, counts.__getitem__), _numbers(again, mirrored.__getitem__)]
        )
        return (*cues, Cue(shown, _numbers(lent, lambda cut: counts[cut] + 1)))

    def _cuts(self, units: Sequence[Unit], pictures: Pictures) -> list[list[Cut | None]]:
        """The tiles of pictures, by the crops around regions; None where there is no picture."""
        images, rows = self._dissection.images, []
        for unit, places, masks in zip(units, *map(np.ndarray.tolist, pictures), strict=True):
            boxes = self._dissection.boxes(unit.number)
            rows.append(
                [
                    (images[place].zoom, boxes[mask]) if place != NONE else None
                    for place, mask in zip(places, masks, strict=True)
                ]
            )
        return rows


def _ranks(places: Numbers) -> Numbers:
    """(units, n): the masks of pictures that keep their own regions."""
    return np.broadcast_to(np.arange(places.shape[1]), places.shape)


def _all(rows: list[list[Cut | None]]) -> set[Cut]:
    return {cut for row in rows for cut in row if cut}


def _numbers(rows: list[list[Cut | None]], of: Callable[[Cut], float]) -> NDArray[np.float64]:
    """(units, n): a number of each tile, NaN where there is none."""
    numbers = [[of(cut) if cut else np.nan for cut in row] for row in rows]
    return np.array(numbers, dtype=float).reshape(len(rows), -1)
