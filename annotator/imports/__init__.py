"""Tables that others made -> rows of a study: all of a table, or none of it.

import_answers                the answers of another campaign
import_names                  what a method, such as CLIP-Dissect or MILAN, calls the units

ImportRefused(ValueError)     one sentence that names the line and the value
    TableUnreadable           the file is missing, or not a table
"""

from annotator.imports.answer_table import ForeignAnswer, read_answers
from annotator.imports.answers import Imported, import_answers
from annotator.imports.errors import ImportRefused, TableUnreadable
from annotator.imports.names import ImportedNames, import_names

__all__ = [
    "ForeignAnswer",
    "ImportRefused",
    "Imported",
    "ImportedNames",
    "TableUnreadable",
    "import_answers",
    "import_names",
    "read_answers",
]
