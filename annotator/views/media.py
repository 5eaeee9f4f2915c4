"""Serves pictures and sheets of masks, cached for ever.

Files are named by the hash of their content: they never change, and a name reveals nothing. Pages
request them in thousands, so these views use neither the session nor the database. With
X_ACCEL_PREFIX the proxy sends the file, so no thread of this process waits for the storage.
"""

import logging
import re
from pathlib import PurePosixPath

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotator.storage import StorageDown, deadline

CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".css": "text/css"}
log = logging.getLogger(__name__)
CACHE_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse | HttpResponse:
    return _stored("pictures", name, r"[0-9a-f]{64}\.jpg")


@require_safe
def sheet(request: HttpRequest, name: str) -> FileResponse | HttpResponse:
    return _stored("sheets", name, r"[0-9a-f]{64}\.(png|jpg)")


@require_safe
def sheet_style(request: HttpRequest, name: str) -> FileResponse | HttpResponse:
    """Serve the style sheet of a HIT, cached as all media.

    It is a file, since a strict content security policy forbids style attributes and the regions
    must show without JavaScript too. For a HIT without one, published by an earlier version, it is
    made from the name of its sheet of masks.
    """
    if not re.fullmatch(r"[0-9a-f]{64}\.png", name):
        return _stored("sheets", f"{name}.css", r"[0-9a-f]{64}\.css")
    url = reverse("sheet", args=[name])
    rule = f'.masked{{-webkit-mask-image:url("{url}");mask-image:url("{url}")}}\n'
    return HttpResponse(rule, content_type="text/css", headers={"Cache-Control": CACHE_FOR_EVER})


def _stored(folder: str, name: str, pattern: str) -> FileResponse | HttpResponse:
    # The pattern keeps the name inside its folder.
    if not re.fullmatch(pattern, name):
        raise Http404
    kind = CONTENT_TYPES[PurePosixPath(name).suffix]
    if settings.X_ACCEL_PREFIX:
        place = f"{settings.X_ACCEL_PREFIX}{folder}/{name}"
        return HttpResponse(content_type=kind, headers={"X-Accel-Redirect": place})
    try:
        file = deadline.open_in_time(f"{folder}/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    except StorageDown as error:
        log.warning("%s", error)
        return HttpResponse(
            status=503,
            headers={
                "Retry-After": f"{deadline.PAUSE_SECONDS:.0f}",
                "Cache-Control": "no-store",
            },
        )
    return FileResponse(file, content_type=kind, headers={"Cache-Control": CACHE_FOR_EVER})
