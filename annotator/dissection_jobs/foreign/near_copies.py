"""Near copies among the pictures of a dissection that another program wrote."""

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from dissect.format.manifest import PICTURE_FOLDER, Manifest
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import decode_table
from dissect.render.near_copies import grey_of, near_copies


def with_near_copies(manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """Find the near copies in layers whose manifest does not say whether there are any.

    Args:
        files: the dissection's files by name, its pictures as pictures/NAME.
    """
    top = manifest.settings.top
    shown = {
        layer.name: decode_table(files[layer.table]).top.image[:, :top]
        for layer in manifest.layers
        if "near_copies" not in layer.model_fields_set
    }
    places = {place for images in shown.values() for place in images.ravel().tolist()}
    greys = {
        row.place: _grey(files[f"{PICTURE_FOLDER}/{row.zoom}"])
        for row in decode_pictures(files[manifest.pictures])
        if row.place in places
    }
    layers = [
        layer.replaced(near_copies=near_copies(shown[layer.name], greys))
        if layer.name in shown
        else layer
        for layer in manifest.layers
    ]
    return manifest.replaced(layers=layers)


def _grey(picture: bytes) -> NDArray[np.uint8]:
    with Pillow.open(io.BytesIO(picture)) as image:
        return grey_of(image)
