"""The annotator's list of sets, and answering and returning a HIT."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.access.closing_question import is_due
from annotator.crowd.access.sessions import current_session, sets_done
from annotator.crowd.access.worker_details import keep_device
from annotator.crowd.answers import changes, drafts, pictures, submission
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.errors import (
    AnswerInvalid,
    AnswerRefused,
    CheckDue,
    ConsentRequired,
    CrowdError,
    DraftInvalid,
    SessionEnded,
)
from annotator.crowd.scheduling import leases, scheduler
from annotator.crowd.scheduling.gates import why_closed
from annotator.crowd.scheduling.leases import renew_lease
from annotator.crowd.scheduling.progress import progress
from annotator.free_text import parse_number
from annotator.models import Assignment, KnownAnswer, Study, Worker
from annotator.pay.begun_sets import may_earn_part, part_rule
from annotator.pay.rewards import current_reward
from annotator.views.access import for_workers
from annotator.views.annotator.hit_page import (
    answer_in_words,
    assignment_of,
    hit_page,
    own_assignment,
    submitted_form,
)

DEVICE_OF = "device_of"  # in a session: the worker whose kind of device is kept


@never_cache
@require_safe
@for_workers
def hits(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page: an annotator's progress in the HITs of a study, with a button for the next one."""
    session = current_session(worker)
    if session and session.outcome:
        return redirect("finished")
    now, reward = progress(worker), current_reward(worker.study)
    why = why_closed(worker.study, worker, reward) or ""
    has_done_all = now.done >= now.of and is_due(worker)
    context = {
        "progress": now,
        "closed": "" if now.is_open else why,
        "closes": why if now.is_open else "",
        "reward": reward,
        "asks": has_done_all,
        "changeable": changes.changeable(worker),
        "minutes": changes.CHANGE_MINUTES,
        "part_rule": part_rule() if now.is_open and may_earn_part(worker) else "",
        "session": session,
        "session_done": sets_done(session) if session else 0,
    }
    return render(request, "annotator/hits.html", context)


@require_POST
@for_workers
def next_hit(request: HttpRequest, worker: Worker) -> HttpResponse:
    return _open_next(request, worker)


def _open_next(request: HttpRequest, worker: Worker) -> HttpResponse:
    try:
        assignment = scheduler.take_next(worker)
    except ConsentRequired:
        return redirect("consent")
    except CheckDue:
        return redirect("check")
    except SessionEnded:
        return redirect("finished")
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    return redirect("hit", assignment.key) if assignment else redirect("hits")


@never_cache  # or the browser's back button would show an answered HIT again
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def hit(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Page: one of the annotator's HITs, to answer; a POST submits its form."""
    if "hide" in request.POST or "show" in request.POST:
        return _hide_or_show(request, own_assignment(worker, key))
    if request.method == "POST":
        return _submit(request, own_assignment(worker, key))
    assignment = assignment_of(worker, key)
    if assignment.status not in Assignment.OPEN:
        messages.info(request, _("You have already submitted or skipped this set."))
        return redirect("hits")
    renew_lease(assignment)  # opening the page counts as activity
    return hit_page(request, assignment)


def _hide_or_show(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Hide or show a picture without JavaScript: the page opens again with what was entered."""
    try:
        if "show" in request.POST:
            pictures.show_again(assignment, parse_number(request.POST["show"]))
        else:
            pictures.hide(assignment, parse_number(request.POST["hide"]))
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    return _reopen(request, assignment, submitted_form(request.POST, assignment.hit))


def _submit(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    form = submitted_form(request.POST, assignment.hit)
    looked_again, trace = "looked_again" in request.POST, request.POST.get("trace")
    try:
        submitted = submission.submit_page(assignment, form, looked_again, trace)
    except AnswerInvalid as error:
        return _reopen(request, assignment, form, error.errors, query="?check")
    except AnswerRefused:
        return _reopen(request, assignment, form, query="?check")
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    _keep_device(request, assignment.worker)
    _say_what_was_kept(request, assignment, submitted, form)
    if submitted.is_practice and _is_training(assignment):
        return redirect("feedback", assignment.key)
    if request.POST.get("then") == "next":
        return _open_next(request, assignment.worker)
    return redirect("closing" if is_due(assignment.worker) else "hits")


def _keep_device(request: HttpRequest, worker: Worker) -> None:
    """Keep the kind of device of a worker's first answer; the session knows that it is kept."""
    if request.session.get(DEVICE_OF) == worker.pk:
        return
    if keep_device(worker, request.headers.get("User-Agent", "")):
        request.session[DEVICE_OF] = worker.pk


def _is_training(assignment: Assignment) -> bool:
    return KnownAnswer.objects.filter(unit=assignment.unit_id, for_training=True).exists()


def _say_what_was_kept(
    request: HttpRequest,
    assignment: Assignment,
    submitted: submission.Submitted,
    form: AnswerForm,
) -> None:
    """Thank for an answer, and offer to change it; or say which earlier one was kept instead."""
    answer, is_new, is_practice = submitted
    may_change = not is_practice if is_new else changes.changeable(assignment.worker) == assignment
    link = reverse("change_answer", args=[assignment.key]) if may_change else ""
    offer = format_html(' <a href="{}">{}</a>', link, _("Change this answer")) if link else ""
    if is_new or changes.is_kept(answer, form):
        thanks = _("Your answer was submitted. Thank you.")
        messages.success(request, format_html("{}{}", thanks, offer))
        return
    sentence = _(
        "You had already submitted this set, perhaps in another tab. That first answer was kept: "
        "%(answer)s. What you sent now was not saved."
    )
    kept = sentence % {"answer": answer_in_words(answer)}
    messages.warning(request, format_html("{}{}", kept, offer))


def _reopen(
    request: HttpRequest,
    assignment: Assignment,
    form: AnswerForm,
    errors: Mapping[str, str] | None = None,
    query: str = "",
) -> HttpResponse:
    """Redirect to the HIT page with the form as its draft, so that a reload loses nothing."""
    try:
        drafts.keep(assignment, form, request.POST.get("view", Study.View.WHOLE))
    except DraftInvalid:  # no browser sends such a form
        return hit_page(request, assignment_of(assignment.worker, assignment.key), form, errors)
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    return redirect(reverse("hit", args=[assignment.key]) + query)


@require_POST
@for_workers
def give_back(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Handle the POST of an annotator who skips one of their HITs; the next opens."""
    try:
        leases.give_back(assignment_of(worker, key), reason=request.POST.get("reason", ""))
    except CrowdError as error:
        messages.warning(request, str(error))
        return redirect("hits")
    messages.info(request, _("You skipped a set. Someone else will do it."))
    return _open_next(request, worker)
