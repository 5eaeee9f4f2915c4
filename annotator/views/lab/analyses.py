"""The analyses that the lab offers: one form for each command, with the command's options."""

from typing import Any

from django import forms

from annotator.models import Network
from annotator.views.lab.classes import named_units
from annotator.views.lab.forms import (
    AnalysisForm,
    ImagesField,
    LayerNamesField,
    LayersField,
    class_field,
    mask_levels,
    pixels_field,
    units_field,
)

FILLS = [
    ("zero", "black (zero before normalization)"),
    ("mean", "the image's mean color"),
    ("random", "random noise"),
    ("blur", "the image itself, blurred"),
]


class Layers(AnalysisForm):
    kind, title = "layers", "Layers"
    about = (
        "Lists every layer of the network by its dotted name, with its units, the size of a unit's "
        "map in cells, and the theoretical receptive field in pixels."
    )


class Filters(AnalysisForm):
    kind, title = "filters", "Filter weights"
    about = (
        "Shows the weights of a convolution as pictures, and how much of each filter's power is in "
        "fine detail, compared with the same layer at random initialization. Smooth filters are a "
        "sign of a well-trained network."
    )
    layers = LayerNamesField(
        label="Convolutions", required=False,
        help_text="Dotted names, separated by spaces. Leave empty for the first convolution, whose "
        "filters are the easiest to read.",
    )  # fmt: skip
    units = units_field("For example 0-15, 40. Leave empty for all units.")
    normalise = forms.ChoiceField(
        label="White and black are the largest weight of",
        choices=[("filter", "each filter"), ("layer", "the layer")],
        help_text="Gray is a weight of zero. Default: each filter.",
    )


class Activations(AnalysisForm):
    kind, title = "activations", "Activation maps"
    about = (
        "Shows the activations of every unit of a layer for one image: black is zero, white the "
        "largest. The maps of the units that you list are also drawn over the image."
    )
    layers = LayersField(label="Layers")
    units = units_field(
        "Units whose maps are drawn over the image, for example 3, 17. Leave empty for the contact "
        "sheet only."
    )
    normalise = forms.ChoiceField(
        label="White is the largest activation of",
        choices=[("unit", "each unit"), ("layer", "the layer")],
        help_text="Default: each unit.",
    )
    whole_set = forms.BooleanField(
        label="Measure sparsity over all images of the study", required=False,
        help_text="This takes two passes over the images. Otherwise sparsity is measured over this "
        "image alone.",
    )  # fmt: skip
    images = ImagesField(max_images=1)

    def options(self) -> dict[str, Any]:
        options = super().options()
        if options.pop("whole-set", False):
            return options | {"image": options.pop("images")[0]}
        return options


class Occlusion(AnalysisForm):
    kind, title = "occlusion", "Occlusion map"
    about = (
        "Measures the probability of a class while a small square hides each place of the image in "
        "turn. The map shows which part the class depends on and what the network predicts instead."
    )
    class_name = class_field("Leave empty for the network's own prediction.")
    occluder = pixels_field(
        "Side of the square", 11, "In pixels of the network's input. Default: 11."
    )
    stride = pixels_field(
        "Step between positions", 3,
        "In pixels. Default: 3, about 5,000 forward passes per image at 224 px; 8 is quick.",
    )  # fmt: skip
    fill = forms.ChoiceField(
        label="The square is filled with", choices=FILLS, help_text="Default: black."
    )
    images = ImagesField(max_images=8)


class MinimalImage(AnalysisForm):
    kind, title = "minimal-image", "Minimal image"
    about = (
        "Removes segments one by one, each time the one that lowers the probability of the class "
        "least, until the network predicts another class. What is left is what the class depends "
        "on. For comparison, segments are also removed at random to the same area."
    )
    class_name = class_field(
        "Leave empty for the class in labels.csv, or the network's own prediction if there is none."
    )
    segments = forms.ChoiceField(
        label="Segments", choices=[("superpixels", "regions that end at edges")],
        help_text="Masks can be chosen too if masks/ and classes.csv are next to images/.",
    )  # fmt: skip
    count = forms.IntegerField(
        label="Number of regions", initial=40, min_value=2, max_value=400,
        help_text="An approximate number. Default: 40, about 800 forward passes per image; the "
        "cost grows with the square of the number.",
    )  # fmt: skip
    fill = forms.ChoiceField(
        label="Removed segments are filled with", choices=FILLS, help_text="Default: black."
    )
    draws = forms.IntegerField(
        label="Random removals", initial=100, min_value=1, max_value=1000,
        help_text="For comparison. Default: 100.",
    )  # fmt: skip
    images = ImagesField(max_images=50)

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        self.fields["segments"].choices += [  # type: ignore[attr-defined]
            (f"masks:{level}" if level else "masks", f"masks of {level or 'concepts'}")
            for level in mask_levels(network.study)
        ]


