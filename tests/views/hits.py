"""Studies whose HITs have pictures and a sheet of masks, small and made on the spot."""

import hashlib
import io
import random
from functools import cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PillowImage
from PIL import ImageDraw

from annotator.models import Exemplar, Hit, Image
from tests.crowd.studies import published_study

TILE_PX, MASK_PX, COLUMNS = 224, 112, 8


def pictured_study(tops=60, catches=3, seed=0, **design):
    """As `published_study`, with a picture for every image and a sheet of masks for every HIT.

    Slots are shuffled, so that a slot's number tells nothing.
    """
    study = published_study(tops=tops, catches=catches, **design)
    draw = random.Random(seed)
    _store_pictures(study, seed)
    for hit in Hit.objects.filter(unit__layer__network__study=study):
        _shuffle_slots(hit.unit, draw)
        masks = [random_mask(draw) for _ in range(tops + catches)]
        hit.masks = stored("sheets", sheet_of(masks), "png")
        hit.save()
    return study


def _store_pictures(study, seed):
    images = list(Image.objects.filter(study=study))
    for number, image in enumerate(images):
        image.tile, image.zoom = _stored_picture(seed * 1000 + number)
    Image.objects.bulk_update(images, ["tile", "zoom"])


@cache
def _stored_picture(seed):
    """The names of a small picture and of the same one large."""
    large = random_picture(random.Random(seed))
    small = large.resize((TILE_PX, TILE_PX))
    return stored("pictures", jpeg(small), "jpg"), stored("pictures", jpeg(large), "jpg")


def _shuffle_slots(unit, draw):
    exemplars = list(Exemplar.objects.filter(unit=unit))
    slots = draw.sample(range(len(exemplars)), len(exemplars))
    Exemplar.objects.filter(unit=unit).update(slot=None)
    for exemplar, slot in zip(exemplars, slots, strict=True):
        exemplar.slot = slot
    Exemplar.objects.bulk_update(exemplars, ["slot"])


def random_picture(draw, size=2 * TILE_PX):
    """A ball on a ground, in some colors."""
    hues = [draw.randrange(0, 360, 30) for _ in range(2)]
    picture = PillowImage.new("RGB", (size, size), f"hsl({hues[0]}, 50%, 60%)")
    x, y = draw.uniform(0.3, 0.7) * size, draw.uniform(0.3, 0.7) * size
    ball = [x - size / 5, y - size / 5, x + size / 5, y + size / 5]
    ImageDraw.Draw(picture).ellipse(ball, fill=f"hsl({hues[1]}, 80%, 40%)")
    return picture


def random_mask(draw):
    """A round region: white inside."""
    mask = PillowImage.new("1", (MASK_PX, MASK_PX))
    x, y, r = (draw.uniform(a, b) * MASK_PX for a, b in [(0.3, 0.7), (0.3, 0.7), (0.15, 0.3)])
    ImageDraw.Draw(mask).ellipse([x - r, y - r, x + r, y + r], fill=1)
    return mask


def sheet_of(masks):
    """A PNG of masks in slot order, 8 a row: regions opaque, the rest transparent."""
    rows = -(-len(masks) // COLUMNS)
    sheet = PillowImage.new("P", (COLUMNS * MASK_PX, rows * MASK_PX))
    sheet.putpalette([0, 0, 0] * 2)
    for slot, mask in enumerate(masks):
        sheet.paste(1, (slot % COLUMNS * MASK_PX, slot // COLUMNS * MASK_PX), mask.convert("1"))
    file = io.BytesIO()
    sheet.save(file, "PNG", transparency=bytes([0, 255]))
    return file.getvalue()


def jpeg(picture):
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


def stored(folder, content, ending):
    """Store a file under its content's name, as publishing does, and give the name."""
    name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
    if not default_storage.exists(f"{folder}/{name}"):
        default_storage.save(f"{folder}/{name}", ContentFile(content))
    return name
