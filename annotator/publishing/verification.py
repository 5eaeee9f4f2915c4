"""The pictures of a HIT that verifies a concept of a unit.

Images that the naming never showed: those ranked next below its top images, and random ones
with regions borrowed from the unit, for the concept's base rate. Every verification of a unit
shows the same.
"""

from annotator.dissection_reader import random_images
from annotator.keyed_random import keyed_number
from annotator.models import Exemplar, Study, Unit
from annotator.publishing.errors import NotPublishable
from annotator.publishing.naming import in_slots
from annotator.publishing.repeats import MOST_REPEATS
from annotator.publishing.source import Source

RANDOM_COUNT = 20
Role = Exemplar.Role


def verification_pictures(study: Study, source: Source, unit: Unit) -> list[Exemplar]:
    """Everything that a unit's verification HITs show, in slot order; new ones are not stored.

    Raises:
        NotPublishable: the dissection has no further images.
    """
    roles = (Role.HELD_OUT, Role.RANDOM)
    there = unit.exemplars.filter(role__in=roles, slot__isnull=False).order_by("slot")
    if found := list(there):
        return found
    shown = set(unit.exemplars.values_list("image", flat=True))
    low = source.table["low_image"][unit.number]  # catch images, though naming may come later
    shown |= {source.images[int(low[at])].pk for at in source.catches.get(unit.number, [])}
    held_out = _held_out(study, source, unit, shown)
    shown |= {exemplar.image_id for exemplar in held_out}
    drawn = _random(study, source, unit, shown, held_out)
    if not held_out or not drawn:
        raise NotPublishable(
            f"Unit {unit.number} of {unit.layer} has {len(held_out)} images ranked below its top "
            f"{study.top_count} and {len(drawn)} random ones beside them: dissect more images."
        )
    return in_slots(study, unit, [*held_out, *drawn], first=first_slot(study))


def first_slot(study: Study) -> int:
    """Behind every slot that naming may use, also where a unit has yet to be published."""
    return study.top_count + study.catch_count + MOST_REPEATS


def _held_out(study: Study, source: Source, unit: Unit, shown: set[int]) -> list[Exemplar]:
    """The ranks after the top, as many again; images that a naming HIT shows are left out."""
    names = ("image", "score", "y", "x", "coverage")
    row = {name: source.table[name][unit.number] for name in names}
    last = min(2 * study.top_count, len(row["image"]))
    ranks = range(study.top_count, last)
    found = [
        Exemplar(
            unit=unit,
            image=source.images[int(row["image"][rank])],
            role=Role.HELD_OUT,
            rank=rank + 1,
            score=float(row["score"][rank]),
            peak_y=int(row["y"][rank]),
            peak_x=int(row["x"][rank]),
            mask=rank,
            coverage=float(row["coverage"][rank]),
        )
        for rank in ranks
    ]
    return [exemplar for exemplar in found if exemplar.image_id not in shown]


def _random(
    study: Study, source: Source, unit: Unit, shown: set[int], held_out: list[Exemplar]
) -> list[Exemplar]:
    """Images drawn whatever their scores. Their scores for this unit are not known: 0 stands.

    Each has a lent region, drawn with the area of a random held-out image's.
    """
    fresh = [image for image in random_images(source.network) if image.pk not in shown]
    fresh.sort(key=lambda image: keyed_number(study.key, "random", unit.pk, image.pk))
    coverage = source.coverage(unit)
    # Regions of top images, which a verification does not show: no shape comes twice.
    areas = [exemplar.coverage for exemplar in held_out] or [0.5]
    lenders = sorted(
        (mask for mask in range(min(study.top_count, len(coverage))) if coverage[mask] > 0),
        key=lambda mask: keyed_number(study.key, "random mask", unit.pk, mask),
    ) or [0]
    return [
        Exemplar(
            unit=unit,
            image=image,
            role=Role.RANDOM,
            rank=None,
            score=0,
            peak_y=0,
            peak_x=0,
            mask=lenders[number % len(lenders)],
            coverage=areas[keyed_number(study.key, "random area", unit.pk, number) % len(areas)],
        )
        for number, image in enumerate(fresh[:RANDOM_COUNT])
    ]
