"""Tables that others made become rows of a study: all of a table, or nothing.

import_answers                the answers of another campaign
import_names                  what a method, such as CLIP-Dissect or MILAN, calls the units
import_demographics           what a marketplace's table says of a study's people
read_top_images               top images of another framework; `dissection_jobs.foreign` writes them

ImportRefused(ValueError)     a table is wrong, or does not fit the study: one sentence
└── TableUnreadable           the file is missing, or not a table
"""

from annotator.imports.answers import ImportedAnswers, import_answers, study_named
from annotator.imports.demographics import ImportedDemographics, import_demographics
from annotator.imports.names import ImportedNames, import_names
from annotator.imports.tables import ImportRefused, TableUnreadable
from annotator.imports.top_images import TopImageRow, TopImageTable, read_top_images

__all__ = [
    "ImportRefused",
    "ImportedAnswers",
    "ImportedDemographics",
    "ImportedNames",
    "TableUnreadable",
    "TopImageRow",
    "TopImageTable",
    "import_answers",
    "import_demographics",
    "import_names",
    "read_top_images",
    "study_named",
]
