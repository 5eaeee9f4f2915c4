"""What is asked of a dissection, and whether it can be done."""

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
    """What is asked of every network of a study alike.

    Attributes:
        top: images shown for each unit; twice as many are collected, so that masks can be lent
            to catch images and held-out images verify a concept.
        segment: how regions are found, "upsample" or "receptive-field".
        by: the score of an image, "max" of the unit's map or "sum".
        field: how the fields are measured that receptive-field draws; None otherwise.
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
        """Top images found for each unit, where there are so many."""
        return 2 * self.top

    def wanted(self, layers: Sequence[str]) -> TopKSettings:
        """What is asked of the pass."""
        return TopKSettings(tuple(dict.fromkeys(layers)), self.collected, self.top, self.by)

    def options(self) -> dict[str, int | str]:
        """What a command is given to ask for the same; what it does by itself is left out."""
        said: dict[str, int | str] = {"top": self.top, "segment": self.segment}
        if self.by != "max":
            said["by"] = self.by
        if self.field:
            said |= {
                "field-units": self.field.units,
                "field-images": self.field.top_images,
                "occluder": self.field.occluder,
                "stride": self.field.stride,
            }
        return said

    def check(self, network: Network, infos: list[LayerInfo], images: ImageList) -> None:
        """
        Raises:
            DissectError: what is asked cannot be done, which is better said before a long pass.
        """
        self.wanted([info.name for info in infos]).check(images)
        if self.field:
            side, most = network.preprocessing.crop, min(self.collected, len(images))
            self.field.check(infos, side, most)
