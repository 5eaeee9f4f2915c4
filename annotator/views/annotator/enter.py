"""Entering a study: invite links and the consent text."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotator.crowd.access import consent as consent_texts
from annotator.crowd.access import invitations
from annotator.crowd.access.roles import refuse_unblinded
from annotator.crowd.errors import ConsentChanged, EntryRefused, MixedCrowd
from annotator.models import Invitation, Role, Worker
from annotator.pay.rewards import current_reward
from annotator.studies import contact_of
from annotator.views.access import account_of, worker_of
from annotator.views.annotator.hit_page import parse_number

PARTICIPANT_PARAMETER = "PROLIFIC_PID"  # Prolific adds it to the address of a study


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Page: enter a study by an invite link. Opening it changes nothing; its buttons do."""
    try:
        invitation = invitations.invitation_for(token)
        if invitation.role != Role.ANNOTATOR:
            return _accept_role(request, invitation)
        return _enter(request, invitation)
    except (EntryRefused, MixedCrowd) as error:
        return render(request, "annotator/entry_refused.html", {"reason": str(error)}, status=403)


def _accept_role(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Accept an invitation to run, review or read a study; this requires an account."""
    account = account_of(request)
    if account and request.method == "POST":
        invitations.accept_role(invitation.token, account)
        return redirect("home")
    context = {"invitation": invitation, "contact": contact_of(invitation.study)}
    return render(request, "accounts/invited.html", context)


def _enter(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Accept an invitation to annotate, once the consent text is agreed to."""
    study, account = invitation.study, account_of(request)
    worker = worker_of(request)
    if not (worker and worker.study_id == study.pk):
        worker = account and study.workers.filter(user=account).first()
    if worker:
        return _work_as(request, worker)
    if account:
        refuse_unblinded(account, study)
    if request.POST.get("answer") == "no":
        return render(request, "annotator/declined.html", {"contact": contact_of(study)})
    if request.POST.get("answer") == "yes":
        try:
            version = _agreed_version(request)
            participant = request.GET.get(PARTICIPANT_PARAMETER, "").strip()
            worker = invitations.enter(invitation.token, version, account, participant)
            return _work_as(request, worker)
        except ConsentChanged as error:
            messages.warning(request, str(error))
    context = {
        "consent_text": consent_texts.newest_text(study),
        "contact": contact_of(study),
        "invitation": invitation,
        "reward": current_reward(study),
        "wants_account": invitation.needs_account and account is None,
    }
    return render(request, "annotator/enter.html", context)


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
        return render(request, "annotator/not_invited.html", status=403)
    if request.POST.get("answer") == "no":
        return render(request, "annotator/declined.html", {"worker": worker})
    if request.POST.get("answer") == "yes":
        try:
            consent_texts.agree(worker, _agreed_version(request))
            return redirect("hits")
        except ConsentChanged as error:
            messages.warning(request, str(error))
    context = {
        "consent_text": consent_texts.newest_text(worker.study),
        "is_required": consent_texts.is_required(worker),
    }
    return render(request, "annotator/consent.html", context)


def _agreed_version(request: HttpRequest) -> int:
    """The version of the consent text that was on the page.

    Raises:
        ConsentChanged: the form has no version.
    """
    version = parse_number(request.POST.get("version", ""))
    if version < 0:
        raise ConsentChanged(_("Please read the consent text again."))
    return version
