"""What jobs are asked to do, as typed values: one model from the command line to the worker.

A request is validated where it is made, stored as JSON in `Run.asked` or `Analysis.asked`, and read
back by the worker as the same model. Old rows stay readable: a key that they lack has a default.

Request
├── RunRequest              dissect some layers of a network: the options of `manage.py dissect`
└── AnalysisRequest         one question to a dissected network: options of `python -m dissect KIND`
    └── LayersRequest, FiltersRequest, ... one for each kind

BadRequest(ValueError)      an option is wrong, or options contradict each other: one sentence
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from annotator.validation_errors import sentence_of

UNTRAINED = "untrained"  # in place of a weights file
# Fewer units of a layer than these say little about chance.
MIN_CONTROL_UNITS = {"random_directions": 50, "random_images": 30}
Count = Annotated[int, Field(ge=1)]


class BadRequest(ValueError):
    """A request cannot be carried out as it stands; its text is one sentence."""


class Request(BaseModel):
    """Options of a job. A field is named like its option, with `_` for `-`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Validate options, as a caller gives them or as a row stores them.

        Raises:
            BadRequest: one is wrong.
        """
        try:
            return cls.model_validate(dict(options))
        except ValidationError as error:
            raise BadRequest(sentence_of(error, _option)) from error


def _option(path: tuple[Any, ...]) -> str:
    """The option of a command that fills the field at a path."""
    names = [part for part in path if isinstance(part, str)]
    if names[0] == "field" and len(names) > 1:
        return f"--{FIELD_OPTIONS[names[1]]}"
    return f"--{names[-1].replace('_', '-')}"


class FieldOptions(Request):
    """How receptive fields are measured, where regions are drawn from them (Zhou et al. 2015).

    Attributes:
        units: units measured of each layer; 0 is all.
        top_images: top images averaged for a unit.
        occluder: side of the occluder in px. stride: px from one of its places to the next.
    """

    units: int = 16
    top_images: int = 25
    occluder: int = 11
    stride: int = 3


FIELD_OPTIONS = {  # a field of FieldOptions to the option of `manage.py dissect` that fills it
    "units": "field-units",
    "top_images": "field-images",
    "occluder": "occluder",
    "stride": "stride",
}


class NumericsOptions(Request):
    """Numerics that are faster and less exact; none is on by default."""

    autocast: bool = False
    tf32: bool = False
    channels_last: bool = False


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


class RunRequest(Request):
    """One network to dissect for a study.

    Attributes:
        weights: a file, or `untrained`, or None as the network's library has it.
        top: images shown for each unit.
        field: only with segment "receptive-field".
        shards: pieces of work; None makes one for 2,048 images.
        directions: a file whose directions stand for units.
        random_directions, random_images: units of chance for each layer; the run is a control.
        seed: of what is random.
    """

    network: str
    weights: str | None = None
    layers: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_distinct)]
    images: str
    top: Count = 60
    segment: Literal["upsample", "receptive-field"] = "upsample"
    by: Literal["max", "sum"] = "max"
    field: FieldOptions | None = None
    shards: Count | None = None
    device: str = "auto"
    numerics: NumericsOptions = NumericsOptions()
    directions: str | None = None
    random_directions: int | None = None
    random_images: int | None = None
    seed: int = 0

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """The request of a parsed command line of `manage.py dissect`.

        Raises:
            BadRequest: an option is wrong, or goes with others that are missing.
        """
        fields = {name: options[name] for name in cls.model_fields if name in options}
        fields["field"] = _field_of(options)
        fields["numerics"] = {name: options[name] for name in NumericsOptions.model_fields}
        if options["untrained"]:
            if options["weights"]:
                raise BadRequest("--untrained draws random weights: take it, or --weights.")
            fields["weights"] = UNTRAINED
        if options["directions"] is not None:
            fields["directions"] = os.path.abspath(options["directions"])
        if not options["untrained"] and all(options[name] is None for name in MIN_CONTROL_UNITS):
            fields["seed"] = 0  # nothing is random
        return cls.of(fields)

    @field_validator(*MIN_CONTROL_UNITS)
    @classmethod
    def _has_units(cls, count: int | None, info: ValidationInfo) -> int | None:
        name = str(info.field_name)
        if count is not None and count < 1:
            raise ValueError(
                f"{_option((name,))} must be at least 1, got {count}; {MIN_CONTROL_UNITS[name]} or "
                "more make a control."
            )
        return count

    @property
    def has_directions(self) -> bool:
        """Whether directions stand for units."""
        return bool(self.directions or self.random_directions)

    @property
    def control_option(self) -> str:
        """The option that makes the run a control of a network in the study; empty if none does."""
        return next((_option((name,)) for name in MIN_CONTROL_UNITS if getattr(self, name)), "")


def _field_of(options: Mapping[str, Any]) -> dict[str, int] | None:
    """The options of FieldOptions that are given; None where fields are not measured."""
    measuring = {
        field: options[option.replace("-", "_")]
        for field, option in FIELD_OPTIONS.items()
        if options[option.replace("-", "_")] is not None
    }
    if options["segment"] == "receptive-field":
        return measuring
    for field in measuring:
        raise BadRequest(f"--{FIELD_OPTIONS[field]} goes with --segment receptive-field alone.")
    return None


def _no_dash(values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """argparse would take such a value for an option."""
    if any(value.startswith("-") for value in values):
        raise ValueError(f"--{info.field_name} takes no value that starts with a dash.")
    return values


Names = Annotated[tuple[str, ...], AfterValidator(_no_dash)]
Units = tuple[Annotated[int, Field(ge=0)], ...]
Fill = Literal["zero", "mean", "random", "blur"]


class AnalysisRequest(Request):
    """One question to a dissected network. What is not given has the command's own default.

    Attributes of several kinds:
        layers: dotted names. units: numbers; empty is all of a layer.
        images: paths in the study's image list; empty is the whole list.
    """

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))
    kind: ClassVar[str]

    def options(self) -> dict[str, Any]:
        """What is given, by the command's options: what `Analysis.asked` stores."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class LayersRequest(AnalysisRequest):
    kind = "layers"


