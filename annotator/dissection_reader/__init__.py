"""Reads dissections (docs/seam.md) into the service: checks files, makes rows.

DissectionError: a dissection is missing, cannot be read, or does not fit the study.
"""

from annotator.dissection_reader.dissection import (
    Dissection,
    DissectionError,
    checked_files,
    open_dissection,
    open_folder,
)
from annotator.dissection_reader.images import (
    SharedPictures,
    images_by_place,
    random_images,
    serve_pictures,
)
from annotator.dissection_reader.rows import load_dissection

__all__ = [
    "Dissection",
    "DissectionError",
    "SharedPictures",
    "checked_files",
    "images_by_place",
    "load_dissection",
    "open_dissection",
    "open_folder",
    "random_images",
    "serve_pictures",
]
