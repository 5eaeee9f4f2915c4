"""Minimal images: segments are removed, least harm first, as long as the class holds.

Zhou et al. 2015, arXiv:1412.6856, section 2: "at each iteration, remove the segment that produces
the smallest decrease of the correct classification score, until the image is incorrectly
classified".
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.filters import sobel
from skimage.segmentation import watershed
from torch import Tensor
from torchvision.transforms import functional as F

from dissect.errors import BadSetting
from dissect.networks.classes import probabilities
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import FILLS

DEFAULT_SEGMENTS = 40
DEFAULT_DRAWS = 100
BATCH = 16  # images forwarded together
COMPACTNESS = 0.0005  # of the watershed: small, but flat parts still end at their own seed
BLUR_PX = 16  # standard deviation of the blur that fills removed segments


@dataclass(frozen=True)
class Removal:
    """One removal: the segment, and the class's probability without it."""

    segment: int
    probability: float


@dataclass(frozen=True)
class MinimalImage:
    """A minimal image.

    Attributes:
        class_index: the class that has to stay the network's best.
        probability: of the class in the whole image.
        steps: removals in order; the last one flipped the class if `flipped_at` is not None.
        flipped_at: the number of removals that flipped the class; None where it held to the end.
        kept: (height, width), what is visible in the last image that kept the class.
    """

    class_index: int
    probability: float
    steps: tuple[Removal, ...]
    flipped_at: int | None
    kept: NDArray[np.bool_]

    @property
    def kept_share(self) -> float:
        return float(self.kept.mean())


@dataclass(frozen=True)
class RandomRemovals:
    """Random removals down to about the area of a minimal image.

    Attributes:
        kept: (draws, height, width), what stays visible.
        probability: (draws,), of the class.
        held: (draws,), whether the class was still the network's best.
    """

    kept: NDArray[np.bool_]
    probability: NDArray[np.float32]
    held: NDArray[np.bool_]


def superpixels(pixels: Tensor, count: int = DEFAULT_SEGMENTS) -> NDArray[np.int64]:
    """Cut an image into the regions that a search for its minimal image removes.

    Compact watershed of the gradient (Neubert and Protzel 2014, doi:10.1109/ICPR.2014.181) from
    about `count` evenly spread seeds, each moved to the flattest place nearby.

    Args:
        pixels: (channels, height, width) uint8.

    Returns:
        (height, width), the number of each pixel's region, from 0 without gaps.
    """
    if count < 2:
        raise BadSetting(f"An image is cut into at least 2 segments, not {count}.")
    values = pixels[:3].cpu().numpy() / 255.0
    edges = np.max([sobel(channel) for channel in values], axis=0)  # type: ignore[no-untyped-call]
    seeds = _seeds(edges, count)
    regions = watershed(edges, seeds, compactness=COMPACTNESS)  # type: ignore[no-untyped-call]
    return renumbered(regions)


