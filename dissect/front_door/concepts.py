"""Units matched with the concepts that ground-truth masks show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from dissect.analyses.net_dissection import ConceptMatch, overlaps
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
from dissect.front_door.exemplars import RegionFinder
from dissect.front_door.results import Result, Row, counted, counted_by_layer, drawn, skipped_images
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth, with_masks
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.render.contact_sheets import ContactSheet, labelled_rows
from dissect.render.cutouts import cutouts, small_views
from dissect.segmentation.regions import quantile_thresholds
from dissect.topk.batches import Passes, StageProgress
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer

TOP_IMAGES = 5  # of a unit in the picture
DEFAULT_BEST = 10


@dataclass(frozen=True)
class LayerConcepts:
    """The concepts of some units of a layer.

    Attributes:
        matches: unit to its best concept: `iou`, scored on the half of the images that did not
            choose it, `chosen` on the half that did, and `whole` on all, 0 to 1.
        best: the units with the highest IoU, best first.
    """

    matches: Mapping[int, ConceptMatch]
    best: tuple[int, ...]
    collected: CollectedLayer = field(repr=False)
    _find_regions: RegionFinder = field(repr=False)


@dataclass(frozen=True, repr=False)
class Concepts(Result):
    """Units of some layers and their concepts, by the names of layers.

    Attributes:
        images: the image list. image_count: those that could be read.
        skipped: path to the reason why an image could not be read.
    """

    network: str
    layers: Mapping[str, LayerConcepts]
    images: ImageList
    image_count: int
    skipped: Mapping[str, str]
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        """A row for each unit, in each layer the highest IoU first."""
        return [
            {"layer": name, "unit": unit, "concept": match.concept.name,
             "level": match.concept.level, "group": match.concept.group, "iou": match.iou,
             "iou_chosen": match.chosen, "iou_whole": match.whole}
            for name, one in self.layers.items()
            for unit, match in one.matches.items()
        ]  # fmt: skip

    def summary(self) -> str:
        layers = counted_by_layer({name: len(one.matches) for name, one in self.layers.items()})
        return f"{layers} of {self.network} on {counted(self.image_count, 'image')} with masks"

    def pictures(self) -> Mapping[str, Image.Image]:
        return drawn({f"{name}: its best units": self.sheet(name) for name in self.layers})

    def sheet(self, layer: str) -> ContactSheet:
        """The best units of a layer, each with its concept and its top images, regions lit."""
        one = self.layers[layer]
        regions = one._find_regions(one.collected)
        places = {unit: one.collected.top.image[unit].tolist() for unit in one.best}
        shown = sorted({place for of_unit in places.values() for place in of_unit})
        views = small_views(self.images, shown, self.preprocessing, self.images.threads)
        rows, captions = [], []
        for unit in one.best:
            rows.append(cutouts(views, places[unit], regions(unit).numpy()))
            match = one.matches[unit]
            captions.append(f"{unit}  {match.concept.name}  {match.iou:.2f}")
        return labelled_rows(rows, captions)


def concepts(
    network: AnyNetwork,
    layers: str | Sequence[str],
    images: AnyImages,
    *,
    units: Sequence[int] | None = None,
    directions: AnyDirections | None = None,
    best: int = DEFAULT_BEST,
    sample: int | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Concepts:
    """In a notebook or script, match units with concepts that masks show: intersection over union.

    A unit's region is its map, upsampled, above its 0.995 quantile over the images; IoU is summed
    over the images. The best concept is chosen on half of the images and scored on the other half.
    Pixels called void or unlabeled count nowhere.

    >>> matched = concepts("dissect.demo.networks:scene_0", "relu5", "scenes", units=[1, 2, 3])
    >>> len(matched.layers["relu5"].matches)
    3

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        layers: dotted names.
        images: DIR with DIR/images, DIR/masks and DIR/classes.csv; or paths of images in there.
        units: only these of each layer; all by default.
        directions: units in place of channels: a file, or what `rotations` made.
        best: units of each layer in its picture.
        sample: look at so many images, a fixed random sample; all by default.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each layer a match for each of its (units,), with IoUs from 0 to 1.

    Raises:
        NoGroundTruth: the images have no masks, or one half of them has none.
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        BadSetting: a unit does not exist.

    Source:
        Bau et al. 2017, arXiv:1704.05796; docs/concepts.md.
    """
    names, listed = layer_names(layers), sampled(images_of(with_masks(images)), sample)
    truth = find_truth(listed)
    with opened(network, device, directions, names) as (own, chosen):
        numbers = units_by_layer(own, names, units)
        collected = collect(
            own, names, listed, min(TOP_IMAGES, len(listed)), device=chosen,
            progress=stage(progress, "finding thresholds"),
        )  # fmt: skip
        cuts = {one.info.name: quantile_thresholds(one) for one in collected.layers}
        passes = Passes(listed, 1, chosen, stage(progress, "matching"))
        overlap = overlaps(own, cuts, truth, passes, numbers)
    find_regions = RegionFinder(network, own, device, directions, names, listed)
    by_layer = {}
    for one in collected.layers:
        name = one.info.name
        matches = _best_first(zip(numbers[name], overlap[name].best(), strict=True))
        shown = tuple(list(matches)[:best])
        by_layer[name] = LayerConcepts(matches, shown, one, find_regions)
    return Concepts(
        network=own.spec,
        layers=by_layer,
        images=listed,
        image_count=len(listed) - len(collected.bad),
        skipped=skipped_images(listed, collected.bad),
        preprocessing=own.preprocessing,
    )


def _best_first(matches: Iterable[tuple[int, ConceptMatch]]) -> dict[int, ConceptMatch]:
    return dict(sorted(matches, key=lambda pair: (-pair[1].iou, pair[0])))
