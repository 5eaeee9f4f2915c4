"""For the paper: what a methods section needs, on a page and as a text."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.models import Snapshot, Study
from annotator.results.output.html import report_context
from annotator.results.output.paper import as_markdown, bibtex, checklist, methods
from annotator.results.output.snapshots import report_in
from annotator.views.access import for_readers
from annotator.views.reader.downloads import as_attachment
from annotator.views.reader.snapshot import selection, with_snapshot


@require_safe
@for_readers
@with_snapshot
def paper(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    context = {
        "study": study,
        "snapshot": snapshot,
        "methods": methods(study, snapshot),
        "checklist": checklist(study, snapshot),
        "bibtex": bibtex(),
    }
    shared = report_context(report_in(snapshot), {})
    shared["definitions"] = {key: shared["definitions"][key] for key in ("flow", "plan")}
    return render(request, "results/paper.html", shared | context | selection(request))


@require_safe
@for_readers
@with_snapshot
def paper_markdown(request: HttpRequest, study: Study, snapshot: Snapshot) -> HttpResponse:
    told = HttpResponse(as_markdown(study, snapshot))
    return as_attachment(told, "text/markdown", f"{study}-methods.md")
