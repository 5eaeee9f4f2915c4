"""The requester's pages: the list of studies, and where each stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotator.models import Role, Study
from annotator.studies import study_status
from annotator.views.access import for_requesters, studies_for
from annotator.views.requester.invitations import listed
from annotator.views.requester.redundancy import redundancy_context


@require_safe
@for_requesters
def studies(request: HttpRequest) -> HttpResponse:
    mine = studies_for(request, Role.REQUESTER)
    rows = [study_status(study) for study in mine.order_by("-created_at")]
    return render(request, "studies/studies.html", {"standings": rows})


@require_safe
@for_requesters
def study(request: HttpRequest, name: str) -> HttpResponse:
    """A study; asked by htmx, only the part that moves."""
    found = study_status(get_object_or_404(Study, name=name))
    template = "studies/_standing.html" if request.htmx else "studies/study.html"
    context = {"standing": found, "study": found.study}
    if not request.htmx:
        context["invitations"] = listed(found.study)
        context |= redundancy_context(found.study)
    return render(request, template, context)
