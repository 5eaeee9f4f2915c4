"""The documentation as a web site: `make docs` builds it into build/docs, warnings are errors.

Commands, settings and the data dictionary are rendered from the program itself by the directives of
`docs/from_program.py`, so they cannot go stale.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")

project = "Unitscope"
author = copyright = "The Unitscope authors"
extensions = ["myst_parser", "docs.from_program"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Unitscope"
html_copy_source = False
nitpicky = True
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
# Files outside docs/ that pages link to are read in the repository.
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = ["misc.highlighting_failure"]
