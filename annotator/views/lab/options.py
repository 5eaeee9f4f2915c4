"""The options of an analysis in words, and as the query that fills in its form."""

from typing import Any
from urllib.parse import urlencode

from django.forms import ChoiceField
from django.http.request import QueryDict

from annotator.models import Analysis, Network
from annotator.views.lab.forms import (
    AnalysisForm,
    ImagesField,
    UnitsField,
    format_units,
    option_of,
)
from annotator.views.lab.image_analyses import Activations, MinimalImage, Occlusion, Scenes
from annotator.views.lab.layer_analyses import (
    Alike,
    Compare,
    Concepts,
    Filters,
    Layers,
    ReceptiveField,
)
from annotator.views.lab.lookups import image_keys

LISTS = {"layers", "images"}  # the form fields with several values
ANALYSIS_FORMS: dict[str, type[AnalysisForm]] = {
    form.kind: form
    for form in (
        Layers, Filters, Activations, Occlusion, MinimalImage, ReceptiveField, Compare, Concepts,
        Alike, Scenes,
    )
}  # fmt: skip


def initial_values(form: type[AnalysisForm], query: QueryDict) -> dict[str, Any]:
    """The options of an analysis in a URL, as initial values of the lab's form."""
    return {
        name: query.getlist(name) if name in LISTS and form.kind != "filters" else query[name]
        for name in form.base_fields
        if name in query
    }


def options_in_words(analysis: Analysis) -> list[tuple[str, str]]:
    """The options of a lab analysis as (label, value) of its form."""
    options = []
    for name, field in ANALYSIS_FORMS[analysis.kind].base_fields.items():
        value = analysis.request.get(option_of(name))
        if isinstance(field, ImagesField) and (right := analysis.request.get("right")):
            value = f"{right} that the network gets right"
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


def options_as_query(analysis: Analysis) -> str:
    """The options of a lab analysis as the URL query that fills the form in with them."""
    values: dict[str, Any] = {}
    for name, field in ANALYSIS_FORMS[analysis.kind].base_fields.items():
        value = analysis.request.get(option_of(name))
        if isinstance(field, UnitsField) and value:
            values[name] = format_units(value)
        elif isinstance(field, ImagesField):
            paths = [] if "right" in analysis.request else value or [analysis.request.get("image")]
            values[name] = image_keys(analysis.network, [path for path in paths if path])
        elif isinstance(value, list) and analysis.kind == "filters":
            values[name] = " ".join(value)
        elif isinstance(value, list):
            values[name] = [layer.partition("=")[0] for layer in value]
        elif value not in (None, False):
            values[name] = value
    return urlencode(values, doseq=True)
