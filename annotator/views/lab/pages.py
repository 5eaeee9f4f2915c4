"""The lab of a study: analyses of its networks. Requesters run them, readers see the results."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.free_text import whole_number_text
from annotator.job_queue import enqueue_analysis
from annotator.lab.defaults import default_options, enqueue_defaults
from annotator.lab.networks import lab_networks
from annotator.lab.waiting_times import queue_place, seconds_left
from annotator.models import Analysis, Network, Snapshot, Study, Unit
from annotator.views.access import for_readers, for_requesters, is_requester
from annotator.views.lab import image_results, layer_results, similarity_results
from annotator.views.lab.classes import shown_classes
from annotator.views.lab.forms import AnalysisForm, image_picker
from annotator.views.lab.layer_results import layers
from annotator.views.lab.lookups import Context, analysis_of, preview_url
from annotator.views.lab.options import (
    ANALYSIS_FORMS,
    initial_values,
    options_as_query,
    options_in_words,
)
from annotator.views.lab.similarity_results import newest_matrix
from annotator.views.reader.exemplar_tiles import Tile, tiles_of
from annotator.views.reader.snapshot import complete_snapshot

RECENT_ANALYSES = 20
CARD_CLASSES, CARD_TILES = 2, 4  # on the card of units by class
# Kinds whose pictures are drawn from numbers: how their cards get theirs.
DRAWN_BY_PAGES = {"layers": layers, "alike": newest_matrix}
CONTEXTS: dict[str, Callable[[Analysis], Context]] = {
    "layers": layer_results.layers,
    "filters": layer_results.filters,
    "activations": image_results.activations,
    "occlusion": image_results.occlusion,
    "minimal-image": image_results.minimal_image,
    "receptive-field": layer_results.receptive_field,
    "compare": layer_results.compare,
    "concepts": layer_results.concepts,
    "alike": similarity_results.alike,
    "scenes": image_results.scenes,
}


@require_safe
@for_readers
def lab(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the lab of a study: one network, and the newest picture of each kind of analysis.

    `?network=` chooses the network, by default the first trained one.
    """
    study = get_object_or_404(Study, name=name)
    networks = lab_networks(study)
    network = _chosen(networks, request.GET.get("network", ""))
    recent = Analysis.objects.filter(network__study=study).select_related("network")
    recent = recent.defer("result").order_by("-pk")[:RECENT_ANALYSES]
    context = {
        "study": study,
        "networks": networks,
        "network": network,
        "cards": _cards(network) if network else [],
        "class_rows": _class_rows(network, complete_snapshot(study)) if network else [],
        "can_run": is_requester(request, name),
        "analyses": [(analysis, ANALYSIS_FORMS[analysis.kind]) for analysis in recent],
    }
    return render(request, "lab/lab.html", context)


def _chosen(networks: list[Network], key: str) -> Network | None:
    chosen = next((network for network in networks if str(network.pk) == key), None)
    return chosen or next(iter(networks), None)


def _cards(network: Network) -> list[dict[str, Any]]:
    """Each kind of analysis with the newest one of a network, and a picture of it."""
    newest: dict[str, Analysis] = {}
    ended = [Analysis.Status.FAILED, Analysis.Status.CANCELED]
    rows = (
        network.analyses.exclude(status__in=ended).defer("result").select_related("network__study")
    )
    for analysis in rows.order_by("-pk"):
        newest.setdefault(analysis.kind, analysis)
    cards = []
    for kind, form in ANALYSIS_FORMS.items():
        analysis = newest.get(kind)
        card = {"form": form, "analysis": analysis, "picture": preview_url(analysis)}
        if analysis and analysis.status == Analysis.Status.DONE and kind in DRAWN_BY_PAGES:
            card |= DRAWN_BY_PAGES[kind](analysis)
        cards.append(card | {"shows": _shown_by(card)})
    return cards


def _shown_by(card: dict[str, Any]) -> str:
    """What the card of a kind of analysis shows; empty if there is nothing to show yet."""
    if card["picture"]:
        return "picture"
    if card.get("matrix"):
        return "matrix"
    return "fields" if card.get("fields") and card.get("image") else ""


def _class_rows(network: Network, snapshot: Snapshot | None) -> list[list[Tile]]:
    """The strongest images of the best unit of each of the first classes, for their card."""
    if snapshot is None:
        return []
    shown = shown_classes(network, snapshot)
    best = [units[0].unit for units in list(shown.of_layer.values())[:CARD_CLASSES]]
    rows = Unit.objects.filter(layer=shown.layer, number__in=best)
    units = {unit.number: unit for unit in rows.select_related("layer__network__study")}
    tiles = tiles_of(units.values(), CARD_TILES)
    return [tiles[units[number].pk] for number in best if number in units]


