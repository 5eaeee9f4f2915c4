"""Occlusion maps: the probability of a class as a small square hides each place of the image.

Slides after Zhou et al. 2015, arXiv:1412.6856: "iterate over regions of the image, set the region
to be all zero, and look at the probability of the class finally predicted".
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from dissect.images.preprocessing import Preprocessing
from dissect.networks.classes import class_index, probabilities
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import Occluders
from dissect.render.heatmap import blend, heat_colours
from dissect.render.pictures import view_at
from dissect.topk.batches import Progress

BATCH = 64  # occluded copies forwarded together
SHOWN_PX = 448
MIN_OPACITY, MAX_OPACITY = 0.35, 0.8  # of the colors over the picture


@dataclass(frozen=True)
class OcclusionMap:
    """The prediction of a network for an image with an occluder at each place.

    Attributes:
        class_index: the class whose probability is mapped.
        probability: of that class, in the unchanged image.
        best: the class predicted for the unchanged image.
        grid: (rows, columns), the probability with an occluder at row * stride, column * stride
            px.
        predicted: (rows, columns), the class predicted with it.
    """

    class_index: int
    probability: float
    best: int
    grid: NDArray[np.float64]
    predicted: NDArray[np.int64]

    def drawn(self, shape: Preprocessing, image: Image.Image, occluders: Occluders) -> Image.Image:
        """The map over its image: bright where hiding a place lowers the probability.

        Black lines surround the places where another class is predicted.
        """
        size = (SHOWN_PX, SHOWN_PX)
        view = view_at(image, shape, SHOWN_PX).resize(size, Image.Resampling.BICUBIC)
        scale = SHOWN_PX / shape.crop
        drop = _enlarged(self.probability - self.grid, occluders, scale)
        largest = max(float(drop.max()), 1e-12)
        share = MIN_OPACITY + (MAX_OPACITY - MIN_OPACITY) * (drop / largest).clip(0, 1)
        picture = blend(view, heat_colours(drop, 0.0, largest), share)
        draw = ImageDraw.Draw(picture)
        flips = (self.predicted != self.best).astype(np.float64)
        other = _enlarged(flips, occluders, scale) > 0.5
        for y, x in np.argwhere(_edges(other)).tolist():
            draw.point((x, y), fill=(0, 0, 0))
        return picture


def occlusion_map(
    network: Network,
    pixels: Tensor,
    occluders: Occluders,
    chosen_class: str | None = None,
    progress: Progress | None = None,
) -> OcclusionMap:
    """Measure how the class probability changes with an occluder at every place of an image.

    Args:
        pixels: (channels, crop, crop) uint8, the network's view, on its device.
        chosen_class: a name or an index; None is the class that the network predicts.

    Raises:
        BadSetting: there is no such class, or the image is smaller than the occluder.
        UnsupportedLayer: the network is not a classifier.
    """
    rows, columns = (len(occluders.starts(side)) for side in pixels.shape[1:])
    whole = probabilities(network, pixels[None])[0]
    best = int(whole.argmax())
    looked_at = best if chosen_class is None else class_index(network, chosen_class, len(whole))
    class_probabilities, predicted = [], []
    places = np.arange(rows * columns)
    for chosen in np.split(places, range(BATCH, len(places), BATCH)):
        occluded_probabilities = probabilities(network, occluders.occluded(pixels, chosen))
        class_probabilities.append(occluded_probabilities[:, looked_at].double().cpu())
        predicted.append(occluded_probabilities.argmax(dim=1).cpu())
        if progress:
            progress(int(chosen[-1]) + 1, len(places))
    return OcclusionMap(
        class_index=looked_at,
        probability=float(whole[looked_at]),
        best=best,
        grid=torch.cat(class_probabilities).reshape(rows, columns).numpy(),
        predicted=torch.cat(predicted).reshape(rows, columns).numpy(),
    )


def _enlarged(grid: NDArray[np.float64], occluders: Occluders, scale: float) -> NDArray[np.float64]:
    """Enlarge a grid to SHOWN_PX, bilinearly; each value is at the center of its occluder."""
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
