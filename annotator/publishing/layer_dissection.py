"""What publishing reads of a layer's dissection: its table, masks, pictures, and catch images."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from annotator import storage
from annotator.dissection_reader import images_by_place, open_dissection
from annotator.models import Exemplar, Image, Layer, Study, Unit
from annotator.publishing.catch_images import NONE, CatchCandidates, Cue, draw_catch_images
from annotator.publishing.frames import Frame, frame_of
from annotator.publishing.lenders import UnitRegions, likely_lenders
from annotator.publishing.tiles import THREADS, Cut, TileFile, cut_tiles
from dissect.format.tiles import Box, crop_box


class LayerDissection:
    """A layer's dissection, read once for all of its units.

    Attributes:
        table: the layer's numbers; the first axis of its arrays is the unit's number.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer, self.network = layer, layer.network
        # As it is now: the design may have changed since the units were loaded.
        self.study = Study.objects.get(pk=layer.network.study_id)
        self._dissection = open_dissection(layer.network.dissection)
        self._facts = self._dissection.manifest.layer(layer.name)
        self.table = self._dissection.table(self._facts)
        self._boxes: dict[int, list[Box]] = {}
        self._tiles: dict[Cut, TileFile] = {}

    def masks(self, unit: Unit) -> np.ndarray:
        """(regions, side, side) bool: the unit's regions by mask number."""
        return self._dissection.masks(self._facts, unit.number)

    def coverage(self, unit: Unit) -> list[float]:
        """The share of the picture that each of a unit's regions covers, by mask number."""
        return self.table.coverage[unit.number].tolist()

    def peaks(self, number: int) -> NDArray[np.float32]:
        """(ranks, 2): the peak of each region of a unit, (y, x) in shares of the view.

        A dissection that does not hold them has the cells of the map, of which the middle counts.
        """
        if self.table.peak is not None:
            return self.table.peak[number]
        cells = np.stack([self.table.top.y[number], self.table.top.x[number]], axis=1)
        height, width = self._facts.map_size
        return ((cells + 0.5) / (height, width)).astype(np.float32)

    def boxes(self, number: int) -> list[Box]:
        """The crop around each of a unit's regions, by mask number."""
        if number not in self._boxes:
            masks, peaks = self._dissection.masks(self._facts, number), self.peaks(number)
            pairs = zip(masks, peaks.tolist(), strict=False)  # the sheet ends with empty cells
            self._boxes[number] = [crop_box(region, (y, x)) for region, (y, x) in pairs]
        return self._boxes[number]

    def regions(self, unit: Unit, shown: int) -> UnitRegions:
        """The regions of a unit, of which the first ones are shown."""
        sides = [box.side for box in self.boxes(unit.number)]
        return UnitRegions(self.coverage(unit), sides, shown)

    def frames(self, unit: Unit, exemplars: Sequence[Exemplar]) -> list[Frame]:
        """What a HIT lights of its pictures, and where they are cropped."""
        masks, peaks = self.masks(unit), self.peaks(unit.number)
        return [frame_of(exemplar, masks, peaks) for exemplar in exemplars]

    def tiles(self, cuts: Sequence[Cut]) -> list[TileFile]:
        """Cut and store tiles, unless that was done when catch images were drawn."""
        self._tiles |= cut_tiles([cut for cut in cuts if cut not in self._tiles])
        return [self._tiles[cut] for cut in cuts]

    @cached_property
    def images(self) -> dict[int, Image]:
        """{place: the study's row of this dissection's picture there}."""
        return images_by_place(self.study, self._dissection.pictures())

    @cached_property
    def catch_columns(self) -> dict[int, list[int]]:
        """{unit number: columns of the table's low images that are its catch images}.

        They are drawn together for all units of the layer that have none yet. A unit with too few
        candidates gets all of them.
        """
        units = list(self.layer.units.exclude(exemplars__role=Exemplar.Role.CATCH))
        numbers = [unit.number for unit in units]
        shown = self.table.top.image[numbers, : self.study.top_count]
        candidates = self._candidates(numbers, shown)
        is_cropped = self.study.tile_view == Study.TileView.CROP
        cues = self._crop_cues if is_cropped else self._picture_cues
        pool = CatchCandidates(
            unit_ids=np.array([unit.pk for unit in units], dtype=np.int64),
            shown=shown,
            candidates=candidates,
            hit_counts=self._hit_counts(),
            cues=cues(units, shown, candidates),
        )
        columns = draw_catch_images(pool, self.study.key, self.study.catch_count)
        return dict(zip(numbers, columns, strict=True))

    def _candidates(self, numbers: list[int], shown: np.ndarray) -> np.ndarray:
        """(units, candidates) places of low images that the unit shows in no other role."""
        low = self.table.low.image[numbers]
        others = Exemplar.objects.filter(unit__layer=self.layer).exclude(role=Exemplar.Role.TOP)
        used = defaultdict(set)
        for number, place in others.values_list("unit__number", "image__place"):
            used[number].add(place)
        is_used = [
            np.isin(row, [*top, *used[number]])
            for number, row, top in zip(numbers, low, shown, strict=True)
        ]
        return np.where(np.reshape(is_used, low.shape), NONE, low)

    def _hit_counts(self) -> np.ndarray:
        """(images,): for how many units of the study each image is an exemplar, by its place."""
        exemplars = Exemplar.objects.filter(image__study=self.study)
        rows = dict(exemplars.order_by().values_list("image").annotate(Count("pk")))
        counts = np.zeros(max(self.images, default=NONE) + 1)
        for place, image in self.images.items():
            counts[place] = rows.get(image.pk, 0)
        return counts

    def _picture_cues(
        self, units: Sequence[Unit], shown: np.ndarray, candidates: np.ndarray
    ) -> tuple[Cue, ...]:
        """How many bytes the tiles are that show whole pictures."""
        places = sorted({*shown.ravel().tolist(), *candidates.ravel().tolist()} - {NONE})
        sizes = np.full(max(self.images, default=NONE) + 2, np.nan)  # the last one is NONE's
        names = [f"pictures/{self.images[place].tile}" for place in places]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sizes") as pool:
            sizes[places] = list(pool.map(storage.size, names))
        return (Cue(sizes[shown], sizes[candidates]),)

    def _crop_cues(
        self, units: Sequence[Unit], shown: np.ndarray, candidates: np.ndarray
    ) -> tuple[Cue, ...]:
        """How many bytes tiles and pictures are, and how many pixels of a picture a tile shows."""
        cuts = [self._shown_cuts(unit, row) for unit, row in zip(units, shown, strict=True)]
        low = [self._likely_cuts(unit, row) for unit, row in zip(units, candidates, strict=True)]
        self._tiles |= cut_tiles({cut for row in cuts for cut in row if cut})
        measured = cut_tiles({cut for row in low for cut in row if cut} - set(self._tiles), False)
        measured |= self._tiles
        numbers = [_numbers(rows, measured) for rows in (cuts, low)]
        return tuple(Cue(*pair) for pair in zip(*numbers, strict=True))

    def _shown_cuts(self, unit: Unit, places: np.ndarray) -> list[Cut | None]:
        boxes = self.boxes(unit.number)
        return [
            (self.images[place].zoom, boxes[mask]) if place != NONE else None
            for mask, place in enumerate(places.tolist())
        ]

    def _likely_cuts(self, unit: Unit, places: np.ndarray) -> list[Cut | None]:
        """The tile of each candidate, as it would be if that alone became a catch image."""
        regions = self.regions(unit, self.study.top_count)
        masks = likely_lenders(self.study, unit, regions, places.tolist())
        boxes = self.boxes(unit.number)
        return [
            (self.images[place].zoom, boxes[mask]) if place != NONE else None
            for place, mask in zip(places.tolist(), masks, strict=True)
        ]


def _numbers(cuts: list[list[Cut | None]], tiles: dict[Cut, TileFile]) -> np.ndarray:
    """(3, units, n): bytes of the tile, bytes of its picture, pixels it shows; NaN without one."""
    nothing = (np.nan, np.nan, np.nan)
    rows = [
        [
            (tiles[cut].size, tiles[cut].picture_size, tiles[cut].source_px) if cut else nothing
            for cut in row
        ]
        for row in cuts
    ]
    shape = (len(cuts), len(cuts[0]) if cuts else 0, 3)
    return np.moveaxis(np.array(rows, dtype=float).reshape(shape), 2, 0)
