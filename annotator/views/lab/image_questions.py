"""The questions of the lab about images that are chosen on the page."""

from typing import Any

from django import forms

from annotator.models import Network
from annotator.views.lab.classes import named_units
from annotator.views.lab.fields import ImagesField, LayersField
from annotator.views.lab.forms import Question, choice_of_class, levels_of, pixels, units_field

FILLS = [
    ("zero", "black (zero before normalisation)"),
    ("mean", "the image's mean colour"),
    ("random", "random noise"),
    ("blur", "the image itself, blurred"),
]


class Activations(Question):
    kind, title = "activations", "Activation maps"
    about = (
        "What every unit of a layer puts out over one image: black is zero, white the largest. "
        "For units that you name, the map over the image too."
    )
    layers = LayersField(label="Layers")
    units = units_field("Whose map is drawn over the image, such as 3, 17. Empty: the sheet alone.")
    normalise = forms.ChoiceField(
        label="White is the largest activation of",
        choices=[("unit", "each unit"), ("layer", "the layer")],
        help_text="Default: each unit.",
    )
    whole_set = forms.BooleanField(
        label="Sparsity over all images of the study", required=False,
        help_text="Two passes over the images. Unticked: sparsity over this image alone.",
    )  # fmt: skip
    images = ImagesField(most=1)

    def asked(self) -> dict[str, Any]:
        found = super().asked()
        if found.pop("whole-set", False):
            return found | {"image": found.pop("images")[0]}
        return found


class Occlusion(Question):
    kind, title = "occlusion", "Occlusion map"
    about = (
        "The probability of a class while a small square hides each place of the image in turn: "
        "which part the class hangs on, and what the network says instead."
    )
    class_name = choice_of_class("Empty: the network's own best class.")
    occluder = pixels("Side of the square", 11, "Pixels of the network's view. Default: 11.")
    stride = pixels(
        "Step from place to place", 3,
        "Pixels. Default: 3, some five thousand forwards an image at 224 px; 8 is quick.",
    )  # fmt: skip
    fill = forms.ChoiceField(
        label="The square is filled with", choices=FILLS, help_text="Default: black."
    )
    images = ImagesField(most=8)


class MinimalImage(Question):
    kind, title = "minimal-image", "Minimal image"
    about = (
        "Segments are removed one by one, each time the one that lowers the class's probability "
        "least, until the network says another class. What is left is what the class hangs on; "
        "beside it stands what remains when segments are removed at random to the same area."
    )
    class_name = choice_of_class("Empty: the class in labels.csv, or the network's own best one.")
    segments = forms.ChoiceField(
        label="Segments", choices=[("superpixels", "regions that end at edges")],
        help_text="Or the image's masks, where masks/ and classes.csv stand beside images/.",
    )  # fmt: skip
    count = forms.IntegerField(
        label="Number of regions", initial=40, min_value=2, max_value=400,
        help_text="About so many. Default: 40, some 800 forwards an image; the cost grows as "
        "the square.",
    )  # fmt: skip
    fill = forms.ChoiceField(
        label="Removed segments are filled with", choices=FILLS, help_text="Default: black."
    )
    draws = forms.IntegerField(
        label="Random removals", initial=100, min_value=1, max_value=1000,
        help_text="To compare with. Default: 100.",
    )  # fmt: skip
    images = ImagesField(most=50)

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        levels = levels_of(network.study)
        self.fields["segments"].choices += [  # type: ignore[attr-defined]
            (f"masks:{level}" if level else "masks", f"masks of {level or 'concepts'}")
            for level in levels
        ]


class Scenes(Question):
    kind, title = "scenes", "Scenes segmented by named units"
    about = (
        "Every region of every named unit carries the concept that people gave it; where several "
        "meet, the most precision in sum wins. Where masks exist it is scored against them, "
        "beside the answer that all is background."
    )
    units_of = forms.ChoiceField(
        label="Units", choices=[("objects", "those named for an object"),
                                ("all", "all that are named")],
        help_text="With a consensus and a precision above the study's threshold under it.",
    )  # fmt: skip
    level = forms.ChoiceField(
        label="Score against", required=False, choices=[("", "masks of objects, where there are")],
        help_text="Masks stand beside the images.",
    )  # fmt: skip
    images = ImagesField(most=50)

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        self.fields["level"].choices += [  # type: ignore[attr-defined]
            (level, f"masks of {level}") for level in levels_of(network.study) if level
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        objects_only = found.get("units_of") != "all"
        self.named = named_units(self.network, objects_only)
        if not self.named["layers"]:
            raise forms.ValidationError(
                "No unit of this network is named so yet: a scene is segmented by units with a "
                "consensus and a precision above the study's threshold under it."
            )
        return found

    def asked(self) -> dict[str, Any]:
        found = super().asked()
        found.pop("units-of")
        return found | {"named": self.named}
