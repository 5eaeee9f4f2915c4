"""The Publish page of a study: what is published on which terms, its price, and how it runs."""

import json
import re
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.crowd.access.consent import newest_text
from annotator.crowd.access.consent_fields import missing_fields
from annotator.crowd.audit import Actor
from annotator.crowd.scheduling.redundancy import TooFewAnswers, missing_places, naming_hits
from annotator.dissection_reader import DissectionError
from annotator.free_text import parse_number
from annotator.job_queue import enqueue_publication
from annotator.job_requests import BadRequest
from annotator.models import Hit, Layer, MachineName, Place, Study
from annotator.models.gold import practice
from annotator.pay.budget import committed_cents
from annotator.pay.money import InvalidAmount, dollars, parse_cents
from annotator.pay.rewards import current_reward
from annotator.publishing import (
    MAX_REPEATS,
    PILOT_UNITS,
    NotPublishable,
    Offer,
    PublishRequest,
    layer_name,
    legibility,
    offer_of,
    running_studies,
    way_out,
)
from annotator.publishing.requests import chosen_units
from annotator.storage import StorageDown
from annotator.views.access import actor_of, for_requesters

NUMBERS = ("assignments", "catch", "repeats", "seed")
REFUSALS = (BadRequest, NotPublishable, InvalidAmount)


@require_http_methods(["GET", "HEAD", "POST"])
@for_requesters
def publish(request: HttpRequest, name: str) -> HttpResponse:
    """Page: choose what to publish, see its price, and run it; a POST publishes for that price."""
    study = get_object_or_404(Study, name=name)
    if request.method == "POST":
        return _publish(request, study)
    if request.htmx and "progress" in request.GET:
        return render(request, "studies/_publication.html", _progress(study))
    return render(request, "studies/publish.html", _context(study, request.GET))


def _publish(request: HttpRequest, study: Study) -> HttpResponse:
    """Put into the queue what the page showed, unless its price has changed since."""
    try:
        wanted = _stored_request(request.POST.get("request", ""))
        offer = offer_of(study, wanted)
    except (BadRequest, NotPublishable) as error:
        messages.warning(request, str(error))
        return redirect("publish", study.name)
    if request.POST.get("cents") != str(offer.total_cents):
        sentence = _("Nothing was published: the price is %(price)s by now. Please look again.")
        messages.warning(request, sentence % {"price": dollars(offer.total_cents)})
    elif offer.is_empty:
        messages.info(request, _("Nothing was published: all of this is published already."))
    else:
        enqueue_publication(study, wanted, actor_of(request), offer.total_cents)
    return redirect("publish", study.name)


def _stored_request(text: str) -> PublishRequest:
    """The request that the page showed the price of, from the JSON in its form.

    Raises:
        BadRequest: it is no JSON object, or a value in it is wrong.
    """
    try:
        options = json.loads(text)
    except (ValueError, RecursionError):  # brackets in brackets
        options = None
    if not isinstance(options, dict):
        raise BadRequest(_("Nothing was published: please choose again what to publish."))
    return PublishRequest.of(options)


def _context(study: Study, query: QueryDict) -> dict[str, Any]:
    """The context of studies/publish.html: the form as the query has it, and its offer."""
    hits = Hit.objects.filter(unit__layer__network__study=study)
    layers = Layer.objects.filter(network__study=study).select_related("network")
    chosen = query.getlist("layers")
    names = MachineName.objects.filter(unit__layer__network__study=study)
    context = _progress(study) | {
        "is_published": hits.exists(),
        "missing": missing_fields(newest_text(study).fields),
        "query": query.urlencode(),
        "which": query.get("which", "all"),
        "layers": [
            {"name": layer_name(layer), "layer": layer, "is_chosen": layer_name(layer) in chosen}
            for layer in layers.order_by("network__position", "position")
        ],
        "methods": sorted(set(names.order_by().values_list("method", flat=True))),
        "shown": _shown(study, query),
        "pilot_units": PILOT_UNITS,
        "max_repeats": MAX_REPEATS,
        "committed_cents": committed_cents(study),
        "views": Study.TileView.choices,
        "policies": Study.CatchPolicy.choices,
    }  # fmt: skip
    if context["is_published"]:
        context |= _published_context(study, hits)
    return context | _offer_context(study, query)


def _published_context(study: Study, hits: QuerySet[Hit]) -> dict[str, Any]:
    """Whether all answers are in, and what one more answer for each unit would cost."""
    places = missing_places(naming_hits(study), study.assignments_wanted + 1)
    empty = Place.objects.filter(hit__in=hits, is_filled=False).exclude(practice("hit__unit__"))
    return {
        "is_complete": not empty.exclude(hit__status=Hit.Status.DISPOSED).exists(),
        "one_more": {"places": places, "cents": places * current_reward(study)},
    }


def _offer_context(study: Study, query: QueryDict) -> dict[str, Any]:
    """What publishing as the form says would cost, or why it is refused."""
    try:
        wanted = request_of(query)
        offer = offer_of(study, wanted)
    except REFUSALS as error:
        return {"refusal": in_words_of_the_page(str(error))}
    return {"offer": offer, "request_json": wanted.model_dump_json(exclude_defaults=True)}


FIELDS = {  # what the page calls the options of the command
    "--assignments": gettext_lazy("Answers per unit"),
    "--hourly": gettext_lazy("Pay for an hour, in dollars"),
    "--catch": gettext_lazy("Catch images a HIT"),
    "--repeats": gettext_lazy("Repeats a HIT"),
    "--sample": gettext_lazy("Units a layer"),
    "--seed": gettext_lazy("Seed"),
    "--view": gettext_lazy("A tile shows"),
    "--with-dead": gettext_lazy("Dead and dense units too, which people cannot name"),
}


