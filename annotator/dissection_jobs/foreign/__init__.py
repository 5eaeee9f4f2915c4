"""Dissections that another framework, or another Unitscope, made, as networks of a study."""

from annotator.dissection_jobs.foreign.importer import import_folder, import_model, import_table
from annotator.neuronpedia_layout import is_model

__all__ = ["import_folder", "import_model", "import_table", "is_model"]