class FiltersRequest(AnalysisRequest):
    kind = "filters"
    layers: Names = ()
    units: Units = ()
    normalise: Literal["filter", "layer"] | None = None


class ActivationsRequest(AnalysisRequest):
    """Attributes: image: whose maps are shown, while sparsity is over the whole list."""

    kind = "activations"
    layers: Names
    units: Units = ()
    normalise: Literal["unit", "layer"] | None = None
    images: Names = ()
    image: str | None = None


class OcclusionRequest(AnalysisRequest):
    kind = "occlusion"
    class_name: Annotated[str | None, Field(alias="class")] = None
    occluder: Count | None = None
    stride: Count | None = None
    fill: Fill | None = None
    images: Names


class MinimalImageRequest(AnalysisRequest):
    kind = "minimal-image"
    class_name: Annotated[str | None, Field(alias="class")] = None
    segments: str | None = None
    count: Count | None = None
    fill: Fill | None = None
    draws: Count | None = None
    images: Names


class ReceptiveFieldRequest(AnalysisRequest):
    kind = "receptive-field"
    layers: Names
    units: Units = ()
    top_images: Count | None = None
    occluder: Count | None = None
    stride: Count | None = None
    theoretical_only: bool = False


class CompareRequest(AnalysisRequest):
    """Attributes: other: key of another network of the study. layers: "a=b", its layer second."""

    kind = "compare"
    other: int
    layers: Names
    top: Count | None = None
    overlap: Count | None = None


class ConceptsRequest(AnalysisRequest):
    kind = "concepts"
    layers: Names
    best: Count | None = None


class AlikeRequest(AnalysisRequest):
    kind = "alike"
    layers: Names
    units: Units = ()
    top: Count | None = None


class ScenesRequest(AnalysisRequest):
    """Attributes: named: what `--named` reads, the units that people named and their cuts."""

    kind = "scenes"
    level: str | None = None
    images: Names
    named: dict[str, Any]


ANALYSES = {request.kind: request for request in AnalysisRequest.__subclasses__()}


def analysis_request(kind: str, options: Mapping[str, Any]) -> AnalysisRequest:
    """
    Raises:
        BadRequest: there is no such kind, or an option is wrong.
    """
    if kind not in ANALYSES:
        raise BadRequest(f"There is no analysis {kind!r}; there are {', '.join(ANALYSES)}.")
    return ANALYSES[kind].of(options)
