"""The description of an encoder: a small JSON that says what happens around its rows.

It stands beside the file of tensors (NAME.json beside NAME.safetensors), or in that file's metadata
under "encoders", where dissections keep it:

    {"format": "unitscope-encoders", "version": 1,
     "layers": {"encoder.layers.encoder_layer_9": {"activation": "topk", "k": 32}}}
"""

import json
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dissect.errors import BadDirections

FORMAT = "unitscope-encoders"
METADATA_KEY = "encoders"
ACTIVATIONS = ("relu", "topk", "batchtopk", "jumprelu", "gated")


class Encoding(BaseModel):
    """What happens around the rows of one layer's encoder.

    Attributes:
        activation: one of ACTIVATIONS.
        k: latents that fire in a cell, of "topk".
        threshold: the one threshold of "batchtopk"; "jumprelu" has a tensor of them.
        normalise: of the channels before the pre-bias: "none", "layer_norm" or "constant_norm".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    activation: Literal["relu", "topk", "batchtopk", "jumprelu", "gated"]
    k: int | None = Field(default=None, ge=1)
    threshold: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    normalise: Literal["none", "layer_norm", "constant_norm"] = "none"

    @model_validator(mode="after")
    def _has_what_its_activation_needs(self) -> Self:
        needs = {"topk": "k", "batchtopk": "threshold"}
        for activation, name in needs.items():
            if self.activation == activation and getattr(self, name) is None:
                raise ValueError(f"activation {activation!r} needs {name!r}")
            if self.activation != activation and getattr(self, name) is not None:
                raise ValueError(f"{name!r} goes with activation {activation!r} alone")
        return self


class Description(BaseModel):
    """The encoders of a file, by layer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["unitscope-encoders"]
    version: Literal[1] = 1
    layers: dict[str, Encoding] = Field(min_length=1)


def description_from_json(content: bytes | str, source: str) -> Description:
    """Read the description in a file of directions from JSON.

    Raises:
        BadDirections: it is no JSON, or something in it is unknown, missing or wrong.
    """
    try:
        data: Any = json.loads(content)
    except ValueError as error:
        raise BadDirections(f"{source} is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise BadDirections(f"{source} holds a {type(data).__name__}, not the fields of {FORMAT}.")
    try:
        return Description.model_validate(data)
    except ValidationError as error:
        raise BadDirections(
            f"{source} describes no encoder ({_problem(error)}); if it is about something else, "
            "rename it."
        ) from error


def _problem(error: ValidationError) -> str:
    """The first thing wrong, with its value."""
    problem = error.errors()[0]
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    place = ".".join(str(part) for part in problem["loc"])
    value = "" if problem["type"] == "missing" else f", got {problem['input']!r}"
    return f"{place}: {problem['msg']}{value}"


def description_to_json(layers: dict[str, Encoding]) -> str:
    """Write a description of encoders as JSON, the same for the same encoders."""
    facts = {name: encoding.model_dump(exclude_none=True) for name, encoding in layers.items()}
    return json.dumps({"format": FORMAT, "version": 1, "layers": facts}, sort_keys=True)
