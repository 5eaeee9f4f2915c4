"""The networks of the demo study: a small CNN trained on scenes, on objects, or not trained.

A SPEC names one by its factory: `dissect.demo.networks:scene_0`. Seeds 0, 1 and 2 of a training
differ in their initial weights and in the order of the pictures.
"""

from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from dissect.demo import WEIGHTS, DemoError
from dissect.demo.canvas import SIZE
from dissect.demo.scenes import KINDS

SEEDS = (0, 1, 2)
WIDTHS = (16, 32, 64, 96, 128)
POOLED = 3  # layers with pooling: the last layer still has maps of 8 x 8 cells


class SmallCNN(nn.Module):
    """Five convolutions with batch norm and ReLU, a global average, one linear layer.

    The layers to dissect are `relu1` to `relu5` (activations) and `conv1` to `conv5`.

    Args:
        classes: names of the classes, in the order of the output.
    """

    mean = (0.45, 0.45, 0.45)
    std = (0.25, 0.25, 0.25)
    input_size = SIZE
    is_trained = False

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__()
        self.classes = classes
        before = 3
        for layer, width in enumerate(WIDTHS, start=1):
            size, stride = (5, 2) if layer == 1 else (3, 1)
            conv = nn.Conv2d(before, width, size, stride, padding=size // 2, bias=False)
            self.add_module(f"conv{layer}", conv)
            if layer <= POOLED:
                self.add_module(f"pool{layer}", nn.MaxPool2d(2))
            # After the pooling, which leaves a quarter of the cells to compute.
            self.add_module(f"norm{layer}", nn.BatchNorm2d(width))
            self.add_module(f"relu{layer}", nn.ReLU())
            before = width
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flat = nn.Flatten()
        self.output = nn.Linear(before, len(classes))

    def forward(self, images: Tensor) -> Tensor:
        """(images, 3, 128, 128), normalized -> (images, classes)."""
        for layer in self.children():
            images = layer(images)
        return images


def untrained(kind: str, seed: int) -> SmallCNN:
    """The demo network at the initialization of a training with this seed, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SmallCNN(KINDS[kind][0]).eval()


def trained(kind: str, seed: int, folder: Path = WEIGHTS) -> SmallCNN:
    """The demo network trained on pictures of a kind, "scene" or "object", in eval mode.

    Raises:
        DemoError: its weights are missing or do not fit.
    """
    path = folder / f"{kind}_{seed}.safetensors"
    network = untrained(kind, seed)
    try:
        weights = load_file(path)
        network.load_state_dict({name: value.float() for name, value in weights.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise DemoError(
            f"The weights {path} cannot be read; make them with python -m dissect.demo train."
        ) from error
    network.is_trained = True
    return network


scene_0, scene_1, scene_2 = (partial(trained, "scene", seed) for seed in SEEDS)
object_0, object_1, object_2 = (partial(trained, "object", seed) for seed in SEEDS)
untrained_0, untrained_1, untrained_2 = (partial(untrained, "scene", seed) for seed in SEEDS)
