"""The reviewers' pages: the list of answers, one answer, and what is decided about them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.quality.signals import SIGNALS
from annotator.crowd.review.answer_list import ORDERS, AnswerFilter, AnswerList
from annotator.crowd.review.decisions import DECISIONS, ReviewError, ask_again, decide_all, waiting
from annotator.crowd.review.decisions import dispose as dispose_of
from annotator.models import Assignment, Hit, Role, Study
from annotator.results.output.formatting import GROUP_NAMES
from annotator.views.access import actor_of, for_reviewers, is_simulated, studies_for
from annotator.views.annotator.hit_page import number_in
from annotator.views.reviewer.answer import answer_context

ANSWERS_A_PAGE = 25


@require_safe
@for_reviewers
def studies_to_review(request: HttpRequest) -> HttpResponse:
    submitted = Q(workers__assignments__status=Assignment.Status.SUBMITTED)
    mine = studies_for(request, Role.REVIEWER).order_by("name")
    counted = mine.annotate(waiting=Count("workers__assignments", filter=submitted))
    return render(request, "review/studies.html", {"studies": counted})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answers(request: HttpRequest, name: str) -> HttpResponse:
    """A study's answers; posted, what is decided about those that were chosen."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _decide(request, study)
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    asked = AnswerFilter.of(request.GET)
    found = AnswerList(study, asked)
    page = Paginator(found.keys, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "review/answers.html",
        {
            "study": study,
            "is_simulated": is_simulated(study),
            "asked": asked,
            "page": page,
            "lines": _lines(page.object_list, found),
            "statuses": Assignment.ANSWERED,
            "signals": [(key, title) for key, (title, _) in SIGNALS.items()],
            "orders": ORDERS.items(),
            "waiting_count": waiting(study).count(),
            "group_names": GROUP_NAMES,
        },
    )


def _lines(keys: list[int], found: AnswerList) -> list[dict[str, Any]]:
    """What the list shows of each answer of a page."""
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    assignments = rows.in_bulk(keys)
    return [
        {
            "assignment": assignments[pk],
            "row": found.rows[pk],
            "reasons": found.reasons(pk),
        }
        for pk in keys
    ]


def _decide(request: HttpRequest, study: Study) -> None:
    """Do what the form says, and tell the reviewer what came of it."""
    decision, keys = request.POST.get("decision", ""), request.POST.getlist("assignment")
    chosen = Assignment.objects.filter(worker__study=study, key__in=keys)
    if "approve_all" in request.POST:
        decision, pks = "approve", AnswerList(study, AnswerFilter.of(request.GET)).keys
        if number_in(request.POST["approve_all"]) != len(pks):
            messages.warning(request, f"By now there are {len(pks)} like that: please look again.")
            return
        keys, chosen = pks, Assignment.objects.filter(pk__in=pks)
    if decision not in DECISIONS or not keys:
        messages.warning(request, "Choose some answers, and what to do with them.")
        return
    try:
        count = decide_all(chosen, decision, actor_of(request), request.POST.get("feedback", ""))
    except ReviewError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"{decision.capitalize()}: {count} of {len(keys)} changed.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def answer(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One answer: what was seen and said, the reasons to look at it, and its history."""
    study = get_object_or_404(Study, name=name)
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    found = get_object_or_404(rows, key=key, worker__study=study, answer__isnull=False)
    if request.method == "POST":
        _decide(request, study)
        return redirect("review_answer", name, key)
    return render(request, "review/answer.html", answer_context(study, found))


@require_POST
@for_reviewers
def change_hit(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Ask for another answer to a HIT, or dispose of it; then back to the answer it came from."""
    hit = get_object_or_404(Hit, key=key, unit__layer__network__study__name=name)
    try:
        if "dispose" in request.POST:
            dispose_of(hit, actor_of(request))
            messages.success(request, "The HIT is withdrawn; its answers stay.")
        else:
            ask_again(hit, actor_of(request))
            messages.success(request, "The HIT has room for one more answer.")
    except ReviewError as error:
        messages.warning(request, str(error))
    return redirect("review_answer", name, request.POST.get("back", ""))
