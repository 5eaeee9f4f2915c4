"""The closing question, which no answer to is punished."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotator.crowd.access.closing_question import ANSWERS, close_with, is_due
from annotator.models import Worker
from annotator.views.access import for_workers


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
