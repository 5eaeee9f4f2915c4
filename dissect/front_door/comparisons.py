"""Layers of two networks, and units of one layer, compared by the images that they prefer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from dissect.analyses.compare_networks import (
    DEFAULT_OVERLAP,
    DEFAULT_TOP,
    LayerPair,
    compare_layers,
)
from dissect.analyses.unit_similarity import DEFAULT_TOP as DEFAULT_SIMILAR_TOP
from dissect.analyses.unit_similarity import UnitSimilarity, compare_units
from dissect.errors import BadSetting
from dissect.front_door.arguments import (
    AUTO,
    AnyDirections,
    AnyNetwork,
    Device,
    layer_names,
    opened,
    sampled,
    stage,
    units_by_layer,
)
from dissect.front_door.results import (
    Result,
    Row,
    counted,
    counted_by_layer,
    drawn,
    number,
    skipped_images,
)
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.render.contact_sheets import ContactSheet, labelled_rows
from dissect.render.pictures import view_at
from dissect.topk.batches import Passes, StageProgress
from dissect.topk.results import TopKSettings

TILE_PX = 128


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """Layers of two networks, A and B, on the same images.

    Attributes:
        networks: the names of A and B.
        pairs: `layers` of A and B; `jaccard`, the overlap of their top images, 0 to 1, beside
            `chance`; `orders` of both: `places` (images,), best first, and `sums` (images,).
        images: the image list. image_count: those that could be read.
        top: images shown for a layer.
    """

    networks: tuple[str, str]
    pairs: tuple[LayerPair, ...]
    images: ImageList
    image_count: int
    skipped: Mapping[str, str]
    top: int
    shapes: tuple[Preprocessing, Preprocessing]

    def rows(self) -> list[Row]:
        return [
            {"layer_a": pair.layers[0], "layer_b": pair.layers[1], "overlap": pair.jaccard,
             "chance": pair.chance, "of": pair.of}
            for pair in self.pairs
        ]  # fmt: skip

    def summary(self) -> str:
        first, second = self.networks
        return f"A {first}, B {second}, on {counted(self.image_count, 'image')}"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({"top images of A and B": self.sheet()})

    def sheet(self) -> ContactSheet:
        """Two rows for each pair of layers: A's top images, then B's."""
        return _comparison_sheet(self.shapes, self.pairs, self.images, self.top)


def compare(
    network: AnyNetwork,
    other: AnyNetwork,
    layers: str | Sequence[str | tuple[str, str]],
    images: AnyImages,
    *,
    top: int = DEFAULT_TOP,
    overlap: int = DEFAULT_OVERLAP,
    sample: int | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Comparison:
    """In a notebook or script, compare what layers of two networks prefer among the same images.

    An image's score for a layer is the sum of all the layer's activations. One pair of weights says
    something about these weights, not about training.

    >>> pair = compare("dissect.demo.networks:scene_0", "dissect.demo.networks:object_0",
    ...                [("relu1", "relu1")], "scenes/images", overlap=10)
    >>> pair.pairs[0].orders[0].places.shape  # (images,)
    (48,)

    Args:
        network: A: a SPEC, a `Network` or an nn.Module.
        other: B, of the same kinds.
        layers: names that both have, or pairs of A's and B's.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset.
        top: images shown for each layer.
        overlap: top images whose overlap is measured; fewer than there are images.
        sample: look at so many images, a fixed random sample; all by default.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each pair of layers the Jaccard overlap of their top images, 0 to 1, the one that two
        random choices have, and all images (images,) in the order of each.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        BadSetting: `top`, `overlap` or `sample` does not go with the number of images.
        ImagesError: none of the images can be read.

    Source:
        Figure 1 of Zhou et al. 2015, arXiv:1412.6856; chance: the hypergeometric distribution.
    """
    pairs = [(one, one) if isinstance(one, str) else one for one in _several(layers)]
    listed = sampled(images_of(images), sample)
    if not 1 <= top <= len(listed):
        raise BadSetting(f"--top must be from 1 to the {len(listed)} images, got {top}.")
    with opened(network, device) as (a, chosen), opened(other, device) as (b, _):
        passes = Passes(listed, 2, chosen, stage(progress, "forwarding"))
        compared = compare_layers((a, b), pairs, passes, overlap)
    return Comparison(
        networks=(a.spec, b.spec),
        pairs=tuple(compared),
        images=listed,
        image_count=len(listed) - len(passes.bad),
        skipped=skipped_images(listed, passes.bad),
        top=top,
        shapes=(a.preprocessing, b.preprocessing),
    )


def _several(layers: str | Sequence[str | tuple[str, str]]) -> Sequence[str | tuple[str, str]]:
    return [layers] if isinstance(layers, str) else layers


@dataclass(frozen=True, repr=False)
class Similarities(Result):
    """Units of some layers, each compared with each of its layer.

    Attributes:
        layers: by name `units`; `correlation` (units, units), Pearson's of scores, NaN where a unit
            has one score for all images; `overlap` (units, units), Jaccard's of top images.
        image_count: images that could be read.
    """

    network: str
    layers: Mapping[str, UnitSimilarity]
    image_count: int
    skipped: Mapping[str, str]

    def rows(self) -> list[Row]:
        """A row for each pair of units, the most similar first."""
        rows = [
            {"layer": name, "unit": unit, "with": other,
             "correlation": number(one.correlation[i, j]), "overlap": float(one.overlap[i, j])}
            for name, one in self.layers.items()
            for i, unit in enumerate(one.units)
            for j, other in enumerate(one.units[:i])
        ]  # fmt: skip
        return sorted(rows, key=lambda row: -row["overlap"])

    def summary(self) -> str:
        layers = counted_by_layer({name: len(one.units) for name, one in self.layers.items()})
        return f"{layers} of {self.network} on {counted(self.image_count, 'image')}"


def alike(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    top: int = DEFAULT_SIMILAR_TOP,
    sample: int | None = None,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Similarities:
    """In a notebook or script, compare units of a layer: duplicates, or other appearances.

    Two units that people call by one word and that answer the same images are duplicates; others
    see different appearances of it.

    >>> near = alike("dissect.demo.networks:scene_0", "relu5", "scenes/images", units=[1, 2], top=9)
    >>> near.layers["relu5"].correlation.shape  # (units, units)
    (2, 2)

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: a folder, paths, pictures, arrays (height, width, channels), tensors (channels,
            height, width) or a Dataset.
        top: images whose overlap is measured.
        sample: look at so many images, a fixed random sample; all by default.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer correlations (units, units), -1 to 1, of the maxima of maps over all images,
        and Jaccard overlaps (units, units), 0 to 1, of top images. Memory: a number a unit and
        image.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        ImagesError: there are fewer images than `top`, or none can be read.
        BadSetting: a unit does not exist.

    Source:
        After the slides on Zhou et al. 2015, arXiv:1412.6856.
    """
    names, listed = layer_names(layers), sampled(images_of(images), sample)
    TopKSettings(tuple(names), top, top).check(listed)
    with opened(network, device, directions, names) as (own, chosen):
        numbers = units_by_layer(own, names, units)
        passes = Passes(listed, 1, chosen, stage(progress, "forwarding"))
        by_layer = compare_units(own, numbers, passes, top)
    return Similarities(
        network=own.spec,
        layers=by_layer,
        image_count=len(listed) - len(passes.bad),
        skipped=skipped_images(listed, passes.bad),
    )


def _comparison_sheet(
    shapes: tuple[Preprocessing, Preprocessing],
    pairs: Sequence[LayerPair],
    images: ImageList,
    shown: int = DEFAULT_TOP,
) -> ContactSheet:
    """Draw two rows for each pair of layers: one network's top images, then the other's.

    Args:
        shapes: what each network sees of an image.
        shown: images in a row.
    """
    rows, words = [], []
    for pair in pairs:
        for letter, shape, layer, order in zip("AB", shapes, pair.layers, pair.orders, strict=True):
            views = [
                view_at(images.open(place), shape, TILE_PX)
                for place in order.places[:shown].tolist()
            ]
            rows.append([view.resize((TILE_PX, TILE_PX)) for view in views])
            overlap = f"   overlap {pair.jaccard:.2f}, chance {pair.chance:.2f}"
            words.append(f"{letter} {layer}" + (overlap if letter == "A" else ""))
    return labelled_rows(rows, words)
