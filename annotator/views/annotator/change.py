"""Reopening the last answer: the HIT page shows it again, and saves it in its place."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotator.crowd.answers import changes
from annotator.crowd.errors import AnswerInvalid, CrowdError
from annotator.models import Assignment, Worker
from annotator.views.access import for_workers
from annotator.views.annotator.background import save_trace
from annotator.views.annotator.hit_page import assignment_of, hit_page, submitted_form


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def change(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Page: a worker's last answer, open again for ten minutes; a POST changes it."""
    assignment = assignment_of(worker, key)
    if request.method == "POST":
        return _save(request, assignment)
    if changes.changeable(worker) == assignment:
        return hit_page(request, assignment, changes.form_of_answer(assignment.answer))
    messages.info(request, changes.too_late())
    return redirect("hits")


def _save(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    form = submitted_form(request.POST, assignment.hit)
    if "hide" in request.POST or "show" in request.POST:
        return hit_page(request, assignment, form)
    try:
        changes.change(assignment, form)
    except AnswerInvalid as error:
        return hit_page(request, assignment, form, error.errors)
    except CrowdError as error:
        messages.warning(request, str(error))
    else:
        save_trace(assignment, request.POST.get("trace"))
        messages.success(request, _("Your changed answer was saved."))
    held = (
        assignment.worker.assignments.filter(status=Assignment.Status.ACCEPTED)
        .order_by("-pk")
        .first()
    )
    return redirect("hit", held.key) if held else redirect("hits")
