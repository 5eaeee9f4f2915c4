"""The lab of a study: questions to its networks, asked by its requesters, answered by a worker."""

import csv
import re
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.forms import ChoiceField
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotator.job_queue import enqueue_analysis
from annotator.models import Analysis, Network, Study
from annotator.storage import StorageDown
from annotator.views.access import for_readers, is_requester
from annotator.views.lab.fields import ImagesField, UnitsField, unit_words
from annotator.views.lab.forms import Question, option_of
from annotator.views.lab.image_picker import picker
from annotator.views.lab.image_results import grid_rows
from annotator.views.lab.questions import QUESTIONS
from annotator.views.lab.results import SHOWN

CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml"}
NEWEST = 20


@require_safe
@for_readers
def lab(request: HttpRequest, name: str) -> HttpResponse:
    """What may be asked of each network of a study, and what was asked."""
    study = get_object_or_404(Study, name=name)
    analyses = Analysis.objects.filter(network__study=study).select_related("network")
    context = {
        "study": study,
        "networks": _networks(study),
        "questions": QUESTIONS.values(),
        "analyses": [(one, QUESTIONS[one.kind]) for one in analyses.order_by("-pk")[:NEWEST]],
    }
    return render(request, "lab/lab.html", context)


def _networks(study: Study) -> Any:
    """Those that can be asked: a control of random images has no network of its own."""
    asked = study.networks.exclude(condition=Network.Condition.RANDOM_IMAGES)
    return asked.prefetch_related("layers")


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def question(request: HttpRequest, name: str, pk: int, kind: str) -> HttpResponse:
    """The form of a question to a network; GET with values fills it in."""
    study = get_object_or_404(Study, name=name)
    network = get_object_or_404(_networks(study), pk=pk)
    if kind not in QUESTIONS:
        raise Http404(f"There is no question {kind}: there are {', '.join(QUESTIONS)}.")
    if request.method == "POST":
        if not is_requester(request, name):
            raise PermissionDenied("Questions are asked by those who run the study.")
        form = QUESTIONS[kind](network, request.POST)
        if form.is_valid():
            return redirect("analysis", name, enqueue_analysis(network, kind, form.asked()).pk)
    else:
        form = QUESTIONS[kind](network, initial=_values(QUESTIONS[kind], request.GET))
    context = {"study": study, "network": network, "form": form} | _pictures(form, study, request)
    context["may_ask"] = is_requester(request, name)
    context["analyses"] = network.analyses.filter(kind=kind).order_by("-pk")[:NEWEST]
    return render(request, "lab/question.html", context)


def _values(form: type[Question], given: QueryDict) -> dict[str, Any]:
    """A form's values from an address: those that stand in it."""
    several = {"layers", "images"}
    return {
        name: given.getlist(name)
        if name in several and not isinstance(field, UnitsField) and form.kind != "filters"
        else given[name]
        for name, field in form.base_fields.items()
        if name in given
    }


def _pictures(form: Question, study: Study, request: HttpRequest) -> dict[str, Any]:
    if not form.most_images:
        return {}
    given = request.POST if request.method == "POST" else request.GET
    chosen = [int(pk) for pk in given.getlist("images") if pk.isascii() and pk.isdigit()]
    part, page = given.get("q", "")[:200], given.get("page", "1")
    return {"picker": picker(study, chosen, part, page, form.most_images)}


@require_safe
@for_readers
def analysis(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """What was asked, how far its answer is, and the answer; to htmx only what moves."""
    found = _analysis(name, pk)
    form = QUESTIONS[found.kind]
    context = {
        "study": found.network.study,
        "analysis": found,
        "question": form,
        "asked": _told(found),
        "again": _again(found),
    }
    if found.status == Analysis.Status.DONE:
        context |= SHOWN[found.kind](found)
        context["answer"] = f"lab/_{found.kind.replace('-', '_')}.html"
    template = "lab/_analysis.html" if request.htmx else "lab/analysis.html"
    return render(request, template, context)


def _analysis(study: str, pk: int) -> Analysis:
    rows = Analysis.objects.select_related("network__study")
    return get_object_or_404(rows, pk=pk, network__study__name=study)


def _told(found: Analysis) -> list[tuple[str, str]]:
    """The options of an analysis in the words of its form."""
    told = []
    for name, field in QUESTIONS[found.kind].base_fields.items():
        value = found.asked.get(option_of(name))
        if value in (None, ""):
            continue
        if isinstance(field, UnitsField):
            value = unit_words(value)
        elif type(field) is ChoiceField:
            value = dict(field.choices).get(value, value)
        elif name == "layers" and found.kind == "compare":
            pairs = [one.split("=") for one in value]
            value = [own if own == theirs else f"{own} with {theirs}" for own, theirs in pairs]
        if name == "other":
            value = Network.objects.filter(pk=value).values_list("name", flat=True).first()
        words = ", ".join(map(str, value)) if isinstance(value, list) else value
        told.append((field.label or name, "yes" if words is True else words))
    return told


def _again(found: Analysis) -> str:
    """The query that fills the form in as it was."""
    values: dict[str, Any] = {}
    for name, field in QUESTIONS[found.kind].base_fields.items():
        value = found.asked.get(option_of(name))
        if isinstance(field, UnitsField) and value:
            values[name] = unit_words(value)
        elif isinstance(field, ImagesField):
            paths = value or [found.asked.get("image")]
            rows = found.network.study.images.filter(path__in=[path for path in paths if path])
            values[name] = list(dict(rows.order_by("-pk").values_list("place", "pk")).values())
        elif isinstance(value, list) and found.kind == "filters":
            values[name] = " ".join(value)
        elif isinstance(value, list):
            values[name] = [one.partition("=")[0] for one in value]
        elif value not in (None, False):
            values[name] = value
    return urlencode(values, doseq=True)


@require_safe
@for_readers
def analysis_json(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """The answer as `--format json` prints it."""
    found = _analysis(name, pk)
    if found.result is None:
        raise Http404(f"Analysis {pk} has no answer: it {found.get_status_display()}.")
    return JsonResponse(found.result, json_dumps_params={"indent": 1, "ensure_ascii": False})


@require_safe
@for_readers
def analysis_grid(request: HttpRequest, name: str, pk: int, number: int) -> HttpResponse:
    """The raw grid of one image's occlusion map as CSV."""
    found = _analysis(name, pk)
    images = (found.result or {}).get("images", [found.result])
    if found.kind != "occlusion" or found.result is None or number >= len(images):
        raise Http404(f"Analysis {pk} has no grid {number}.")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{pk}-{number}.csv"'
    csv.writer(response).writerows(grid_rows(images[number]))
    return response


@require_safe
@for_readers
def analysis_picture(request: HttpRequest, name: str, pk: int, file: str) -> HttpResponse:
    """A picture of an answer; by the analysis, so that it is seen by the study's readers alone."""
    found = _analysis(name, pk)
    stored = found.pictures.get(file, "")
    if not re.fullmatch(r"[0-9a-f]{64}\.(png|svg)", stored):
        raise Http404(f"Analysis {pk} has no picture {file}.")
    try:
        with default_storage.open(f"analyses/{stored}") as content:
            picture = content.read()
    except FileNotFoundError as error:
        raise Http404(str(error)) from error
    except StorageDown:
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    kind = CONTENT_TYPES[stored.rpartition(".")[2]]
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(picture, content_type=kind, headers=headers)
