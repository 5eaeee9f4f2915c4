"""The answers of another campaign -> rows of a study: all of a table, or none of it.

ImportRefused(ValueError)     one sentence that names the line and the value
    TableUnreadable           the file is missing, or not a table
"""

from annotator.importing.errors import ImportRefused, TableUnreadable
from annotator.importing.reading import ForeignAnswer, read_answers
from annotator.importing.writing import Imported, import_answers

__all__ = [
    "ForeignAnswer",
    "ImportRefused",
    "Imported",
    "TableUnreadable",
    "import_answers",
    "read_answers",
]