def _seeds(edges: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Put one seed at the flattest place of the middle half of each cell of a regular grid."""
    height, width = edges.shape
    rows = max(1, round((count * height / width) ** 0.5))
    columns = max(1, round(count / rows))
    seeds = np.zeros(edges.shape, dtype=np.int64)
    for number, (i, j) in enumerate(np.ndindex(rows, columns), start=1):
        y, x = (i + 0.5) * height / rows, (j + 0.5) * width / columns
        reach = height / rows / 4, width / columns / 4
        top, left = int(y - reach[0]), int(x - reach[1])
        near = edges[top : int(y + reach[0]) + 1, left : int(x + reach[1]) + 1]
        dy, dx = np.ogrid[: near.shape[0], : near.shape[1]]
        # Among equally flat places the one nearest to the middle wins.
        cost = near + 1e-6 * (np.abs(dy + top - y) + np.abs(dx + left - x))
        a, b = np.unravel_index(int(cost.argmin()), near.shape)
        seeds[top + a, left + b] = number
    return seeds


def renumbered(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number the segments of an image from 0 without gaps, in the order of their labels."""
    return np.searchsorted(np.unique(labels), labels).astype(np.int64)


def filler(pixels: Tensor, fill: str, seed: int = 0) -> Tensor:
    """Make the image whose pixels replace the segments that are removed in a minimal image.

    Args:
        pixels: (channels, height, width) uint8.
        fill: "zero" before normalisation (black), "mean" colour of the image, "random" noise, or
            "blur" of the image with a standard deviation of 16 px.
    """
    if fill == "zero":
        return torch.zeros_like(pixels)
    if fill == "mean":
        mean = pixels.float().mean(dim=(1, 2)).round().to(torch.uint8)
        return mean[:, None, None].expand_as(pixels).clone()
    if fill == "random":
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randint(0, 256, pixels.shape, dtype=torch.uint8, generator=generator)
        return noise.to(pixels.device)
    if fill == "blur":
        kernel = min(4 * BLUR_PX + 1, 2 * min(pixels.shape[1:]) - 1)
        blurred: Tensor = F.gaussian_blur(pixels, [kernel, kernel], [float(BLUR_PX)] * 2)
        return blurred
    raise BadSetting(f"Removed segments are filled with {', '.join(FILLS)}, not {fill!r}.")


def is_taken_for(network: Network, pixels: Tensor, fill: str, class_index: int) -> bool:
    """Whether a network takes an image's fill alone, without any of the image, for a class.

    Then no minimal image means anything: the class holds when everything is removed.
    """
    return int(probabilities(network, filler(pixels, fill)[None]).argmax()) == class_index


def minimal_image(
    network: Network,
    pixels: Tensor,
    segments: NDArray[np.int64],
    class_index: int,
    fill: str = "zero",
) -> MinimalImage:
    """Find an image's minimal image: remove segments greedily until the class flips.

    Of equal probabilities the segment with the lower number goes first. The candidates of a step
    are forwarded in batches; an image of S segments costs at most S (S + 1) / 2 forwards.

    Args:
        pixels: (channels, height, width) uint8, as the network sees it.
        segments: (height, width), numbers from 0 on.
        class_index: has to be the network's best class for the whole image.

    Raises:
        BadSetting: `class_index` is not the network's best class.
    """
    replacement = filler(pixels, fill)
    left = torch.from_numpy(segments).to(pixels.device)
    (start,) = probabilities(network, pixels[None])
    if int(start.argmax()) != class_index:
        raise BadSetting(
            f"The network says class {int(start.argmax())}, not {class_index}: a minimal image "
            "starts from one that is classified correctly."
        )
    remaining = list(range(int(segments.max()) + 1))
    shown = torch.ones_like(left, dtype=torch.bool)
    steps: list[Removal] = []
    while remaining:
        candidates = torch.stack([shown & (left != segment) for segment in remaining])
        class_probabilities = _class_probabilities(network, pixels, replacement, candidates)
        chosen = int(class_probabilities[:, class_index].argmax())  # the first of equals
        steps.append(
            Removal(remaining.pop(chosen), float(class_probabilities[chosen, class_index]))
        )
        if int(class_probabilities[chosen].argmax()) != class_index:
            break
        shown = candidates[chosen]
    else:
        return MinimalImage(
            class_index, float(start[class_index]), tuple(steps), None, _array(shown)
        )
    kept = _array(shown)
    return MinimalImage(class_index, float(start[class_index]), tuple(steps), len(steps), kept)


def random_removals(
    network: Network,
    pixels: Tensor,
    segments: NDArray[np.int64],
    minimal: MinimalImage,
    fill: str = "zero",
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
) -> RandomRemovals:
    """Remove segments in random order until the kept area is nearest to the minimal image's."""
    areas = np.bincount(segments.ravel())
    wanted = int((~minimal.kept).sum())
    rng = np.random.default_rng(seed)
    kept = np.stack([~np.isin(segments, _random(areas, wanted, rng)) for _ in range(draws)])
    shown = torch.from_numpy(kept).to(pixels.device)
    class_probabilities = _class_probabilities(network, pixels, filler(pixels, fill), shown)
    probability = class_probabilities[:, minimal.class_index].cpu().numpy()
    return RandomRemovals(
        kept, probability, _array(class_probabilities.argmax(dim=1) == minimal.class_index)
    )


def _random(areas: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw random segments whose total area is nearest to the wanted one."""
    order = rng.permutation(len(areas))
    totals = np.concatenate([[0], np.cumsum(areas[order])])
    return order[: int(np.abs(totals - wanted).argmin())]


def _class_probabilities(
    network: Network, pixels: Tensor, replacement: Tensor, shown: Tensor
) -> Tensor:
    """Class probabilities (n, classes) where only `shown` (n, height, width) stays visible."""
    parts = [
        probabilities(network, torch.where(batch[:, None], pixels, replacement))
        for batch in torch.split(shown, BATCH)
    ]
    return torch.cat(parts)


def _array(values: Tensor) -> NDArray[np.bool_]:
    return np.asarray(values.cpu().numpy(), dtype=np.bool_)
