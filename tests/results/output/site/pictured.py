"""Published studies with stored pictures and masks, for sites."""

import io

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from annotator.models import Network, Study
from dissect.format.masks import MASK_PX, encode_sheet
from tests.results.studies import answered_study

COLORS = {"t.jpg": (200, 40, 40)}


def stored_picture(name, color=(200, 40, 40), side=224):
    content = io.BytesIO()
    Image.new("RGB", (side, side), color).save(content, "JPEG", quality=95)
    default_storage.save(f"pictures/{name}", ContentFile(content.getvalue()))


def left_half():
    region = np.zeros((MASK_PX, MASK_PX), bool)
    region[:, : MASK_PX // 2] = True
    return region


def pictured_study(kind="person", may_publish=True):
    """The study of tests.results.studies with pictures; scenes/conv1 lights their left half."""
    study = answered_study(kind)
    stored_picture("t.jpg")
    default_storage.save("d/0.png", ContentFile(encode_sheet(np.array([left_half()] * 6))))
    default_storage.save("d/1.png", ContentFile(encode_sheet(np.array([left_half()] * 6))))
    manifest = {"layers": [{"name": "conv1", "masks": "{unit}.png"}]}
    Network.objects.filter(name="scenes").update(dissection="d", manifest=manifest)
    Study.objects.update(may_publish_pictures=may_publish)
    study.refresh_from_db()
    return study
