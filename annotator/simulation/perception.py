"""What simulated workers see of a HIT: labels that lie under its regions more often than by chance.

A label fits a picture if it covers enough of the region. An object also fits if enough of what the
picture shows of it lies in the region: people see a lamp in a region that is three times as large,
while by what covers the region alone, nearly every unit with large regions would be one of a scene.
The same rule says how often a label fits by chance.

Simulated workers know the pictures of a HIT, its sheet of regions and the ground truth. They do not
know the network, the layer, the unit's number, the scores, or other workers' answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from annotator import storage
from annotator.crowd.answers.submission import JUDGED
from annotator.models import Exemplar, Hit, Study
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import OBJECT, GroundTruth, ground_truth_of, mask_name
from dissect.format.masks import decode_sheet
from dissect.format.picture_list import CENTER, View

GRID = 56  # side of the grid over the network's view on which regions and labels are compared
POINTS = 128  # points of a region that are compared, evenly spread; a small region repeats some
FITTING_SHARE = 1 / 3  # of a region that a label must cover for the picture to fit it
FITTING_PART = 1 / 2  # of what a picture shows of an object, in the region, for it to fit as well
MIN_SEEN = 1 / 20  # of a region that an object must cover to be seen as a whole
MIN_FITTING = 1 / 4  # of the pictures that must fit for them to share a label
CHANCE_REGIONS = 300  # drawn from the unit's regions and laid over random images
SIGNIFICANCE = 0.01  # of a label beating chance, Bonferroni-corrected over all labels


@dataclass(frozen=True)
class PerceivedUnit:
    """A unit as its HIT shows it.

    Its own images are the top images, or the held-out ones if the HIT verifies a concept.

    Attributes:
        slots: of the pictures, the unit's own images first, by rank.
        own_images: (own images,) indices of the images; they seed the randomness of this HIT.
        evidence: (pictures, labels) how much of each label each region shows: the share of the
            region that it covers, or of an object what its part in the region is worth.
        share: (labels,) the share of its own images that fit the label.
        base: (labels,) the same for regions of these shapes over random images of the study.
        beats_chance: (labels,) bool.
    """

    slots: list[int]
    own_images: NDArray[np.intp]
    evidence: NDArray[np.float64]
    share: NDArray[np.float64]
    base: NDArray[np.float64]
    beats_chance: NDArray[np.bool_]

    @property
    def lift(self) -> NDArray[np.float64]:
        """(labels,) how many times as often a label fits as by chance."""
        return self.share / self.base

    @property
    def bits(self) -> NDArray[np.float64]:
        """(labels,) log2 of the lift, weighted by the share; -inf where chance is not beaten.

        The lift alone would favor labels that are rare, the share alone labels that are
        everywhere.
        """
        return np.where(self.beats_chance, self.seeming_bits, -np.inf)

    @property
    def seeming_bits(self) -> NDArray[np.float64]:
        """(labels,) the same whether or not chance is beaten, of which false alarms are made."""
        bits: NDArray[np.float64] = self.share * np.log2(np.maximum(self.lift, 1e-9))
        return bits

    @property
    def best(self) -> int | None:
        """The label with the most bits; None if none beats chance."""
        return int(self.bits.argmax()) if self.beats_chance.any() else None


class Perception:
    """Looks at the HITs of one study.

    Args:
        view: what the study's networks see of an image.
        paths: {image: path} of all images that HITs show.
    """

    def __init__(self, truth: GroundTruth, view: View, paths: Mapping[int, str]) -> None:
        self.labels = truth.labels
        names = {image: mask_name(path) for image, path in paths.items()}
        known = truth.names()
        random = np.random.default_rng(0)  # the same for all workers
        sampled = random.choice(known, min(len(known), CHANCE_REGIONS), replace=False)
        wanted = dict.fromkeys([*names.values(), *sampled.tolist()])
        place = {name: place for place, name in enumerate(wanted)}
        self._place = {image: place[name] for image, name in names.items()}
        self._by_chance = np.array([place[name] for name in sampled.tolist()])
        self._maps = np.stack(
            [truth.label_maps(name, view, GRID).reshape(GRID * GRID, -1) for name in wanted]
        )  # (images, points, levels)
        self._areas = np.concatenate([self._counts(each[None]) for each in self._maps])
        self._is_object = np.array([label.group == OBJECT for label in self.labels])

    def look(self, hit: Hit, exemplars: Iterable[Exemplar]) -> PerceivedUnit:
        """Perceive a HIT; its unit's own images come first."""
        shown = sorted(exemplars, key=_ranked_first)
        slots = [exemplar.slot for exemplar in shown]
        images = np.array([self._place[exemplar.image_id] for exemplar in shown])
        own = sum(exemplar.role in JUDGED for exemplar in shown)
        on_sheet = np.array(slots) - min(slots)  # cells count from the HIT's first slot
        regions = hit_regions(hit, max(on_sheet) + 1)[on_sheet]
        points, sizes = region_points(regions), region_sizes(regions)
        evidence = self._evidence(points, sizes, images)
        fits = evidence[:own] >= FITTING_SHARE
        base = self._base(points[:own], sizes[:own], np.random.default_rng(images[:own]))
        share, beats = fits.mean(axis=0), beats_chance(fits, base)
        return PerceivedUnit(slots, images[:own], evidence, share, base, beats)

    def _evidence(
        self, points: NDArray[np.intp], sizes: NDArray[np.intp], images: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """(pictures, labels): how much of each label each region shows.

        It is the share of the region's points that have the label. Of an object of which half lies
        in the region it is at least FITTING_SHARE, and in proportion for other parts.
        """
        maps = self._maps[images[:, None], points]  # (pictures, points, levels)
        shares = self._counts(maps) / points.shape[1]
        parts = shares * sizes[:, None] / np.maximum(self._areas[images], 1)
        seen_whole = self._is_object & (shares >= MIN_SEEN)
        worth = np.minimum(parts, 1) * (FITTING_SHARE / FITTING_PART)
        return np.where(seen_whole, np.maximum(shares, worth), shares)

    def _counts(self, maps: NDArray[np.uint16]) -> NDArray[np.intp]:
        """(pictures, labels): how many points have each label; none has label 0, no concept.

        Args:
            maps: (pictures, points, levels) numbers of labels.
        """
        count = len(self.labels)
        bins = maps + count * np.arange(len(maps))[:, None, None]
        counts = np.bincount(bins.ravel(), minlength=count * len(maps)).reshape(len(maps), count)
        counts[:, 0] = 0
        return counts

    def _base(
        self, points: NDArray[np.intp], sizes: NDArray[np.intp], random: np.random.Generator
    ) -> NDArray[np.float64]:
        """(labels,): how often labels fit by chance; one is added to the count, so none is 0."""
        regions = random.integers(len(points), size=CHANCE_REGIONS)
        images = random.choice(self._by_chance, CHANCE_REGIONS)
        fits = self._evidence(points[regions], sizes[regions], images) >= FITTING_SHARE
        return (fits.sum(axis=0) + 1) / (CHANCE_REGIONS + 1)


def _ranked_first(exemplar: Exemplar) -> tuple:
    return exemplar.rank is None, exemplar.rank, exemplar.image_id


def beats_chance(fits: NDArray[np.bool_], base: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What simulated workers perceive, (labels,): whether more pictures fit than by chance.

    The test is binomial, corrected by Bonferroni.

    Args:
        fits: (pictures, labels).
        base: (labels,) the probability that each fits by chance.
    """
    count = fits.sum(axis=0)
    chance = bdtrc(count - 1, len(fits), base)  # of as many or more
    return (chance * fits.shape[1] < SIGNIFICANCE) & (count >= MIN_FITTING * len(fits))


def hit_regions(hit: Hit, count: int) -> NDArray[np.bool_]:
    """The regions of a HIT's sheet that simulated workers perceive: (count, GRID, GRID).

    They are the first on the sheet, in slot order, on the grid.
    """
    sheet = hit.full_masks or hit.masks  # of whole pictures, as the ground truth is
    cells = decode_sheet(storage.read(f"sheets/{sheet}"), hit.mask_columns)[:count]
    side = cells.shape[1]
    # A grid cell is in the region if a corner of it is: thin regions must not vanish.
    near, far = (((np.arange(GRID) + part) * side / GRID).astype(int) for part in (0.25, 0.75))
    regions = np.zeros((len(cells), GRID, GRID), dtype=bool)
    for rows, columns in product((near, far), (near, far)):
        regions |= cells[:, rows[:, None], columns]
    return regions


def region_points(regions: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Points of each region at which simulated workers perceive labels, (n, POINTS).

    They are flat grid indices, evenly spread.
    An empty region counts as whole, as the page shows it.

    Args:
        regions: (n, GRID, GRID) bool.
    """
    points = np.empty((len(regions), POINTS), dtype=np.intp)
    evenly = np.linspace(0, 1, POINTS)
    for row, region in enumerate(regions.reshape(len(regions), -1)):
        inside = np.flatnonzero(region)
        if not len(inside):
            inside = np.arange(region.size)
        points[row] = inside[(evenly * (len(inside) - 1)).round().astype(int)]
    return points


def region_sizes(regions: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How large simulated workers perceive regions, (n,): in grid cells; an empty one is whole.

    Args:
        regions: (n, GRID, GRID) bool.
    """
    sizes = regions.sum(axis=(1, 2))
    sizes[sizes == 0] = GRID * GRID
    return sizes


def perception_of(study: Study) -> Perception:
    """What simulated workers need to perceive the units of a study.

    Raises:
        NoGroundTruth: there are no masks, or it is unknown what the networks saw of an image.
    """
    truth = ground_truth_of(study.image_source)
    views = {_view(network.manifest) for network in study.networks.all()}
    if len(views) != 1:
        raise NoGroundTruth(f"The networks of {study} do not see the same part of an image.")
    images = study.images.order_by("place")
    return Perception(truth, views.pop(), {image.pk: image.path for image in images})


def _view(manifest: dict) -> View:
    facts = manifest.get("network", {})
    try:
        return View(facts["resize"], facts["crop"], facts.get("crop_mode", CENTER))
    except KeyError as error:
        raise NoGroundTruth(
            f"The dissection does not say what part of an image the network saw ({error})."
        ) from error


def perceive(hits: list[Hit], perception: Perception) -> Iterator[tuple[Hit, PerceivedUnit]]:
    """Every HIT with its unit as simulated workers perceive it."""
    for hit in hits:
        yield hit, perception.look(hit, list(hit.shown))