@require_POST
@for_requesters
def run_defaults(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the POST of the lab page that runs a network's analyses by default."""
    study = get_object_or_404(Study, name=name)
    network = _network(study, pk)
    enqueue_defaults(network, complete_snapshot(study))
    response = redirect("lab", name)
    response["Location"] += f"?network={pk}"
    return response


def _network(study: Study, pk: int) -> Network:
    networks = [network for network in lab_networks(study) if network.pk == pk]
    if not networks:
        raise Http404(_("The lab of %(study)s has no network %(pk)s.") % {"study": study, "pk": pk})
    return networks[0]


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def new_analysis(request: HttpRequest, name: str, pk: int, kind: str) -> HttpResponse:
    """Page: a kind of lab analysis: its newest result, and the form that runs it.

    The query fills the form in; then no result is shown. A POST runs the analysis.
    """
    study = get_object_or_404(Study, name=name)
    network = _network(study, pk)
    if kind not in ANALYSIS_FORMS:
        raise Http404(
            _("There is no analysis %(kind)s. The analyses are %(kinds)s.")
            % {"kind": kind, "kinds": ", ".join(ANALYSIS_FORMS)}
        )
    form_class = ANALYSIS_FORMS[kind]
    defaults = default_options(network, kind, complete_snapshot(study))
    if request.method == "POST":
        if not is_requester(request, name):
            raise PermissionDenied(_("Only requesters of this study can run analyses."))
        form = form_class(network, request.POST, defaults=defaults)
        if form.is_valid():
            return redirect("analysis", name, enqueue_analysis(network, kind, form.options()).pk)
    else:
        values = initial_values(form_class, request.GET)
        form = form_class(network, initial=values, defaults=defaults)
    shown = None if request.method == "POST" or request.GET else _newest(network, kind, defaults)
    context = {
        "study": study,
        "network": network,
        "form": form,
        "is_impossible": defaults is None,
        "can_run": is_requester(request, name),
        "analyses": network.analyses.filter(kind=kind)
        .defer("result")
        .order_by("-pk")[:RECENT_ANALYSES],
    }
    if form.max_images:
        context["picker"] = _picker(form, study, request)
    return render(request, "lab/new_analysis.html", context | _result_context(shown))


def _newest(network: Network, kind: str, defaults: dict[str, Any] | None) -> Analysis | None:
    """The analysis to show if none is asked for: with default options, else the newest result."""
    rows = network.analyses.filter(kind=kind).select_related("network__study").order_by("-pk")
    ended = [Analysis.Status.FAILED, Analysis.Status.CANCELED]
    is_default = rows.exclude(status__in=ended).filter(request=defaults or {})
    return is_default.first() or rows.filter(status=Analysis.Status.DONE).first()


def _picker(form: AnalysisForm, study: Study, request: HttpRequest) -> Any:
    data = request.POST if request.method == "POST" else request.GET
    numbers = map(whole_number_text, data.getlist("images"))
    chosen = [int(number) for number in numbers if number]
    query, page = data.get("q", "")[:200], data.get("page", "1")
    return image_picker(study, chosen, query, page, form.max_images)


@require_safe
@for_readers
def analysis(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Page: a lab analysis with options, progress and results; to htmx, only what changes."""
    row = analysis_of(name, pk)
    context = {
        "study": row.network.study,
        "form": ANALYSIS_FORMS[row.kind],
        "can_run": is_requester(request, name),
    }
    template = "lab/_analysis.html" if request.htmx else "lab/analysis.html"
    return render(request, template, context | _result_context(row))


def _result_context(analysis: Analysis | None) -> dict[str, Any]:
    """Template context of an analysis: options, place in the queue or progress, or its results."""
    if analysis is None:
        return {"analysis": None}
    context: dict[str, Any] = {
        "analysis": analysis,
        "options": options_in_words(analysis),
        "options_query": options_as_query(analysis),
    }
    if analysis.status == Analysis.Status.WAITING:
        context["queue"] = queue_place(analysis)
    elif analysis.status == Analysis.Status.RUNNING:
        context["seconds_left"] = seconds_left(analysis)
    elif analysis.status == Analysis.Status.DONE:
        context |= CONTEXTS[analysis.kind](analysis)
        context["results_template"] = f"lab/_{analysis.kind.replace('-', '_')}.html"
    return context


@require_POST
@for_requesters
def cancel_analysis(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Handle the POST of a lab page by which a requester cancels an analysis."""
    row = analysis_of(name, pk)
    row.cancel()
    return redirect("analysis", name, row.pk)
