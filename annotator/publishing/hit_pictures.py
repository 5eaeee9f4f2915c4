"""The pictures of a HIT that names a unit: top images, with catch images and repeats among them.

A repeat is a positive control: one of the unit's best images again, mirrored left to right. A
careful worker leaves it unmarked like the original, and it counts in no precision.
"""

import io

from django.utils.translation import gettext as _
from PIL import Image as Pillow
from PIL import JpegImagePlugin

from annotator import storage
from annotator.models import Exemplar, Image, Network, Study, Unit
from annotator.publishing.catch.layer_catch_images import CatchImage, LayerCatchImages
from annotator.publishing.draws import draw, image_name
from annotator.publishing.hit_design import NotPublishable
from annotator.publishing.layer_dissection import LayerDissection
from dissect.format.picture_list import content_name

Role = Exemplar.Role


def naming_pictures(
    study: Study, dissection: LayerDissection, catch: LayerCatchImages, unit: Unit
) -> list[Exemplar]:
    """Choose the pictures of a naming HIT, in slot order; new ones are not stored yet.

    A unit of the random-images control has no low or best images, so it has neither catch images
    nor repeats. It shows as many further random images, so that the count does not reveal it.

    Raises:
        NotPublishable: the unit has too few low images.
    """
    top = list(unit.exemplars.filter(role=Role.TOP).select_related("image").order_by("rank"))
    if dissection.network.condition == Network.Condition.RANDOM_IMAGES:
        more = _further_random_images(study, dissection, unit, top)
    else:
        more = _catch_images(study, dissection, catch.of(unit), unit, top)
        more += _repeats(study, unit, top)
    return in_slots(study, unit, [*top, *more])


def in_slots(study: Study, unit: Unit, exemplars: list[Exemplar], first: int = 0) -> list[Exemplar]:
    """Give the pictures of a HIT their slots, from `first` on, in an order drawn by key."""
    shuffled = sorted(
        exemplars, key=lambda exemplar: draw(study, "slot", unit, image_name(exemplar.image))
    )
    for slot, exemplar in enumerate(shuffled, start=first):
        exemplar.slot = slot
    return shuffled


def exemplar_with(
    unit: Unit,
    image: Image,
    role: str,
    region: tuple[int, float],
    rank: int | None = None,
    score: float = 0,
    peak: tuple[int, int] = (0, 0),
) -> Exemplar:
    """Make an exemplar, one picture of a HIT to publish, without storing it.

    Args:
        region: its mask number, and the share of the picture that it covers.
        peak: row and column of the map's cell with this score.
    """
    (mask, coverage), (peak_y, peak_x) = region, peak
    return Exemplar(
        unit=unit,
        image=image,
        role=role,
        rank=rank,
        score=score,
        peak_y=peak_y,
        peak_x=peak_x,
        mask=mask,
        coverage=coverage,
    )


def _further_random_images(
    study: Study, dissection: LayerDissection, unit: Unit, top: list[Exemplar]
) -> list[Exemplar]:
    """Random images in place of catch images and repeats, each with a top image's region."""
    shown = {exemplar.image_id for exemplar in top}
    images = [image for image in dissection.images.values() if image.pk not in shown]
    images.sort(key=lambda image: draw(study, "further", unit, image_name(image)))
    lenders = sorted(top, key=lambda exemplar: draw(study, "further mask", unit, exemplar.mask))
    count = study.catch_count + study.repeat_count
    pairs = zip(images[:count], lenders, strict=False)
    return [
        exemplar_with(
            unit,
            image,
            Role.TOP,
            region=(lender.mask, lender.coverage),
            rank=rank,
            peak=(lender.peak_y, lender.peak_x),
        )
        for rank, (image, lender) in enumerate(pairs, start=len(top) + 1)
    ]


def _catch_images(
    study: Study,
    dissection: LayerDissection,
    drawn: list[CatchImage],
    unit: Unit,
    top: list[Exemplar],
) -> list[Exemplar]:
    """The catch images drawn for the unit, each with a borrowed region.

    Raises:
        NotPublishable: the unit has too few low images.
    """
    low = dissection.table.low
    if len(drawn) < study.catch_count:
        raise _too_few_low_images(study, unit, len(drawn), len(top))
    coverage = dissection.coverage(unit)
    return [
        exemplar_with(
            unit,
            dissection.images[int(low.image[unit.number, column])],
            Role.CATCH,
            (mask, coverage[mask]),
            score=float(low.score[unit.number, column]),
            peak=(int(low.y[unit.number, column]), int(low.x[unit.number, column])),
        )
        for column, mask in drawn
    ]


def _too_few_low_images(
    study: Study, unit: Unit, drawn_count: int, top_count: int
) -> NotPublishable:
    sentence = _(
        "Unit %(number)s of %(layer)s has %(drawn_count)s images low enough for "
        "%(catch_count)s catch images in addition to its %(top_count)s top images: "
        "dissect more images, show fewer (--top), or publish with fewer catch images (--catch)."
    )
    words = {"number": unit.number, "layer": unit.layer, "drawn_count": drawn_count}
    words |= {"catch_count": study.catch_count, "top_count": top_count}
    return NotPublishable(sentence % words)


def _repeats(study: Study, unit: Unit, top: list[Exemplar]) -> list[Exemplar]:
    """The unit's best images mirrored, each with its own region, which the sheet mirrors too.

    A picture that equals its mirror image is left out: the HIT would show it twice.
    """
    mirrored = [(best, mirrored_image(best.image)) for best in top[: study.repeat_count]]
    return [
        exemplar_with(
            unit,
            image,
            Role.REPEAT,
            region=(best.mask, best.coverage),
            score=best.score,
            peak=(best.peak_y, best.peak_x),
        )
        for best, image in mirrored
        if image.is_mirrored
    ]


def mirrored_image(image: Image) -> Image:
    """The row of an image's mirrored pictures, for repeats in a HIT; made if missing.

    It is the image itself if the picture is symmetric.
    """
    tile = _mirrored_picture(image.tile)
    zoom = tile if image.zoom == image.tile else _mirrored_picture(image.zoom)
    row, _ = Image.objects.get_or_create(
        study_id=image.study_id,
        place=image.place,
        tile=tile,
        defaults={"zoom": zoom, "path": image.path, "is_mirrored": True},
    )
    return row


def _mirrored_picture(name: str) -> str:
    """Store a picture's mirror image; returns its name, which is a hash of its content."""
    content = mirrored_jpeg(storage.read(f"pictures/{name}"))
    mirror = content_name(content, ".jpg")
    storage.keep(f"pictures/{mirror}", lambda: content)
    return mirror


def mirrored_jpeg(content: bytes) -> bytes:
    """Mirror the JPEG of a HIT's repeated picture; the same encoder settings do not reveal it."""
    with Pillow.open(io.BytesIO(content)) as picture:
        file = io.BytesIO()
        picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT).save(
            file,
            "JPEG",
            qtables=picture.quantization,
            subsampling=JpegImagePlugin.get_sampling(picture),
        )
    return file.getvalue()


def opened_picture(name: str) -> Pillow.Image:
    """Open a picture that a HIT shows: read it from the storage and decode it."""
    with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
        return picture.convert("RGB")
