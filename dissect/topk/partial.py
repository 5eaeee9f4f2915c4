"""A partial result as bytes: what one range of blocks gave, refused where it does not belong.

An uncompressed npz without pickles. Its first array says of which network, images, wishes and
fingerprint it is; only partial results that agree in all of these are ever merged.
"""

import io
import json
from dataclasses import asdict
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch

from dissect.errors import BadDissection
from dissect.images.image_list import ImageList
from dissect.networks.directions import directions_sha256
from dissect.networks.registry import Network
from dissect.topk.batches import fingerprint
from dissect.topk.collect import Partial, Wanted, empty


def origin(
    network: Network, wanted: Wanted, images: ImageList, device: torch.device
) -> dict[str, Any]:
    """What a partial result must share with the others to be merged with them."""
    return {
        "weights_sha256": network.weights_sha256,
        "spec": network.spec,
        "directions_sha256": directions_sha256(network.directions),
        "images_sha256": images.sha256,
        "wanted": asdict(wanted) | {"layers": list(wanted.layers)},
        "fingerprint": fingerprint(device, network.numerics),
    }


def to_bytes(partial: Partial, of: dict[str, Any]) -> bytes:
    """A partial result with its origin."""
    head = {"origin": of, "bad": partial.bad}
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
    for number, state in enumerate(partial.states):
        arrays |= {f"{number}/{name}": array for name, array in state.arrays().items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(
    content: bytes, of: dict[str, Any], network: Network, wanted: Wanted, images: ImageList
) -> Partial:
    """The inverse of `to_bytes`.

    Raises:
        BadDissection: the bytes are no partial result, or one of another origin.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            found = {name: arrays[name] for name in arrays.files if name != "head"}
    except (ValueError, OSError, KeyError, EOFError, BadZipFile) as error:
        raise BadDissection(f"A partial result cannot be read: {error}.") from error
    _check_origin(head["origin"], of)
    partial = empty(network, wanted, images)
    partial.bad = {int(place): reason for place, reason in head["bad"].items()}
    for number, state in enumerate(partial.states):
        prefix = f"{number}/"
        state.fill({k.removeprefix(prefix): a for k, a in found.items() if k.startswith(prefix)})
    return partial


def _check_origin(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if found.get(name) != value:
            raise BadDissection(
                f"A partial result has {name} {found.get(name)}, not {value}: its last digits "
                "would differ. Let machines of one kind do all shards, or start another study."
            )
