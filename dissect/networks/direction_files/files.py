"""Reads and writes files of directions and of the encoders of sparse autoencoders.

| what is given | how it is told | read by |
|---|---|---|
| .safetensors in our own layout, or NAME.json beside it | any other | `own_layout` |
| cfg.json + sae_weights.safetensors | a tensor W_enc, cfg.json | `saelens` |
| config.json + weights.pt or .safetensors | a tensor W_enc, config.json | `vit_prisma` |
| a state_dict, NAME.json beside it | tensors encoder.final_block | `overcomplete` |

A folder stands for the file of tensors in it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from dissect.errors import BadDirections
from dissect.networks.checkpoints import read_state
from dissect.networks.direction_files import saelens, vit_prisma
from dissect.networks.direction_files.description import (
    METADATA_KEY,
    Description,
    description_from_json,
    description_to_json,
)
from dissect.networks.direction_files.overcomplete import LINEAR, overcomplete_latents
from dissect.networks.direction_files.own_layout import directions_of, tensors_of
from dissect.networks.direction_files.saelens import saelens_latents
from dissect.networks.direction_files.tensors import NamedTensors
from dissect.networks.direction_files.vit_prisma import prisma_latents
from dissect.networks.directions import Directions

SAFETENSORS = ".safetensors"
WEIGHT_FILES = (SAFETENSORS, ".pt", ".pth")
STORED = "the stored directions"
LIBRARIES = {saelens.CONFIG_FILE: saelens_latents, vit_prisma.CONFIG_FILE: prisma_latents}


def load_directions(path: Path, layers: Sequence[str]) -> dict[str, Directions]:
    """Read a file or folder of directions or latents, for each of some layers.

    >>> load_directions(Path("sae/layer_9"), ["encoder.layers.encoder_layer_9"])
    {'encoder.layers.encoder_layer_9': Latents(...)}

    Raises:
        BadDirections: the file cannot be read, lacks a layer, or its tensors are no directions.
        UnreadableWeights: it is a torch file that is no plain file of tensors.
    """
    file = _weights_file(path)
    named, description = _read(file)
    if "W_enc" in named:
        return _of_library(named, file, layers)
    if f"{LINEAR}.weight" in named:
        layer = _only(layers, named.source)
        return {layer: overcomplete_latents(named, _only_encoding(description, file), layer)}
    return directions_of(named, description, layers)


def directions_from_bytes(content: bytes, layers: Sequence[str]) -> dict[str, Directions]:
    """Read a file of directions from its bytes, for some layers: inverts `directions_to_bytes`."""
    tensors, metadata = load(content), _metadata(content)
    description = None
    if text := metadata.get(METADATA_KEY):
        description = description_from_json(text, f"The description in {STORED}")
    return directions_of(NamedTensors(STORED, tensors), description, layers)


def _weights_file(path: Path) -> Path:
    """The file of tensors that a path stands for."""
    if path.name in LIBRARIES and path.is_file():
        path = path.parent
    if not path.is_dir():
        return path
    files = sorted(file for file in path.iterdir() if file.suffix in WEIGHT_FILES)
    chosen = [file for file in files if file.name == "sae_weights.safetensors"] or files
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(file.name for file in chosen)
    raise BadDirections(
        f"The folder {path} holds {names or 'no file of tensors'}: name one file, "
        f"{', '.join(WEIGHT_FILES)}."
    )


def _read(path: Path) -> tuple[NamedTensors, Description | None]:
    """The tensors in a file, and the description in it or beside it."""
    metadata: dict[str, str] = {}
    if path.suffix in WEIGHT_FILES and path.suffix != SAFETENSORS:
        tensors: dict[str, Tensor] = read_state(path)
    else:
        try:
            content = path.read_bytes()
            tensors, metadata = load(content), _metadata(content)
        except (OSError, SafetensorError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BadDirections(f"The directions in {path} cannot be read: {reason}.") from error
    named = NamedTensors(str(path), tensors)
    if text := metadata.get(METADATA_KEY):
        return named, description_from_json(text, f"The description in {path}")
    file = path.with_suffix(".json")
    if file.is_file() and file.name not in LIBRARIES:
        return named, description_from_json(file.read_bytes(), str(file))
    return named, None


def _metadata(content: bytes) -> dict[str, str]:
    """The metadata of a safetensors file: strings by name, in the JSON that it starts with."""
    length = int.from_bytes(content[:8], "little")
    metadata: dict[str, str] = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    return metadata


def _of_library(named: NamedTensors, file: Path, layers: Sequence[str]) -> dict[str, Directions]:
    layer = _only(layers, named.source)
    for name, latents_of in LIBRARIES.items():
        if (config := file.parent / name).is_file():
            return {layer: latents_of(named, _config(config), layer)}
    raise BadDirections(
        f"{file} holds the encoder of a library (W_enc), but neither {' nor '.join(LIBRARIES)} is "
        "beside it: copy the library's configuration there."
    )


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadDirections(f"The configuration {path} cannot be read: {error}.") from error
    if not isinstance(config, dict):
        raise BadDirections(f"The configuration {path} holds a {type(config).__name__}, no fields.")
    return config


def _only(layers: Sequence[str], source: str) -> str:
    if len(layers) == 1:
        return layers[0]
    raise BadDirections(
        f"{source} holds the encoder of one layer, and {len(layers)} were named: take one with "
        "--layers, or put the encoders of several into one file (docs/reference/encoders.md)."
    )


def _only_encoding(description: Description | None, file: Path) -> Any:
    if description is not None and len(description.layers) == 1:
        return next(iter(description.layers.values()))
    raise BadDirections(
        f"{file} holds an encoder of Overcomplete, which does not say its activation: write "
        f"{file.with_suffix('.json').name} beside it, with one layer (docs/reference/encoders.md)."
    )


def directions_to_bytes(
    directions: Iterable[Directions], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Directions as the bytes of a file that `load_directions` reads."""
    tensors, encodings = tensors_of(directions)
    of_encoders = {METADATA_KEY: description_to_json(encodings)} if encodings else {}
    content: bytes = save(tensors, metadata=dict(metadata or {}) | of_encoders)
    return content


def directions_sha256(directions: Mapping[str, Directions]) -> str | None:
    """The SHA-256 of a file of directions as it would be written; None where there are none."""
    if not directions:
        return None
    return hashlib.sha256(directions_to_bytes(directions.values())).hexdigest()


def save_directions(
    path: Path, directions: Sequence[Directions], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a file of directions that `load_directions` reads.

    Raises:
        BadDirections: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(directions_to_bytes(directions, metadata))
    except OSError as error:
        raise BadDirections(f"The directions cannot be written to {path}: {error}.") from error
