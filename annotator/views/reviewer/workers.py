"""Workers as reviewers see them: how far, how carefully; excluded, or given a bonus.

Blind to concept and precision: none of these pages shows what a worker called a unit, nor how many
pictures fitted, so that nobody is excluded for it.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import Baseline, bad_catch_images, baseline_of
from annotator.crowd.quality.signals import BLIND, Signal, signals_of
from annotator.crowd.quality.workers import flag_reasons, worker_qualities, worker_quality
from annotator.crowd.review import decisions
from annotator.crowd.review.bonuses import BonusError, give_bonus
from annotator.crowd.review.decisions import ReviewError
from annotator.crowd.review.roster import roster
from annotator.models import AuditRow, Bonus, Exemplar, Study, Worker
from annotator.pay.money import InvalidAmount, dollars, parse_cents
from annotator.views.access import actor_of, for_reviewers, is_simulated


@require_safe
@for_reviewers
def workers(request: HttpRequest, name: str) -> HttpResponse:
    study = get_object_or_404(Study, name=name)
    answers = quality_rows(study)
    found = worker_qualities(answers)
    lines = [(row, found.get(row.worker.key)) for row in roster(study)]
    bad = {image.exemplar: image for image in bad_catch_images(answers)}
    exemplars = Exemplar.objects.filter(pk__in=bad).select_related("image", "unit__layer__network")
    context = {
        "study": study,
        "is_simulated": is_simulated(study),
        "lines": [(row, each, flag_reasons(each) if each else []) for row, each in lines],
        "bad": sorted(
            ((bad[each.pk], each) for each in exemplars),
            key=lambda pair: -pair[0].kept / pair[0].asked,
        ),
    }
    return render(request, "review/workers.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def worker(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One worker's history and quality; posted, an exclusion, its end, or a bonus."""
    found = get_object_or_404(Worker.objects.select_related("study"), study__name=name, key=key)
    if request.method == "POST":
        try:
            _change(request, found)
        except (ReviewError, BonusError, InvalidAmount) as error:
            messages.warning(request, str(error))
        return redirect("worker", name, key)
    return render(request, "review/worker.html", _context(found))


def _change(request: HttpRequest, worker: Worker) -> None:
    by, why = actor_of(request), request.POST.get("why", "")
    if "bonus" in request.POST:
        token = request.POST.get("token", "")
        bonus, _ = give_bonus(worker, parse_cents(request.POST["bonus"]), why, by, token)
        messages.success(request, f"Bonus: {dollars(bonus.cents)}.")
    elif "include" in request.POST:
        decisions.include(worker, by)
        messages.success(request, "Their answers count again.")
    else:
        decisions.exclude(worker, why, by)
        messages.success(request, "Their answers are left out of results.")


def _context(worker: Worker) -> dict[str, Any]:
    """What templates/review/worker.html wants."""
    rows = quality_rows(worker.study)
    whole = baseline_of(rows)
    own = {row.assignment: row for row in rows if row.worker == worker.key}
    found = worker_quality(list(own.values()), whole) if own else None
    assignments = worker.assignments.select_related("unit__known", "hit").order_by("-pk")
    return {
        "study": worker.study,
        "is_simulated": is_simulated(worker.study),
        "worker": worker,
        "row": next((row for row in roster(worker.study) if row.worker == worker), None),
        "quality": found,
        "flags": flag_reasons(found) if found else [],
        "history": [(each, *_told(own.get(each.pk), whole)) for each in assignments],
        "bonuses": Bonus.objects.filter(worker=worker).order_by("pk"),
        "audit": AuditRow.objects.filter(worker=worker, assignment__isnull=True),
        "token": f"page {AuditRow.objects.filter(worker=worker, action='bonus').count()}",
    }


def _told(row: QualityRow | None, whole: Baseline) -> tuple[QualityRow | None, list[Signal]]:
    """An answer with the reasons to look at it that know neither concept nor precision."""
    if row is None:
        return None, []
    return row, [signal for signal in signals_of(row, whole) if signal.key in BLIND]
