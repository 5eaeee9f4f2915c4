"""The requester's pages of studies: the list, settings of one, and the HIT preview."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotator.crowd.audit import note
from annotator.crowd.scheduling.redundancy import (
    TooFewAnswers,
    raise_redundancy,
    set_adaptive,
)
from annotator.models import Hit, Role, Study
from annotator.studies import study_status
from annotator.views.access import actor_of, for_requesters, studies_for
from annotator.views.annotator.hit_page import hit_context, parse_number

MAX_ANSWERS = 100  # per unit; a larger number is a typing mistake


@require_safe
@for_requesters
def studies(request: HttpRequest) -> HttpResponse:
    rows = studies_for(request, Role.REQUESTER).order_by("-created_at")
    return render(request, "studies/studies.html", {"studies": map(study_status, rows)})


@require_POST
@for_requesters
def redundancy(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST by which a study's requester raises the number of answers per unit.

    It may let units without a majority get more answers instead.
    """
    study = get_object_or_404(Study, name=name)
    try:
        messages.success(request, _change_redundancy(request, study))
    except TooFewAnswers as error:
        messages.warning(request, str(error))
    return redirect("study", name)


def _change_redundancy(request: HttpRequest, study: Study) -> str:
    by = actor_of(request)
    if "wanted" in request.POST:
        text = request.POST["wanted"][:40]
        wanted = parse_number(text)
        if not 0 <= wanted <= MAX_ANSWERS:
            raise TooFewAnswers(
                _(
                    "The number of answers for each unit is from %(wanted)s to %(max_answers)s; "
                    "got %(text)r."
                )
                % {"wanted": study.assignments_wanted, "max_answers": MAX_ANSWERS, "text": text}
            )
        added = raise_redundancy(study, wanted, by)
    else:
        text = request.POST.get("adaptive_most", "")[:40]
        maximum = parse_number(text) if text else None
        if maximum is not None and not study.assignments_wanted < maximum <= MAX_ANSWERS:
            raise TooFewAnswers(
                _(
                    "The maximum for a unit without a majority must be above %(wanted)s and at "
                    "most %(max_answers)s; got %(text)r."
                )
                % {"wanted": study.assignments_wanted, "max_answers": MAX_ANSWERS, "text": text}
            )
        added = set_adaptive(study, maximum, by)
    return _("Your changes were saved. Places added for answers: %(added)s.") % {"added": added}


@require_POST
@for_requesters
def pictures(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST by which a study's requester says whether its pictures may be published."""
    study = get_object_or_404(Study, name=name)
    before, may_publish = study.may_publish_pictures, "may_publish" in request.POST
    with transaction.atomic():
        Study.objects.filter(pk=study.pk).update(may_publish_pictures=may_publish)
        if before != may_publish:
            change = [before, may_publish]
            note(study, actor_of(request), "publish pictures", may_publish_pictures=change)
    messages.success(request, _("Your changes were saved."))
    return redirect("study", name)


@require_safe
@for_requesters
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Page: a requester's preview of a study's HIT, the one in ?hit= or the first.

    It is as annotators see it, and writes nothing.
    """
    study = get_object_or_404(Study, name=name)
    hits = Hit.objects.filter(unit__layer__network__study=study).order_by("pk")
    key = request.GET.get("hit")
    hit = get_object_or_404(hits, key=key) if key else hits.first()
    if hit is None:
        return redirect("study", name)
    context = hit_context(hit, study, order=f"{study.key}/preview {hit.key}")
    context |= {
        "is_preview": True,
        "study_name": name,
        "next_hit": hits.filter(pk__gt=hit.pk).first() or hits.first(),
    }
    return render(request, "annotator/hit.html", context)
