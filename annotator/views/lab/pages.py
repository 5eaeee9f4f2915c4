"""The lab of a study: analyses of its networks. Requesters run them, readers see the results."""

import csv
import re
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.forms import ChoiceField
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotator.job_queue import enqueue_analysis
from annotator.models import Analysis, Network, Study
from annotator.storage import StorageDown
from annotator.views.access import for_readers, is_requester
from annotator.views.lab.analyses import ANALYSIS_FORMS
from annotator.views.lab.forms import (
    AnalysisForm,
    ImagesField,
    UnitsField,
    format_units,
    image_picker,
    option_of,
)
from annotator.views.lab.image_results import grid_rows, results_of_images
from annotator.views.lab.results import CONTEXTS

CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml"}
RECENT_ANALYSES = 20
LISTS = {"layers", "images"}  # the form fields with several values


@require_safe
@for_readers
def lab(request: HttpRequest, name: str) -> HttpResponse:
    """Page: the lab of a study, with the analyses of its networks to run, and recent ones."""
    study = get_object_or_404(Study, name=name)
    analyses = Analysis.objects.filter(network__study=study).select_related("network")
    recent = analyses.order_by("-pk")[:RECENT_ANALYSES]
    context = {
        "study": study,
        "networks": _networks(study),
        "forms": ANALYSIS_FORMS.values(),
        "analyses": [(analysis, ANALYSIS_FORMS[analysis.kind]) for analysis in recent],
    }
    return render(request, "lab/lab.html", context)


def _networks(study: Study) -> QuerySet[Network]:
    """The networks of a study, without random-image controls, which have no network to run."""
    networks = study.networks.exclude(condition=Network.Condition.RANDOM_IMAGES)
    return networks.prefetch_related("layers")


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def new_analysis(request: HttpRequest, name: str, pk: int, kind: str) -> HttpResponse:
    """Page: the form of a lab analysis; the query fills it in, and a POST runs the analysis."""
    study = get_object_or_404(Study, name=name)
    network = get_object_or_404(_networks(study), pk=pk)
    if kind not in ANALYSIS_FORMS:
        raise Http404(f"There is no analysis {kind}. The analyses are {', '.join(ANALYSIS_FORMS)}.")
    form_class = ANALYSIS_FORMS[kind]
    if request.method == "POST":
        if not is_requester(request, name):
            raise PermissionDenied("Only requesters of this study can run analyses.")
        form = form_class(network, request.POST)
        if form.is_valid():
            return redirect("analysis", name, enqueue_analysis(network, kind, form.options()).pk)
    else:
        form = form_class(network, initial=_initial_values(form_class, request.GET))
    context = {
        "study": study,
        "network": network,
        "form": form,
        "can_run": is_requester(request, name),
        "analyses": network.analyses.filter(kind=kind).order_by("-pk")[:RECENT_ANALYSES],
    }
    if form.max_images:
        context["picker"] = _picker(form, study, request)
    return render(request, "lab/new_analysis.html", context)


def _initial_values(form: type[AnalysisForm], query: QueryDict) -> dict[str, Any]:
    """The values of a form's fields in a URL."""
    return {
        name: query.getlist(name) if name in LISTS and form.kind != "filters" else query[name]
        for name in form.base_fields
        if name in query
    }


def _picker(form: AnalysisForm, study: Study, request: HttpRequest) -> Any:
    data = request.POST if request.method == "POST" else request.GET
    chosen = [int(pk) for pk in data.getlist("images") if pk.isascii() and pk.isdigit()]
    query, page = data.get("q", "")[:200], data.get("page", "1")
    return image_picker(study, chosen, query, page, form.max_images)