def in_words_of_the_page(sentence: str) -> str:
    """A refusal to publish that names options of the command, with fields of the page instead.

    >>> in_words_of_the_page("--seed must be a number.")
    '“Seed” must be a number.'
    """
    options = "|".join(map(re.escape, FIELDS))
    return re.sub(rf"({options})(?![\w-])", lambda option: f"“{FIELDS[option[1]]}”", sentence)


def _progress(study: Study) -> dict[str, Any]:
    return {"study": study, "publication": study.publications.order_by("-pk").first()}


def _shown(study: Study, query: QueryDict) -> dict[str, Any]:
    """The values of the form: what was entered, else the study's own."""
    own = {
        "assignments": study.assignments_wanted,
        "hourly": f"{study.hourly_cents / 100:.2f}",
        "catch": study.catch_count,
        "repeats": study.repeat_count,
        "view": study.tile_view,
        "catch_policy": study.catch_policy,
        "sample": 20,
        "seed": 0,
        "verify": "",
    }
    return own | {name: query[name] for name in own if query.get(name)}


def request_of(query: QueryDict) -> PublishRequest:
    """The request that the form of the page stands for; what was not entered stays as it is.

    Raises:
        BadRequest, InvalidAmount: a value is wrong.
    """
    which = query.get("which", "all")
    options: dict[str, Any] = {name: query[name] for name in NUMBERS if query.get(name)}
    options |= {name: query[name] for name in ("view", "catch_policy", "verify") if query.get(name)}
    if query.get("hourly"):
        options["hourly"] = parse_cents(query["hourly"])
    if which == "layers" and not query.getlist("layers"):
        raise BadRequest(_("Please choose at least one layer."))
    options["layers"] = tuple(query.getlist("layers")) if which == "layers" else ()
    options["sample"] = query.get("sample") or None if which == "sample" else None
    options["pilot"] = which == "pilot"
    options["with_dead"] = "with_dead" in query
    return PublishRequest.of(options)


@require_safe
@for_requesters
def tiles(request: HttpRequest, name: str) -> HttpResponse:
    """Part of the Publish page: ten tiles of what would be published, and how legible they are."""
    study = get_object_or_404(Study, name=name)
    context: dict[str, Any] = {"study": study}
    try:
        wanted = request_of(request.GET)
        offer: Offer = offer_of(study, wanted)
        view = wanted.view or study.tile_view
        if legible := legibility(study, offer.plan, view):
            context |= {
                "sheet": legible.sheet(),
                "lit_percent": f"{100 * legible.median:.1f}",
                "way_out": way_out(study, view, _choose_crops()) if legible.is_low else "",
            }
    except (*REFUSALS, DissectionError, StorageDown) as error:
        context |= {"refusal": str(error)}
    return render(request, "studies/_sample_tiles.html", context)


def _choose_crops() -> str:
    sentence = _("choose “%(crop)s” where it says what a tile shows")
    return sentence % {"crop": Study.TileView.CROP.label}


@require_POST
@for_requesters
def run(request: HttpRequest, name: str) -> HttpResponse:
    """Handle the POST of the Publish page that changes a running study: pause, budget, answers."""
    study = get_object_or_404(Study, name=name)
    try:
        messages.success(request, _change(request, study))
    except (running_studies.RunError, TooFewAnswers, *REFUSALS) as error:
        messages.warning(request, str(error))
    return redirect("publish", name)


def _change(request: HttpRequest, study: Study) -> str:
    """Do what the form asks for; returns a sentence that says so."""
    data, by = request.POST, actor_of(request)
    action = data.get("action")
    if action == "pause":
        running_studies.pause(study, by)
        return _("The study is paused. HITs in hand may be finished, and are paid.")
    if action == "resume":
        running_studies.resume(study, by)
        return _("The study hands out HITs again.")
    if action == "budget":
        text = str(data.get("budget", "")).strip()
        running_studies.set_budget(study, parse_cents(text) if text else None, by)
        return _("The budget was saved.")
    if action == "minimum":
        running_studies.set_minimum(study, parse_cents(str(data.get("minimum", ""))), by)
        return _("The minimum pay was saved.")
    if action == "answers":
        return _places(
            running_studies.set_answers(study, parse_number(data.get("answers", "")), by)
        )
    if action == "maximum":
        text = str(data.get("maximum", "")).strip()
        return _places(running_studies.set_maximum(study, parse_number(text) if text else None, by))
    if action == "withdraw":
        return _withdraw(study, data, by)
    raise running_studies.RunError(_("Please choose what to change."))


def _places(added: int) -> str:
    sentence = _("Places added: %(n)s.") if added >= 0 else _("Places dropped: %(n)s.")
    return sentence % {"n": abs(added)}


def _withdraw(study: Study, data: QueryDict, by: Actor) -> str:
    layer, number = data.get("layer", ""), data.get("unit", "").strip()
    if "sure" not in data:
        raise running_studies.RunError(_("Nothing was withdrawn: please tick that it is for good."))
    units = chosen_units(study, PublishRequest(layers=(layer,) if layer else ()))
    if number:
        if units is None:
            raise running_studies.RunError(_("Please choose the layer of the unit."))
        units = running_studies.numbered(units, [parse_number(number)])
    count = running_studies.withdraw(study, units, by)
    return _("HITs withdrawn: %(n)s. Answers stay.") % {"n": count}
