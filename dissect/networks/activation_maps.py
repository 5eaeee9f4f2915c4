"""What a layer puts out, as maps: (images, units, height, width), whatever its axes were.

| output | read as |
|---|---|
| (images, units, height, width) | itself |
| (images, height, width, units) | channels last, as Swin has them: known by a square map in front |
| (images, units) | maps of one cell |
| (images, tokens, features) | the features of the token grid, as ViT has them; class and register tokens, which come first, are apart and left out |
| (tensor, None, ...) | the tensor, as attention has it |

Everything else is refused with a sentence, so that no axis is mistaken for another.
"""  # noqa: E501

import math

from torch import Tensor

from dissect.errors import UnsupportedLayer

EXTRA_TOKENS = 8  # class token, distillation token, registers: at most so many stand first


def as_maps(output: object, layer: str, images: int | None = None) -> Tensor:
    """A layer's output as maps: (images, units, height, width).

    Args:
        images: how many went in, where that is known; windows and patches of an image are not
            images of their own.

    Raises:
        UnsupportedLayer: it is no single tensor of numbers, or has other axes.
    """
    tensor = _only_tensor(output, layer)
    if not tensor.is_floating_point():
        raise UnsupportedLayer(f"Layer {layer!r} puts out {tensor.dtype}, not activations.")
    if images is not None and tensor.ndim and len(tensor) != images:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {tuple(tensor.shape)} for {images} images, which is not one "
            "row for each; choose a layer around it."
        )
    if tensor.ndim == 4:
        return tensor.permute(0, 3, 1, 2) if _channels_last(tensor) else tensor
    if tensor.ndim == 3:
        return token_grid(tensor, layer)
    if tensor.ndim == 2:
        return tensor[:, :, None, None]
    raise UnsupportedLayer(
        f"Layer {layer!r} puts out {tuple(tensor.shape)}; units need (images, units), "
        "(images, units, height, width) or (images, tokens, features)."
    )


def _only_tensor(output: object, layer: str) -> Tensor:
    """The tensor itself, or the one tensor of a tuple whose other places are None."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, tuple):
        there = [part for part in output if part is not None]
        if len(there) == 1 and isinstance(there[0], Tensor):
            return there[0]
    raise UnsupportedLayer(
        f"Layer {layer!r} puts out a {type(output).__name__}, not one tensor; "
        "choose a layer inside it."
    )


def _channels_last(tensor: Tensor) -> bool:
    """Networks see square images, so two equal sides in front are the map."""
    _, first, second, last = tensor.shape
    return first == second != last


def token_grid(tokens: Tensor, layer: str) -> Tensor:
    """Tokens back to the square grid that they were cut from.

    Args:
        tokens: (images, tokens, features), row by row, any class or register tokens first.

    Returns:
        (images, features, side, side), without those first tokens.

    Raises:
        UnsupportedLayer: the tokens are no square grid after at most 8 others.
    """
    count = tokens.shape[1]
    side = math.isqrt(count)
    extra = count - side * side
    if side < 2 or extra > EXTRA_TOKENS:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {tuple(tokens.shape)}: {count} tokens are no square grid, "
            f"not even after {EXTRA_TOKENS} class or register tokens."
        )
    return tokens[:, extra:].transpose(1, 2).reshape(len(tokens), -1, side, side)
