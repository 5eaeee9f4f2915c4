"""The requester's pages: the list of studies, and where each stands."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotator.models import Invitation, Role, Study
from annotator.studies import standing
from annotator.views.access import for_requesters, studies_for
from annotator.views.redundancy import redundancy_context


@require_safe
@for_requesters
def studies(request: HttpRequest) -> HttpResponse:
    mine = studies_for(request, Role.REQUESTER)
    rows = [standing(study) for study in mine.order_by("-created_at")]
    return render(request, "studies/studies.html", {"standings": rows})


@require_safe
@for_requesters
def study(request: HttpRequest, name: str) -> HttpResponse:
    """A study; asked by htmx, only the part that moves."""
    found = standing(get_object_or_404(Study, name=name))
    template = "studies/_standing.html" if request.htmx else "studies/study.html"
    invitations = Invitation.objects.open().filter(study=found.study).order_by("pk")
    links = [f"{settings.PUBLIC_URL}{reverse('enter', args=[i.token])}" for i in invitations]
    context = {"standing": found, "links": links} | redundancy_context(found.study)
    return render(request, template, context)


@require_POST
@for_requesters
def invite(request: HttpRequest, name: str) -> HttpResponse:
    """Make an invitation link."""
    Invitation.objects.create(study=get_object_or_404(Study, name=name))
    return redirect("study", name)
