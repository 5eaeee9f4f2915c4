"""The report of a study, and the list of reports."""

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotator.models import Role, Snapshot, Study, Worker
from annotator.results.loading.report_data import data_fingerprint
from annotator.results.output.html import figures_in, report_context
from annotator.results.output.snapshots import report_in
from annotator.tasks import current_snapshot, notify_workers, take_snapshot
from annotator.views.access import for_readers, studies_for
from annotator.views.reader.snapshot import (
    MAX_ANSWERS_IN_REQUEST,
    requested_crowd,
    requested_variant,
    selection,
    with_snapshot,
)


@require_safe
@for_readers
def results(request: HttpRequest) -> HttpResponse:
    simulated = Worker.objects.filter(study=OuterRef("pk"), kind=Worker.Kind.SIMULATED)
    studies = studies_for(request, Role.READER).annotate(is_simulated=Exists(simulated))
    return render(request, "results/results.html", {"studies": studies.order_by("name")})


@require_safe
@for_readers
@with_snapshot
def report(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    context = report_context(report_in(snapshot), figures_in(snapshot))
    made = {"snapshot": snapshot, "is_stale": snapshot.state != data_fingerprint(study)}
    return render(request, "results/report.html", context | made | selection(request))


@require_POST
@for_readers
def make_again(request: HttpRequest, study: str) -> HttpResponse:
    """Make the report again from the answers as they stand; a large one by a worker."""
    found = get_object_or_404(Study, name=study)
    if found.workers.filter(assignments__answer__isnull=False).count() <= MAX_ANSWERS_IN_REQUEST:
        current_snapshot(found, requested_crowd(request), requested_variant(request))
    else:
        notify_workers(take_snapshot, found.pk)
    return redirect(f"{reverse('report', args=[study])}{selection(request)['keep']}")
