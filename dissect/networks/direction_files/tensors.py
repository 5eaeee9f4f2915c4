"""Named tensors of a file, taken one by one and checked: present, real, finite, of their shape."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dissect.errors import BadDirections

MAX_NAMES_SHOWN = 8


@dataclass(frozen=True)
class NamedTensors:
    """The tensors of a file, and what the file is called in an error.

    >>> NamedTensors("probes.safetensors", {"a": torch.ones(2, 3)}).take("a", "units", "channels")
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """

    source: str
    tensors: Mapping[str, Tensor]

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def take(self, name: str, *axes: str) -> Tensor:
        """A tensor by name, as finite float32.

        Args:
            axes: what its axes are; they say how many it has to have.

        Raises:
            BadDirections: it is missing, has other axes, is empty, or is not all finite numbers.
        """
        if name not in self.tensors:
            raise BadDirections(f"{self.source} has no tensor {name!r}; it has {self.names()}.")
        tensor = self.tensors[name]
        if tensor.ndim != len(axes) or 0 in tensor.shape or not tensor.is_floating_point():
            raise BadDirections(
                f"{name!r} in {self.source} is {tensor.dtype} of {tuple(tensor.shape)}; it must "
                f"be real numbers ({', '.join(axes)})."
            )
        tensor = tensor.to(torch.float32)
        if not bool(torch.isfinite(tensor).all()):
            place = tuple(torch.isfinite(tensor).logical_not().nonzero()[0].tolist())
            raise BadDirections(
                f"{name!r} in {self.source} is {tensor[place].item()} at {place}, so training has "
                "diverged or the file is broken: take an earlier checkpoint."
            )
        return tensor

    def vector(self, name: str, length: int, of: str) -> Tensor:
        """A tensor with one number for each unit or channel, as `take` returns it.

        Args:
            of: what each number belongs to, such as "latent".
        """
        vector = self.take(name, f"{of}s")
        if len(vector) != length:
            raise BadDirections(
                f"{name!r} in {self.source} has {len(vector)} numbers, not one for each of "
                f"{length} {of}s: the tensors are of different encoders, or transposed."
            )
        return vector

    def names(self) -> str:
        """The names of the tensors for an error: the first few."""
        names = sorted(self.tensors)
        more = f" and {len(names) - MAX_NAMES_SHOWN} more" if len(names) > MAX_NAMES_SHOWN else ""
        return (", ".join(names[:MAX_NAMES_SHOWN]) or "none") + more
