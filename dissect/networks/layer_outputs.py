"""The output of a layer as maps: (images, units, height, width), whatever its axes.

| output | read as |
|---|---|
| (images, units, height, width) | itself |
| (images, height, width, units) | channels last, as in Swin; recognised by a square map in front |
| (images, units) | maps of one cell |
| (images, tokens, features) | features of a token grid, as in ViT; class and register tokens come first and are left out |
| (tensor, None, ...) | the tensor, as from torch's attention |

Everything else is refused with a sentence, so that no axis is mistaken for another.
"""  # noqa: E501

import math

from torch import Tensor

from dissect.errors import UnsupportedLayer

MAX_EXTRA_TOKENS = 8  # class, distillation and register tokens in front of the grid


def as_maps(output: object, layer: str, images: int | None = None) -> Tensor:
    """Turn a layer's output into activation maps: (images, units, height, width).

    Args:
        images: the batch size, where it is known. An output with another first axis is refused:
            windows or patches of an image are no images.

    Raises:
        UnsupportedLayer: the output is not a single tensor of floats, or has other axes.
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
    """The tensor itself, or the only tensor of a tuple that is None otherwise."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, tuple):
        parts = [part for part in output if part is not None]
        if len(parts) == 1 and isinstance(parts[0], Tensor):
            return parts[0]
    raise UnsupportedLayer(
        f"Layer {layer!r} puts out a {type(output).__name__}, not one tensor; "
        "choose a layer inside it."
    )


def _channels_last(tensor: Tensor) -> bool:
    """Networks take square images, so two equal sides in front are the map's."""
    _, first, second, last = tensor.shape
    return first == second != last


def token_grid(tokens: Tensor, layer: str) -> Tensor:
    """Turn a transformer's tokens into activation maps, on the square grid of image patches.

    Args:
        tokens: (images, tokens, features), row by row, class and register tokens first.

    Returns:
        (images, features, side, side), without class and register tokens.

    Raises:
        UnsupportedLayer: the tokens are no square grid behind at most 8 extra tokens.
    """
    count = tokens.shape[1]
    side = math.isqrt(count)
    extra = count - side * side
    if side < 2 or extra > MAX_EXTRA_TOKENS:
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out {tuple(tokens.shape)}: {count} tokens are no square grid, "
            f"not even after {MAX_EXTRA_TOKENS} class or register tokens."
        )
    return tokens[:, extra:].transpose(1, 2).reshape(len(tokens), -1, side, side)
