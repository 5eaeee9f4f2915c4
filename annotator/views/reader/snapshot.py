"""Chooses the snapshot that a reader's page shows, and answers if there is none yet."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotator.crowd.review.looks import is_early, open_results
from annotator.crowd.scheduling.progress import layer_counts, total
from annotator.models import Answer, Snapshot, Study
from annotator.results.loading.answers import Crowd
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.snapshots import lifecycle
from annotator.results.report.threshold_numbers import OFFERED_THRESHOLDS
from annotator.tasks import current_snapshot, notify_workers, take_snapshot
from annotator.views.access import actor_of, for_readers, is_requester

# A report of this many answers is made while the reader waits; a larger one by a worker.
MAX_ANSWERS_IN_REQUEST = 5_000


def with_snapshot(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a reader's view so that it gets the study and its newest snapshot.

    Until the planned answers are in, the response is the page that opens results early.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, study: str, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(Study, name=study)
        if not open_results(row, actor_of(request), "report"):
            return _hidden(request, row)
        snapshot = snapshot_of(row, requested_crowd(request), requested_variant(request))
        if snapshot is None:
            asked = lifecycle.ask_for(row, requested_crowd(request), requested_variant(request))
            context = {"study": row, "asked": asked, "variant": VARIANTS[asked.variant]}
            return render(request, "results/being_made.html", context, status=503)
        snapshot.threshold = requested_threshold(request, row)
        return view(request, row, snapshot, **kwargs)

    return wrapped


def _hidden(request: HttpRequest, study: Study) -> HttpResponse:
    """Answer a request for results that are hidden: 403, and how a requester opens them."""
    filled, wanted = total(layer_counts(study))
    context = {
        "study": study,
        "filled": filled,
        "wanted": wanted,
        "may_open": is_requester(request, study.name),
        "next": request.get_full_path(),
    }
    return render(request, "results/hidden.html", context, status=403)


def complete_snapshot(study: Study) -> Snapshot | None:
    """What a page may read without an early look: the newest snapshot, once all answers are in."""
    return None if is_early(study) else snapshot_of(study, None)


def snapshot_of(study: Study, crowd: Crowd | None, variant: str = "") -> Snapshot | None:
    """The newest snapshot of a study that a reader's page shows.

    If there is none, that of a small study is made now. For a large one the workers are asked to
    make it, and None is returned.
    """
    if snapshot := lifecycle.latest(study, crowd, variant):
        return snapshot
    if is_small(study):
        return current_snapshot(study, crowd, variant)
    lifecycle.ask_for(study, crowd, variant)
    notify_workers(take_snapshot, study.pk)
    return None


def is_small(study: Study) -> bool:
    """Whether a reader's page can wait for the snapshot of a study, since the study is small."""
    answers = Answer.objects.filter(assignment__worker__study=study)
    return bool(answers.count() <= MAX_ANSWERS_IN_REQUEST)


def requested_crowd(request: HttpRequest) -> Crowd | None:
    crowd = request.GET.get("answers")
    if crowd == "people":
        return "people"
    return "simulated" if crowd == "simulated" else None


def requested_variant(request: HttpRequest) -> str:
    variant = request.GET.get("variant", "")
    return variant if variant in VARIANTS else ""


def requested_threshold(request: HttpRequest, study: Study) -> float | None:
    """The threshold that a reader chose; None for the study's own, and for an invalid one."""
    offered = {f"{threshold:g}": threshold for threshold in OFFERED_THRESHOLDS}
    threshold = offered.get(request.GET.get("threshold", ""))
    return None if threshold == study.threshold else threshold


def threshold_choices(study: Study, chosen: float) -> list[tuple[str, str, bool]]:
    """The thresholds at which a reader can look at a snapshot: (value in the URL, label, chosen).

    The value of the study's own threshold is empty.
    """
    thresholds = sorted({*OFFERED_THRESHOLDS, study.threshold})
    return [
        ("", _("%(threshold)s (the study's)") % {"threshold": f"{each:g}"}, each == chosen)
        if each == study.threshold
        else (f"{each:g}", f"{each:g}", each == chosen)
        for each in thresholds
    ]


def selection(request: HttpRequest) -> dict[str, Any]:
    """Template context with which links and forms keep the snapshot that a reader selected.

    Returns:
        keep: a query string with the crowd, the variant and the threshold, or empty.
        kept_fields: the same as a dict, for hidden form fields.
    """
    threshold = request.GET.get("threshold", "")
    is_offered = threshold in {f"{offered:g}" for offered in OFFERED_THRESHOLDS}
    choices = {
        "answers": requested_crowd(request),
        "variant": requested_variant(request),
        "threshold": threshold if is_offered else "",
    }
    fields = {name: value for name, value in choices.items() if value}
    return {"keep": f"?{urlencode(fields)}" if fields else "", "kept_fields": fields}


@require_POST
@for_readers
def make_again(request: HttpRequest, study: str) -> HttpResponse:
    """Handle the POST by which a reader has the snapshot made again, from current answers."""
    row = get_object_or_404(Study, name=study)
    if is_small(row):
        current_snapshot(row, requested_crowd(request), requested_variant(request))
    else:
        lifecycle.ask_for(row, requested_crowd(request), requested_variant(request))
        notify_workers(take_snapshot, row.pk)
    return redirect(f"{reverse('report', args=[study])}{selection(request)['keep']}")
