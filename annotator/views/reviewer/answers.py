"""The reviewers' pages of studies and of answers, and the decisions about answers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.signals import SIGNALS
from annotator.crowd.review.answer_list import ORDERS, AnswerFilter, AnswerList
from annotator.crowd.review.decisions import (
    DECISIONS,
    decide_all,
    waiting,
)
from annotator.models import Assignment, Role, Study
from annotator.results.output.formatting import GROUP_NAMES
from annotator.studies import is_simulated
from annotator.views.access import actor_of, for_reviewers, studies_for
from annotator.views.annotator.hit_page import parse_number

ANSWERS_PER_PAGE = 25


@require_safe
@for_reviewers
def studies_to_review(request: HttpRequest) -> HttpResponse:
    submitted = Q(workers__assignments__status=Assignment.Status.SUBMITTED)
    studies = studies_for(request, Role.REVIEWER).order_by("name")
    studies = studies.annotate(waiting=Count("workers__assignments", filter=submitted))
    return render(request, "review/studies.html", {"studies": studies})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answers(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the list of a study's answers for reviewers; a POST decides about selected ones."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        decide(request, study)
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    filters = AnswerFilter.of(request.GET)
    matching = AnswerList(study, filters)
    page = Paginator(matching.keys, ANSWERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "review/answers.html",
        {
            "study": study,
            "is_simulated": is_simulated(study),
            "filters": filters,
            "page": page,
            "lines": _lines(page.object_list, matching),
            "statuses": Assignment.ANSWERED,
            "signals": [(key, title) for key, (title, _) in SIGNALS.items()],
            "orders": ORDERS.items(),
            "waiting_count": waiting(study).count(),
            "group_names": GROUP_NAMES,
        },
    )


def _lines(keys: list[int], answer_list: AnswerList) -> list[dict[str, Any]]:
    """The answers of one page of the list."""
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    assignments = rows.in_bulk(keys)
    return [
        {
            "assignment": assignments[pk],
            "row": answer_list.rows[pk],
            "signals": answer_list.reasons(pk),
        }
        for pk in keys
    ]


def decide(request: HttpRequest, study: Study) -> None:
    """Carry out the decision that a page of answers submits, and tell the reviewer the outcome."""
    decision, keys = request.POST.get("decision", ""), request.POST.getlist("assignment")
    selected = Assignment.objects.filter(worker__study=study, key__in=keys)
    if "approve_all" in request.POST:
        decision, pks = "approve", AnswerList(study, AnswerFilter.of(request.GET)).keys
        if parse_number(request.POST["approve_all"]) != len(pks):
            messages.warning(request, f"{len(pks)} answers match now. Please check the list again.")
            return
        keys, selected = pks, Assignment.objects.filter(pk__in=pks)
    if decision not in DECISIONS or not keys:
        messages.warning(request, "Select at least one answer and a decision.")
        return
    try:
        count = decide_all(selected, decision, actor_of(request), request.POST.get("feedback", ""))
    except ReviewError as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request, f"{decision.capitalize()}: {count} of {len(keys)} answers changed."
        )
