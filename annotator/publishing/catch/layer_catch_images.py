"""Draws the catch images of a layer: gathers what they must be like, and draws them together."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from annotator.models import Exemplar, Study, Unit
from annotator.publishing.catch.draw import CatchCandidates, draw_catch_images
from annotator.publishing.catch.lenders import (
    UnitRegions,
    draw_lenders,
    offered_regions,
    region_cues,
    unit_regions,
)
from annotator.publishing.catch.raking import NONE, Cue, Numbers
from annotator.publishing.catch.repetition import Repetition
from annotator.publishing.catch.sharpness import file_measures
from annotator.publishing.draws import draw
from annotator.publishing.hit_tiles import THREADS, Cut
from annotator.publishing.layer_dissection import LayerDissection
from dissect.background import Background

MAX_CUT = 16  # regions that are tried on a catch image, to measure the tiles


class CatchImage(NamedTuple):
    """A catch image: its column among the low images, and the mask that it borrows."""

    column: int
    mask: int


class LayerCatchImages:
    """The catch images of the units of a layer that have none yet.

    Low images are drawn first, and then the region that each of them borrows.
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
        pool = self.pool(units)
        order = self._order(units, pool.candidates)
        columns = draw_catch_images(pool, order, self._numbers("catch", units, [0])[:, 0])
        # NONE, the last column, has no image.
        padded = np.pad(pool.candidates, ((0, 0), (0, 1)), constant_values=NONE)
        images = np.take_along_axis(padded, columns, axis=1)
        lenders = self.lenders(units, images)
        drawn = {}
        for unit, own, masks in zip(units, columns.tolist(), lenders.tolist(), strict=True):
            pairs = zip(own, masks, strict=True)
            drawn[unit.number] = [CatchImage(*pair) for pair in pairs if pair[0] != NONE]
        return drawn

    def pool(self, units: Sequence[Unit]) -> CatchCandidates:
        """What the catch images of some units of the layer are drawn from."""
        shown, repeats = self._shown(units)
        candidates = self._candidates([unit.number for unit in units], shown)
        counts = self._hit_counts()
        mirrored = np.where(repeats == NONE, NONE, repeats + len(counts))
        repeat_counts = np.bincount(repeats[repeats != NONE], minlength=len(counts))
        return CatchCandidates(
            shown=np.hstack([shown, mirrored]),
            candidates=candidates,
            hit_counts=np.append(counts, repeat_counts),
            # A mirrored picture is about as large as the picture, and as sharp.
            cues=self._picture_cues(np.hstack([shown, repeats]), candidates),
            count=self._study.catch_count,
        )

    def lenders(self, units: Sequence[Unit], images: Numbers) -> Numbers:
        """The masks whose regions the drawn images borrow, (units, catch images).

        Args:
            images: (units, catch images) their places, NONE where there is none.
        """
        count = self._study.catch_count
        regions = [self._regions(unit) for unit in units]
        order = self._numbers("mask order", units, range(len(regions[0].is_lit)))
        most = MAX_CUT if self._is_cropped else order.shape[1]
        offered = offered_regions(regions, order, count, most) & (images[:, :, None] != NONE)
        cues = [cue.repeated(count) for cue in region_cues(regions)]
        repetition = None
        if self._is_cropped:
            tile_cues, repetition = self._tile_cues(units, images, offered)
            cues += tile_cues
        points = self._numbers("mask", units, [0])[:, 0]
        return draw_lenders(offered, cues, points, repetition)

    def _shown(self, units: Sequence[Unit]) -> tuple[Numbers, Numbers]:
        """Places of the units' top images, and of those that come again: (units, n) each."""
        numbers = [unit.number for unit in units]
        shown = self._dissection.table.top.image[numbers, : self._study.top_count]
        return shown, shown[:, : self._study.repeat_count]

    def _order(self, units: Sequence[Unit], candidates: Numbers) -> NDArray[np.uint64]:
        """(units, candidates): a random number of each image, which the study's key fixes."""
        rows = [
            [draw(self._study, "catch order", unit, place) for place in row]
            for unit, row in zip(units, candidates.tolist(), strict=True)
        ]
        return np.array(rows, dtype=np.uint64).reshape(candidates.shape)

    def _numbers(
        self, purpose: str, units: Sequence[Unit], parts: Sequence[int]
    ) -> NDArray[np.uint64]:
        """(units, parts): random numbers that the study's key fixes."""
        rows = [[draw(self._study, purpose, unit, part) for part in parts] for unit in units]
        return np.array(rows, dtype=np.uint64).reshape(len(units), len(parts))

    def _regions(self, unit: Unit) -> UnitRegions:
        """The regions of a unit, of which the first ones are shown."""
        table, study = self._dissection.table, self._study
        masks = self._dissection.masks(unit)[: table.coverage.shape[1]]
        boxes = self._dissection.boxes(unit.number)  # the loupe opens on them where no tile does
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

    def _picture_cues(self, shown: Numbers, candidates: Numbers) -> tuple[Cue, ...]:
        """Of the files that show whole pictures: name, bytes, width and sharpness.

        Low images are others than top images, so even the number that begins a name has another
        mean among them.
        """
        images = self._dissection.images
        places = sorted({*shown.ravel().tolist(), *candidates.ravel().tolist()} - {NONE})
        names = [images[place].zoom if self._is_cropped else images[place].tile for place in places]
        measures = np.full((5, max(images, default=NONE) + 2), np.nan)  # the last one is NONE's
        with Background(THREADS, name="tiles") as background:
            measures[:, places] = np.transpose(list(background.map(file_measures, names)))
        return tuple(Cue(of[shown], of[candidates]) for of in measures)

    def _tile_cues(
        self, units: Sequence[Unit], images: Numbers, offered: NDArray[np.bool_]
    ) -> tuple[list[Cue], Repetition]:
        """Bytes, pixels and sharpness of tiles, and how often they come again.

        Args:
            images: (units, catch images) their places.
            offered: (units, catch images, masks) whose regions they may borrow.
        """
        count = self._study.catch_count
        cuts, again = (self._cuts(units, places) for places in self._shown(units))
        borrowers = [unit for unit in units for _ in range(count)]
        places = np.where(offered, images[:, :, None], NONE)
        lent = self._cuts(borrowers, places.reshape(len(borrowers), -1))
        tiles = self._dissection.measured_tiles(_all(cuts), _all(lent))
        pages = [top + repeat for top, repeat in zip(cuts, again, strict=True)]
        shown = [page for page in pages for _ in range(count)]
        measures: list[Callable[[Cut], float]] = [
            lambda cut: tiles[cut].size,
            lambda cut: tiles[cut].source_px,
            lambda cut: tiles[cut].sharpness[0],
            lambda cut: tiles[cut].sharpness[1],
        ]
        cues = [Cue(_numbers(shown, of), _numbers(lent, of)) for of in measures]
        return cues, _repetition(cuts, again, lent)

    def _cuts(self, units: Sequence[Unit], places: Numbers) -> list[list[Cut | None]]:
        """The tiles of pictures, (rows, masks), by the crops around their column's regions.

        Args:
            units: of each row.
            places: (rows, masks), NONE where there is no picture.
        """
        images, rows = self._dissection.images, []
        for unit, row in zip(units, places.tolist(), strict=True):
            boxes = self._dissection.boxes(unit.number)
            pairs = zip(row, boxes, strict=False)  # a page shows the first of them
            rows.append(
                [(images[place].zoom, box) if place != NONE else None for place, box in pairs]
            )
        return rows


