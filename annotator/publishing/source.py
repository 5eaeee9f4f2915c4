"""A layer's dissection, as publishing needs it."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from django.db.models import Count

from annotator import storage
from annotator.dissection_reader import Dissection, open_dissection
from annotator.models import Exemplar, Image, Layer, Unit
from annotator.publishing.catch_images import NONE, Low, draw

THREADS = 8  # asking for sizes: each waits for the storage


class Source:
    """Low candidates, ranks below the top, masks and pictures of a layer's units."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.network, self.study = layer, layer.network, layer.network.study
        self.dissection: Dissection = open_dissection(layer.network.dissection)
        self.facts = next(
            facts for facts in self.dissection.manifest["layers"] if facts["name"] == layer.name
        )
        self.table = self.dissection.table(self.facts)

    @cached_property
    def images(self) -> dict[int, Image]:
        """The study's rows for the dissection's pictures, by place."""
        tiles = {picture["place"]: picture["tile"] for picture in self.dissection.pictures()}
        return {
            image.place: image
            for image in self.study.images.all()
            if tiles.get(image.place) == image.tile
        }

    @cached_property
    def catches(self) -> dict[int, list[int]]:
        """Unit number: which of its low candidates are its catch images.

        Of all units of the layer that have none yet, drawn together; a unit with too few
        candidates gets what there is.
        """
        units = self.layer.units.exclude(exemplars__role=Exemplar.Role.CATCH)
        rows = list(units.order_by("number").values_list("number", "pk"))
        numbers = [number for number, _ in rows]
        shown = self.table["image"][numbers, : self.study.top_count]
        candidates = self._candidates(numbers, shown)
        low = Low(
            units=np.array([pk for _, pk in rows], dtype=np.int64),
            shown=shown,
            candidates=candidates,
            seen=self._seen(),
            sizes=self._sizes({*shown.ravel().tolist(), *candidates.ravel().tolist()} - {NONE}),
        )
        return dict(zip(numbers, draw(low, self.study.key, self.study.catch_count), strict=True))

    def _candidates(self, numbers: list[int], shown: np.ndarray) -> np.ndarray:
        """(units, candidates) places of low images that nothing else shows for the unit."""
        low = self.table["low_image"][numbers]
        others = Exemplar.objects.filter(unit__layer=self.layer).exclude(role=Exemplar.Role.TOP)
        used = defaultdict(set)
        for number, place in others.values_list("unit__number", "image__place"):
            used[number].add(place)
        taken = [
            np.isin(row, [*top, *used[number]])
            for number, row, top in zip(numbers, low, shown, strict=True)
        ]
        return np.where(np.reshape(taken, low.shape), NONE, low)

    def _seen(self) -> np.ndarray:
        """(images,): in how many units of the study each is shown, or will be, by its place."""
        every = Exemplar.objects.filter(image__study=self.study)
        counts = dict(every.order_by().values_list("image").annotate(Count("pk")))
        found = np.zeros(max(self.images, default=NONE) + 1)
        for place, image in self.images.items():
            found[place] = counts.get(image.pk, 0)
        return found

    def _sizes(self, places: set[int]) -> np.ndarray:
        """(images,): bytes of the pictures at some places."""
        found = np.zeros(max(self.images, default=NONE) + 1)
        names = [f"pictures/{self.images[place].tile}" for place in sorted(places)]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sizes") as pool:
            found[sorted(places)] = list(pool.map(storage.size, names))
        return found

    def coverage(self, unit: Unit) -> list[float]:
        """What share of the picture each of a unit's regions covers, by mask number."""
        return self.table["coverage"][unit.number].tolist()
