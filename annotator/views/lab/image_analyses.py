"""The lab's forms for analyses of images, with the options of their commands."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.lab.networks import mask_levels, named_units
from annotator.models import Network
from annotator.views.lab.forms import (
    AnalysisForm,
    ImagesField,
    LayersField,
    class_field,
    pixels_field,
    units_field,
)
from annotator.views.reader.snapshot import complete_snapshot

FILLS = [
    ("zero", "black (zero before normalization)"),
    ("mean", "the image's mean color"),
    ("random", "random noise"),
    ("blur", "the image itself, blurred"),
]

NO_NAMED_UNITS = (
    "This network has no named units yet. A scene is segmented by units that have a consensus, and "
    "a precision for it above the study's threshold."
)


class Activations(AnalysisForm):
    kind, title = "activations", _("Activation maps")
    about = _(
        "Shows the activations of every unit of a layer for one image: black is zero, "
        "white the largest. The maps of the units that you list are also drawn over the "
        "image."
    )
    layers = LayersField(label=_("Layers"))
    units = units_field(
        _(
            "Units whose maps are drawn over the image, for example 3, 17. Leave empty for "
            "the contact sheet only."
        )
    )
    normalise = forms.ChoiceField(
        label=_("White is the largest activation of"),
        choices=[("unit", _("each unit")), ("layer", _("the layer"))],
        help_text=_("Default: each unit."),
    )
    whole_set = forms.BooleanField(
        label=_("Measure sparsity over all images of the study"), required=False,
        help_text=_(
            "This takes two passes over the images. Otherwise sparsity is measured over this "
            "image alone."
        ),
    )  # fmt: skip
    images = ImagesField(max_images=1)
    without_images = (
        "Without a choice, an image is taken that the network gets right and on which these units "
        "answer."
    )

    def options(self) -> dict[str, Any]:
        options = super().options()
        if options.pop("whole-set", False):
            options.pop("right", None)
            return options | {"image": options.pop("images")[0]}
        return options


class Occlusion(AnalysisForm):
    kind, title = "occlusion", _("Occlusion map")
    about = _(
        "Measures the probability of a class while a small square hides each place of "
        "the image in turn. The map shows which part the class depends on and what the "
        "network predicts instead."
    )
    class_name = class_field(_("Leave empty for the network's own prediction."))
    occluder = pixels_field(
        _("Side of the square"), 11, _("In pixels of the network's input. Zhou et al. use 11.")
    )
    stride = pixels_field(
        _("Step between positions"), 3,
        _(
            "In pixels. A step of 3 takes about 5,000 forward passes per image at 224 px, 8 "
            "about 700."
        ),
    )  # fmt: skip
    fill = forms.ChoiceField(
        label=_("The square is filled with"), choices=FILLS, help_text=_("Default: black.")
    )
    images = ImagesField(max_images=8)
    without_images = (
        "Without a choice, an image is taken that the network gets right and on which named units "
        "answer."
    )


class MinimalImage(AnalysisForm):
    kind, title = "minimal-image", _("Minimal image")
    about = _(
        "Removes segments one by one, each time the one that lowers the probability of "
        "the class least, until the network predicts another class. Then exchanges kept "
        "segments for smaller removed ones while the class holds. What is left is what the "
        "class depends on. For comparison, segments are also removed at random to the same area."
    )
    class_name = class_field(
        "Leave empty for the class in labels.csv, or the network's own prediction if there is none."
    )
    segments = forms.ChoiceField(
        label=_("Segments"),
        choices=[("edges-regions", _("edges, and the regions without them")),
                 ("superpixels", _("regions that end at edges"))],
        help_text=_("Masks can be chosen too if masks/ and classes.csv are next to images/."),
    )  # fmt: skip
    count = forms.IntegerField(
        label=_("Number of segments"), initial=40, min_value=2, max_value=400,
        help_text=_(
            "An approximate number. 40 segments take about 800 forward passes per image; the "
            "cost grows with the square of the number."
        ),
    )  # fmt: skip
    fill = forms.ChoiceField(
        label=_("Removed segments are filled with"),
        choices=[("gradient", _("nothing: their gradients are removed")), *FILLS],
        help_text=_(
            "Images are refused if the network takes the fill alone for their class."
        ),
    )  # fmt: skip
    exchanges = forms.IntegerField(
        label=_("Forward passes for exchanges"), initial=500, min_value=0, max_value=100_000,
        help_text=_("At most, per image, after the segments were removed one by one."),
    )  # fmt: skip
    draws = forms.IntegerField(
        label=_("Random removals"), initial=100, min_value=1, max_value=1000,
        help_text=_("For comparison, to the same area."),
    )  # fmt: skip
    images = ImagesField(max_images=50)
    without_images = (
        "Without a choice, images of several classes are taken that the network gets right."
    )

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        self.fields["segments"].choices += [  # type: ignore[attr-defined]
            (f"masks:{level}" if level else "masks", f"masks of {level or 'concepts'}")
            for level in mask_levels(network.study)
        ]


class Scenes(AnalysisForm):
    kind, title = "scenes", _("Scenes segmented by named units")
    about = _(
        "Gives every region of a named unit the concept that people named. Where regions "
        "overlap, the concept with the largest sum of precisions wins. If masks exist, "
        "the segmentation is scored against them and compared with one that is all "
        "background."
    )
    units_of = forms.ChoiceField(
        label=_("Units"), choices=[("objects", _("units named for an object")),
                                ("all", _("all named units"))],
        help_text=_(
            "A named unit has a consensus, and a precision for it above the study's "
            "threshold."
        ),
    )  # fmt: skip
    level = forms.ChoiceField(
        label=_("Score against"), required=False,
        choices=[("", _("masks of objects, if there are any"))],
        help_text=_("The masks come with the images."),
    )  # fmt: skip
    images = ImagesField(max_images=50)
    without_images = "Without a choice, images are taken on which named units answer."
    impossible = NO_NAMED_UNITS

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        self.snapshot = complete_snapshot(network.study)
        if not named_units(network, self.snapshot, objects_only=True)["layers"]:
            self.fields["units_of"].initial = "all"
        self.fields["level"].choices += [  # type: ignore[attr-defined]
            (level, f"masks of {level}") for level in mask_levels(network.study) if level
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        objects_only = data.get("units_of") != "all"
        self.named = named_units(self.network, self.snapshot, objects_only)
        if not self.named["layers"]:
            raise forms.ValidationError(NO_NAMED_UNITS)
        return data

    def options(self) -> dict[str, Any]:
        options = super().options()
        options.pop("units-of")
        return options | {"named": self.named}
