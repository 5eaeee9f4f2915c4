"""The debriefing, with the completion code at a session's end, and taking answers back."""

from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, dumps, loads
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.access.closing_question import is_due
from annotator.crowd.access.markets import market_label
from annotator.crowd.access.sessions import completion, current_session, sets_done
from annotator.crowd.answers.stopping import summary
from annotator.crowd.errors import TooLate
from annotator.models import LedgerEntry, MarketSession, Worker
from annotator.models.study import contact_of
from annotator.public_url import public_address
from annotator.retention.withdrawal import take_answers_back, withdrawable_until
from annotator.views.access import for_workers

SALT = "take answers back"  # of links that name a worker without a cookie


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
    """The path in a debriefing to take answers back, without a cookie or an account."""
    return reverse("take_back", args=[dumps(worker.pk, salt=SALT)])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Page that a debriefing links to: take answers back. Opening it changes nothing."""
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


def completion_page(request: HttpRequest, session: MarketSession) -> HttpResponse:
    """Render an ended session's debriefing, its completion code, and the way back to the market.

    Who has submitted no set reads no debriefing.
    """
    code, address = completion(session)
    worker = session.participant.worker
    debriefing = debriefing_of(worker) if worker else None
    context = {
        "session": session,
        "code": code,
        "address": address,
        "market": market_label(session.participant.market),
        "done": sets_done(session) if worker else 0,
        "has_worker": worker is not None,
        "contact": contact_of(session.participant.study),
        "debriefing": debriefing if debriefing and debriefing["summary"].of else None,
        "asks": worker is not None and is_due(worker),
    }
    return render(request, "annotator/finished.html", context)
