"""The pictures of a HIT that names a unit: its top images, and catch images among them."""

from annotator.keyed_random import keyed_number
from annotator.models import Exemplar, Network, Study, Unit
from annotator.publishing.errors import NotPublishable
from annotator.publishing.repeats import repeats
from annotator.publishing.source import Source

CLOSE = 0.05  # areas that nobody tells apart
RANDOM_IMAGES = Network.Condition.RANDOM_IMAGES


def naming_pictures(study: Study, source: Source, unit: Unit) -> list[Exemplar]:
    """Everything that a unit's naming HIT shows, in slot order; new exemplars are not stored.

    A unit of the random-images control has neither catch images nor repeats: nothing is low or
    best for it. It shows further random images instead, so that no count tells the control.

    Raises:
        NotPublishable: the unit has too few low images.
    """
    top = list(unit.exemplars.filter(role=Exemplar.Role.TOP).order_by("rank"))
    if source.network.condition == RANDOM_IMAGES:
        more = _further_random(study, source, unit, top)
    else:
        more = catch_exemplars(study, source, unit, top) + repeats(study, unit, top)
    return in_slots(study, unit, [*top, *more])


def _further_random(
    study: Study, source: Source, unit: Unit, top: list[Exemplar]
) -> list[Exemplar]:
    """As many random images as others have catch images and repeats, each with a lent region."""
    shown = {exemplar.image_id for exemplar in top}
    fresh = [image for place, image in source.images.items() if image.pk not in shown]
    fresh.sort(key=lambda image: keyed_number(study.key, "further", unit.pk, image.pk))
    lenders = sorted(
        top, key=lambda one: keyed_number(study.key, "further mask", unit.pk, one.mask)
    )
    count = study.catch_count + study.repeat_count
    return [
        Exemplar(
            unit=unit,
            image=image,
            role=Exemplar.Role.TOP,
            rank=len(top) + 1 + number,
            score=0,
            peak_y=lender.peak_y,
            peak_x=lender.peak_x,
            mask=lender.mask,
            coverage=lender.coverage,
        )
        for number, (image, lender) in enumerate(zip(fresh[:count], lenders, strict=False))
    ]


def in_slots(study: Study, unit: Unit, shown: list[Exemplar], first: int = 0) -> list[Exemplar]:
    """Give every picture its slot, in an order that nothing but the study's key decides."""
    ordered = sorted(shown, key=lambda one: keyed_number(study.key, "slot", unit.pk, one.image_id))
    for slot, exemplar in enumerate(ordered, start=first):
        exemplar.slot = slot
    return ordered


def catch_exemplars(
    study: Study, source: Source, unit: Unit, top: list[Exemplar]
) -> list[Exemplar]:
    """Catch images drawn by a keyed hash from the unit's lowest scores, with borrowed regions.

    Raises:
        NotPublishable: the unit has too few low images.
    """
    row = {name: source.table[f"low_{name}"][unit.number] for name in ("image", "score", "y", "x")}
    chosen = source.catches[unit.number]
    if len(chosen) < study.catch_count:
        raise NotPublishable(
            f"Unit {unit.number} of {unit.layer} has {len(chosen)} images low enough for "
            f"{study.catch_count} catch images beside its {len(top)} top images: dissect more "
            "images, show fewer (--top), or publish with fewer catch images (--catch)."
        )
    coverage = source.coverage(unit)
    lent = borrowed(study, unit, coverage, len(top), "mask", study.catch_count)
    return [
        Exemplar(
            unit=unit,
            image=source.images[int(row["image"][at])],
            role=Exemplar.Role.CATCH,
            rank=None,
            score=float(row["score"][at]),
            peak_y=int(row["y"][at]),
            peak_x=int(row["x"][at]),
            mask=mask,
            coverage=share,
        )
        for at, (mask, share) in zip(chosen, lent, strict=True)
    ]


def borrowed(
    study: Study, unit: Unit, coverage: list[float], top: int, purpose: str, count: int
) -> list[tuple[int, float]]:
    """Regions for catch images, from top images of the unit that the HIT does not show.

    Each is the one nearest in area to that of a random shown image, and where none is near, it is
    drawn with that area: weaker images have smaller regions, and neither area nor a repeated
    shape may tell.

    Returns:
        (mask, the share of the picture that it is drawn to cover), one for each.
    """
    spare = [mask for mask in range(top, len(coverage)) if coverage[mask] > 0]
    if len(spare) < count:  # an import may have no more regions than it shows
        spare = list(range(len(coverage)))
    lent = []
    for number in range(count):
        like = coverage[keyed_number(study.key, purpose, unit.pk, number) % top]
        nearest = min(spare, key=lambda mask: (abs(coverage[mask] - like), mask))
        spare.remove(nearest)
        close = abs(coverage[nearest] - like) <= CLOSE * like
        lent.append((nearest, coverage[nearest] if close else like))
    return lent
