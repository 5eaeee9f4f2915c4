"""The consent text of a study: a form of its fields, and who agreed to which version."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotator.crowd.access.consent import newest_text, write_fields
from annotator.crowd.access.consent_fields import (
    HINTS,
    MAX_DAYS,
    MIN_DAYS,
    REQUIRED,
    SECTIONS,
    ConsentFieldsInvalid,
    default_fields,
    missing_fields,
    parse_fields,
)
from annotator.models import Study
from annotator.views.access import actor_of, for_requesters

CHOICES = ("shares_data", "covers_device", "covers_market")


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def consent(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the consent text of a study by its fields; a POST stores a new version."""
    study = get_object_or_404(Study, name=name)
    text = newest_text(study)
    values = {**default_fields(study), **(text.fields or {}), "contact": study.contact}
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        values |= _posted(request)
        try:
            stored = write_fields(study, parse_fields(study, values), actor_of(request))
        except ConsentFieldsInvalid as error:
            errors = error.errors
        else:
            messages.success(request, _saved(stored.version > text.version))
            return redirect("terms", name)
    missing = missing_fields(text.fields)
    sections = [_section(name, heading, values, errors) for name, heading, _text in SECTIONS]
    agreed = study.consents.annotate(count=Count("given")).order_by("-version")
    context = {
        "study": study,
        "consent_text": text,
        "missing": [each for each in sections if str(each["heading"]) in missing],
        "consent_count": next((one.count for one in agreed if one.version == text.version), 0),
        "sections": sections,
        "wrong": [each for each in sections if each["error"]],
        "values": values,
        "errors": errors,
        "least_days": MIN_DAYS,
        "most_days": MAX_DAYS,
    }
    status = 400 if errors else 200
    return render(request, "studies/consent.html", context, status=status)


def _section(
    name: str, heading: Any, values: Mapping[str, Any], errors: Mapping[str, str]
) -> dict[str, Any]:
    """A field as the page shows it."""
    value = values[name]
    return {
        "name": name,
        "heading": heading,
        "value": value,
        "hint": HINTS.get(name, ""),
        "error": errors.get(name, ""),
        "is_required": name in REQUIRED,
        "rows": max(2, min(16, len(value) // 70 + value.count("\n") + 1)),
    }


def _posted(request: HttpRequest) -> dict[str, Any]:
    """The fields of the form; a field that it does not have stays as it was."""
    names = (*(name for name, _heading, _text in SECTIONS), "withdrawal_days")
    texts = {name: request.POST[name].strip() for name in names if name in request.POST}
    return texts | {name: name in request.POST for name in CHOICES}


def _saved(is_new: bool) -> str:
    if is_new:
        return _("Your changes were saved. Everyone must agree to the new text.")
    return _("Nothing was changed.")
