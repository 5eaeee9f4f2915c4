"""Raises redundancy on a running study, or lets it adapt: for requesters, from its page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from annotator.crowd.review.roster import return_rates
from annotator.crowd.scheduling.redundancy import (
    TooFewAnswers,
    missing_places,
    naming_hits,
    raise_redundancy,
    set_adaptive,
)
from annotator.models import Study
from annotator.pay.rewards import current_reward
from annotator.views.access import actor_of, for_requesters
from annotator.views.annotator.hit_page import number_in

MOST = 100  # answers a unit; more is a slip of the hand
RETURNED_SHOWN = 20


def redundancy_context(study: Study) -> dict[str, Any]:
    """What studies/_redundancy.html and studies/_returns.html want besides the study."""
    places = missing_places(naming_hits(study), study.assignments_wanted + 1)
    returned = return_rates(study)
    return {
        "one_more": {"places": places, "cents": places * current_reward(study)},
        "returned": returned[:RETURNED_SHOWN],
        "returned_count": len(returned),
    }


@require_POST
@for_requesters
def redundancy(request: HttpRequest, name: str) -> HttpResponse:
    study = get_object_or_404(Study, name=name)
    try:
        messages.success(request, _change(request, study))
    except TooFewAnswers as error:
        messages.warning(request, str(error))
    return redirect("study", name)


def _change(request: HttpRequest, study: Study) -> str:
    by = actor_of(request)
    if "wanted" in request.POST:
        wanted = number_in(request.POST["wanted"])
        if wanted > MOST:
            raise TooFewAnswers(
                f"At most {MOST} answers a unit can be asked for here; got {wanted}."
            )
        return f"{raise_redundancy(study, wanted, by)} places more."
    most = request.POST.get("adaptive_most", "")
    if most and not study.assignments_wanted < number_in(most) <= MOST:
        raise TooFewAnswers(
            f"A unit without a majority can get up to {MOST} answers; got {most!r}."
        )
    added = set_adaptive(study, number_in(most) if most else None, by)
    return f"Saved; {added} places more."
