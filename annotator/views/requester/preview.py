"""The HIT page for those who run the study: as an annotator sees it, without taking a place."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from annotator.models import Hit, Study
from annotator.views.access import for_requesters
from annotator.views.annotator.hit_page import hit_context


@require_safe
@for_requesters
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """One HIT of a study: the one that ?hit= names, else the first published. Writes nothing."""
    study = get_object_or_404(Study, name=name)
    hits = Hit.objects.filter(unit__layer__network__study=study).order_by("pk")
    key = request.GET.get("hit")
    hit = get_object_or_404(hits, key=key) if key else hits.first()
    if hit is None:
        return redirect("study", name)
    context = hit_context(hit, study, order=f"{study.key}/preview {hit.key}")
    following = hits.filter(pk__gt=hit.pk).first() or hits.first()
    more = {"is_preview": True, "study_name": name, "next_hit": following}
    return render(request, "annotator/hit.html", context | more)