class ReceptiveField(AnalysisForm):
    kind, title = "receptive-field", "Receptive fields"
    about = (
        "Measures how large a part of the image a unit sees: by arithmetic, and with small patches "
        "of noise at every position of the unit's top images."
    )
    layers = LayersField(label="Layers")
    units = units_field(
        "For example 0-15. Default: the first 16. All units of a large layer take long.", "0-15"
    )
    top_images = forms.IntegerField(
        label="Top images per unit", initial=25, min_value=1, max_value=200,
        help_text="Their maps are averaged. Default: 25.",
    )  # fmt: skip
    occluder = pixels_field(
        "Side of the patch", 11, "In pixels. Default: 11. No field can measure smaller than this."
    )
    stride = pixels_field("Step between positions", 3, "In pixels. Default: 3.")
    theoretical_only = forms.BooleanField(
        label="Compute theoretical sizes only",
        required=False,
        help_text="This takes seconds and draws no fields.",
    )


class Compare(AnalysisForm):
    kind, title = "compare", "Two networks, layer by layer"
    about = (
        "Compares the images that each layer of two networks responds to most strongly, by the sum "
        "of all its activations, and measures how far the two agree on their top images. Early "
        "layers should agree, late ones should not."
    )
    other = forms.ModelChoiceField(
        label="Compare with", queryset=Network.objects.none(), empty_label="Choose a network"
    )
    layers = LayersField(
        label="Layers",
        help_text="Each is compared with the layer of the same name in the other network, or of "
        "the same position if there is none.",
    )
    top = forms.IntegerField(
        label="Images shown", initial=3, min_value=1, max_value=20, help_text="Default: 3."
    )
    overlap = forms.IntegerField(
        label="Top images for the overlap", initial=100, min_value=1,
        help_text="This must be fewer than the images of the study. Default: 100.",
    )  # fmt: skip

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        study = network.study
        self.fields["other"].queryset = study.networks.exclude(pk=network.pk)  # type: ignore
        self.fields["layers"].initial = [layer.name for layer in network.layers.all()]
        if study.image_count:
            self.fields["overlap"].initial = max(1, min(100, study.image_count // 4))

    def options(self) -> dict[str, Any]:
        options = super().options()
        other = options["other"]
        theirs = [layer.name for layer in other.layers.all()]
        own = [layer.name for layer in self.network.layers.all()]
        pairs = [
            (name, name if name in theirs else theirs[min(own.index(name), len(theirs) - 1)])
            for name in options["layers"]
        ]
        return options | {"other": other.pk, "layers": [f"{a}={b}" for a, b in pairs]}


class Concepts(AnalysisForm):
    kind, title = "concepts", "Ground truth"
    about = (
        "If masks show what is in the images, finds the concept that each unit's region matches "
        "best by intersection over union. The concept is chosen on one half of the images and "
        "scored on the other, and shown with the concept that people named."
    )
    source = "Bau et al. 2017, arXiv:1704.05796"
    layers = LayersField(label="Layers")
    best = forms.IntegerField(
        label="Units drawn", initial=10, min_value=1, max_value=100, help_text="Default: 10."
    )


class Alike(AnalysisForm):
    kind, title = "alike", "Similar units"
    about = (
        "Units that people give the same name may be duplicates or see different appearances of "
        "one thing. Measures the correlation of their scores over all images and the overlap of "
        "their top images."
    )
    layers = LayersField(label="Layers")
    units = units_field(
        "Units to compare with each other, for example 3, 17. Leave empty for all units."
    )
    top = forms.IntegerField(
        label="Top images for the overlap", initial=60, min_value=1,
        help_text="Default: 60, the number that a HIT shows.",
    )  # fmt: skip

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        if network.study.image_count:
            self.fields["top"].initial = min(60, network.study.image_count)


class Scenes(AnalysisForm):
    kind, title = "scenes", "Scenes segmented by named units"
    about = (
        "Gives every region of a named unit the concept that people named. Where regions overlap, "
        "the concept with the largest sum of precisions wins. If masks exist, the segmentation is "
        "scored against them and compared with one that is all background."
    )
    units_of = forms.ChoiceField(
        label="Units", choices=[("objects", "units named for an object"),
                                ("all", "all named units")],
        help_text="A named unit has a consensus, and a precision for it above the study's "
        "threshold.",
    )  # fmt: skip
    level = forms.ChoiceField(
        label="Score against", required=False,
        choices=[("", "masks of objects, if there are any")],
        help_text="The masks come with the images.",
    )  # fmt: skip
    images = ImagesField(max_images=50)

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        self.fields["level"].choices += [  # type: ignore[attr-defined]
            (level, f"masks of {level}") for level in mask_levels(network.study) if level
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.named = named_units(self.network, objects_only=data.get("units_of") != "all")
        if not self.named["layers"]:
            raise forms.ValidationError(
                "This network has no named units yet. A scene is segmented by units that have a "
                "consensus, and a precision for it above the study's threshold."
            )
        return data

    def options(self) -> dict[str, Any]:
        options = super().options()
        options.pop("units-of")
        return options | {"named": self.named}


ANALYSIS_FORMS: dict[str, type[AnalysisForm]] = {
    form.kind: form
    for form in (
        Layers, Filters, Activations, Occlusion, MinimalImage, ReceptiveField, Compare, Concepts,
        Alike, Scenes,
    )
}  # fmt: skip
