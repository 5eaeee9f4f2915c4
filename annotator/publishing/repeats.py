"""Positive controls: a unit's own best images again, turned about left to right.

A careful worker leaves them unmarked as they leave the originals; they are in no precision.
"""

import hashlib
import io

from PIL import Image as Pillow
from PIL import JpegImagePlugin

from annotator import storage
from annotator.models import Exemplar, Image, Study, Unit

MOST_REPEATS = 3  # of the unit's best three


def repeats(study: Study, unit: Unit, top: list[Exemplar]) -> list[Exemplar]:
    """The unit's best images mirrored, each with its own region, mirrored on the sheet too.

    A picture that is its own mirror image is left out: it would be there twice.
    """
    turned = [(best, mirrored(best.image)) for best in top[: study.repeat_count]]
    return [
        Exemplar(
            unit=unit,
            image=image,
            role=Exemplar.Role.REPEAT,
            rank=None,
            score=best.score,
            peak_y=best.peak_y,
            peak_x=best.peak_x,
            mask=best.mask,
            coverage=best.coverage,
        )
        for best, image in turned
        if image.is_mirrored
    ]


def mirrored(image: Image) -> Image:
    """The row of an image's mirrored pictures, which are made where they are missing."""
    tile = _mirrored_picture(image.tile)
    zoom = tile if image.zoom == image.tile else _mirrored_picture(image.zoom)
    found, _ = Image.objects.get_or_create(
        study_id=image.study_id,
        place=image.place,
        tile=tile,
        defaults={"zoom": zoom, "path": image.path, "is_mirrored": True},
    )
    return found


def _mirrored_picture(name: str) -> str:
    content = mirrored_jpeg(storage.read(f"pictures/{name}"))
    mirror = f"{hashlib.sha256(content).hexdigest()}.jpg"
    storage.keep(f"pictures/{mirror}", lambda: content)
    return mirror


def mirrored_jpeg(content: bytes) -> bytes:
    """A JPEG turned about, with the same tables: no setting of its encoder tells it."""
    with Pillow.open(io.BytesIO(content)) as picture:
        file = io.BytesIO()
        picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT).save(
            file,
            "JPEG",
            qtables=picture.quantization,
            subsampling=JpegImagePlugin.get_sampling(picture),
        )
    return file.getvalue()
