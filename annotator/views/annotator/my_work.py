"""An annotator's own work: earnings, other studies, feedback on training, and deleting data."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.access.sessions import current_session
from annotator.crowd.answers.pictures import judged_count
from annotator.crowd.errors import RejectionRefused
from annotator.crowd.review.rejections import reply
from annotator.models import AccountSettings, Answer, Assignment, ProposedRejection, Worker
from annotator.models.answer import GROUP_EXAMPLES, Group
from annotator.pay.earnings import earnings_of
from annotator.retention.personal_data import delete_worker_data
from annotator.retention.withdrawal import withdrawable_until
from annotator.views.access import account_of, for_workers, not_a_worker, worker_of
from annotator.views.annotator.debriefing import take_back_path
from annotator.views.annotator.enter import BROWSER_COOKIE

MAX_SETS = 100  # listed on the page of own work; the sums are of all


@never_cache
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Page: an annotator's own work and earnings; for an account, its other studies too."""
    worker, account = worker_of(request), account_of(request)
    if worker is None and account is None:
        return not_a_worker(request)
    others = Worker.objects.filter(user=account.pk).order_by("pk") if account else Worker.objects
    earned = earnings_of(worker) if worker else None
    open_proposals = ProposedRejection.objects.filter(
        assignment__worker=worker, closed_at__isnull=True
    )
    session = current_session(worker) if worker else None
    context = {
        "worker": worker,
        "session": session,
        "until": _taken_back_until(worker) if worker else None,
        "take_back": take_back_path(worker) if worker else "",
        "earned": earned,
        "proposals": open_proposals.select_related("assignment").order_by("pk"),
        "sets": earned.sets[:MAX_SETS] if earned else [],
        "others": others.exclude(pk=worker.pk if worker else 0) if account else [],
        "account": account,
        "wants_mail": not AccountSettings.objects.filter(
            user=account.pk if account else None, wants_mail=False
        ).exists(),
    }
    return render(request, "annotator/my_work.html", context)


def _taken_back_until(worker: Worker) -> datetime | None:
    """Until when the worker may take answers back; None where that is not possible any more."""
    until = withdrawable_until(worker)
    return until if until and until > now() else None


@require_POST
@login_required
def mail_settings(request: HttpRequest) -> HttpResponse:
    """Handle the POST on the page "my work" that saves an account's address and wish for mail."""
    account, email = request.user, request.POST.get("email", "").strip()
    try:
        account.email = email and account._meta.get_field("email").clean(email, account)
    except ValidationError:
        messages.warning(request, _("%(email)r is no e-mail address.") % {"email": email})
        return redirect("my_work")
    account.save(update_fields=["email"])
    AccountSettings.objects.update_or_create(
        user=account, defaults={"wants_mail": "wants_mail" in request.POST}
    )
    messages.success(request, _("Your changes were saved."))
    return redirect("my_work")


@require_POST
@for_workers
def reply_to_rejection(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Handle the POST by which a worker replies to the proposal to reject a set."""
    assignment = get_object_or_404(Assignment, key=key, worker=worker)
    try:
        reply(assignment, request.POST.get("reply", ""))
        messages.success(request, _("Your reply was sent to the reviewers."))
    except RejectionRefused as error:
        messages.warning(request, str(error))
    return redirect("my_work")


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Handle the POST on the page of own work that switches to another study."""
    account = account_of(request)
    worker = get_object_or_404(Worker, pk=pk, user=account.pk if account else None)
    if account is None:
        raise Http404
    request.session["worker"] = worker.pk
    return redirect("hits")


@never_cache
@require_safe
@for_workers
def feedback(request: HttpRequest, worker: Worker, key: str) -> HttpResponse:
    """Page of an annotator's work: feedback on one of their answers, to a training unit."""
    answers = Answer.objects.select_related("assignment__unit__known")
    answer = get_object_or_404(
        answers,
        assignment__key=key,
        assignment__worker=worker,
        assignment__unit__known__for_training=True,
    )
    known = answer.assignment.unit.known
    context = {
        "answer": answer,
        "known": known,
        "is_name_right": known.is_named_by(answer.concept),
        "is_group_right": known.has_group(answer.group, answer.second_group),
        "group": Group(known.group).label if known.group else "",
        "example": GROUP_EXAMPLES[known.group] if known.group else "",
        "marked_count": answer.marks.count(),
        "judged_count": judged_count(answer.assignment),
    }
    return render(request, "annotator/feedback.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_workers
def delete_my_data(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Page of My work: delete what can name the worker. Only its button changes anything."""
    if request.method == "POST":
        is_all = delete_worker_data(worker)
        logout(request)
        response = render(request, "annotator/data_deleted.html", {"is_all": is_all})
        response.delete_cookie(BROWSER_COOKIE)
        return response
    context = {"until": _taken_back_until(worker), "take_back": take_back_path(worker)}
    return render(request, "annotator/delete_my_data.html", context)
