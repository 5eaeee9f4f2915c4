"""The questions that the lab asks of a network: a form each, its fields the command's options."""

from typing import Any

from django import forms

from annotator.models import Network
from annotator.views.lab.fields import LayerNamesField, LayersField
from annotator.views.lab.forms import Question, pixels, units_field
from annotator.views.lab.image_questions import Activations, MinimalImage, Occlusion, Scenes


class Layers(Question):
    kind, title = "layers", "Layers"
    about = (
        "Every layer of the network by its dotted name: units, size of a unit's map in cells, and "
        "the theoretical receptive field in pixels."
    )


class Filters(Question):
    kind, title = "filters", "Filter weights"
    about = (
        "The weights of a convolution as pictures, and how much of each filter's power is in fine "
        "detail, beside the same layer at random initialisation. Smooth filters tell of a "
        "well-trained network."
    )
    layers = LayerNamesField(
        label="Convolutions", required=False,
        help_text="Dotted names, separated by spaces. Empty: the first convolution, whose filters "
        "are the easiest to read.",
    )  # fmt: skip
    units = units_field("Such as 0-15, 40. Empty: all.")
    normalise = forms.ChoiceField(
        label="Full white or black is the largest weight of",
        choices=[("filter", "each filter"), ("layer", "the layer")],
        help_text="Grey is no weight. Default: each filter.",
    )


class ReceptiveField(Question):
    kind, title = "receptive-field", "Receptive fields"
    about = (
        "How large a part of the image a unit sees: by arithmetic, and measured with small patches "
        "of noise at every place of the unit's top images."
    )
    layers = LayersField(label="Layers")
    units = units_field(
        "Such as 0-15. Default: the first 16; all of a large layer takes long.", "0-15"
    )
    top_images = forms.IntegerField(
        label="Top images a unit", initial=25, min_value=1, max_value=200,
        help_text="Whose maps are averaged. Default: 25.",
    )  # fmt: skip
    occluder = pixels("Side of the patch", 11, "Pixels. Default: 11, the smallest field it shows.")
    stride = pixels("Step from place to place", 3, "Pixels. Default: 3.")
    theoretical_only = forms.BooleanField(
        label="By arithmetic alone", required=False, help_text="Takes seconds; no field pictures."
    )


class Compare(Question):
    kind, title = "compare", "Two networks, layer by layer"
    about = (
        "The images that each layer of two networks answers most strongly (the sum of all its "
        "activations), side by side, and how far both agree on their top images: early layers "
        "should, late ones should not."
    )
    other = forms.ModelChoiceField(
        label="Compare with", queryset=Network.objects.none(), empty_label="Choose a network"
    )
    layers = LayersField(label="Layers", help_text="Each beside the other network's layer of the "
                         "same name, or of the same place where it has none.")  # fmt: skip
    top = forms.IntegerField(
        label="Images shown", initial=3, min_value=1, max_value=20, help_text="Default: 3."
    )
    overlap = forms.IntegerField(
        label="Top images whose overlap is measured", initial=100, min_value=1,
        help_text="Fewer than the study has images. Default: 100.",
    )  # fmt: skip

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        study = network.study
        self.fields["other"].queryset = study.networks.exclude(pk=network.pk)  # type: ignore
        self.fields["layers"].initial = [layer.name for layer in network.layers.all()]
        if study.image_count:
            self.fields["overlap"].initial = max(1, min(100, study.image_count // 4))

    def asked(self) -> dict[str, Any]:
        found = super().asked()
        other = found["other"]
        theirs = [layer.name for layer in other.layers.all()]
        own = [layer.name for layer in self.network.layers.all()]
        pairs = [
            (name, name if name in theirs else theirs[min(own.index(name), len(theirs) - 1)])
            for name in found["layers"]
        ]
        return found | {"other": other.pk, "layers": [f"{a}={b}" for a, b in pairs]}


class Concepts(Question):
    kind, title = "concepts", "Ground truth"
    about = (
        "Where masks say what the images show: which concept each unit's region matches best "
        "(intersection over union), chosen on half of the images and scored on the other half, "
        "beside what people said."
    )
    source = "Bau et al. 2017, arXiv:1704.05796"
    layers = LayersField(label="Layers")
    best = forms.IntegerField(
        label="Units drawn", initial=10, min_value=1, max_value=100, help_text="Default: 10."
    )


class Alike(Question):
    kind, title = "alike", "How alike units are"
    about = (
        "Units that people call by one word may be duplicates, or see different appearances of it: "
        "the correlation of their scores over all images, and the overlap of their top images."
    )
    layers = LayersField(label="Layers")
    units = units_field("Which are compared, each with each, such as 3, 17. Empty: all.")
    top = forms.IntegerField(
        label="Top images whose overlap is measured", initial=60, min_value=1,
        help_text="Default: 60, what a HIT shows.",
    )  # fmt: skip

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        if network.study.image_count:
            self.fields["top"].initial = min(60, network.study.image_count)


QUESTIONS: dict[str, type[Question]] = {
    form.kind: form
    for form in (
        Layers, Filters, Activations, Occlusion, MinimalImage, ReceptiveField, Compare, Concepts,
        Alike, Scenes,
    )
}  # fmt: skip
