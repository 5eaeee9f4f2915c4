"""Making a market link, and its page: what to paste at the market, terms, codes, differences."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from annotator.crowd.access.market_links import (
    TERMS,
    CodesAlike,
    change_link,
    entry_address,
    make_link,
    outcome_counts,
)
from annotator.crowd.access.markets import CONNECT, PROLIFIC, market_label
from annotator.crowd.access.sessions import planned_sets
from annotator.crowd.errors import ConsentMissing
from annotator.crowd.scheduling.gates import why_nobody_new
from annotator.imports.submissions import COLUMNS, compare_submissions
from annotator.imports.tables import ImportRefused
from annotator.models import Invitation, MarketLink, Outcome, Study
from annotator.pay.money import InvalidAmount, parse_cents
from annotator.public_url import enter_address
from annotator.views.access import actor_of, for_requesters
from annotator.views.requester.recruitment import errors_of

MAX_TABLE_BYTES = 20 * 1024 * 1024
MAX_MINUTES = 32_767  # what a column of that size holds on each database
CODE = RegexValidator(r"^[A-Za-z0-9_-]{4,64}\Z", gettext_lazy("4 to 64 letters, digits, - or _."))


class DollarsField(forms.Field):
    """An amount in dollars, which is whole cents inside; an empty one is nothing."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def to_python(self, value: Any) -> int:
        """The cents of what was entered."""
        try:
            return parse_cents(str(value or "0")[:40])
        except InvalidAmount as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """The amount as the field shows it."""
        return f"{value / 100:.2f}" if isinstance(value, int) else value


