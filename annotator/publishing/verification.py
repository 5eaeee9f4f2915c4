"""The pictures of a HIT that verifies a concept of a unit.

They are images that the naming HIT does not show: the ranks below the top images, and random
images with regions borrowed from the unit, which measure the concept's base rate. All
verification HITs of a unit show the same pictures.
"""

from django.utils.translation import gettext as _

from annotator.dissection_reader import random_images
from annotator.models import Exemplar, Study, Unit
from annotator.publishing.catch.layer_catch_images import LayerCatchImages
from annotator.publishing.draws import draw, image_name
from annotator.publishing.hit_design import MAX_REPEATS, RANDOM_COUNT, NotPublishable
from annotator.publishing.hit_pictures import exemplar_with, in_slots
from annotator.publishing.layer_dissection import LayerDissection

Role = Exemplar.Role


def verification_pictures(
    study: Study, dissection: LayerDissection, catch: LayerCatchImages, unit: Unit
) -> list[Exemplar]:
    """The pictures of a unit's verification HITs to publish, in slot order; not stored yet if new.

    Raises:
        NotPublishable: the dissection has no further images.
    """
    roles = (Role.HELD_OUT, Role.RANDOM)
    stored = list(
        unit.exemplars.filter(role__in=roles, slot__isnull=False)
        .select_related("image")
        .order_by("slot")
    )
    if stored:
        return stored
    shown = set(unit.exemplars.values_list("image", flat=True))
    # The naming HIT may be published later: its catch images are known already.
    low = dissection.table.low.image[unit.number]
    shown |= {dissection.images[int(low[column])].pk for column, _ in catch.of(unit)}
    held_out = _held_out_images(study, dissection, unit, shown)
    shown |= {exemplar.image_id for exemplar in held_out}
    random = _random_images(study, dissection, unit, shown, held_out)
    if not held_out or not random:
        raise NotPublishable(
            _(
                "Unit %(number)s of %(layer)s has %(held_out_count)s images ranked below its "
                "top %(top_count)s, and %(random_count)s further random images: dissect more "
                "images."
            )
            % {
                "number": unit.number,
                "layer": unit.layer,
                "held_out_count": len(held_out),
                "top_count": study.top_count,
                "random_count": len(random),
            }
        )
    return in_slots(study, unit, [*held_out, *random], first=first_slot(study))


def first_slot(study: Study) -> int:
    """The first slot of a verification HIT: no naming HIT of the study will use it."""
    return study.top_count + study.catch_count + MAX_REPEATS


def _held_out_images(
    study: Study, dissection: LayerDissection, unit: Unit, shown: set[int]
) -> list[Exemplar]:
    """As many ranks below the top images, without the images whose ids are in `shown`."""
    top, coverage = dissection.table.top, dissection.coverage(unit)
    exemplars = [
        exemplar_with(
            unit,
            dissection.images[int(top.image[unit.number, column])],
            Role.HELD_OUT,
            region=(column, coverage[column]),
            rank=column + 1,
            score=float(top.score[unit.number, column]),
            peak=(int(top.y[unit.number, column]), int(top.x[unit.number, column])),
        )
        for column in range(study.top_count, min(2 * study.top_count, len(coverage)))
    ]
    return [exemplar for exemplar in exemplars if exemplar.image_id not in shown]


def _random_images(
    study: Study,
    dissection: LayerDissection,
    unit: Unit,
    shown: set[int],
    held_out: list[Exemplar],
) -> list[Exemplar]:
    """Images drawn whatever their scores for the unit, which are unknown and stored as 0.

    Each borrows the shape of a top image's region, which no held-out image has, and the area of a
    random held-out image's region.
    """
    images = [image for image in random_images(dissection.network) if image.pk not in shown]
    images.sort(key=lambda image: draw(study, "random", unit, image_name(image)))
    coverage = dissection.coverage(unit)
    areas = [exemplar.coverage for exemplar in held_out] or [0.5]
    masks = sorted(
        (mask for mask in range(min(study.top_count, len(coverage))) if coverage[mask] > 0),
        key=lambda mask: draw(study, "random mask", unit, mask),
    ) or [0]
    exemplars = []
    for number, image in enumerate(images[:RANDOM_COUNT]):
        area = areas[draw(study, "random area", unit, number) % len(areas)]
        region = (masks[number % len(masks)], area)
        exemplars.append(exemplar_with(unit, image, Role.RANDOM, region))
    return exemplars
