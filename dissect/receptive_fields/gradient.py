"""What an occluder would change to first order, from the gradient of a unit at its peak.

The gradient with respect to the image says how much each pixel moves the activation (the effective
receptive field of Luo et al. 2016, arXiv:1701.04128). Over an occluder's square it adds up to the
change that the square would make if the unit were linear there. One gradient gives all places, so
it costs two forwards where occlusion costs hundreds.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dissect.errors import UnsupportedLayer
from dissect.networks.device import is_out_of_memory
from dissect.networks.layer_outputs import (
    layout_of_layer,
    module_and_call,
    only_tensor,
    refused_input,
)
from dissect.networks.registry import Network
from dissect.receptive_fields.discrepancy import Peak, root_mean_square
from dissect.receptive_fields.occluders import CONSTANTS, Occluders


class _LayerHasRun(Exception):
    """The layer's output is there; the rest of the forward is not needed."""


def first_order_discrepancies(
    network: Network, layer: str, pixels: Tensor, peaks: Sequence[Peak], occluders: Occluders
) -> NDArray[np.float32]:
    """Estimate `discrepancies` with constant occluders from gradients: one for each image.

    For a unit that is linear in the image they are equal.

    Args:
        pixels: (images, channels, height, width) uint8, on the network's device.
        peaks: (images,), one for each image.

    Returns:
        (images, rows, columns) of the occluders' places.

    Raises:
        UnsupportedLayer: the network has no gradient at this layer.
    """
    values = pixels.to(torch.float32)
    slopes = _gradients(network, layer, values, peaks)  # per pixel value, 0 to 255
    own = F.avg_pool2d((slopes * values).sum(1, keepdim=True), occluders.size, occluders.stride)
    all_one = F.avg_pool2d(slopes.sum(1, keepdim=True), occluders.size, occluders.stride)
    area = occluders.size**2
    changes = root_mean_square([(value * all_one - own) * area for value in CONSTANTS])
    result: NDArray[np.float32] = changes[:, 0].cpu().numpy()
    return result


def _gradients(network: Network, layer: str, values: Tensor, peaks: Sequence[Peak]) -> Tensor:
    """The gradient of each image's unit at its peak with respect to its pixel values."""
    outputs: list[object] = []
    layout, (name, call) = layout_of_layer(network, layer), module_and_call(network, layer)

    def keep(module: object, inputs: object, output: object) -> None:
        outputs.append(output)
        if len(outputs) > call:
            raise _LayerHasRun

    hook = dict(network.model.named_modules())[name].register_forward_hook(keep)
    try:
        with torch.enable_grad(), network.numerics.applied(values.device):
            image = values.clone().requires_grad_()
            with suppress(_LayerHasRun):
                network.model(network.input_of(image))
            maps = layout.maps(only_tensor(outputs[call], layer), layer)
            if layer in network.directions:
                maps = network.directions[layer].project(maps)
            unit, y, x = torch.tensor([(p.unit, p.y, p.x) for p in peaks], device=values.device).T
            rows = torch.arange(len(peaks), device=values.device)
            (slopes,) = torch.autograd.grad(maps[rows, unit, y, x].sum(), image)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise refused_input(network.spec, values, error) from error
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnsupportedLayer(f"Layer {layer!r} has no gradient: {reason}") from error
    finally:
        hook.remove()
    return slopes.detach().to(torch.float32)
