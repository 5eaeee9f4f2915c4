"""Which regions catch images borrow: of pictures that the HIT does not show.

Weak images have smaller regions of their own, and a shape that comes twice gives itself away. So
each catch image takes the region of one spare image of the unit, with its parts, peak and crop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotator.keyed_random import keyed_number
from annotator.models import Study, Unit

AREA_TOLERANCE = 0.05  # relative: people cannot tell apart areas that differ by less


@dataclass(frozen=True)
class UnitRegions:
    """The regions of a unit, by mask number.

    Attributes:
        coverage: the share of the picture that each covers.
        sides: of the crop around each, as a share of the picture's side.
        shown: how many of them are shown, the first ones; the others are spare.
    """

    coverage: Sequence[float]
    sides: Sequence[float]
    shown: int

    def spare(self, count: int) -> list[int]:
        """The masks that `count` catch images may borrow; an import may have no spare ones."""
        masks = [mask for mask in range(self.shown, len(self.coverage)) if self.coverage[mask] > 0]
        return masks if len(masks) >= count else list(range(len(self.coverage)))

    def nearest(self, target: int, spare: Iterable[int]) -> int:
        """The spare mask whose area and crop are nearest to those of a shown one."""
        area, side = self.coverage[target], self.sides[target]

        def distance(mask: int) -> tuple[float, int]:
            off = abs(self.coverage[mask] - area) / max(area, 1e-9)
            return off + abs(self.sides[mask] - side) / side, mask

        return min(spare, key=distance)


def target_of(study: Study, unit: Unit, place: int, regions: UnitRegions) -> int:
    """The shown mask, drawn by key, that the region of a catch image shall be like.

    Args:
        place: of the catch image in the image list.
    """
    return keyed_number(study.key, "mask", unit.pk, place) % regions.shown


def likely_lenders(
    study: Study, unit: Unit, regions: UnitRegions, places: Sequence[int]
) -> list[int]:
    """The mask that each candidate would borrow if it alone became a catch image."""
    spare, nearest = regions.spare(1), {}
    masks = []
    for place in places:
        target = target_of(study, unit, place, regions)
        if target not in nearest:
            nearest[target] = regions.nearest(target, spare)
        masks.append(nearest[target])
    return masks


def borrowed_regions(
    study: Study, unit: Unit, regions: UnitRegions, places: Sequence[int]
) -> list[tuple[int, float]]:
    """Borrow regions for the catch images of a HIT, from pictures that it does not show.

    Each gets the spare region nearest in area and crop to that of a random shown image. It is drawn
    with the latter's area if the two differ by more than AREA_TOLERANCE.

    Args:
        places: of the catch images in the image list.

    Returns:
        (mask number, the share of the picture that it is drawn to cover), one for each.
    """
    spare, borrowed = regions.spare(len(places)), []
    for place in places:
        target = target_of(study, unit, place, regions)
        mask = regions.nearest(target, spare)
        spare.remove(mask)
        area, own = regions.coverage[target], regions.coverage[mask]
        borrowed.append((mask, own if abs(own - area) <= AREA_TOLERANCE * area else area))
    return borrowed
