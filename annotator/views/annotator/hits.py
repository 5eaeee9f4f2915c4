"""What an annotator sees: the queue, and the HIT page."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.answers import pictures, submission
from annotator.crowd.errors import AnswerInvalid, AnswerRefused, ConsentRequired, CrowdError
from annotator.crowd.scheduling import leases, scheduler
from annotator.crowd.scheduling.leases import renew_lease
from annotator.crowd.scheduling.progress import progress
from annotator.models import Assignment, Worker
from annotator.pay.rewards import current_reward
from annotator.views.access import worker_of
from annotator.views.annotator.hit_page import assignments, hit_page, number_in, said_in
from annotator.views.annotator.traces import keep_trace


def for_workers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view its visitor's Worker; who is none is told how to become one."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        worker = worker_of(request)
        if worker is None:
            return render(request, "annotator/not_invited.html", status=403)
        return view(request, worker, *args, **kwargs)

    return wrapped


@never_cache
@require_safe
@for_workers
def hits(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The annotator's queue."""
    return render(
        request,
        "annotator/hits.html",
        {"progress": progress(worker), "reward": current_reward(worker.study)},
    )


@require_POST
@for_workers
def next_hit(request: HttpRequest, worker: Worker) -> HttpResponse:
    return _go_on(request, worker)


def _go_on(request: HttpRequest, worker: Worker) -> HttpResponse:
    try:
        assignment = scheduler.take_next(worker)
    except ConsentRequired:
        return redirect("consent")
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    return redirect("hit", assignment.key) if assignment else redirect("hits")


def assignment_of(worker: Worker, key: str) -> Assignment:
    """The worker's own assignment; anybody else's does not exist for them."""
    assignment = get_object_or_404(assignments(), key=key, worker=worker)
    assignment.worker = worker  # whose study is loaded already
    return assignment


@never_cache  # else the browser's back button offers an answered HIT again
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def hit(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """The HIT page, and what it sends."""
    assignment = assignment_of(worker, key)
    if "hide" in request.POST or "show" in request.POST:
        return _hide_or_show(request, assignment)
    if request.method == "POST":
        return _submit(request, assignment)
    if assignment.status not in Assignment.OPEN:
        messages.info(request, _("You have finished with that one."))
        return redirect("hits")
    renew_lease(assignment)  # looking at it is being active
    return hit_page(request, assignment)


def _hide_or_show(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """The buttons on the pictures, where no script takes care of them: the page comes back."""
    try:
        if "show" in request.POST:
            pictures.show_again(assignment, number_in(request.POST["show"]))
        else:
            pictures.hide(assignment, number_in(request.POST["hide"]))
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    return hit_page(request, assignment, said_in(request.POST))


def _submit(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    said = said_in(request.POST)
    keep_trace(assignment, request.POST.get("trace"))
    try:
        submission.submit(assignment, said, looked_again="looked_again" in request.POST)
    except AnswerInvalid as error:
        return hit_page(request, assignment, said, errors=error.errors)
    except AnswerRefused as error:
        return hit_page(request, assignment, said, refusal=str(error))
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    messages.success(request, _("Thank you, your answer is saved."))
    if assignment.is_training:
        return redirect("feedback", assignment.key)
    if request.POST.get("then") == "next":
        return _go_on(request, assignment.worker)
    return redirect("hits")


@require_POST
@for_workers
def give_back(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Return an assignment without an answer."""
    try:
        leases.give_back(assignment_of(worker, key), reason=request.POST.get("reason", ""))
    except CrowdError as error:
        messages.warning(request, str(error))
    else:
        messages.info(request, _("You have given it back. Somebody else will take it."))
    return redirect("hits")
