"""What jobs are asked to do, as typed values: one model from the command line to the worker.

A request is validated where it is made, stored as JSON in `Run.request` or `Analysis.request`, and
read back by the worker as the same model. Old rows stay readable: a missing key has a default.

Request
├── RunRequest              dissect some layers of a network: options of `manage.py dissect`
├── ImportRequest           take in another program's dissection: of `manage.py import_dissection`
└── AnalysisRequest         one question to a dissected network (analysis_requests)

BadRequest(ValueError)      an option is wrong, or options contradict each other: one sentence
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from annotator.validation_errors import sentence_of
from dissect.errors import BadSetting
from dissect.format.axis_options import NO_AXIS_OPTIONS, AxisOptions
from dissect.format.manifest import BY_FIELD, segmentation_name
from dissect.format.names import on_one_line, storable

UNTRAINED = "untrained"  # in place of a weights file
# Fewer units of a layer than these say little about chance.
MIN_CONTROL_UNITS = {"random_directions": 50, "random_images": 30}
MAX_TOP = 1000  # what a HIT page lays out, and the slots that an answer may name
Count = Annotated[int, Field(ge=1)]
TopCount = Annotated[int, Field(ge=1, le=MAX_TOP)]
Pixels = Annotated[int, Field(ge=1, le=4096)]
Seed = Annotated[int, Field(ge=-(2**53), le=2**53)]


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
    """Where the diameters of discs come from, where regions are discs (Zhou et al. 2015).

    Attributes:
        size: measured, an assumed share of the view, or the paper's fixed one.
        units: units of each layer to measure at any cost, 0 for all; None: what a budget allows.
        top_images: top images averaged for a unit.
        occluder: side of the occluder in px. stride: px from one of its places to the next.
    """

    size: Literal["measured", "assumed", "fixed"] = "measured"
    units: Annotated[int | None, Field(ge=0, le=10**6)] = None
    top_images: TopCount = 25
    occluder: Pixels = 11
    stride: Pixels = 3


FIELD_OPTIONS = {  # a field of FieldOptions to the option of `manage.py dissect` that fills it
    "size": "field-size",
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
    scaled_jpeg: bool = False


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


class RunRequest(Request):
    """One network to dissect for a study.

    Attributes:
        weights: a file, or `untrained`, or None as the network's library has it.
        top: images shown for each unit.
        segment: how regions are found; older names are understood.
        field: only with segment "field"; None is its default.
        keep_duplicates: rank every copy of an image; otherwise copies stand once.
        shards: pieces of work; None makes one for 2,048 images.
        axes: of layers whose network does not tell them.
        directions: a file or folder whose directions or latents stand for units.
        sample: units of each layer to show, drawn of the live ones; None shows all.
        random_directions, random_images: units of chance for each layer; the run is a control.
        seed: of what is random.
        display_name: what readers see of the network; empty makes it from the spec.
        skip: images that are left out, by path; the list keeps them.
    """

    network: str
    weights: str | None = None
    layers: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_distinct)]
    images: str
    top: TopCount = 60
    segment: Annotated[Literal["field", "quantile"], BeforeValidator(segmentation_name)] = "field"
    by: Literal["max", "sum"] = "max"
    field: FieldOptions | None = None
    keep_duplicates: bool = False
    shards: Annotated[int | None, Field(ge=1, le=100_000)] = None
    device: str = "auto"
    numerics: NumericsOptions = NumericsOptions()
    axes: AxisOptions = NO_AXIS_OPTIONS
    directions: str | None = None
    sample: Count | None = None
    random_directions: int | None = None
    random_images: int | None = None
    seed: Seed = 0
    display_name: str = ""
    skip: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """The request of a parsed command line of `manage.py dissect`.

        Raises:
            BadRequest: an option is wrong, or goes with others that are missing.
        """
        fields = {name: options[name] for name in cls.model_fields if name in options}
        fields["field"] = _field_of(options)
        try:
            fields["axes"] = AxisOptions.of(options)
        except BadSetting as error:
            raise BadRequest(str(error)) from error
        fields["numerics"] = {name: options[name] for name in NumericsOptions.model_fields}
        if options["untrained"]:
            if options["weights"]:
                raise BadRequest("--untrained draws random weights: take it, or --weights.")
            fields["weights"] = UNTRAINED
        if options["directions"] is not None:
            fields["directions"] = os.path.abspath(options["directions"])
        if fields.get("sample") is not None and options["directions"] is None:
            raise BadRequest("--sample draws among the units of --directions: take both.")
        is_drawn = [options.get(name) is not None for name in ("sample", *MIN_CONTROL_UNITS)]
        if not options["untrained"] and not any(is_drawn):
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

    @field_validator("images", "weights", "directions")
    @classmethod
    def _can_be_stored(cls, path: str | None, info: ValidationInfo) -> str | None:
        if path is not None and path != storable(path):
            raise ValueError(
                f"{_option((str(info.field_name),))} {on_one_line(path)} is no UTF-8 text, so no "
                "database can keep it: rename it, or link to it by another name."
            )
        return path

    @property
    def has_directions(self) -> bool:
        """Whether directions stand for units."""
        return bool(self.directions or self.random_directions)

    @property
    def control_option(self) -> str:
        """The option that makes the run a control of a network in the study; empty if none does."""
        return next((_option((name,)) for name in MIN_CONTROL_UNITS if getattr(self, name)), "")


def _field_of(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The options of FieldOptions that are given; None where none is."""
    measuring = {
        field: options[option.replace("-", "_")]
        for field, option in FIELD_OPTIONS.items()
        if options[option.replace("-", "_")] is not None
    }
    for field in measuring:
        option = f"--{FIELD_OPTIONS[field]}"
        if segmentation_name(options["segment"]) != BY_FIELD:
            raise BadRequest(f"{option} goes with --segment {BY_FIELD} alone.")
        if field not in ("size", "units") and "units" not in measuring:
            raise BadRequest(f"{option} goes with --field-units N: without it a budget decides.")
    return measuring or None


class ImportRequest(Request):
    """A dissection of another program to take into a study: options of `import_dissection`.

    Attributes:
        name: of the network; None is what the dissection says, or the name of its file.
        images: the list that a table's images stand in; None is the images of the table itself.
        top: images shown for each unit; None is the study's, or as many as there are, at most 60.
        resize, crop: what the network saw of an image, as Resize and CenterCrop cut it, in px.
    """

    study: str
    name: str | None = None
    images: str | None = None
    top: TopCount | None = None
    condition: Literal["trained", "untrained", "directions", "random directions"] = "trained"
    resize: Count = 224
    crop: Count = 224

    @model_validator(mode="after")
    def _crop_fits(self) -> Self:
        if self.crop > self.resize:
            raise ValueError(f"--crop must be from 1 to --resize {self.resize}, got {self.crop}.")
        return self
