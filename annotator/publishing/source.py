"""A layer's dissection, as publishing needs it."""

from collections import Counter
from functools import cached_property

from django.db.models import Count

from annotator.models import Exemplar, Image, Layer, Unit
from annotator.seam import Dissection, open_dissection


class Source:
    """Low candidates, ranks below the top, masks and pictures of a layer's units."""

    def __init__(self, layer: Layer) -> None:
        self.network = layer.network
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
            for image in self.network.study.images.all()
            if tiles.get(image.place) == image.tile
        }

    @cached_property
    def appearances(self) -> Counter[int]:
        """In how many units of the study each image is a top image, by its row."""
        tops = Exemplar.objects.filter(role=Exemplar.Role.TOP, image__study=self.network.study)
        return Counter(dict(tops.order_by().values_list("image").annotate(Count("pk"))))

    def coverage(self, unit: Unit) -> list[float]:
        """What share of the picture each of a unit's regions covers, by mask number."""
        return self.table["coverage"][unit.number].tolist()
