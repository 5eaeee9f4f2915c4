"""A layer's numbers: arrays in one .npz file, without pickles.

U units, K ranked images and P low-scoring candidates. docs/seam.md says what each array means.
"""

import io
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dissect.errors import BadDissection
from dissect.format.arrays import load_arrays


@dataclass(frozen=True)
class RankedImages:
    """Images of every unit, best first.

    Attributes:
        score: (units, ranks), maximum of the unit's map. sum: (units, ranks), sum of the map.
        image: (units, ranks), place in the image list; -1 where a unit has fewer images.
        y, x: (units, ranks), the peak's cell from the top left.
    """

    score: NDArray[np.float32]
    sum: NDArray[np.float32]
    image: NDArray[np.int64]
    y: NDArray[np.int32]
    x: NDArray[np.int32]

    @classmethod
    def empty(cls, units: int, ranks: int) -> Self:
        """Scores of 0, and no image anywhere."""
        return cls(
            score=np.zeros((units, ranks), dtype=np.float32),
            sum=np.zeros((units, ranks), dtype=np.float32),
            image=np.full((units, ranks), -1, dtype=np.int64),
            y=np.zeros((units, ranks), dtype=np.int32),
            x=np.zeros((units, ranks), dtype=np.int32),
        )


@dataclass(frozen=True)
class LayerTable:
    """The numbers of a layer.

    Attributes:
        top: the ranked images. low: candidates for catch images.
        coverage: (units, ranks), the share of the view that each region covers, from 0 to 1.
        maximum: (units,), the highest activation over all images.
        threshold: (units,), the 0.995 quantile of the activations.
        saturated: (units,), whether more images have the top score than are shown.
        lender: (units,), the unit that lends its regions; None but for random images.
        peak: (units, ranks, 2), the middle of the top images' peak cells as (y, x) in shares of
            the view, from 0 to 1; None in older dissections, and where nothing is known of cells.
        dead: (units,), whether all images have one score. firing_share, broad_share: (units,), the
            shares of sampled images whose score is above 0, and above half of the highest. None in
            older dissections, and where the scores of other images are not known.
    """

    top: RankedImages
    low: RankedImages
    coverage: NDArray[np.float32]
    maximum: NDArray[np.float32]
    threshold: NDArray[np.float32]
    saturated: NDArray[np.bool_]
    lender: NDArray[np.int64] | None = None
    peak: NDArray[np.float32] | None = None
    dead: NDArray[np.bool_] | None = None
    firing_share: NDArray[np.float32] | None = None
    broad_share: NDArray[np.float32] | None = None

    @property
    def rank_count(self) -> int:
        return int(self.top.image.shape[1])


RANKED: dict[str, type[np.generic]] = {
    "score": np.float32, "sum": np.float32, "image": np.int64, "y": np.int32, "x": np.int32
}  # fmt: skip
OF_UNIT: dict[str, type[np.generic]] = {
    "maximum": np.float32, "threshold": np.float32, "saturated": np.bool_
}  # fmt: skip
OPTIONAL: dict[str, type[np.generic]] = {
    "lender": np.int64, "peak": np.float32,
    "dead": np.bool_, "firing_share": np.float32, "broad_share": np.float32,
}  # fmt: skip


def encode_table(table: LayerTable) -> bytes:
    """Write a layer's table as bytes; arrays are converted to the types of docs/seam.md."""
    arrays = {name: np.asarray(getattr(table.top, name), kind) for name, kind in RANKED.items()}
    arrays["coverage"] = np.asarray(table.coverage, np.float32)
    for name, kind in RANKED.items():
        arrays[f"low_{name}"] = np.asarray(getattr(table.low, name), kind)
    for name, kind in OF_UNIT.items():
        arrays[name] = np.asarray(getattr(table, name), kind)
    for name, kind in OPTIONAL.items():
        if getattr(table, name) is not None:
            arrays[name] = np.asarray(getattr(table, name), kind)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def decode_table(content: bytes) -> LayerTable:
    """Read a layer's table from the bytes of its file.

    Raises:
        BadDissection: the bytes are no table, or an array is missing or of another shape.
    """
    try:
        arrays = load_arrays(content)
    except BadDissection as error:
        raise BadDissection(f"This is no table of a layer: {error}") from error
    units, ranks = _shape(arrays, "image")
    _, low_ranks = _shape(arrays, "low_image")
    return LayerTable(
        top=_ranked(arrays, "", (units, ranks)),
        low=_ranked(arrays, "low_", (units, low_ranks)),
        coverage=_array(arrays, "coverage", np.float32, (units, ranks)),
        **{name: _array(arrays, name, kind, (units,)) for name, kind in OF_UNIT.items()},
        **{
            name: _array(arrays, name, kind, (units, ranks, 2) if name == "peak" else (units,))
            for name, kind in OPTIONAL.items()
            if name in arrays
        },
    )


Arrays = dict[str, NDArray[np.generic]]


def _ranked(arrays: Arrays, prefix: str, shape: tuple[int, int]) -> RankedImages:
    names = [field.name for field in fields(RankedImages)]
    return RankedImages(
        **{name: _array(arrays, prefix + name, RANKED[name], shape) for name in names}
    )


def _shape(arrays: Arrays, name: str) -> tuple[int, int]:
    if name not in arrays:
        raise BadDissection(f"It has no array {name}.")
    if arrays[name].ndim != 2:
        raise BadDissection(f"Array {name} is {arrays[name].shape}, not (units, images).")
    return arrays[name].shape[0], arrays[name].shape[1]


def _array(
    arrays: Arrays, name: str, kind: type[np.generic], shape: tuple[int, ...]
) -> NDArray[Any]:
    if name not in arrays:
        raise BadDissection(f"It has no array {name}.")
    array = arrays[name]
    if array.shape != shape:
        raise BadDissection(f"Array {name} is {array.shape}, not {shape}.")
    if array.dtype.kind not in "biuf" or (kind is np.int64 and array.dtype.kind == "f"):
        raise BadDissection(f"Array {name} holds {array.dtype}, not {np.dtype(kind)}.")
    return array.astype(kind, copy=False)
