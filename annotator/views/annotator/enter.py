"""Entering a study: invite links and the consent text.

A browser that opens an invite link keeps a cookie with a random number, so that the same person
who enters there again, after the session has ended or with another link, is one worker.
"""

import secrets

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotator.crowd.access import consent as consent_texts
from annotator.crowd.access import invitations, market_entry, market_links, markets
from annotator.crowd.access.roles import refuse_unblinded
from annotator.crowd.access.sessions import planned_sets
from annotator.crowd.errors import (
    ConsentChanged,
    ConsentIncomplete,
    CrowdError,
    EntryRefused,
    MixedCrowd,
    NobodyNew,
)
from annotator.crowd.scheduling.gates import refuse_newcomers
from annotator.free_text import parse_number
from annotator.models import Invitation, MarketLink, Role, Study, Worker
from annotator.models.study import contact_of
from annotator.pay.rewards import current_reward
from annotator.views import rate_limits
from annotator.views.access import account_of, not_a_worker, worker_of
from annotator.views.annotator.debriefing import completion_page

BROWSER_COOKIE = "browser"  # by which somebody who enters again is the same worker
BROWSER_SECONDS = 365 * 24 * 3600
PARTICIPANT_PARAMETER = "PROLIFIC_PID"  # Prolific adds it to the address of a study


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Page: enter a study by an invite link. Opening it changes nothing; its buttons do."""
    try:
        invitation = invitations.find_invitation(token)
        if invitation.role != Role.ANNOTATOR:
            return _accept_role(request, invitations.invitation_for(token))
        if link := market_links.link_of(invitation):
            return _enter_from_market(request, link)
        return _enter(request, invitation)
    except (EntryRefused, MixedCrowd) as error:
        known = Invitation.objects.with_token(token)
        return entry_refused(request, error, known.study if known else None)


def entry_refused(
    request: HttpRequest, error: CrowdError, study: Study | None = None
) -> HttpResponse:
    """The page for somebody who cannot enter: the reason, what to do, and whom to write to."""
    context = {
        "reason": str(error),
        "is_for_now": isinstance(error, NobodyNew),
        "market": error.market if isinstance(error, NobodyNew) else "",
        "contact": contact_of(study),
    }
    response = render(request, "annotator/entry_refused.html", context, status=403)
    rate_limits.mark_known(response, study is not None)
    return response


def _accept_role(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Accept an invitation to run, review or read a study; this requires an account."""
    account, worker = account_of(request), worker_of(request)
    if worker and worker.study_id == invitation.study_id:
        raise EntryRefused(
            _("You annotate this study, and annotators do not see what it is about.")
        )
    if account and request.method == "POST":
        invitations.accept_role(invitation.token, account)
        return redirect("home")
    context = {"invitation": invitation, "contact": contact_of(invitation.study)}
    return render(request, "accounts/invited.html", context)


