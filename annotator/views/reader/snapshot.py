"""Pages that read the snapshot of a study: which one, and what is said while there is none."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from annotator.models import Answer, Snapshot, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.snapshots import latest
from annotator.tasks import current_snapshot, notify_workers, take_snapshot

# So few answers are summed up while the reader waits, where no snapshot is there yet.
MAX_ANSWERS_IN_REQUEST = 5_000


def with_snapshot(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call a view with the study and its newest snapshot in place of the study's name."""

    @wraps(view)
    def wrapped(request: HttpRequest, study: str, **kwargs: Any) -> HttpResponse:
        found = get_object_or_404(Study, name=study)
        snapshot = snapshot_of(found, requested_crowd(request), requested_variant(request))
        if snapshot is None:
            return render(request, "results/being_made.html", {"study": found}, status=503)
        return view(request, found, snapshot, **kwargs)

    return wrapped


def snapshot_of(study: Study, crowd: Crowd | None, variant: str = "") -> Snapshot | None:
    """The newest snapshot. The first one of a small study is made here; None if it is not small."""
    if found := latest(study, crowd, variant):
        return found
    if Answer.objects.filter(assignment__worker__study=study).count() <= MAX_ANSWERS_IN_REQUEST:
        return current_snapshot(study, crowd, variant)
    notify_workers(take_snapshot, study.pk)
    return None


def requested_crowd(request: HttpRequest) -> Crowd | None:
    asked = request.GET.get("answers")
    if asked == "people":
        return "people"
    return "simulated" if asked == "simulated" else None


def requested_variant(request: HttpRequest) -> str:
    asked = request.GET.get("variant", "")
    return asked if asked in VARIANTS else ""


def selection(request: HttpRequest) -> dict[str, Any]:
    """What links and forms keep: whose answers the reader asked for, and which of them count."""
    asked = {"answers": requested_crowd(request), "variant": requested_variant(request)}
    fields = {name: value for name, value in asked.items() if value}
    return {"keep": f"?{urlencode(fields)}" if fields else "", "kept_fields": fields}
