"""The probability of a class as a function of where a small square hides the image.

Slides after Zhou et al. 2015, arXiv:1412.6856: "iterate over regions of the image, set the region
to be all zero, and look at the probability of the class finally predicted".
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from dissect.networks.classes import class_index, probabilities
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import Occluders
from dissect.render.heatmap import blend, heat_colours
from dissect.render.pictures import view_at
from dissect.topk.batches import Progress

AT_ONCE = 64
SHOWN_PX = 448
LIGHTEST, HEAVIEST = 0.35, 0.8  # how much of the picture the colours cover


@dataclass(frozen=True)
class OcclusionMap:
    """What a network says of an image under an occluder at each place.

    Attributes:
        class_index: the class looked at. probability: of it in the unchanged image.
        best: the class that the network gives the unchanged image.
        grid: (rows, columns), that class's probability under an occluder at row * stride,
            column * stride px.
        predicted: (rows, columns), the class with the highest probability then.
    """

    class_index: int
    probability: float
    best: int
    grid: NDArray[np.float64]
    predicted: NDArray[np.int64]


def occlusion_map(
    network: Network,
    pixels: Tensor,
    occluders: Occluders,
    chosen_class: str | None = None,
    progress: Progress | None = None,
) -> OcclusionMap:
    """Forward the image with an occluder at every place.

    Args:
        pixels: (channels, crop, crop) uint8, the network's view, on its device.
        chosen_class: a name or an index; None: the network's own best class.

    Raises:
        BadSetting: there is no such class, or the image is smaller than the occluder.
        UnsupportedLayer: the network is no classifier.
    """
    rows, columns = (len(occluders.starts(side)) for side in pixels.shape[1:])
    whole = probabilities(network, pixels[None])[0]
    best = int(whole.argmax())
    looked_at = best if chosen_class is None else class_index(network, chosen_class, len(whole))
    found, predicted = [], []
    places = np.arange(rows * columns)
    for chosen in np.split(places, range(AT_ONCE, len(places), AT_ONCE)):
        said = probabilities(network, occluders.occluded(pixels, chosen))
        found.append(said[:, looked_at].double().cpu())
        predicted.append(said.argmax(dim=1).cpu())
        if progress:
            progress(int(chosen[-1]) + 1, len(places))
    return OcclusionMap(
        class_index=looked_at,
        probability=float(whole[looked_at]),
        best=best,
        grid=torch.cat(found).reshape(rows, columns).numpy(),
        predicted=torch.cat(predicted).reshape(rows, columns).numpy(),
    )


def heat_picture(
    network: Network, image: Image.Image, found: OcclusionMap, occluders: Occluders
) -> Image.Image:
    """The map over the image in grey: bright where hiding a place lowers the probability most.

    Black lines part the places where another class is predicted from those where it is not.
    """
    shape = network.preprocessing
    view = view_at(image, shape, SHOWN_PX).resize((SHOWN_PX, SHOWN_PX), Image.Resampling.BICUBIC)
    scale = SHOWN_PX / shape.crop
    drop = _enlarged(found.probability - found.grid, occluders, scale)
    largest = max(float(drop.max()), 1e-12)
    share = LIGHTEST + (HEAVIEST - LIGHTEST) * (drop / largest).clip(0, 1)
    picture = blend(view, heat_colours(drop, 0.0, largest), share)
    draw = ImageDraw.Draw(picture)
    other = _enlarged((found.predicted != found.best).astype(np.float64), occluders, scale) > 0.5
    for y, x in np.argwhere(_edges(other)).tolist():
        draw.point((x, y), fill=(0, 0, 0))
    return picture


def _enlarged(grid: NDArray[np.float64], occluders: Occluders, scale: float) -> NDArray[np.float64]:
    """A grid as an image of SHOWN_PX: each value at the middle of its occluder, linear between."""
    pixel = (np.arange(SHOWN_PX) + 0.5) / scale - occluders.size / 2
    lines = [np.clip(pixel / occluders.stride, 0, count - 1) for count in grid.shape]
    weights = [
        np.maximum(0, 1 - np.abs(line[:, None] - np.arange(count)))
        for line, count in zip(lines, grid.shape, strict=True)
    ]
    enlarged: NDArray[np.float64] = weights[0] @ grid @ weights[1].T
    return enlarged


def _edges(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edges = np.zeros_like(region)
    edges[:, 1:] |= region[:, 1:] != region[:, :-1]
    edges[1:] |= region[1:] != region[:-1]
    return edges
