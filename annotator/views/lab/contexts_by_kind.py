"""The template context of each kind of analysis."""

from collections.abc import Callable

from annotator.models import Analysis
from annotator.views.lab import image_results, layer_results, similarity_results
from annotator.views.lab.lookups import Context

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
