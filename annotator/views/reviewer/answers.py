"""The reviewers' pages of studies and of answers, and the decisions about answers."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.audit import Actor
from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.signals import BLIND, SIGNALS, blind_signals
from annotator.crowd.review.answer_list import ORDERS, AnswerFilter, select, waiting
from annotator.crowd.review.decisions import DECISIONS, decide_all
from annotator.crowd.review.looks import opened_hits
from annotator.crowd.review.quality_index import QualityIndex, quality_index, with_size
from annotator.crowd.review.rejections import propose_all
from annotator.free_text import parse_number
from annotator.models import Assignment, Role, Study, Worker
from annotator.models.reviews import REPLY_DAYS
from annotator.results.output.formatting import group_names
from annotator.views.access import actor_of, for_reviewers, studies_for

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
    study = reviewed_study(name)
    if request.method == "POST":
        decide(request, study)
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    filters, index = AnswerFilter.of(request.GET), quality_index(study)
    matching = select(study, index, filters)
    page = Paginator(matching, ANSWERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "review/answers.html",
        {
            "study": study,
            "is_simulated": study.is_simulated,
            "filters": filters,
            "page": page,
            "index": index,
            "lines": _lines(page.object_list, index, actor_of(request)),
            "statuses": Assignment.ANSWERED,
            "signals": [(key, label) for key, (label, _reason) in SIGNALS.items() if key in BLIND],
            "orders": ORDERS.items(),
            "waiting_count": waiting(study).count(),
            "group_names": group_names(),
        },
    )


def reviewed_study(name: str) -> Study:
    """The study of a page about its answers for reviewers, with its size, in one query; or 404."""
    simulated = Worker.objects.filter(study=OuterRef("pk"), kind=Worker.Kind.SIMULATED)
    studies = with_size(Study.objects.annotate(is_simulated=Exists(simulated)))
    return get_object_or_404(studies, name=name)


def _lines(pks: Iterable[int], index: QualityIndex, by: Actor) -> list[dict[str, Any]]:
    """The answers of one page of the list, each with its signals; None where not computed yet.

    Words, counts of pictures and signals that use them are shown of HITs that the reviewer opened.
    """
    pks = list(pks)
    rows = Assignment.objects.select_related("answer", "worker", "hit", "unit__layer__network")
    assignments, reviewed = rows.in_bulk(pks), index.answers(pks)
    opened = opened_hits({assignment.hit_id for assignment in assignments.values()}, by)
    lines = []
    for pk in pks:
        assignment, quality = assignments[pk], reviewed.get(pk)
        is_open = assignment.hit_id in opened
        signals = quality and (quality.signals if is_open else blind_signals(quality.signals))
        line = {"assignment": assignment, "reviewed": quality, "signals": signals}
        lines.append(line | {"is_open": is_open})
    return lines


def decide(request: HttpRequest, study: Study) -> None:
    """Carry out the decision that a page of answers submits, and tell the reviewer the outcome."""
    decision, keys = request.POST.get("decision", ""), request.POST.getlist("assignment")
    selected = Assignment.objects.filter(worker__study=study, key__in=keys)
    if "approve_all" in request.POST:
        filters = AnswerFilter.of(request.GET)
        decision, pks = "approve", list(select(study, quality_index(study), filters))
        if parse_number(request.POST["approve_all"]) != len(pks):
            messages.warning(
                request,
                _("%(count)s answers match now. Please check the list again.")
                % {"count": len(pks)},
            )
            return
        keys, selected = pks, Assignment.objects.filter(pk__in=pks)
    if decision not in DECISIONS or not keys:
        messages.warning(request, _("Select at least one answer and a decision."))
        return
    feedback, by = request.POST.get("feedback", ""), actor_of(request)
    try:
        if decision == "reject":
            count = propose_all(selected, feedback, by)
            messages.success(request, _proposed(count))
            return
        count = decide_all(selected, decision, by, feedback)
    except ReviewError as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request,
            _("%(decision)s: %(count)s of %(all)s answers changed.")
            % {"decision": decision.capitalize(), "count": count, "all": len(keys)},
        )


def _proposed(count: int) -> str:
    return _(
        "%(count)s rejections are proposed. The workers may reply for %(days)s days; then "
        "another reviewer confirms them. Until then the answers are paid like any other."
    ) % {"count": count, "days": REPLY_DAYS}
