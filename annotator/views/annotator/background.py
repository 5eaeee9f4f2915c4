"""Requests that the scripts of a HIT page make in the background: drafts, traces, hidden pictures,
and the pictures of the next HIT.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.answers import drafts, pictures
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen, NotShown
from annotator.crowd.scheduling.leases import renew_lease
from annotator.crowd.scheduling.scheduler import next_hit
from annotator.models import Draft, Hit, Worker
from annotator.views.annotator.hit_page import parse_number
from annotator.views.annotator.hits import assignment_of, for_workers, save_trace

STALE, GONE = 409, 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def draft(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """The draft of an assignment as JSON: {revision, content}.

    A POST saves one: {revision, content, trace}. Its revision is the one that the changes are based
    on. The response is 409 with the newer draft if there is one, and 410 if the HIT is answered or
    returned; in both cases nothing is saved.
    """
    assignment = assignment_of(worker, key)
    if request.method != "POST":
        return JsonResponse(_as_json(getattr(assignment, "draft", None)))
    try:
        body = json.loads(request.body)
        saved = drafts.save(assignment, body["revision"], body["content"])
    except (ValueError, LookupError, TypeError, DraftInvalid) as error:
        return JsonResponse({"error": str(error)}, status=400)
    except DraftStale as error:
        return JsonResponse(_as_json(error.draft), status=STALE)
    except NotOpen as error:
        return JsonResponse({"error": str(error)}, status=GONE)
    save_trace(assignment, body.get("trace"))
    renew_lease(assignment)
    return JsonResponse({"revision": saved.revision})


def _as_json(draft: Draft | None) -> dict[str, Any]:
    return {"revision": draft.revision, "content": draft.content} if draft else {"revision": 0}


@require_POST
@for_workers
def trace(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Save the last part of a trace when the worker leaves the page."""
    save_trace(assignment_of(worker, key), request.body)
    return HttpResponse(status=204)


@require_POST
@for_workers
def hide(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Hide and report the picture in a slot; with `show`, show it again."""
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
    """The pictures of the HIT that probably comes next, to prefetch. Nothing is accepted."""
    assignment_of(worker, key)
    hit = next_hit(worker)
    return JsonResponse({"pictures": picture_urls(hit) if hit else []})


def picture_urls(hit: Hit) -> list[str]:
    """The URLs of a HIT's sheet of masks and of its small pictures.

    They are sorted by name, which is a hash: the order does not tell a catch image.
    """
    tiles = sorted(set(hit.shown.values_list("image__tile", flat=True)))
    sheet = [reverse("sheet", args=[hit.masks])] if hit.masks else []
    return sheet + [reverse("picture", args=[name]) for name in tiles]