def _all(rows: list[list[Cut | None]]) -> set[Cut]:
    return {cut for row in rows for cut in row if cut}


def _numbers(rows: list[list[Cut | None]], of: Callable[[Cut], float]) -> NDArray[np.float64]:
    """(units, n): a number of each tile, NaN where there is none."""
    numbers = [[of(cut) if cut else np.nan for cut in row] for row in rows]
    return np.array(numbers, dtype=float).reshape(len(rows), -1)


def _repetition(
    cuts: list[list[Cut | None]], again: list[list[Cut | None]], lent: list[list[Cut | None]]
) -> Repetition:
    """How often tiles come again.

    Args:
        cuts, again: of each unit's top images, and of those that it shows again, mirrored.
        lent: with as many rows for each unit as it has catch images.
    """
    upright = {cut: number for number, cut in enumerate(_all(cuts) | _all(lent))}
    mirrored = {cut: len(upright) + number for number, cut in enumerate(_all(again))}
    shown = np.hstack([_numbered(cuts, upright), _numbered(again, mirrored)])
    counts = np.bincount(shown[shown != NONE], minlength=len(upright) + len(mirrored))
    shown = np.repeat(shown, len(lent) // len(shown), axis=0)
    return Repetition(shown, _numbered(lent, upright), counts.astype(float))


def _numbered(rows: list[list[Cut | None]], numbers: Mapping[Cut, int]) -> Numbers:
    places = [[numbers[cut] if cut else NONE for cut in row] for row in rows]
    return np.array(places, dtype=np.int64).reshape(len(rows), -1)
