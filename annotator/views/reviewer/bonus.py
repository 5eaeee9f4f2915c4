"""The page on which a reviewer confirms a bonus, for one worker or several, before it is given."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotator.crowd.errors import BonusError, ReviewError
from annotator.crowd.reasons import tidy_reason
from annotator.crowd.review.bonuses import NO_REASON, check_bonus, give_bonuses, question
from annotator.models import Study
from annotator.models.study import new_key
from annotator.pay.money import InvalidAmount, parse_cents
from annotator.views.access import actor_of, for_reviewers


@never_cache
@require_POST
@for_reviewers
def bonus(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the question whether to give a bonus; a POST with `confirmed` gives it, once."""
    study = get_object_or_404(Study, name=name)
    workers = list(study.workers.filter(key__in=request.POST.getlist("worker")).order_by("pk"))
    only = workers[0] if len(workers) == 1 else None
    back = redirect("worker", name, only.key) if only else redirect("workers", name)
    try:
        cents = parse_cents(request.POST.get("bonus", ""))
        reason = tidy_reason(request.POST.get("why", ""), NO_REASON)
        if not workers:
            raise BonusError(_("Select at least one worker for the bonus."))
        if "confirmed" in request.POST:
            token = request.POST.get("token", "")
            given = give_bonuses(workers, cents, reason, actor_of(request), token)
            messages.success(request, _("Bonuses given: %(given)s.") % {"given": given})
            return back
        check_bonus(workers, cents)
    except (ReviewError, InvalidAmount) as error:
        messages.warning(request, str(error))
        return back
    context = {
        "study": study,
        "workers": workers,
        "question": question(len(workers), cents),
        "bonus": request.POST["bonus"],
        "reason": reason,
        "token": new_key(),
    }
    return render(request, "review/bonus.html", context)
