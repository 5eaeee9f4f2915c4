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
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
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
        display_name: what readers see of the network; empty makes it from the spec.
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
    display_name: str = ""

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
    top: Count | None = None
    condition: Literal["trained", "untrained", "directions", "random directions"] = "trained"
    resize: Count = 224
    crop: Count = 224

    @model_validator(mode="after")
    def _crop_fits(self) -> Self:
        if self.crop > self.resize:
            raise ValueError(f"--crop must be from 1 to --resize {self.resize}, got {self.crop}.")
        return self
