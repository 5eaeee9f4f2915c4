"""Trains all networks of the demo, and measures them on held-out pictures."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from dissect.demo import WEIGHTS, DemoError
from dissect.demo.baselines import Samples, histogram_accuracy, rendered, scene_baselines
from dissect.demo.networks import SmallCNN, trained, untrained
from dissect.demo.scenes import KINDS

# Seeds of the rendered worlds. The study's own pictures come from `render`, whose seed is 0.
TRAIN_WORLD, HELD_OUT_WORLD = 101, 102
_BATCH = 64
_SHIFT_PX = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a training."""

    train_count: int = 8000
    held_out_count: int = 1000
    epochs: int = 10


def normalised(images: Tensor) -> Tensor:
    """Normalize demo pictures to train on: (images, 3, 128, 128), uint8 -> float32."""
    mean, std = torch.tensor(SmallCNN.mean), torch.tensor(SmallCNN.std)
    scaled: Tensor = (images.float() / 255 - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    return scaled.contiguous(memory_format=torch.channels_last)


def _varied(images: Tensor) -> Tensor:
    """Augment a normalized batch: mirror and shift it, and change the light on each picture."""
    if torch.rand(()) < 0.5:
        images = images.flip(3)
    down, right = torch.randint(0, 2 * _SHIFT_PX + 1, (2,)).tolist()
    size = images.shape[-1]
    wide = nn.functional.pad(images, [_SHIFT_PX] * 4, mode="replicate")
    images = wide[:, :, down : down + size, right : right + size]
    gain, offset = torch.rand(2, len(images), 3, 1, 1) - 0.5
    varied: Tensor = images * (1 + 0.2 * gain) + 0.3 * offset
    return varied


def _batches(count: int) -> Iterator[Tensor]:
    """The indices 0 to count - 1 in random order, in whole batches; the rest is dropped."""
    whole = count - count % _BATCH or count
    yield from torch.split(torch.randperm(count)[:whole], _BATCH)


def train_network(
    kind: str,
    seed: int,
    samples: Samples,
    epochs: int,
    after_epoch: Callable[[int, SmallCNN], None] | None = None,
) -> SmallCNN:
    """Train one demo network on one kind of picture.

    The optimizer is AdamW with a one-cycle learning rate and label smoothing. The same seed gives
    the same network on the same machine with the same number of threads. On other machines the
    network is as accurate, but not equal.

    Args:
        after_epoch: called with the number of the epoch, from 1, and the network, to save it.
    """
    network = untrained(kind, seed).train().to(memory_format=torch.channels_last)
    steps = epochs * max(1, len(samples.images) // _BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 4e-3, total_steps=steps, pct_start=0.2
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for epoch in tqdm(range(epochs), desc=f"{kind} {seed}", unit="epoch", disable=None):
            for places in _batches(len(samples.images)):
                images = _varied(normalised(samples.images[places]))
                loss = criterion(network(images), samples.targets[places])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
            if after_epoch:
                after_epoch(epoch + 1, network)
    return network.eval()


@torch.inference_mode()
def accuracy(network: nn.Module, samples: Samples) -> float:
    """Measure the top-1 accuracy of a demo network that was trained."""
    right = 0
    for places in torch.split(torch.arange(len(samples.images)), _BATCH):
        predictions = network(normalised(samples.images[places])).argmax(1)
        right += int((predictions == samples.targets[places]).sum())
    return right / len(samples.images)


def _save(network: SmallCNN, path: Path) -> None:
    """Save a network's weights in half precision, which takes less than 0.5 MB."""
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    save_file(weights, path)


def _train_kind(kind: str, seeds: int, plan: Plan, folder: Path) -> dict[str, Any]:
    """Train and measure the networks of one kind; writes their weights to the folder."""
    train = rendered(kind, plan.train_count, TRAIN_WORLD)
    held_out = rendered(kind, plan.held_out_count, HELD_OUT_WORLD)
    networks = {}
    for seed in range(seeds):
        _save(train_network(kind, seed, train, plan.epochs), folder / f"{kind}_{seed}.safetensors")
        networks[f"{kind}_{seed}"] = accuracy(trained(kind, seed, folder), held_out)
    measured: dict[str, Any] = {
        "chance": 1 / len(train.classes),
        "networks": networks,
        "color_histogram": histogram_accuracy(train, held_out),
    }
    if kind == "scene":
        for seed in range(seeds):
            networks[f"untrained_{seed}"] = accuracy(untrained(kind, seed), held_out)
        measured |= scene_baselines(train, held_out)
    return measured


def train_all(seeds: int = 3, folder: Path = WEIGHTS, plan: Plan | None = None) -> None:
    """Train all demo networks and write weights and accuracy.json, replacing files at the end.

    Raises:
        DemoError: fewer than one seed, or the folder cannot be written.
    """
    if seeds < 1:
        raise DemoError(f"--seeds must be at least 1, got {seeds}.")
    plan = plan or Plan()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            draft = Path(name)
            table: dict[str, Any] = {
                "train_count": plan.train_count,
                "held_out_count": plan.held_out_count,
                "held_out_world": HELD_OUT_WORLD,
            }
            table |= {kind: _train_kind(kind, seeds, plan, draft) for kind in KINDS}
            (draft / "accuracy.json").write_text(json.dumps(table, indent=2) + "\n")
            for path in sorted(draft.iterdir(), reverse=True):
                shutil.move(path, folder / path.name)
    except OSError as error:
        raise DemoError(f"{folder} cannot be written: {error}.") from error
