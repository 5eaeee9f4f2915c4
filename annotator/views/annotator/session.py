"""Pages of a market session: its attention checks and the completion code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotator.crowd.access.attention_checks import answer_check, due_question
from annotator.crowd.access.closing_question import is_due
from annotator.crowd.access.markets import market_label
from annotator.crowd.access.sessions import completion, current_session, sets_done
from annotator.models import MarketSession, Worker
from annotator.models.answer import Group
from annotator.models.study import contact_of
from annotator.views.access import for_workers
from annotator.views.annotator.debriefing import debriefing_of
from annotator.views.annotator.hit_page import parse_number


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


def completion_page(request: HttpRequest, session: MarketSession) -> HttpResponse:
    """Render what an ended session was about, its completion code, and the way back to the market.

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
