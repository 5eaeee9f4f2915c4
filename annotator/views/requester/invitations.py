"""The links that let people into a study: made, listed and revoked on the study's page."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotator.crowd.access import invitations
from annotator.models import Invitation, Role, Study
from annotator.views.access import actor_of, for_requesters


class InvitationForm(forms.Form):
    """Nothing of it has to be said: a link for annotators without end or limit is the default."""

    role = forms.ChoiceField(choices=Role.choices, required=False)
    label = forms.CharField(max_length=100, required=False)
    uses = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    days = forms.IntegerField(min_value=1, max_value=3650, required=False)
    needs_account = forms.BooleanField(required=False)

    def terms(self) -> dict[str, object]:
        return self.cleaned_data | {"role": self.cleaned_data["role"] or Role.ANNOTATOR}


@require_POST
@for_requesters
def invite(request: HttpRequest, name: str) -> HttpResponse:
    """Make an invitation link."""
    study = get_object_or_404(Study, name=name)
    form = InvitationForm(request.POST)
    if form.is_valid():
        invitations.invite(study, actor_of(request), **form.terms())
        messages.success(request, _("The link is made: it is the first of the list."))
    else:
        for field, errors in form.errors.items():
            messages.warning(request, f"{field}: {' '.join(errors)}")
    return redirect(f"{reverse('study', args=[name])}#people")


@require_POST
@for_requesters
def revoke(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Let nobody in by a link any more."""
    invitations.revoke(get_object_or_404(Invitation, pk=pk, study__name=name), actor_of(request))
    messages.success(request, _("The link lets nobody in any more. Who is in stays in."))
    return redirect(f"{reverse('study', args=[name])}#people")


def listed(study: Study) -> list[Invitation]:
    """A study's invitations for its page, each with its `address`, and `is_open`."""
    found = invitations.invitations_of(study)
    for invitation in found:
        invitation.address = f"{settings.PUBLIC_URL}{reverse('enter', args=[invitation.token])}"
    return found
