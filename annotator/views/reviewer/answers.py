"""The reviewers' pages: the list of answers, one answer, and the decisions about them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.signals import SIGNALS
from annotator.crowd.review.answer_list import ORDERS, AnswerFilter, AnswerList
from annotator.crowd.review.decisions import (
    DECISIONS,
    ask_again,
    decide_all,
    dispose,
    waiting,
)
from annotator.models import Assignment, Hit, Role, Study
from annotator.results.output.formatting import GROUP_NAMES
from annotator.views.access import actor_of, for_reviewers, is_simulated, studies_for
from annotator.views.annotator.hit_page import parse_number
from annotator.views.reviewer.answer import answer_context

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
    """List a study's answers; a POST decides about the selected ones."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _decide(request, study)
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


def _decide(request: HttpRequest, study: Study) -> None:
    """Carry out the submitted decision, and report the outcome to the reviewer."""
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answer(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One answer: what the worker saw and entered, its quality signals and its history."""
    study = get_object_or_404(Study, name=name)
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    assignment = get_object_or_404(rows, key=key, worker__study=study, answer__isnull=False)
    if request.method == "POST":
        _decide(request, study)
        return redirect("review_answer", name, key)
    return render(request, "review/answer.html", answer_context(study, assignment))


@require_POST
@for_reviewers
def change_hit(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Request another answer to a HIT, or withdraw it, and return to the answer's page."""
    hit = get_object_or_404(Hit, key=key, unit__layer__network__study__name=name)
    try:
        if "dispose" in request.POST:
            dispose(hit, actor_of(request))
            messages.success(request, "The HIT was withdrawn. Its answers are kept.")
        else:
            ask_again(hit, actor_of(request))
            messages.success(request, "The HIT is open for one more answer.")
    except ReviewError as error:
        messages.warning(request, str(error))
    return redirect("review_answer", name, request.POST.get("back", ""))
