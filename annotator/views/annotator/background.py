"""Requests that the scripts of a HIT page make in the background: drafts, traces, hidden pictures,
and the pictures of the next HIT.
"""

import json
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.answers import drafts, pictures, traces
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen, NotShown
from annotator.crowd.scheduling.leases import locked, renew_lease
from annotator.crowd.scheduling.scheduler import next_hit
from annotator.free_text import parse_number, storable
from annotator.models import Assignment, Draft, Hit, Worker
from annotator.views.access import for_workers
from annotator.views.annotator.hit_page import assignment_of, own_assignment

STALE, GONE = 409, 410
PICTURE = "NAME"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def draft(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Handle the background request for a draft as JSON: {revision, content}.

    A POST saves one: {revision, content, trace}. Its revision is the one that the changes are based
    on. The response is 409 with the newer draft if there is one, and nothing is saved. It is 410 if
    the HIT is answered or returned: then nobody needs a draft of it any more.
    """
    if request.method != "POST":
        assignment = assignment_of(worker, key)
        is_open = assignment.status in Assignment.OPEN
        newest = _as_json(getattr(assignment, "draft", None))
        return JsonResponse(newest, status=200 if is_open else GONE)
    assignment = own_assignment(worker, key)
    try:
        body = json.loads(_body(request))
        saved = drafts.save(assignment, body["revision"], body["content"], body.get("trace"))
    except (ValueError, LookupError, TypeError, RecursionError, DraftInvalid) as error:
        return JsonResponse({"error": storable(str(error))}, status=400)
    except DraftStale as error:
        return JsonResponse(_as_json(error.draft), status=STALE)
    except NotOpen as error:
        return JsonResponse({"error": str(error)}, status=GONE)
    renew_lease(assignment)
    return JsonResponse({"revision": saved.revision})


def _body(request: HttpRequest) -> bytes:
    """What a script sent; nothing if it is a form with files, which has been read by now."""
    try:
        return request.body
    except RawPostDataException:
        return b""


def _as_json(draft: Draft | None) -> dict[str, Any]:
    return {"revision": draft.revision, "content": draft.content} if draft else {"revision": 0}


@require_POST
@for_workers
def trace(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Handle the background POST of the last part of a trace, as a worker leaves."""
    save_trace(own_assignment(worker, key), _body(request))
    return HttpResponse(status=204)


@require_POST
@for_workers
def hide(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Handle the background POST that hides and reports a picture, or shows it again.

    `slot` names the picture; with `show` it is shown again.
    """
    assignment = assignment_of(worker, key)
    slot = parse_number(request.POST.get("slot", ""))
    try:
        if "show" in request.POST:
            pictures.show_again(assignment, slot)
        else:
            why = request.POST.get("why", pictures.Why.HIDDEN)
            pictures.hide(assignment, slot, why)
    except NotShown as error:
        return JsonResponse({"error": str(error)}, status=400)
    except NotOpen as error:
        return JsonResponse({"error": str(error)}, status=GONE)
    return HttpResponse(status=204)


@never_cache
@require_safe
@for_workers
def ahead(request: HttpRequest, worker: Worker, key: str) -> JsonResponse:
    """Handle a background request for the next pictures, ahead of time; nothing is accepted.

    It is the HIT that probably comes next; the page prefetches its pictures.
    """
    if not worker.assignments.filter(key=key).exists():
        raise Http404
    hit = next_hit(worker)
    return JsonResponse({"pictures": picture_urls(hit) if hit else []})


def picture_urls(hit: Hit) -> list[str]:
    """What the browser fetches ahead in the background: URLs of a HIT's sheets and tiles.

    They are sorted by name, which is a hash: the order does not tell a catch image.
    """
    files = hit.shown.order_by().values_list("tile", "image__tile")
    tiles = sorted({tile or whole for tile, whole in files})
    sheets = [reverse("sheet", args=[name]) for name in (hit.masks, hit.insets) if name]
    folder = reverse("picture", args=[PICTURE]).removesuffix(PICTURE)  # once: it takes long
    return sheets + [f"{folder}{name}" for name in tiles]


def save_trace(assignment: Assignment, trace: object) -> None:
    """Save a part of a trace from a background request, or one that comes with a changed answer."""
    if trace:
        with transaction.atomic():
            traces.save_beside(locked(assignment), trace)
