"""The requester's pages of studies: the list, settings of one, and the HIT preview."""

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotator.crowd.audit import note
from annotator.free_text import parse_number
from annotator.models import Hit, Layer, Role, Study
from annotator.views.access import actor_of, for_requesters, studies_for
from annotator.views.annotator.hit_page import hit_context
from annotator.views.study_status import study_status


@require_safe
@for_requesters
def studies(request: HttpRequest) -> HttpResponse:
    rows = studies_for(request, Role.REQUESTER).order_by("-created_at")
    return render(request, "studies/studies.html", {"studies": map(study_status, rows)})


@require_POST
@for_requesters
def pictures(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST of a study's requester: whether its pictures may be public."""
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
    """Page of a requester's studies, a preview: a HIT, the one in ?hit= or the first.

    It is as annotators see it, and writes nothing. ?layer= is the key of a layer, ?unit= a number
    in it: the first HIT from there on.
    """
    study = get_object_or_404(Study, name=name)
    hits = Hit.objects.filter(unit__layer__network__study=study).order_by("pk")
    hit = _chosen_hit(hits.select_related("unit"), request.GET)
    if hit is None:
        return redirect("study", name)
    context = hit_context(hit, study, order=f"{study.key}/preview {hit.key}")
    context |= {
        "is_preview": True,
        "study_name": name,
        "next_hit": hits.filter(pk__gt=hit.pk).first() or hits.first(),
        "layers": Layer.objects.filter(units__hits__in=hits).select_related("network").distinct(),
    }
    return render(request, "annotator/hit.html", context)


def _chosen_hit(hits: QuerySet[Hit], query: QueryDict) -> Hit | None:
    """The HIT that a preview asks for; None if the study has none."""
    if key := query.get("hit"):
        return get_object_or_404(hits, key=key)
    if layer := query.get("layer"):
        number = max(0, parse_number(query.get("unit", "")))
        of_layer = hits.filter(unit__layer=max(0, parse_number(layer)))
        from_there = of_layer.filter(unit__number__gte=number).order_by("unit__number", "pk")
        if hit := from_there.first() or of_layer.last():
            return hit
        raise Http404
    return hits.first()
