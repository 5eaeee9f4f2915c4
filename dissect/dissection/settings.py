"""The settings of a dissection, and whether they fit a network and its images."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dissect.errors import BadSetting
from dissect.format.manifest import BY_FIELD, BY_QUANTILE, segmentation_name
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.receptive_fields.disc_diameters import MEASURED, FieldSettings
from dissect.topk.results import TopKSettings

SEGMENTATIONS = (BY_FIELD, BY_QUANTILE)


@dataclass(frozen=True)
class Settings:
    """Settings that are the same for every network of a study.

    Attributes:
        top: images shown for each unit. Twice as many are collected: the others lend their masks
            to catch images, and verify a concept.
        segment: how regions are found, "field" or "quantile" (or an older name of one of them).
        by: the score of an image, "max" of the unit's map or "sum".
        field: where the diameters of discs come from; None with "quantile", which has none.
        keep_duplicates: rank every copy of an image; otherwise copies stand once.
    """

    top: int = 60
    segment: str = BY_FIELD
    by: str = "max"
    field: FieldSettings | None = None
    keep_duplicates: bool = False

    def __post_init__(self) -> None:
        if self.top < 1:
            raise BadSetting(f"The number of top images must be at least 1, got {self.top}.")
        object.__setattr__(self, "segment", segmentation_name(self.segment))
        if self.segment not in SEGMENTATIONS:
            raise BadSetting(
                f"Regions are found by {BY_FIELD} or {BY_QUANTILE}, not {self.segment!r}."
            )
        if self.segment == BY_FIELD and self.field is None:
            object.__setattr__(self, "field", FieldSettings())
        if self.segment == BY_QUANTILE and self.field is not None:
            raise BadSetting(f"Regions by {BY_QUANTILE} have no discs, so no fields to measure.")

    @property
    def collected(self) -> int:
        """Top images collected for each unit, if the set has enough."""
        return 2 * self.top

    def wanted(self, layers: Sequence[str]) -> TopKSettings:
        """The settings of the pass over the images."""
        names = tuple(dict.fromkeys(layers))
        return TopKSettings(names, self.collected, self.top, self.by, self.keep_duplicates)

    def options(self) -> dict[str, int | str]:
        """The options of a command with these settings, without those that have their default."""
        options: dict[str, int | str] = {"top": self.top, "segment": self.segment}
        if self.by != "max":
            options["by"] = self.by
        if self.keep_duplicates:
            options["keep-duplicates"] = True
        if self.field and self.field.size != MEASURED:
            options["field-size"] = self.field.size
        if self.field and self.field.units is not None:
            options |= {
                "field-units": self.field.units,
                "field-images": self.field.top_images,
                "occluder": self.field.occluder,
                "stride": self.field.stride,
            }
        return options

    def facts(self) -> dict[str, Any]:
        """The settings as a manifest has them, without those of a measurement that is not asked."""
        facts = asdict(self)
        if self.field and self.field.units is None:
            facts["field"] = {"size": self.field.size}
        return facts

    def check(self, network: Network, infos: list[LayerInfo], images: ImageList) -> None:
        """Check, before a long pass, that a dissection is possible.

        Raises:
            DissectError: it is not.
        """
        self.wanted([info.name for info in infos]).check(images)
        if self.field:
            side, most = network.preprocessing.crop, min(self.collected, len(images))
            self.field.check(side, most)
