"""What the scripts of a HIT page send in the background: drafts, traces, and pictures to hide."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.answers import drafts, pictures
from annotator.crowd.errors import DraftInvalid, DraftStale, NotOpen, NotShown
from annotator.crowd.scheduling.leases import renew_lease
from annotator.models import Draft, Worker
from annotator.views.annotator.hit_page import number_in
from annotator.views.annotator.hits import assignment_of, for_workers
from annotator.views.annotator.traces import keep_trace

STALE, GONE = 409, 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def draft(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """The draft of an assignment: {revision, said}, and what was traced since the last.

    Posted, the revision is the one that the changes are based on. If there is a newer one by
    now, that is sent back (409) and nothing is stored. 410: the HIT is answered or given back.
    """
    assignment = assignment_of(worker, key)
    if request.method != "POST":
        return JsonResponse(_as_json(getattr(assignment, "draft", None)))
    try:
        sent = json.loads(request.body)
        saved = drafts.save(assignment, sent["revision"], sent["said"])
    except (ValueError, LookupError, TypeError, DraftInvalid) as error:
        return JsonResponse({"error": str(error)}, status=400)
    except DraftStale as error:
        return JsonResponse(_as_json(error.draft), status=STALE)
    except NotOpen as error:
        return JsonResponse({"error": str(error)}, status=GONE)
    keep_trace(assignment, sent.get("trace"))
    renew_lease(assignment)
    return JsonResponse({"revision": saved.revision})


@require_POST
@for_workers
def trace(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """How a HIT was worked on since its page last told, as it is left."""
    keep_trace(assignment_of(worker, key), request.body)
    return HttpResponse(status=204)


def _as_json(found: Draft | None) -> dict[str, Any]:
    return {"revision": found.revision, "said": found.said} if found else {"revision": 0}


@require_POST
@for_workers
def hide(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Hide the picture in a slot and report it; with `show`, show it again."""
    assignment = assignment_of(worker, key)
    slot = number_in(request.POST.get("slot", ""))
    try:
        if "show" in request.POST:
            pictures.show_again(assignment, slot)
        else:
            pictures.hide(assignment, slot, request.POST.get("why", pictures.Why.HIDDEN))
    except NotShown as error:
        return JsonResponse({"error": str(error)}, status=400)
    except NotOpen as error:
        return JsonResponse({"error": str(error)}, status=GONE)
    return HttpResponse(status=204)
