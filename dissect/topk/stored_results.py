"""Partial results of a pass as files, which machines exchange and a resumed run reads.

A file is an uncompressed npz without pickles. Its first array holds the origin (network, images,
settings, fingerprint), and only results of one origin are merged.
"""

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dissect.errors import BadDissection
from dissect.format.arrays import load_arrays
from dissect.images.image_list import ImageList
from dissect.networks.direction_files.files import directions_sha256
from dissect.networks.numerics import fingerprint
from dissect.networks.registry import Network
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.copies import VIEW_HASH
from dissect.topk.quantiles import quantile_sample
from dissect.topk.results import PartialResult, TopKSettings


def result_origin(
    network: Network, settings: TopKSettings, images: ImageList, device: torch.device
) -> dict[str, Any]:
    """The origin of a pass's partial results: what must agree for them to be merged."""
    return {
        "weights_sha256": network.weights_sha256,
        "spec": network.spec,
        "axes": network.axes.text or None,
        "directions_sha256": directions_sha256(network.directions),
        "images_sha256": images.sha256,
        "wanted": asdict(settings) | {"layers": list(settings.layers)},
        "quantile": quantile_sample(images),
        "views": VIEW_HASH,
        "fingerprint": fingerprint(device, BATCH_SIZE, network.numerics, network.dtype),
    }


def result_to_bytes(partial: PartialResult, origin: dict[str, Any]) -> bytes:
    """Store a partial result of a pass and its origin as the bytes of a file."""
    head = {"origin": origin, "bad": partial.bad}
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
    for number, state in enumerate(partial.states):
        arrays |= {f"{number}/{name}": array for name, array in state.arrays().items()}
    arrays |= partial.views.arrays()
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def result_from_bytes(
    content: bytes,
    origin: dict[str, Any],
    network: Network,
    settings: TopKSettings,
    images: ImageList,
) -> PartialResult:
    """Read a partial result of a pass from stored bytes: `result_to_bytes` inverted.

    Raises:
        BadDissection: the bytes are no partial result, or have another origin.
    """
    head, arrays = _parsed(content)
    _check_origin(head["origin"], origin)
    partial = PartialResult.empty(network, settings, images)
    partial.bad = {int(place): reason for place, reason in head["bad"].items()}
    partial.views.fill(arrays)
    for number, state in enumerate(partial.states):
        prefix = f"{number}/"
        state.fill({k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)})
    return partial


def origin_in(content: bytes) -> dict[str, Any]:
    """The origin that a partial result was stored with.

    Raises:
        BadDissection: the bytes are no partial result.
    """
    origin: dict[str, Any] = _parsed(content, "head")[0]["origin"]
    return origin


def _parsed(content: bytes, *names: str) -> tuple[dict[str, Any], dict[str, NDArray[np.generic]]]:
    """The head of a stored partial result, and its arrays: some by name, or all."""
    try:
        arrays = load_arrays(content, *names)
        head = json.loads(arrays.pop("head").tobytes())
    except (BadDissection, ValueError, KeyError, RecursionError) as error:
        raise BadDissection(f"A partial result cannot be read: {error}.") from error
    return head, arrays


def _check_origin(actual: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if actual.get(name) != value:
            raise BadDissection(
                f"A partial result has {name} {actual.get(name)}, not {value}: its last digits "
                "would differ. Let machines of one kind do all shards, or start another study."
            )
