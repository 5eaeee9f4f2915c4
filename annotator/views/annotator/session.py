"""Pages of a session: stopping it, its attention checks, its end, and the closing question."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.access.attention_checks import answer_check, due_question
from annotator.crowd.access.closing_question import ANSWERS, close_with, is_due
from annotator.crowd.access.sessions import current_session
from annotator.crowd.answers import stopping
from annotator.free_text import parse_number
from annotator.models import Worker
from annotator.models.answer import Group
from annotator.views.access import for_workers
from annotator.views.annotator.debriefing import completion_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def check(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page: the attention check that is due; a POST answers it. Where none is due: the sets."""
    session = current_session(worker)
    question = due_question(session) if session else None
    if session is None or question is None:
        return redirect("hits")
    if request.method == "POST":
        chosen = parse_number(request.POST.get("choice", ""))
        is_this = parse_number(request.POST.get("number", "")) == question.number
        if chosen in Group.values and is_this:
            answer_check(session, question, Group(chosen))
        return redirect("check")
    return render(request, "annotator/check.html", {"question": question, "choices": list(Group)})


@never_cache
@require_safe
@for_workers
def finished(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page: the end of a market session, with its completion code. Opening it changes nothing."""
    session = current_session(worker)
    if session is None or not session.outcome:
        return redirect("hits")
    return completion_page(request, session)


@require_POST
@for_workers
def stop(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Handle the POST that stops a session: the set in hand goes back, and the debriefing opens."""
    stopping.stop(worker)
    return redirect("debriefing")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def closing(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page: the closing question; a POST answers it.

    Where it is not due, the list of sets opens.
    """
    chosen = request.POST.get("used_ai")
    if request.method == "POST" and chosen in ANSWERS and is_due(worker):
        close_with(worker, ANSWERS[chosen])
        messages.success(request, _("Thank you."))
    if is_due(worker):
        return render(request, "annotator/closing.html")
    return redirect("hits")