@require_safe
@for_readers
def analysis(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Page: a lab analysis with options, progress and results; to htmx, only what changes."""
    row = _analysis(name, pk)
    context = {
        "study": row.network.study,
        "analysis": row,
        "form": ANALYSIS_FORMS[row.kind],
        "options": _options_in_words(row),
        "options_query": _options_as_query(row),
    }
    if row.status == Analysis.Status.DONE:
        context |= CONTEXTS[row.kind](row)
        context["results_template"] = f"lab/_{row.kind.replace('-', '_')}.html"
    template = "lab/_analysis.html" if request.htmx else "lab/analysis.html"
    return render(request, template, context)


def _analysis(study: str, pk: int) -> Analysis:
    rows = Analysis.objects.select_related("network__study")
    return get_object_or_404(rows, pk=pk, network__study__name=study)


def _options_in_words(analysis: Analysis) -> list[tuple[str, str]]:
    """The options of an analysis as (label, value) of its form."""
    options = []
    for name, field in ANALYSIS_FORMS[analysis.kind].base_fields.items():
        value = analysis.request.get(option_of(name))
        if value in (None, ""):
            continue
        if isinstance(field, UnitsField):
            value = format_units(value)
        elif type(field) is ChoiceField:
            value = dict(field.choices).get(value, value)
        elif name == "layers" and analysis.kind == "compare":
            pairs = [pair.split("=") for pair in value]
            value = [own if own == theirs else f"{own} with {theirs}" for own, theirs in pairs]
        elif name == "other":
            value = Network.objects.filter(pk=value).values_list("name", flat=True).first()
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        options.append((field.label or name, "yes" if text is True else text))
    return options


def _options_as_query(analysis: Analysis) -> str:
    """The URL query that fills the form in with the options of an analysis."""
    values: dict[str, Any] = {}
    for name, field in ANALYSIS_FORMS[analysis.kind].base_fields.items():
        value = analysis.request.get(option_of(name))
        if isinstance(field, UnitsField) and value:
            values[name] = format_units(value)
        elif isinstance(field, ImagesField):
            paths = value or [analysis.request.get("image")]
            images = analysis.network.study.images.filter(path__in=[path for path in paths if path])
            values[name] = list(dict(images.order_by("-pk").values_list("place", "pk")).values())
        elif isinstance(value, list) and analysis.kind == "filters":
            values[name] = " ".join(value)
        elif isinstance(value, list):
            values[name] = [layer.partition("=")[0] for layer in value]
        elif value not in (None, False):
            values[name] = value
    return urlencode(values, doseq=True)


@require_safe
@for_readers
def analysis_json(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Answer a lab page's link to the result of an analysis as `--format json` prints it."""
    row = _analysis(name, pk)
    if row.result is None:
        raise Http404(f"Analysis {pk} has no result. Its status is: {row.get_status_display()}.")
    return JsonResponse(row.result, json_dumps_params={"indent": 1, "ensure_ascii": False})


@require_safe
@for_readers
def analysis_grid(request: HttpRequest, name: str, pk: int, number: int) -> HttpResponse:
    """Answer a lab page's link to the raw grid of the occlusion map of one image, as CSV."""
    row = _analysis(name, pk)
    results = results_of_images(row) if row.kind == "occlusion" and row.result else []
    if number >= len(results):
        raise Http404(f"Analysis {pk} has no grid {number}.")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{pk}-{number}.csv"'
    csv.writer(response).writerows(grid_rows(results[number]))
    return response


@require_safe
@for_readers
def analysis_picture(request: HttpRequest, name: str, pk: int, file: str) -> HttpResponse:
    """Serve a picture of a page of the lab, by study, so that only its readers can see it."""
    stored = _analysis(name, pk).pictures.get(file, "")
    if not re.fullmatch(r"[0-9a-f]{64}\.(png|svg)", stored):
        raise Http404(f"Analysis {pk} has no picture {file}.")
    try:
        with default_storage.open(f"analyses/{stored}") as content:
            picture = content.read()
    except FileNotFoundError as error:
        raise Http404(str(error)) from error
    except StorageDown:
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    content_type = CONTENT_TYPES[stored.rpartition(".")[2]]
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(picture, content_type=content_type, headers=headers)
