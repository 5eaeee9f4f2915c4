"""The addresses of layers and units: their rows, and redirects from earlier addresses."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotator.models import Layer, Network, Study, Unit


def layer_address(layer: Layer) -> str:
    """The address of a layer's page, to redirect to; its network and study should be loaded."""
    return reverse("layer", args=[layer.network.study.name, layer.network.slug, layer.slug])


def unit_address(unit: Unit) -> str:
    """The address of a unit's page, to redirect to; layer, network and study should be loaded."""
    return f"{layer_address(unit.layer)}{unit.number}"


def layer_at(study: Study, network: str, layer: str) -> Layer:
    """Load the layer that an address names by the slugs of its network and of itself, or 404."""
    layers = Layer.objects.select_related("network__study")
    return get_object_or_404(layers, network__study=study, network__slug=network, slug=layer)


def unit_at(study: Study, network: str, layer: str, number: int) -> Unit:
    """Load the unit that an address names, or 404."""
    units = Unit.objects.select_related("layer__network__study").prefetch_related("hits")
    return get_object_or_404(
        units,
        layer__network__study=study,
        layer__network__slug=network,
        layer__slug=layer,
        number=number,
    )


@require_safe
def network(request: HttpRequest, study: str, network: str) -> HttpResponse:
    """Redirect from an earlier address, of a network's page, to the study's report."""
    row = get_object_or_404(Network, study__name=study, slug=network)
    return redirect(_with_query(request, reverse("report", args=[row.study.name])))


@require_safe
def layer_by_key(request: HttpRequest, study: str, pk: int) -> HttpResponse:
    layers = Layer.objects.select_related("network__study")
    row = get_object_or_404(layers, pk=pk, network__study__name=study)
    return HttpResponsePermanentRedirect(_with_query(request, layer_address(row)))


@require_safe
def unit_by_key(request: HttpRequest, study: str, pk: int) -> HttpResponse:
    units = Unit.objects.select_related("layer__network__study")
    row = get_object_or_404(units, pk=pk, layer__network__study__name=study)
    return HttpResponsePermanentRedirect(_with_query(request, unit_address(row)))


@require_safe
def unit_with_slash(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """Redirect from an earlier address, of a unit with a slash at its end, to the one without."""
    return HttpResponsePermanentRedirect(_with_query(request, reverse("unit", kwargs=kwargs)))


def _with_query(request: HttpRequest, address: str) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address
