"""Workers as reviewers see them: progress and quality, exclusion, bonuses and their confirmation.

None of these pages shows what a worker named a unit or how many pictures fitted, so that neither
concept nor precision can influence an exclusion.
"""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.errors import BonusError, ReviewError
from annotator.crowd.quality.signals import Signal, blind_signals
from annotator.crowd.quality.workers import flag_reasons
from annotator.crowd.reasons import tidy_reason
from annotator.crowd.review import decisions
from annotator.crowd.review.bonuses import NO_REASON, check_bonus, give_bonuses, question
from annotator.crowd.review.looks import open_results
from annotator.crowd.review.quality_index import ReviewedAnswer, quality_index
from annotator.crowd.review.roster import counted, roster, roster_row
from annotator.models import AuditRow, Exemplar, LedgerEntry, Study, Worker
from annotator.models.study import new_key
from annotator.pay.money import InvalidAmount, parse_cents
from annotator.views.access import actor_of, for_reviewers
from annotator.views.reviewer.answers import reviewed_study

WORKERS_PER_PAGE, ASSIGNMENTS_PER_PAGE = 50, 50


@require_safe
@for_reviewers
def workers(request: HttpRequest, name: str) -> HttpResponse:
    study = reviewed_study(name)
    index = quality_index(study)
    page = Paginator(roster(study), WORKERS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [roster_row(worker) for worker in page.object_list]
    qualities = index.workers(row.worker.pk for row in rows)
    lines = [(row, qualities.get(row.worker.pk)) for row in rows]
    exemplars = Exemplar.objects.select_related("image", "unit__layer__network")
    exemplars = exemplars.in_bulk([image.exemplar for image in index.bad_catch])
    context = {
        "study": study,
        "is_simulated": study.is_simulated,
        "shows_agreement": open_results(study, actor_of(request), "agreement"),
        "index": index,
        "page": page,
        "has_people": any(row.worker.kind == Worker.Kind.PERSON for row in rows),
        "lines": [
            (row, quality, flag_reasons(quality) if quality else []) for row, quality in lines
        ],
        "bad": [(image, exemplars[image.exemplar]) for image in index.bad_catch],
    }
    return render(request, "review/workers.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def worker(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Page: a worker for reviewers; a POST excludes or includes them.

    It shows their assignments and quality.
    """
    study = reviewed_study(name)
    workers = counted(study, Worker.objects.filter(study=study))
    worker = get_object_or_404(workers, key=key)
    worker.study = study
    if request.method == "POST":
        try:
            _change(request, worker)
        except ReviewError as error:
            messages.warning(request, str(error))
        return redirect("worker", name, key)
    context = _context(worker, request.GET.get("page"))
    context["shows_agreement"] = open_results(worker.study, actor_of(request), "agreement")
    return render(request, "review/worker.html", context)


def _change(request: HttpRequest, worker: Worker) -> None:
    by, why = actor_of(request), request.POST.get("why", "")
    if "include" in request.POST:
        decisions.include(worker, by)
        messages.success(
            request, _("The worker is included: their answers count in the results again.")
        )
    else:
        decisions.exclude(worker, why, by)
        messages.success(
            request, _("The worker is excluded: their answers do not count in the results.")
        )


def _context(worker: Worker, number: str | None) -> dict[str, Any]:
    """The context of templates/review/worker.html, with one page of their assignments."""
    study = worker.study
    index = quality_index(study)
    quality = index.workers([worker.pk]).get(worker.pk)
    assignments = worker.assignments.select_related("unit__known", "hit").order_by("-pk")
    paginator = Paginator(assignments, ASSIGNMENTS_PER_PAGE)
    paginator.count = worker.taken  # counted with the worker's row
    page = paginator.get_page(number)
    reviewed = index.answers(assignment.pk for assignment in page.object_list)
    return {
        "study": study,
        "is_simulated": study.is_simulated,
        "worker": worker,
        "index": index,
        "row": roster_row(worker) if worker.taken else None,
        "quality": quality,
        "flags": flag_reasons(quality) if quality else [],
        "page": page,
        "history": [
            (assignment, *_blind_signals(reviewed.get(assignment.pk)))
            for assignment in page.object_list
        ],
        "bonuses": worker.ledger.filter(kind=LedgerEntry.Kind.BONUS),
        "audit": AuditRow.objects.filter(worker=worker, assignment__isnull=True),
    }


def _blind_signals(
    reviewed: ReviewedAnswer | None,
) -> tuple[ReviewedAnswer | None, list[Signal]]:
    """An answer with its signals, without those that depend on the concept or the precision."""
    if reviewed is None:
        return None, []
    return reviewed, blind_signals(reviewed.signals)


@never_cache
@require_POST
@for_reviewers
def bonus(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the question whether to give a bonus; a POST with `confirmed` gives it, once."""
    study = get_object_or_404(Study, name=name)
    workers = list(study.workers.filter(key__in=request.POST.getlist("worker")).order_by("pk"))
    only = workers[0] if len(workers) == 1 else None
    back = redirect("worker", name, only.key) if only else redirect("workers", name)
    try:
        cents = parse_cents(request.POST.get("bonus", ""))
        reason = tidy_reason(request.POST.get("why", ""), NO_REASON)
        if not workers:
            raise BonusError(_("Select at least one worker for the bonus."))
        if "confirmed" in request.POST:
            token = request.POST.get("token", "")
            given = give_bonuses(workers, cents, reason, actor_of(request), token)
            messages.success(request, _("Bonuses given: %(given)s.") % {"given": given})
            return back
        check_bonus(workers, cents)
    except (ReviewError, InvalidAmount) as error:
        messages.warning(request, str(error))
        return back
    context = {
        "study": study,
        "workers": workers,
        "question": question(len(workers), cents),
        "bonus": request.POST["bonus"],
        "reason": reason,
        "token": new_key(),
    }
    return render(request, "review/bonus.html", context)
