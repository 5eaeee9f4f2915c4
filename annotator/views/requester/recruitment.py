"""The Recruit page: invite links for a study's own people, and a list of markets' links."""

import io
from collections.abc import Mapping
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annotator.crowd.access import invitations, mailing
from annotator.crowd.access.consent import newest_text
from annotator.crowd.access.consent_fields import missing_fields
from annotator.crowd.access.market_links import links_of
from annotator.crowd.access.markets import CONNECT, PROLIFIC, market_label
from annotator.crowd.errors import ConsentMissing
from annotator.crowd.scheduling.gates import why_nobody_new
from annotator.models import Invitation, Role, Study
from annotator.public_url import enter_address
from annotator.views.access import actor_of, for_requesters


@require_safe
@for_requesters
def recruit(request: HttpRequest, name: str) -> HttpResponse:
    """Page: how people get into a study: invite links, e-mail, and the links of markets."""
    study = get_object_or_404(Study, name=name)
    links = links_of(study)
    open_pks = set(Invitation.objects.open().filter(study=study).values_list("pk", flat=True))
    for link in links:
        link.label, link.is_open = market_label(link.market), link.pk in open_pks
    context = {
        "study": study,
        "invitations": _listed_invitations(study),
        "links": links,
        "markets": [PROLIFIC, CONNECT],
        "missing": missing_fields(newest_text(study).fields),
        "why_closed": why_nobody_new(study),
    }
    return render(request, "studies/recruit.html", context)


class InvitationForm(forms.Form):
    """The terms of an invite link. By default it is for annotators and never expires."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, required=False)
    label = forms.CharField(label=gettext_lazy("Note"), max_length=100, required=False)
    uses = forms.IntegerField(
        label=gettext_lazy("Max uses"), min_value=1, max_value=1_000_000, required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("Expires after (days)"), min_value=1, max_value=3650, required=False
    )
    needs_account = forms.BooleanField(required=False)

    def terms(self) -> dict[str, object]:
        return self.cleaned_data | {"role": self.cleaned_data["role"] or Role.ANNOTATOR}


@require_POST
@for_requesters
def invite(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST of the Recruit page that creates an invite link for a study's own people."""
    study = get_object_or_404(Study, name=name)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            invitations.invite(study, actor_of(request), **form.terms())
        except ConsentMissing as error:
            messages.warning(request, str(error))
        else:
            made = _("The invite link was created. It is the first in the list.")
            messages.success(request, made)
    else:
        messages.warning(request, errors_of(form))
    return redirect("recruit", name)


@require_POST
@for_requesters
def revoke(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the POST of the Recruit page that revokes an invite link. Again it changes nothing."""
    invitations.revoke(get_object_or_404(Invitation, pk=pk, study__name=name), actor_of(request))
    messages.success(request, _("The invite link was revoked. People who have joined stay."))
    return redirect("recruit", name)


def _listed_invitations(study: Study) -> list[Invitation]:
    """A study's invite links, each with `address` and `is_open`; market links are listed apart."""
    markets = set(study.invitations.filter(market_link__isnull=False).values_list("pk", flat=True))
    rows = [row for row in invitations.invitations_of(study) if row.pk not in markets]
    for invitation in rows:
        invitation.address = enter_address(invitation.token)
    return rows


@require_safe
@for_requesters
def qr_code(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Draw an invite link of the Recruit page as a QR code: SVG, dark on light in any scheme."""
    invitation = get_object_or_404(Invitation, pk=pk, study__name=name)
    if not invitation.token:
        raise Http404
    file = io.BytesIO()
    code = segno.make(enter_address(invitation.token), error="m")
    code.save(file, kind="svg", scale=4, border=4, light="#fff")
    return HttpResponse(file.getvalue(), content_type="image/svg+xml")


class MailForm(forms.Form):
    """E-mail addresses to invite, and for how long their links are open."""

    addresses = forms.CharField(label=gettext_lazy("E-mail addresses"), max_length=20_000)
    days = forms.IntegerField(
        label=gettext_lazy("Expires after (days)"), min_value=1, max_value=3650, required=False
    )


@require_POST
@for_requesters
def invite_by_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST that sends each of some addresses a personal invite link."""
    form = MailForm(request.POST)
    if form.is_valid():
        _send(request, get_object_or_404(Study, name=name), form.cleaned_data)
    else:
        messages.warning(request, errors_of(form))
    return redirect("recruit", name)


def _send(request: HttpRequest, study: Study, terms: Mapping[str, Any]) -> None:
    try:
        addresses = mailing.parse_addresses(terms["addresses"])
        by, days = actor_of(request), terms["days"]
        failed = mailing.send_invitations(study, by, addresses, days)
    except (mailing.AddressesInvalid, ConsentMissing) as error:
        messages.warning(request, str(error))
        return
    if sent := len(addresses) - len(failed):
        messages.success(request, _("Invite links sent: %(n)s.") % {"n": sent})
    if failed:
        sentence = _("Nothing could be sent to %(names)s. Their links were revoked.")
        messages.warning(request, sentence % {"names": ", ".join(failed)})


def errors_of(form: forms.Form) -> str:
    """The errors of a form of the Recruit page, each with the label of its field."""
    return " ".join(
        f"{form[field].label}: {' '.join(errors)}" for field, errors in form.errors.items()
    )
