"""Dissections that another framework, or another Unitscope, made, as networks of a study."""

from annotator.dissection_jobs.foreign.importer import import_folder, import_table

__all__ = ["import_folder", "import_table"]
