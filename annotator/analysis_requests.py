"""Questions to dissected networks as typed values, one model for each kind.

A kind is a command of `python -m dissect`, and its fields are options of the command. A field that
is not given has the command's own default. What `Analysis.request` stores is `options()`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator

from annotator.job_requests import BadRequest, Count, Request


def _no_dash(values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """argparse would take such a value for an option."""
    if any(value.startswith("-") for value in values):
        raise ValueError(f"--{info.field_name} takes no value that starts with a dash.")
    return values


Names = Annotated[tuple[str, ...], AfterValidator(_no_dash)]
Paths = tuple[str, ...]  # of the study's image list
Units = tuple[Annotated[int, Field(ge=0)], ...]
VIEW_PX = 224  # the side of most networks' view
UNITS_OF_A_LAYER = 128
Fill = Literal["zero", "mean", "random", "blur"]
SegmentFill = Literal["gradient", "zero", "mean", "random", "blur"]


class AnalysisRequest(Request):
    """One question to a dissected network.

    Attributes of several kinds:
        layers: dotted names. units: numbers; empty is all of a layer.
        images: paths of images; empty is the study's whole list.
    """

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))
    kind: ClassVar[str]

    def forwards(self, image_count: int) -> int:
        """About how many images are forwarded, so that short questions can pass long ones.

        Args:
            image_count: of the study, which many kinds look at.
        """
        return 0

    def options(self) -> dict[str, Any]:
        """What is given, by the command's options: what `Analysis.request` stores."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class LayersRequest(AnalysisRequest):
    kind = "layers"


class FiltersRequest(AnalysisRequest):
    kind = "filters"
    layers: Names = ()
    units: Units = ()
    normalise: Literal["filter", "layer"] | None = None


class ActivationsRequest(AnalysisRequest):
    """With `image`, its maps are shown, and sparsity is measured over the whole list."""

    kind = "activations"
    layers: Names
    units: Units = ()
    normalise: Literal["unit", "layer"] | None = None
    images: Paths = ()
    image: str | None = None
    right: Count | None = None

    def forwards(self, image_count: int) -> int:
        return 2 * (len(self.images) or image_count)


class ClassRequest(AnalysisRequest):
    """A question about one class, by name or index; None is the network's own best class."""

    class_name: Annotated[str | None, Field(alias="class")] = None


def _needs_images(self: "OcclusionRequest | MinimalImageRequest") -> Any:
    """Some images, or `right`: so many of the whole list that the network gets right."""
    if not self.images and self.right is None:
        raise ValueError("--images is missing.")
    return self


class OcclusionRequest(ClassRequest):
    kind = "occlusion"
    occluder: Count | None = None
    stride: Count | None = None
    fill: Fill | None = None
    images: Paths = ()
    right: Count | None = None
    _has_images = model_validator(mode="after")(_needs_images)

    def forwards(self, image_count: int) -> int:
        positions = (VIEW_PX // (self.stride or 3)) ** 2
        return positions * (self.right or len(self.images))


class MinimalImageRequest(ClassRequest):
    kind = "minimal-image"
    segments: str | None = None
    count: Count | None = None
    fill: SegmentFill | None = None
    exchanges: Annotated[int, Field(ge=0)] | None = None
    draws: Count | None = None
    images: Paths = ()
    right: Count | None = None
    per_class: Count | None = None
    _has_images = model_validator(mode="after")(_needs_images)

    def forwards(self, image_count: int) -> int:
        segments = self.count or 40
        removals = segments * (segments + 1) // 2 + (self.draws or 100)
        # Exchanges mostly end before their budget does.
        removals += (500 if self.exchanges is None else self.exchanges) // 2
        return removals * (self.right or len(self.images))


class ReceptiveFieldRequest(AnalysisRequest):
    kind = "receptive-field"
    layers: Names
    units: Units = ()
    top_images: Count | None = None
    occluder: Count | None = None
    stride: Count | None = None
    theoretical_only: bool = False
    images: Paths = ()

    def forwards(self, image_count: int) -> int:
        if self.theoretical_only:
            return 0
        image_count = len(self.images) or image_count
        positions = (VIEW_PX // (self.stride or 3)) ** 2
        units = (len(self.units) or UNITS_OF_A_LAYER) * len(self.layers)
        # Only what each of three patches changes is computed again: about a tenth of a forward.
        return image_count + 3 * units * (self.top_images or 25) * positions // 10


class CompareRequest(AnalysisRequest):
    """`other` is the key of another network of the study; a layer "a=b" is compared with its b."""

    kind = "compare"
    other: int
    layers: Names
    top: Count | None = None
    overlap: Count | None = None
    sample: Count | None = None

    def forwards(self, image_count: int) -> int:
        return 4 * min(image_count, self.sample or image_count)


class ConceptsRequest(AnalysisRequest):
    kind = "concepts"
    layers: Names
    units: Units = ()
    best: Count | None = None
    sample: Count | None = None

    def forwards(self, image_count: int) -> int:
        image_count = min(image_count, self.sample or image_count)
        # Masks of many units cost more than the network.
        units = (len(self.units) or UNITS_OF_A_LAYER) * len(self.layers)
        return 2 * image_count + units * image_count // 10


class AlikeRequest(AnalysisRequest):
    kind = "alike"
    layers: Names
    units: Units = ()
    top: Count | None = None
    sample: Count | None = None

    def forwards(self, image_count: int) -> int:
        return min(image_count, self.sample or image_count)


class ScenesRequest(AnalysisRequest):
    """`named` holds the units that people named, and their cuts, as `--named` reads them."""

    kind = "scenes"
    level: str | None = None
    images: Paths
    named: dict[str, Any]

    def forwards(self, image_count: int) -> int:
        return len(self.images)


ANALYSES: dict[str, type[AnalysisRequest]] = {
    request.kind: request
    for request in (
        LayersRequest, FiltersRequest, ActivationsRequest, OcclusionRequest, MinimalImageRequest,
        ReceptiveFieldRequest, CompareRequest, ConceptsRequest, AlikeRequest, ScenesRequest,
    )
}  # fmt: skip


def analysis_request(kind: str, options: Mapping[str, Any]) -> AnalysisRequest:
    """Validate the request for an analysis of one kind.

    Raises:
        BadRequest: there is no such kind, or an option is wrong.
    """
    if kind not in ANALYSES:
        raise BadRequest(f"There is no analysis {kind!r}; there are {', '.join(ANALYSES)}.")
    return ANALYSES[kind].of(options)
