"""The requester's Pay page: whom to pay how much by market, and the batches of payments."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.errors import RejectionRefused
from annotator.crowd.review import payout_batches
from annotator.crowd.review.automatic_approvals import set_approval_days
from annotator.crowd.review.rejections import rejection_counts
from annotator.free_text import parse_number
from annotator.models import LedgerEntry, PayoutBatch, Study
from annotator.pay import payment_files, payouts
from annotator.pay.top_up import owe_shortfalls
from annotator.views.access import actor_of, for_requesters

State = LedgerEntry.State
MAX_PAYMENTS = 100  # listed on a page; the CSV has all


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def pay(request: HttpRequest, name: str) -> HttpResponse:
    """Page: what a study owes, by market link, and its batches; a POST prepares a batch."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        market, link = request.POST.get("market", ""), _link(request.POST.get("link", ""))
        batch = payout_batches.create_batch(study, market, actor_of(request), link)
        if batch is None:
            messages.warning(request, _("Nothing waits to be paid there any more."))
            return redirect("pay", name)
        messages.success(request, _("The batch is prepared. Nobody else can prepare it again."))
        return redirect("pay_batch", name, batch.pk)
    owe_shortfalls(study)
    waiting = payouts.waiting_payments(study)
    context = {
        "study": study,
        "totals": payouts.totals(study),
        "channels": [_channel(*channel, due) for channel, due in waiting.items()],
        "batches": payout_batches.batches(study),
        "rejections": rejection_counts(study),
    }
    return render(request, "studies/pay.html", context)


def _link(text: str) -> int | None:
    """The market link that a form names; None if it names none, -1 for what is no number."""
    return (
        (int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1)
        if text
        else None
    )


def _channel(market: str, link: int | None, due: list[payouts.Payment]) -> dict[str, Any]:
    return {
        "name": market,
        "link": link,
        "is_local": market == payouts.LOCAL,
        "payments": due[:MAX_PAYMENTS],
        "count": len(due),
        "cents": sum(payment.cents for payment in due),
        "bonus_cents": sum(payment.bonus_cents for payment in due),
        "base_cents": sum(payment.cents - payment.rest_cents for payment in due),
        "rest_cents": sum(payment.rest_cents for payment in due),
    }


@require_POST
@for_requesters
def approval(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST of the Pay page that sets after how many days answers are approved."""
    study = get_object_or_404(Study, name=name)
    days = parse_number(request.POST.get("days", ""))
    try:
        set_approval_days(study, days, actor_of(request))
        messages.success(request, _("Your changes were saved."))
    except RejectionRefused as error:
        messages.warning(request, str(error))
    return redirect("pay", name)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def batch(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Page: a batch of payments; a POST says that it was sent, confirmed, failed or canceled."""
    row = get_object_or_404(
        PayoutBatch.objects.select_related("study", "link"), pk=pk, study__name=name
    )
    if request.method == "POST":
        try:
            _change(request, row)
        except payout_batches.PayoutError as error:
            messages.warning(request, str(error))
        is_there = PayoutBatch.objects.filter(pk=pk).exists()
        return redirect("pay_batch", name, pk) if is_there else redirect("pay", name)
    due = payouts.batch_payments(row)
    context = {"study": row.study, "batch": row, **_channel(row.market, row.link_id, due)}
    context["unsettled"] = sum(payment.state == State.SENT for payment in due)
    return render(request, "studies/pay_batch.html", context)


def _change(request: HttpRequest, batch: PayoutBatch) -> None:
    by, step = actor_of(request), request.POST.get("step", "")
    if step == "sent":
        payout_batches.mark_sent(batch, by, request.POST.get("reference", ""))
        messages.success(request, _("The batch is marked as sent."))
    elif step == "cancel":
        payout_batches.cancel_batch(batch, by)
        messages.success(request, _("The batch was canceled. Its payments wait again."))
    elif step in (State.CONFIRMED, State.FAILED):
        workers = None
        if "worker" in request.POST:
            workers = list(batch.study.workers.filter(key=request.POST["worker"]))
        count = payout_batches.settle(batch, step, by, workers)
        messages.success(request, _("%(count)s payments changed.") % {"count": count})


@never_cache
@require_safe
@for_requesters
def batch_csv(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Answer the Pay page's link to a batch of payments as CSV, in the form of its market."""
    row = get_object_or_404(PayoutBatch, pk=pk, study__name=name)
    text = payment_files.as_csv(row.market, payouts.batch_payments(row))
    file = f"{name}-batch-{pk}-{row.market}.csv".replace('"', "").replace("/", "-")
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
