"""Studies whose HITs have pictures and a sheet of masks, small and made on the spot."""

import hashlib
import io
import random
from functools import cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PillowImage
from PIL import ImageDraw

from tests.crowd.studies import published_study

TILE_PX, MASK_PX, COLUMNS = 224, 112, 8


def pictured_study(tops=60, catches=3, seed=0, layers=(("squeezenet", "conv10", 1),), **design):
    """As `published_study`, with a picture for every image and a sheet of masks for every HIT.

    Slots are shuffled, so that a slot's number tells nothing.
    """
    unit_count = sum(units for _network, _layer, units in layers)
    return published_study(
        tops=tops,
        catches=catches,
        layers=layers,
        pictures=stored_pictures(tops + catches, seed),
        looks=[
            (slots, stored("sheets", sheet, "png"))
            for slots, sheet in _looks(seed, unit_count, tops + catches)
        ],
        **design,
    )


@cache
def _looks(seed, unit_count, count):
    """The slots of each unit's images, and its sheet of masks."""
    draw = random.Random(seed)
    looks = []
    for _ in range(unit_count):
        slots = draw.sample(range(count), count)
        looks.append((slots, sheet_of([random_mask(draw) for _ in range(count)])))
    return looks


def stored_pictures(count, seed):
    """The names of the tile and the zoom of so many pictures."""
    return [_stored_picture(seed * 1000 + number) for number in range(count)]


@cache
def _stored_picture(seed):
    """The names of a small picture and of the same one large."""
    large = random_picture(random.Random(seed))
    small = large.resize((TILE_PX, TILE_PX))
    return stored("pictures", jpeg(small), "jpg"), stored("pictures", jpeg(large), "jpg")


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
