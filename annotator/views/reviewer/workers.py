"""Workers as reviewers see them: progress and quality, exclusion and bonuses.

None of these pages shows what a worker named a unit or how many pictures fitted, so that neither
concept nor precision can influence an exclusion.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.answer_rows import QualityRow, quality_rows
from annotator.crowd.quality.baseline import Baseline, bad_catch_images, baseline_of
from annotator.crowd.quality.signals import BLIND, Signal, signals_of
from annotator.crowd.quality.workers import flag_reasons, worker_qualities, worker_quality
from annotator.crowd.review import decisions
from annotator.crowd.review.bonuses import give_bonus
from annotator.crowd.review.roster import roster
from annotator.models import AuditRow, Bonus, Exemplar, Study, Worker
from annotator.pay.money import InvalidAmount, dollars, parse_cents
from annotator.studies import is_simulated
from annotator.views.access import actor_of, for_reviewers


@require_safe
@for_reviewers
def workers(request: HttpRequest, name: str) -> HttpResponse:
    study = get_object_or_404(Study, name=name)
    answers = quality_rows(study)
    qualities = worker_qualities(answers)
    lines = [(row, qualities.get(row.worker.key)) for row in roster(study)]
    bad = {image.exemplar: image for image in bad_catch_images(answers)}
    exemplars = Exemplar.objects.filter(pk__in=bad).select_related("image", "unit__layer__network")
    context = {
        "study": study,
        "is_simulated": is_simulated(study),
        "lines": [
            (row, quality, flag_reasons(quality) if quality else []) for row, quality in lines
        ],
        "bad": sorted(
            ((bad[exemplar.pk], exemplar) for exemplar in exemplars),
            key=lambda pair: -pair[0].kept / pair[0].shown,
        ),
    }
    return render(request, "review/workers.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def worker(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Page: a worker for reviewers; a POST excludes or includes them, or gives a bonus.

    It shows their assignments and quality.
    """
    workers = Worker.objects.select_related("study")
    worker = get_object_or_404(workers, study__name=name, key=key)
    if request.method == "POST":
        try:
            _change(request, worker)
        except (ReviewError, InvalidAmount) as error:
            messages.warning(request, str(error))
        return redirect("worker", name, key)
    return render(request, "review/worker.html", _context(worker))


def _change(request: HttpRequest, worker: Worker) -> None:
    by, why = actor_of(request), request.POST.get("why", "")
    if "bonus" in request.POST:
        token = request.POST.get("token", "")
        bonus, _ = give_bonus(worker, parse_cents(request.POST["bonus"]), why, by, token)
        messages.success(request, f"A bonus of {dollars(bonus.cents)} was given.")
    elif "include" in request.POST:
        decisions.include(worker, by)
        messages.success(
            request, "The worker is included: their answers count in the results again."
        )
    else:
        decisions.exclude(worker, why, by)
        messages.success(
            request, "The worker is excluded: their answers do not count in the results."
        )


def _context(worker: Worker) -> dict[str, Any]:
    """The context of templates/review/worker.html."""
    rows = quality_rows(worker.study)
    baseline = baseline_of(rows)
    own = {row.assignment: row for row in rows if row.worker == worker.key}
    quality = worker_quality(list(own.values()), baseline) if own else None
    assignments = worker.assignments.select_related("unit__known", "hit").order_by("-pk")
    return {
        "study": worker.study,
        "is_simulated": is_simulated(worker.study),
        "worker": worker,
        "row": next((row for row in roster(worker.study) if row.worker == worker), None),
        "quality": quality,
        "flags": flag_reasons(quality) if quality else [],
        "history": [
            (assignment, *_blind_signals(own.get(assignment.pk), baseline))
            for assignment in assignments
        ],
        "bonuses": Bonus.objects.filter(worker=worker).order_by("pk"),
        "audit": AuditRow.objects.filter(worker=worker, assignment__isnull=True),
        "token": f"page {AuditRow.objects.filter(worker=worker, action='bonus').count()}",
    }


def _blind_signals(
    row: QualityRow | None, baseline: Baseline
) -> tuple[QualityRow | None, list[Signal]]:
    """An answer with its signals, without those that depend on the concept or the precision."""
    if row is None:
        return None, []
    return row, [signal for signal in signals_of(row, baseline) if signal.key in BLIND]
