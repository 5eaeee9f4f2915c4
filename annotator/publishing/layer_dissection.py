"""What publishing reads of a layer's dissection: its table, masks and pictures, and tiles."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotator.dissection_reader import images_by_place, open_dissection
from annotator.models import Exemplar, Image, Layer, Study, Unit
from annotator.publishing.hit_tiles import Cut, Frame, TileFile, cut_tiles, frame_of
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

    def frames(self, unit: Unit, exemplars: Sequence[Exemplar]) -> list[Frame]:
        """What a HIT lights of its pictures, and where they are cropped."""
        masks, peaks = self.masks(unit), self.peaks(unit.number)
        return [frame_of(exemplar, masks, peaks) for exemplar in exemplars]

    def tiles(self, cuts: Sequence[Cut]) -> list[TileFile]:
        """Cut and store tiles, unless that was done when catch images were drawn."""
        self._tiles |= cut_tiles([cut for cut in cuts if cut not in self._tiles])
        return [self._tiles[cut] for cut in cuts]

    def measured_tiles(self, shown: set[Cut], others: set[Cut]) -> dict[Cut, TileFile]:
        """Cut tiles to learn what they are like, and store only those that will be shown."""
        self._tiles |= cut_tiles(shown - set(self._tiles))
        return cut_tiles(others - set(self._tiles), False) | self._tiles

    @cached_property
    def images(self) -> dict[int, Image]:
        """{place: the study's row of this dissection's picture there}."""
        return images_by_place(self.study, self._dissection.pictures())
