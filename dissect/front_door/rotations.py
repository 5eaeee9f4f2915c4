"""Random directions of layers: the control for what chance alone would name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dissect.analyses.random_directions import channel_statistics, random_directions
from dissect.front_door.arguments import AUTO, AnyNetwork, Device, layer_names, opened, stage
from dissect.front_door.results import Result, Row, skipped_images
from dissect.images.sequences import AnyImages, images_of
from dissect.networks.direction_files.files import save_directions
from dissect.networks.directions import Directions
from dissect.topk.batches import Passes, StageProgress


@dataclass(frozen=True, repr=False)
class RandomDirections(Result):
    """Random directions of some layers.

    Attributes:
        directions: by layer `rows` (units, channels) and `offset` (units,); take it as `directions`
            of any other function.
        about: facts about how they were made, which go into their file.
        skipped: path to the reason why an image could not be read.
    """

    network: str
    directions: Mapping[str, Directions]
    about: Mapping[str, str]
    skipped: Mapping[str, str]

    def rows(self) -> list[Row]:
        return [
            {"layer": name, "directions": one.rows.shape[0], "channels": one.rows.shape[1]}
            for name, one in self.directions.items()
        ]

    def summary(self) -> str:
        return f"of {', '.join(self.directions)} of {self.network}, seed {self.about['seed']}"

    def save(self, path: str | Path) -> None:
        """Write a .safetensors file, which any function and command takes as its directions."""
        save_directions(Path(path), list(self.directions.values()), dict(self.about))


def rotations(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    count: int = 50,
    seed: int = 0,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> RandomDirections:
    """In a notebook or script, draw random directions of layers: the control for chance.

    Each layer's channels are centered and brought to equal variance over the images, then turned by
    a seeded rotation, drawn uniformly (Haar); its first columns are kept.

    >>> chance = rotations("dissect.demo.networks:scene_0", "relu5", "scenes/images", count=4)
    >>> chance.directions["relu5"].rows.shape  # (units, channels)
    torch.Size([4, 128])

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset, over which channels are centered.
        count: directions of each layer.
        seed: of the rotation.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer directions (units, channels), in which every channel weighs at equal
        variance: their maps have the mean 0 over all cells.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        BadSetting: a layer has fewer channels that vary than `count`.
        ImagesError: none of the images can be read.

    Source:
        Mezzadri 2007, arXiv:math-ph/0609050; docs/controls.md.
    """
    names, listed = layer_names(layers), images_of(images)
    with opened(network, device) as (own, chosen):
        passes = Passes(listed, 1, chosen, stage(progress, "forwarding"))
        channels = channel_statistics(own, names, passes)
        directions = {name: random_directions(name, channels[name], count, seed) for name in names}
    about = {
        "made_by": "unitscope rotations",
        "network": own.spec,
        "weights_sha256": own.weights_sha256,
        "images_sha256": listed.sha256,
        "seed": str(seed),
    }
    return RandomDirections(own.spec, directions, about, skipped_images(listed, passes.bad))
