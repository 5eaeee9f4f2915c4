"""What a study tells its annotators: the consent text and whom they may write to."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotator.crowd.access.consent import newest_text, write_text
from annotator.crowd.audit import note
from annotator.models import ConsentGiven, Study
from annotator.views.access import actor_of, for_requesters


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def terms(request: HttpRequest, name: str) -> HttpResponse:
    """Show the newest consent text and the contact; posted, change them."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        _change(request, study)
        return redirect("terms", name)
    asked = newest_text(study)
    given = ConsentGiven.objects.filter(consent__study=study, consent__version=asked.version)
    context = {"study": study, "asked": asked, "given_count": given.count()}
    return render(request, "studies/terms.html", context)


def _change(request: HttpRequest, study: Study) -> None:
    contact = " ".join(request.POST.get("contact", "").split())[:200]
    before = newest_text(study).version
    try:
        with transaction.atomic():
            asked = write_text(study, request.POST.get("text", ""), actor_of(request))
            if contact != study.contact:
                note(study, actor_of(request), "settings", contact=[study.contact, contact])
                Study.objects.filter(pk=study.pk).update(contact=contact)
    except ValueError as error:
        messages.warning(request, str(error))
        return
    if asked.version == before:
        messages.success(request, _("Saved."))
    else:
        messages.success(request, _("Saved. Everybody is asked for the new text."))
