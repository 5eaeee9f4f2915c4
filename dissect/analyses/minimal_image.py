"""What is left of an image when segments are removed, least harm first, while the class holds.

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

SEGMENTS = 40
BATCH = 16
DRAWS = 100
COMPACTNESS = 0.0005  # of the watershed: a little, so that flat parts are not swallowed whole
BLUR_PX = 16  # deviation of the blur that fills removed segments


@dataclass(frozen=True)
class Step:
    """One removal: the segment, and the class's probability without it."""

    segment: int
    probability: float


@dataclass(frozen=True)
class Minimal:
    """A minimal image.

    Attributes:
        class_index: the class that had to hold.
        probability: of the class in the whole image.
        steps: removals in order; the last one flipped the class, if one did.
        flipped_at: how many removals it took, None where the class held without any segment.
        kept: (height, width), what the last image that still held shows.
    """

    class_index: int
    probability: float
    steps: tuple[Step, ...]
    flipped_at: int | None
    kept: NDArray[np.bool_]

    @property
    def kept_share(self) -> float:
        return float(self.kept.mean())


@dataclass(frozen=True)
class RandomRemovals:
    """Segments removed at random to about the same area.

    Attributes:
        kept: (draws, height, width).
        probability: (draws,), of the class. held: (draws,), whether it was still the best.
    """

    kept: NDArray[np.bool_]
    probability: NDArray[np.float32]
    held: NDArray[np.bool_]


def superpixels(pixels: Tensor, count: int = SEGMENTS) -> NDArray[np.int64]:
    """Regions of an image that end at its edges.

    Watershed of the gradient from `count` or so seeds spread evenly, each in the flattest place
    near it (compact: Neubert and Protzel 2014, doi:10.1109/ICPR.2014.181).

    Args:
        pixels: (channels, height, width) uint8.

    Returns:
        (height, width), each region's number, from 0 on without gaps.
    """
    if count < 2:
        raise BadSetting(f"An image is cut into at least 2 segments, not {count}.")
    values = pixels[:3].cpu().numpy() / 255.0
    edges = np.max([sobel(one) for one in values], axis=0)  # type: ignore[no-untyped-call]
    seeds = _seeds(edges, count)
    regions = watershed(edges, seeds, compactness=COMPACTNESS)  # type: ignore[no-untyped-call]
    return numbered(regions)


def _seeds(edges: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """A grid of about `count` cells, in the middle half of each a number at the flattest place."""
    height, width = edges.shape
    rows = max(1, round((count * height / width) ** 0.5))
    columns = max(1, round(count / rows))
    found = np.zeros(edges.shape, dtype=np.int64)
    for number, (i, j) in enumerate(np.ndindex(rows, columns), start=1):
        y, x = (i + 0.5) * height / rows, (j + 0.5) * width / columns
        reach = height / rows / 4, width / columns / 4
        top, left = int(y - reach[0]), int(x - reach[1])
        near = edges[top : int(y + reach[0]) + 1, left : int(x + reach[1]) + 1]
        dy, dx = np.ogrid[: near.shape[0], : near.shape[1]]
        # Of places equally flat the one nearest to the middle.
        cost = near + 1e-6 * (np.abs(dy + top - y) + np.abs(dx + left - x))
        a, b = np.unravel_index(int(cost.argmin()), near.shape)
        found[top + a, left + b] = number
    return found


def numbered(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Labels of any values as numbers from 0 on, in their order."""
    return np.searchsorted(np.unique(labels), labels).astype(np.int64)


def filler(pixels: Tensor, fill: str, seed: int = 0) -> Tensor:
    """What stands where segments were removed, as a whole image.

    Args:
        pixels: (channels, height, width) uint8.
        fill: "zero" before normalisation (black), "mean" colour of the image, "random" noise, or
            "blur" of the image with a deviation of 16 px.
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


def minimal_image(
    network: Network,
    pixels: Tensor,
    segments: NDArray[np.int64],
    class_index: int,
    fill: str = "zero",
) -> Minimal:
    """Remove segments greedily until the class flips.

    Equal probabilities: the segment of the lower number goes first. All candidates of a step are
    forwarded in batches, so an image of S segments costs at most S (S + 1) / 2 forwards.

    Args:
        pixels: (channels, height, width) uint8, as the network sees it.
        segments: (height, width), numbers from 0 on.
        class_index: the class, which must be the network's best for the whole image.

    Raises:
        BadSetting: it is not.
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
    steps: list[Step] = []
    while remaining:
        candidates = torch.stack([shown & (left != segment) for segment in remaining])
        said = _said(network, pixels, replacement, candidates)
        chosen = int(said[:, class_index].argmax())  # the first of equals
        steps.append(Step(remaining.pop(chosen), float(said[chosen, class_index])))
        if int(said[chosen].argmax()) != class_index:
            break
        shown = candidates[chosen]
    else:
        return Minimal(class_index, float(start[class_index]), tuple(steps), None, _array(shown))
    kept = _array(shown)
    return Minimal(class_index, float(start[class_index]), tuple(steps), len(steps), kept)


def random_removals(
    network: Network,
    pixels: Tensor,
    segments: NDArray[np.int64],
    minimal: Minimal,
    fill: str = "zero",
    draws: int = DRAWS,
    seed: int = 0,
) -> RandomRemovals:
    """Remove segments in random order, each time to the area nearest to the minimal image's."""
    areas = np.bincount(segments.ravel())
    wanted = int((~minimal.kept).sum())
    rng = np.random.default_rng(seed)
    kept = np.stack([~np.isin(segments, _random(areas, wanted, rng)) for _ in range(draws)])
    shown = torch.from_numpy(kept).to(pixels.device)
    said = _said(network, pixels, filler(pixels, fill), shown)
    probability = said[:, minimal.class_index].cpu().numpy()
    return RandomRemovals(kept, probability, _array(said.argmax(dim=1) == minimal.class_index))


def _random(areas: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Random segments whose area together comes nearest to what is wanted."""
    order = rng.permutation(len(areas))
    totals = np.concatenate([[0], np.cumsum(areas[order])])
    return order[: int(np.abs(totals - wanted).argmin())]


def _said(network: Network, pixels: Tensor, replacement: Tensor, shown: Tensor) -> Tensor:
    """Probabilities (n, classes) of images that show parts alone: shown is (n, height, width)."""
    parts = [
        probabilities(network, torch.where(some[:, None], pixels, replacement))
        for some in torch.split(shown, BATCH)
    ]
    return torch.cat(parts)


def _array(values: Tensor) -> NDArray[np.bool_]:
    return np.asarray(values.cpu().numpy(), dtype=np.bool_)
