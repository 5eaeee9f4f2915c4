"""Refuses networks whose values for an image depend on the other images of its batch, or on chance.

BatchNorm without running statistics, a random mask, noise and dropout in evaluation have this
effect. Top images would then depend on the order of the image list, or on chance. The check repeats
the forward of the first batch with other images.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dissect.errors import UnsupportedLayer
from dissect.networks.layer_outputs import forward, module_and_call, recording
from dissect.networks.layers import list_layers
from dissect.networks.registry import Network

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
DROPOUTS = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout
)  # fmt: skip
MAX_CHANGE = 1e-5  # as a share of the largest value
TRACED_IMAGES = 4  # forwarded again to find the module where a change starts


def check_repeats(
    network: Network, pixels: Tensor, rows: Sequence[int], maps: dict[str, Tensor]
) -> None:
    """Refuse a network whose values for images do not repeat when they are in another batch.

    Each layer of a network is checked once, which takes one forward.

    Args:
        pixels: (batch, channels, crop, crop) uint8, the batch that was forwarded.
        rows: the batch's images that could be read, at least one.
        maps: of a `recording`, after that forward. Afterwards it has the maps of the second one.

    Raises:
        UnsupportedLayer: a layer's values of an image changed by more than MAX_CHANGE.
    """
    layers = [name for name in maps if name not in network.repeating]
    if not layers:
        return
    kept = list(rows[: max(1, len(rows) // 2)])
    before = {name: maps[name][kept] for name in layers}
    forward(network, _replaced(pixels, kept))
    for name in layers:
        change = _relative_change(before[name], maps[name][kept])
        if change > MAX_CHANGE:
            raise UnsupportedLayer(
                f"Layer {name!r} is not repeatable: in a batch with other images, the values of "
                f"an image differ by {change:.2g} of the largest value (at most "
                f"{MAX_CHANGE:.0e} is allowed). {_cause(network, pixels, kept[0])}"
            )
    network.repeating.update(layers)


def _replaced(pixels: Tensor, kept: Sequence[int]) -> Tensor:
    """A batch with the images that are not kept replaced by their negatives."""
    negatives = 255 - pixels
    negatives[list(kept)] = pixels[list(kept)]
    return negatives


def _relative_change(before: Tensor, after: Tensor) -> float:
    """The largest difference of two tensors of one shape, relative to their largest value."""
    largest = max(float(before.abs().max()), float(after.abs().max()))
    return float((before - after).abs().max()) / largest if largest else 0.0


def _cause(network: Network, pixels: Tensor, row: int) -> str:
    """Say in which module a change starts, and what usually causes it."""
    name = _first_changing(network, pixels, row)
    if name is None:
        return (
            "Usual causes are noise, a random mask or dropout in evaluation. Switch them off in "
            "the network's forward."
        )
    module = network.model.get_submodule(module_and_call(network, name)[0])
    return f"This starts in {name!r} ({type(module).__name__}) or just before it: {_why(module)}."


def _why(module: nn.Module) -> str:
    if isinstance(module, BATCH_NORMS):
        return (
            "BatchNorm without running statistics normalizes with those of the batch; build it "
            "with track_running_stats=True, load its statistics, and keep it in evaluation mode"
        )
    if isinstance(module, DROPOUTS):
        return "dropout is left on; put the module in evaluation mode"
    return (
        "usual causes are statistics of the batch, and noise, a random mask or dropout in "
        "evaluation; switch them off in the network's forward"
    )


def _first_changing(network: Network, pixels: Tensor, row: int) -> str | None:
    """The first layer in the order of a forward whose values of an image change."""
    others = [other for other in range(len(pixels)) if other != row][: TRACED_IMAGES - 1]
    batch = pixels[torch.tensor([row, *others])]
    names = [info.name for info in list_layers(network)]
    with recording(network, names) as maps:
        forward(network, batch)
        before = {name: values[0] for name, values in maps.items()}
        forward(network, _replaced(batch, [0]))
        for name, values in maps.items():
            if name in before and _relative_change(before[name], values[0]) > MAX_CHANGE:
                return name
    return None
