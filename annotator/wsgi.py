"""What a web server such as gunicorn loads."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
if "gunicorn" in sys.modules:
    # Its processes count requests in files that they share: those of one server, in one folder.
    counts = settings.DATA_DIR / "metrics" / str(os.getppid())
    counts.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(counts))
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018, the pages' code is loaded now, not by the first reader
gc.freeze()  # no later look for garbage passes over what is loaded
