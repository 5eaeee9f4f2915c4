"""The output of a module as the one tensor that its units are in."""

from torch import Tensor

from dissect.errors import UnsupportedLayer


def only_tensor(output: object, layer: str) -> Tensor:
    """The tensor itself, or the only tensor of a tuple that is None otherwise.

    Attention of torch returns such a tuple.

    Raises:
        UnsupportedLayer: the output is not a single tensor of floats.
    """
    parts = [output]
    if isinstance(output, tuple):
        parts = [part for part in output if part is not None]
    if len(parts) != 1 or not isinstance(parts[0], Tensor):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out a {type(output).__name__}, not one tensor; "
            "choose a layer inside it."
        )
    if not parts[0].is_floating_point():
        raise UnsupportedLayer(f"Layer {layer!r} puts out {parts[0].dtype}, not activations.")
    return parts[0]