class LinkForm(forms.ModelForm):
    """The terms of a market link."""

    base_cents = DollarsField(
        label=gettext_lazy("Base pay, in dollars"),
        help_text=gettext_lazy(
            "What the market itself pays for each completed session, as you set it there. The "
            "files of payments hold the rest."
        ),
    )

    class Meta:
        model = MarketLink
        fields = TERMS
        labels = {
            "participant_parameter": gettext_lazy("Parameter of the participant"),
            "study_parameter": gettext_lazy("Parameter of the study"),
            "session_parameter": gettext_lazy("Parameter of the submission"),
            "study_number": gettext_lazy("The study's number at the market"),
            "return_url": gettext_lazy("Return address"),
            "session_minutes": gettext_lazy("Minutes of a session"),
            "max_minutes": gettext_lazy("Minutes until a session is timed out"),
            "fee_percent": gettext_lazy("Fee of the market (percent)"),
        }
        help_texts = {
            "study_number": gettext_lazy("People whom the market sends for another are refused."),
            "return_url": gettext_lazy(
                "Where people go at the end; {code} stands for the completion code."
            ),
            "session_minutes": gettext_lazy("From 15 to 30; sets are bundled to fill them."),
            "max_minutes": gettext_lazy("Then the market gives the place to another participant."),
            "fee_percent": gettext_lazy("It is added to all pay."),
        }

    def clean_session_minutes(self) -> int:
        """Minutes in the range that the database takes."""
        minutes: int = self.cleaned_data["session_minutes"]
        if not 15 <= minutes <= 30:
            raise forms.ValidationError(_("A session takes 15 to 30 minutes."))
        return minutes

    def clean_max_minutes(self) -> int:
        """Minutes that both databases take; SQLite alone would keep more than a date can bear."""
        minutes: int = self.cleaned_data["max_minutes"]
        if not 1 <= minutes <= MAX_MINUTES:
            sentence = _("A place is kept for 1 to %(most)s minutes.")
            raise forms.ValidationError(sentence % {"most": MAX_MINUTES})
        return minutes

    def clean_return_url(self) -> str:
        """An address of the web, or nothing."""
        address: str = self.cleaned_data["return_url"]
        if address and not address.startswith("https://"):
            raise forms.ValidationError(_("The address begins with https://."))
        return address

    def clean_fee_percent(self) -> float:
        """A share of the pay; below 0 and above 200 is a typing mistake."""
        fee: float = self.cleaned_data["fee_percent"]
        if not 0 <= fee <= 200:
            raise forms.ValidationError(_("The fee is from 0 to 200 percent."))
        return fee


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def market_link(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Page: one market link; a POST changes its terms and codes."""
    link = _link(name, pk)
    if request.method == "POST":
        form = LinkForm(request.POST, instance=_link(name, pk))
        codes = {outcome: request.POST.get(f"code {outcome}", "").strip() for outcome in Outcome}
        if form.is_valid() and _save(request, link, form.cleaned_data, codes):
            return redirect("market_link", name, pk)
        for field, errors in form.errors.items():
            messages.warning(request, f"{form[field].label}: {' '.join(errors)}")
        link = _link(name, pk)
    return _page(request, link)


def _save(request: HttpRequest, link: MarketLink, terms: Any, codes: dict[Any, str]) -> bool:
    try:
        for code in codes.values():
            CODE(code)
        change_link(link, actor_of(request), terms, codes)
    except forms.ValidationError as error:
        messages.warning(request, _("A completion code has ") + " ".join(error.messages))
        return False
    except CodesAlike as error:
        messages.warning(request, str(error))
        return False
    messages.success(request, _("Your changes were saved."))
    return True


@require_POST
@for_requesters
def compare(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the upload of a market's table: the page shows what differs. Nothing is stored."""
    link, upload = _link(name, pk), request.FILES.get("table")
    if upload is None or upload.size > MAX_TABLE_BYTES:
        messages.warning(request, _("Please choose a table of at most 20 MB."))
        return redirect("market_link", name, pk)
    names = {part: request.POST.get(f"column {part}", "").strip() for part in COLUMNS}
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        try:
            study = link.invitation.study
            result = compare_submissions(study, link.market, Path(file.name), names, link.pk)
        except ImportRefused as error:
            messages.warning(request, str(error).replace(file.name, upload.name))
            return redirect("market_link", name, pk)
    return _page(request, link, {"result": result})


def _link(name: str, pk: int) -> MarketLink:
    # Not by the link's own key, of which SQLite refuses numbers that are too large.
    invitation = get_object_or_404(Invitation, pk=pk, study__name=name)
    links = MarketLink.objects.select_related("invitation__study")
    return get_object_or_404(links, invitation=invitation)


def _page(
    request: HttpRequest, link: MarketLink, more: dict[str, Any] | None = None
) -> HttpResponse:
    codes, counts = dict(link.codes.values_list("outcome", "code")), outcome_counts(link)
    study = link.invitation.study
    context = {
        "study": study,
        "link": link,
        "form": LinkForm(instance=link),
        "label": market_label(link.market),
        "address": entry_address(link, enter_address(link.invitation.token)),
        "is_open": Invitation.objects.open().filter(pk=link.pk).exists(),
        "is_prolific": link.market == PROLIFIC.name,
        "is_connect": link.market == CONNECT.name,
        "why_closed": why_nobody_new(study, link.fee_percent),
        "sets": planned_sets(study, link.session_minutes),
        "codes": [
            (outcome, outcome.label, codes.get(outcome, ""), counts.get(outcome, 0))
            for outcome in Outcome
        ],
        "open_count": counts.get("", 0),
        "columns": list(COLUMNS),
    }
    return render(request, "studies/market_link.html", context | (more or {}))


class MarketForm(forms.Form):
    """A new market link: the market, how many people may enter, and for how long."""

    market = forms.RegexField(label=gettext_lazy("Market"), regex=r"^[a-z0-9][a-z0-9-]{0,31}\Z")
    uses = forms.IntegerField(
        label=gettext_lazy("Max uses"), min_value=1, max_value=1_000_000, required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("Expires after (days)"), min_value=1, max_value=3650, required=False
    )


@require_POST
@for_requesters
def add_market_link(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST that makes a market link of a study; its own page opens."""
    form, study = MarketForm(request.POST), get_object_or_404(Study, name=name)
    problem = "" if form.is_valid() else errors_of(form)
    if not problem:
        try:
            link = make_link(study, actor_of(request), **form.cleaned_data)
            return redirect("market_link", name, link.pk)
        except ConsentMissing as error:
            problem = str(error)
    messages.warning(request, problem)
    return redirect("recruit", name)
