"""A study's layers as the sources of Neuronpedia's layout, with the lines that describe them."""

from dataclasses import dataclass

from annotator.models import Layer, Snapshot, Study
from annotator.neuronpedia_layout import CREATOR_ID, PEOPLE, SIMULATED, Line, model_ids, source_id
from annotator.results.loading.answers import SIMULATED as SIMULATED_WORKERS
from annotator.results.output.snapshots.stored_reports import report_in


@dataclass(frozen=True)
class Source:
    """A layer as a source of Neuronpedia.

    Attributes:
        layer: with its network.
        type_name: of the explanations that its crowd gives.
    """

    study: Study
    snapshot: Snapshot
    layer: Layer
    model: str
    type_name: str

    @property
    def id(self) -> str:
        return source_id(self.layer.position, self.study.name)

    def of(self, number: int) -> Line:
        """The keys of a feature, by the number of its unit."""
        return {"modelId": self.model, "layer": self.id, "index": str(number)}

    def here(self, number: int) -> Line:
        """The unit by its names in the study."""
        layer = self.layer
        return {"network": layer.network.name, "layer": layer.name, "unit": number}


def sources(study: Study, snapshot: Snapshot) -> list[Source]:
    """The layers of a study as Neuronpedia's sources: networks in order and layers by depth."""
    networks = study.networks.order_by("position").values_list("slug", flat=True)
    models = model_ids(study.name, networks)
    layers = Layer.objects.filter(network__study=study).select_related("network")
    type_name = SIMULATED if report_in(snapshot).is_simulated else PEOPLE
    return [
        Source(study, snapshot, layer, models[layer.network.slug], type_name)
        for layer in layers.order_by("network__position", "position")
    ]


def source_lines(source: Source) -> dict[str, Line]:
    """The lines that describe a source: its release, model, source set and itself."""
    study, layer = source.study, source.layer
    words = f"Units of {layer.network.display_name}, study {study.name}"
    if source.type_name == SIMULATED:
        words += f" ({SIMULATED_WORKERS})"
    creator = {"creatorId": CREATOR_ID, "createdAt": study.created_at.isoformat()}
    by = {"creatorName": "Unitscope", "visibility": "PUBLIC", "urls": []}
    return {
        "release": {"name": study.name, "description": words, **by, **creator},
        "model": _model(source) | creator,
        "sourceset": {
            "modelId": source.model,
            "name": study.name,
            "description": words,
            "type": "vision units",
            "releaseName": study.name,
            **by,
            **creator,
        },
        "source": {
            "id": source.id,
            "modelId": source.model,
            "setName": study.name,
            "visibility": "PUBLIC",
            "num_prompts": study.image_count,
            "dataset": f"image list, SHA-256 {study.image_list_sha256}",
            "notes": f"{words}; layer {layer.name}, network {layer.network.spec}",
            **creator,
        },
    }


def _model(source: Source) -> Line:
    """The line of a source's network, without who made it."""
    network = source.layer.network
    layers = network.layers.all()
    return {
        "id": source.model,
        "displayName": network.display_name,
        "displayNameShort": network.display_name,
        "layers": len(layers),
        "neuronsPerLayer": max(layer.unit_count for layer in layers),
        "owner": "",
        "visibility": "PUBLIC",
    }
