"""What publishing reads of a layer's dissection: its table, masks, pictures, and catch images."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from django.db.models import Count

from annotator import storage
from annotator.dissection_reader import images_by_place, open_dissection
from annotator.models import Exemplar, Image, Layer, Unit
from annotator.publishing.catch_images import NONE, CatchCandidates, draw_catch_images

THREADS = 8  # reading file sizes, which is waiting for the storage


class LayerDissection:
    """A layer's dissection, read once for all of its units.

    Attributes:
        table: the layer's numbers; the first axis of its arrays is the unit's number.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer, self.network, self.study = layer, layer.network, layer.network.study
        self._dissection = open_dissection(layer.network.dissection)
        self._facts = self._dissection.manifest.layer(layer.name)
        self.table = self._dissection.table(self._facts)

    def masks(self, unit: Unit) -> np.ndarray:
        """(regions, side, side) bool: the unit's regions by mask number."""
        return self._dissection.masks(self._facts, unit.number)

    def coverage(self, unit: Unit) -> list[float]:
        """The share of the picture that each of a unit's regions covers, by mask number."""
        return self.table.coverage[unit.number].tolist()

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
        units = self.layer.units.exclude(exemplars__role=Exemplar.Role.CATCH)
        rows = list(units.order_by("number").values_list("number", "pk"))
        numbers = [number for number, _ in rows]
        shown = self.table.top.image[numbers, : self.study.top_count]
        candidates = self._candidates(numbers, shown)
        places = {*shown.ravel().tolist(), *candidates.ravel().tolist()} - {NONE}
        pool = CatchCandidates(
            unit_ids=np.array([pk for _, pk in rows], dtype=np.int64),
            shown=shown,
            candidates=candidates,
            hit_counts=self._hit_counts(),
            file_sizes=self._file_sizes(places),
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

    def _file_sizes(self, places: set[int]) -> np.ndarray:
        """(images,): bytes of the tiles at some places, 0 elsewhere."""
        sizes = np.zeros(max(self.images, default=NONE) + 1)
        names = [f"pictures/{self.images[place].tile}" for place in sorted(places)]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sizes") as pool:
            sizes[sorted(places)] = list(pool.map(storage.size, names))
        return sizes
