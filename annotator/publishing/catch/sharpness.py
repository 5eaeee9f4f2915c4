"""How sharp pictures are and what their files tell, which must not be that one is a catch image."""

import io

import numpy as np
from PIL import Image as Pillow

from annotator import storage


def sharpness_of(picture: Pillow.Image) -> tuple[float, float]:
    """The sharpness of a picture: the mean difference of neighbors, and how it falls off.

    Returns:
        The mean absolute difference of pixels side by side, in levels of gray, and that as a share
        of the difference at a distance of two. Both are small where a picture is blurred, and the
        second where it is enlarged.
    """
    grey = np.asarray(picture.convert("L"), dtype=np.int16)
    near, far = (float(np.abs(grey[:, by:] - grey[:, :-by]).mean()) for by in (1, 2))
    return near, near / max(far, 1e-9)


def file_measures(name: str) -> tuple[float, float, float, float, float]:
    """Of a stored picture: the number that begins its name, bytes, width, and its sharpness."""
    content = storage.read(f"pictures/{name}")
    with Pillow.open(io.BytesIO(content)) as picture:
        return int(name[:8], 16), len(content), picture.width, *sharpness_of(picture)