def _enter(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Accept an invitation to annotate, once the consent text is agreed to.

    Who has entered before goes on as the same worker, even if the invitation is closed by now.
    """
    study, account = invitation.study, account_of(request)
    if account:
        refuse_unblinded(account, study)
    browser, participant = _browser(request), request.GET.get(PARTICIPANT_PARAMETER, "").strip()
    worker = worker_of(request)
    if not (worker and worker.study_id == study.pk):
        worker = invitations.earlier_worker(study, account, browser, participant, invitation)
    if worker:
        return _work_as(request, invitations.bind_account(worker, account))
    invitations.invitation_for(invitation.token)
    refuse_newcomers(study)
    if request.POST.get("answer") == "no":
        return render(request, "annotator/declined.html", {"contact": contact_of(study)})
    if request.POST.get("answer") == "yes":
        try:
            given, token = _agreement(request), invitation.token
            worker = invitations.enter(token, given, account, participant, browser)
            return _work_as(request, worker)
        except (ConsentChanged, ConsentIncomplete) as error:
            messages.warning(request, str(error))
    context = {
        "consent_text": consent_texts.newest_text(study),
        "contact": contact_of(study),
        "invitation": invitation,
        "reward": current_reward(study),
        "wants_account": invitation.needs_account and account is None,
    }
    return _remembered(render(request, "annotator/enter.html", context), browser)


def _remembered(response: HttpResponse, browser: str) -> HttpResponse:
    """A response with the cookie by which the browser is known again."""
    response.set_signed_cookie(
        BROWSER_COOKIE,
        browser,
        max_age=BROWSER_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _enter_from_market(request: HttpRequest, link: MarketLink) -> HttpResponse:
    """Begin or resume the session that a market's entry link names; an ended one has its code."""
    study = link.invitation.study
    arrival = market_entry.read_arrival(link, dict(request.GET.lists()))
    if account := account_of(request):
        refuse_unblinded(account, study)
    if session := market_entry.session_of(link, arrival):
        worker = session.participant.worker
        response = _work_as(request, worker) if worker else None
        if session.outcome or response is None:
            return completion_page(request, session)
        return response
    _refuse_newcomers(link)
    browser = _browser(request)
    if request.POST.get("answer") == "no":
        market_entry.decline(link, arrival)
        return redirect(request.get_full_path())
    if request.POST.get("answer") == "yes":
        try:
            market_entry.enter(link, arrival, _agreement(request), browser)
            return redirect(request.get_full_path())
        except (ConsentChanged, ConsentIncomplete) as error:
            messages.warning(request, str(error))
    context = {
        "consent_text": consent_texts.newest_text(study),
        "contact": contact_of(study),
        "invitation": link.invitation,
        "reward": current_reward(study),
        "market": markets.market_label(link.market),
        "minutes": link.session_minutes,
        "sets": planned_sets(study, link.session_minutes),
    }
    return _remembered(render(request, "annotator/enter.html", context), browser)


def _refuse_newcomers(link: MarketLink) -> None:
    """Refuse somebody new whom a market sends to a closed link, or to a study without a set now.

    Raises:
        NobodyNew: with the name of the market.
    """
    market = markets.market_label(link.market)
    try:
        invitations.invitation_for(link.invitation.token)
        refuse_newcomers(link.invitation.study, link.fee_percent)
    except NobodyNew as error:
        raise NobodyNew(str(error), market) from error
    except EntryRefused as error:
        raise NobodyNew(_("This study takes nobody new any more."), market) from error


def _browser(request: HttpRequest) -> str:
    """What tells this browser from others: its cookie, or a new value for one."""
    return request.get_signed_cookie(BROWSER_COOKIE, "") or secrets.token_urlsafe(16)


def _work_as(request: HttpRequest, worker: Worker) -> HttpResponse:
    if request.session.get("worker") != worker.pk:
        request.session.cycle_key()
        request.session["worker"] = worker.pk
    return redirect("hits")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """Page: the newest consent text; who entered a study under an older one must agree to it.

    Annotators who decline keep what they have earned and get no more HITs.
    """
    worker = worker_of(request)
    if worker is None:
        return not_a_worker(request)
    if request.POST.get("answer") == "no":
        return render(request, "annotator/declined.html", {"worker": worker})
    if request.POST.get("answer") == "yes":
        try:
            consent_texts.agree(worker, _agreement(request))
            return redirect("hits")
        except (ConsentChanged, ConsentIncomplete) as error:
            messages.warning(request, str(error))
    context = {
        "consent_text": consent_texts.newest_text(worker.study),
        "is_required": consent_texts.is_required(worker),
    }
    return render(request, "annotator/consent.html", context)


def _agreement(request: HttpRequest) -> consent_texts.Agreement:
    """What a person says on the page of a consent text.

    Raises:
        ConsentChanged: the form has no version.
    """
    version = parse_number(request.POST.get("version", ""))
    if version < 0:
        raise ConsentChanged(_("Please read the consent text again."))
    return consent_texts.Agreement(
        version=version,
        is_adult="is_adult" in request.POST,
        shares={"yes": True, "no": False}.get(request.POST.get("shares", "")),
    )
