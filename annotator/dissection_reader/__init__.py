"""Reads dissections into rows. Knows the files (docs/seam.md), not the library that wrote them.

DissectionError: a dissection is missing, of another format, or does not fit the study.
"""

from annotator.dissection_reader.checks import checked_files
from annotator.dissection_reader.manifest import (
    Dissection,
    DissectionError,
    open_dissection,
    open_folder,
    serve_pictures,
)
from annotator.dissection_reader.rows import load_dissection, random_images

__all__ = [
    "Dissection",
    "DissectionError",
    "checked_files",
    "load_dissection",
    "open_dissection",
    "open_folder",
    "random_images",
    "serve_pictures",
]
