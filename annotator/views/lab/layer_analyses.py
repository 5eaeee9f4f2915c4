"""The lab's forms for analyses of layers and of their units, with the options of their commands."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.lab.networks import layer_pairs
from annotator.models import Network
from annotator.views.lab.forms import (
    AnalysisForm,
    LayerNamesField,
    LayersField,
    pixels_field,
    sample_field,
    units_field,
)


class Layers(AnalysisForm):
    kind, title = "layers", _("Layers")
    about = _(
        "Lists every layer of the network by its dotted name, with its units, the size "
        "of a unit's map in cells, and the theoretical receptive field in pixels."
    )


class Filters(AnalysisForm):
    kind, title = "filters", _("Filter weights")
    about = _(
        "Shows the weights of a convolution as pictures, and how much of each filter's "
        "power is in fine detail, compared with the same layer at random initialization. "
        "Smooth filters are a sign of a well-trained network."
    )
    layers = LayerNamesField(
        label=_("Convolutions"), required=False,
        help_text=_(
            "Dotted names, separated by spaces. Leave empty for the first convolution, whose "
            "filters are the easiest to read."
        ),
    )  # fmt: skip
    units = units_field(_("For example 0-15, 40. Leave empty for all units."))
    normalise = forms.ChoiceField(
        label=_("White and black are the largest weight of"),
        choices=[("filter", _("each filter")), ("layer", _("the layer"))],
        help_text=_("Gray is a weight of zero. Default: each filter."),
    )


class ReceptiveField(AnalysisForm):
    kind, title = "receptive-field", _("Receptive fields")
    about = _(
        "Measures how large a part of the image a unit sees: by arithmetic, and with "
        "small patches of black, gray and white at every position of the unit's top images."
    )
    layers = LayersField(label=_("Layers"))
    units = units_field(_("For example 0-15. All units of a large layer take long."), "0-15")
    top_images = forms.IntegerField(
        label=_("Top images per unit"), initial=25, min_value=1, max_value=200,
        help_text=_("Their maps are averaged. A table of sizes needs 25; 5 is a quick look."),
    )  # fmt: skip
    occluder = pixels_field(
        _("Side of the patch"), 11, _("In pixels. No field can measure smaller than this.")
    )
    stride = pixels_field(_("Step between positions"), 3, _("In pixels. Zhou et al. use 3."))
    theoretical_only = forms.BooleanField(
        label=_("Compute theoretical sizes only"),
        required=False,
        help_text=_("This takes seconds and draws no fields."),
    )


class Compare(AnalysisForm):
    kind, title = "compare", _("Two networks, layer by layer")
    about = _(
        "Compares the images that each layer of two networks responds to most strongly, "
        "by the sum of all its activations, and measures how far the two agree on their "
        "top images. Early layers should agree, late ones should not."
    )
    impossible = "This study has only this network. Dissect a second one to compare."
    other = forms.ModelChoiceField(
        label=_("Compare with"), queryset=Network.objects.none(), empty_label=_("Choose a network")
    )
    layers = LayersField(
        label=_("Layers"),
        help_text=_(
            "Each is compared with the layer of the same name in the other network, or of "
            "the same position if there is none."
        ),
    )
    top = forms.IntegerField(
        label=_("Images shown"), initial=3, min_value=1, max_value=20, help_text=_("Default: 3.")
    )
    overlap = forms.IntegerField(
        label=_("Top images for the overlap"), initial=100, min_value=1,
        help_text=_("This must be fewer than the images looked at."),
    )  # fmt: skip
    sample = sample_field()

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(network, *args, **kwargs)
        study = network.study
        self.fields["other"].queryset = study.networks.exclude(pk=network.pk)  # type: ignore
        self.fields["layers"].initial = [layer.name for layer in network.layers.all()]
        if study.image_count and not self.defaults:
            self.fields["overlap"].initial = max(1, min(100, study.image_count // 4))

    def options(self) -> dict[str, Any]:
        options = super().options()
        other = options["other"]
        theirs = [layer.name for layer in other.layers.all()]
        own = [layer.name for layer in self.network.layers.all()]
        return options | {
            "other": other.pk,
            "layers": layer_pairs(options["layers"], own, theirs),
        }


class Concepts(AnalysisForm):
    kind, title = "concepts", _("Ground truth")
    about = _(
        "If masks show what is in the images, finds the concept that each unit's region "
        "matches best by intersection over union. The concept is chosen on one half of "
        "the images and scored on the other, and shown with the concept that people "
        "named."
    )
    source = "Bau et al. 2017, arXiv:1704.05796"
    impossible = (
        "The images of this study have no masks: they are looked for in masks/ and classes.csv "
        "next to images/."
    )
    layers = LayersField(label=_("Layers"))
    units = units_field(_("For example 0-15, 40. Leave empty for all units; that takes long."))
    sample = sample_field()
    best = forms.IntegerField(
        label=_("Units drawn"), initial=10, min_value=1, max_value=100, help_text=_("Default: 10.")
    )


class Alike(AnalysisForm):
    kind, title = "alike", _("Similar units")
    about = _(
        "Units that people give the same name may be duplicates or see different "
        "appearances of one thing. Measures the correlation of their scores over all "
        "images and the overlap of their top images."
    )
    layers = LayersField(label=_("Layers"))
    units = units_field(
        _("Units to compare with each other, for example 3, 17. Leave empty for all units.")
    )
    top = forms.IntegerField(
        label=_("Top images for the overlap"), initial=60, min_value=1,
        help_text=_("Default: 60, the number that a HIT shows."),
    )  # fmt: skip
    sample = sample_field()
