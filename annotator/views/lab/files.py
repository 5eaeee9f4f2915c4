"""Files of an analysis: its result as JSON, the raw grid of an occlusion map, its pictures."""

import csv
import re

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotator.storage import StorageDown
from annotator.storage.deadline import open_in_time
from annotator.views.access import for_readers
from annotator.views.lab.image_results import grid_rows, results_of_images
from annotator.views.lab.lookups import analysis_of

CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


@require_safe
@for_readers
def analysis_json(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Answer a lab page's link to the result of an analysis as `--format json` prints it."""
    row = analysis_of(name, pk)
    if row.result is None:
        raise Http404(
            _("Analysis %(pk)s has no result. Its status is: %(row)s.")
            % {"pk": pk, "row": row.get_status_display()}
        )
    return JsonResponse(row.result, json_dumps_params={"indent": 1, "ensure_ascii": False})


@require_safe
@for_readers
def analysis_grid(request: HttpRequest, name: str, pk: int, number: int) -> HttpResponse:
    """Answer a lab page's link to the raw grid of the occlusion map of one image, as CSV."""
    row = analysis_of(name, pk)
    results = results_of_images(row) if row.kind == "occlusion" and row.result else []
    if number >= len(results):
        raise Http404(_("Analysis %(pk)s has no grid %(number)s.") % {"pk": pk, "number": number})
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{pk}-{number}.csv"'
    csv.writer(response).writerows(grid_rows(results[number]))
    return response


@require_safe
@for_readers
def analysis_picture(request: HttpRequest, name: str, pk: int, file: str) -> HttpResponse:
    """Serve a picture of a page of the lab, by study, so that only its readers can see it."""
    stored = analysis_of(name, pk).pictures.get(file, "")
    if not re.fullmatch(r"[0-9a-f]{64}\.(png|svg)", stored):
        raise Http404(_("Analysis %(pk)s has no picture %(file)s.") % {"pk": pk, "file": file})
    try:
        with open_in_time(f"analyses/{stored}") as content:
            picture = content.read()
    except FileNotFoundError as error:
        raise Http404(str(error)) from error
    except StorageDown:
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    content_type = CONTENT_TYPES[stored.rpartition(".")[2]]
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(picture, content_type=content_type, headers=headers)
