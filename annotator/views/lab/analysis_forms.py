"""The analyses that the lab offers: one form for each command."""

from annotator.views.lab.forms import AnalysisForm
from annotator.views.lab.image_analyses import Activations, MinimalImage, Occlusion, Scenes
from annotator.views.lab.layer_analyses import (
    Alike,
    Compare,
    Concepts,
    Filters,
    Layers,
    ReceptiveField,
)

ANALYSIS_FORMS: dict[str, type[AnalysisForm]] = {
    form.kind: form
    for form in (
        Layers, Filters, Activations, Occlusion, MinimalImage, ReceptiveField, Compare, Concepts,
        Alike, Scenes,
    )
}  # fmt: skip
