"""Pictures and sheets of masks. Named by their content, they never change and tell nothing.

They are asked for in their thousands, so they touch neither the session nor the database.
"""

import re
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    return _stored("pictures", name, r"[0-9a-f]{64}\.jpg")


@require_safe
def sheet(request: HttpRequest, name: str) -> FileResponse:
    return _stored("sheets", name, r"[0-9a-f]{64}\.png")


@require_safe
def sheet_style(request: HttpRequest, name: str) -> HttpResponse:
    """The one rule that masks a HIT's pictures with its sheet.

    A stylesheet, since a strict content security policy forbids style attributes, and without
    JavaScript the regions must show too.
    """
    if not re.fullmatch(r"[0-9a-f]{64}\.png", name):
        raise Http404
    url = reverse("sheet", args=[name])
    rule = f'.masked{{-webkit-mask-image:url("{url}");mask-image:url("{url}")}}\n'
    return HttpResponse(rule, content_type="text/css", headers={"Cache-Control": FOR_EVER})


def _stored(folder: str, name: str, pattern: str) -> FileResponse:
    # The pattern is what keeps a name inside its folder.
    if not re.fullmatch(pattern, name):
        raise Http404
    try:
        file = default_storage.open(f"{folder}/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    kind = CONTENT_TYPES[PurePosixPath(name).suffix]
    return FileResponse(file, content_type=kind, headers={"Cache-Control": FOR_EVER})
