"""The end of a session: stopping, the debriefing, the closing question, and taking answers back."""

from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, dumps, loads
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.access.closing_question import ANSWERS, close_with, is_due
from annotator.crowd.access.sessions import current_session
from annotator.crowd.answers import stopping
from annotator.crowd.answers.stopping import summary
from annotator.crowd.errors import TooLate
from annotator.models import LedgerEntry, Worker
from annotator.public_url import public_address
from annotator.retention.withdrawal import take_answers_back, withdrawable_until
from annotator.views.access import for_workers

SALT = "take answers back"  # of links that name a worker without a cookie


@require_POST
@for_workers
def stop(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Handle the POST that stops a session: the set in hand goes back, and the debriefing opens."""
    stopping.stop(worker)
    return redirect("debriefing")


@never_cache
@require_safe
@for_workers
def debriefing(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page: what a session was about, and what a person may do now. Opening it changes nothing.

    A market's participants read it on the page of their completion code, once a session is over.
    """
    if current_session(worker):
        return redirect("finished")
    context = {"debriefing": debriefing_of(worker), "asks": is_due(worker)}
    return render(request, "annotator/debriefing.html", context)


def debriefing_of(worker: Worker) -> dict[str, Any]:
    """The context of annotator/_debriefing.html: counts, pay, and how to take answers back."""
    kinds = (LedgerEntry.Kind.PART, LedgerEntry.Kind.DEBRIEFING)
    until = withdrawable_until(worker)
    return {
        "summary": summary(worker),
        "paid": LedgerEntry.objects.filter(worker=worker, kind__in=kinds).order_by("pk"),
        "until": until if until and until > now() else None,
        "take_back": public_address(take_back_path(worker)),
        "take_back_path": take_back_path(worker),
    }


def take_back_path(worker: Worker) -> str:
    """The path that a debriefing gives to take answers back, without a cookie or an account."""
    return reverse("take_back", args=[dumps(worker.pk, salt=SALT)])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Page: take answers back. Opening the link changes nothing; its button does."""
    try:
        pk = loads(token, salt=SALT)
    except BadSignature as error:
        raise Http404 from error
    worker = get_object_or_404(Worker.objects.select_related("study"), pk=pk)
    if request.method == "POST":
        try:
            take_answers_back(worker)
            messages.success(request, _("Your answers were deleted. You keep the pay."))
        except TooLate as error:
            messages.warning(request, str(error))
        return redirect("take_back", token)
    until = withdrawable_until(worker)
    answered = summary(worker)
    context = {"until": until, "is_open": until is not None and until > now(), "summary": answered}
    return render(request, "annotator/take_back.html", context)


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
