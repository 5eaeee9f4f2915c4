"""The settings of a dissection, and whether they fit a network and its images."""

from collections.abc import Sequence
from dataclasses import dataclass

from dissect.errors import BadSetting
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.receptive_fields.measure import FieldSettings
from dissect.topk.results import TopKSettings

UPSAMPLE, RECEPTIVE_FIELD = "upsample", "receptive-field"


@dataclass(frozen=True)
class Settings:
    """Settings that are the same for every network of a study.

    Attributes:
        top: images shown for each unit. Twice as many are collected: the others lend their masks
            to catch images, and verify a concept.
        segment: how regions are found, "upsample" or "receptive-field".
        by: the score of an image, "max" of the unit's map or "sum".
        field: how receptive fields are measured, where they draw the regions; None otherwise.
    """

    top: int = 60
    segment: str = UPSAMPLE
    by: str = "max"
    field: FieldSettings | None = None

    def __post_init__(self) -> None:
        if self.top < 1:
            raise BadSetting(f"The number of top images must be at least 1, got {self.top}.")
        if self.segment not in (UPSAMPLE, RECEPTIVE_FIELD):
            raise BadSetting(
                f"Regions are found by {UPSAMPLE} or {RECEPTIVE_FIELD}, not {self.segment!r}."
            )
        if (self.segment == RECEPTIVE_FIELD) != (self.field is not None):
            raise BadSetting(f"Fields are measured for {RECEPTIVE_FIELD}, and for nothing else.")

    @property
    def collected(self) -> int:
        """Top images collected for each unit, if the set has enough."""
        return 2 * self.top

    def wanted(self, layers: Sequence[str]) -> TopKSettings:
        """The settings of the pass over the images."""
        return TopKSettings(tuple(dict.fromkeys(layers)), self.collected, self.top, self.by)

    def options(self) -> dict[str, int | str]:
        """The options of a command with these settings, without those that have their default."""
        options: dict[str, int | str] = {"top": self.top, "segment": self.segment}
        if self.by != "max":
            options["by"] = self.by
        if self.field:
            options |= {
                "field-units": self.field.units,
                "field-images": self.field.top_images,
                "occluder": self.field.occluder,
                "stride": self.field.stride,
            }
        return options

    def check(self, network: Network, infos: list[LayerInfo], images: ImageList) -> None:
        """Check, before a long pass, that a dissection is possible.

        Raises:
            DissectError: it is not.
        """
        self.wanted([info.name for info in infos]).check(images)
        if self.field:
            side, most = network.preprocessing.crop, min(self.collected, len(images))
            self.field.check(infos, side, most)
