"""What the lab's forms share: fields for units, layers and images, and the form of an analysis.

An option that a form leaves out gets the command's default.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from annotator.free_text import whole_number_text
from annotator.models import Image, Network, Study, Unit

PAPER = "Zhou et al. 2015, arXiv:1412.6856"
EMPTY = (None, "", [])
MAX_UNITS = 100_000  # that a form may list; a layer has fewer
LAYER_NAME = re.compile(r"\w[\w.]*")
IMAGES_PER_PAGE = 24


class UnitsField(forms.CharField):
    """Unit numbers and ranges such as "0-15, 40"; empty for all units."""

    def clean(self, value: str) -> list[int]:
        parts = re.split(r"[\s,]+", super().clean(value).strip())
        ranges = [_range(part) for part in parts if part]
        if (count := sum(map(len, ranges))) > MAX_UNITS:
            raise ValidationError(
                _("List at most %(max_units)s units; these are %(count)s.")
                % {"max_units": format(MAX_UNITS, ","), "count": format(count, ",")}
            )
        return [unit for each in ranges for unit in each]


def _range(part: str) -> range:
    match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
    if not match:
        raise ValidationError(
            _("%(part)r is not a unit: write numbers and ranges, such as 0-15, 40.")
            % {"part": part}
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise ValidationError(
            _("The range %(part)s runs backwards: write %(last)s-%(first)s.")
            % {"part": part, "last": last, "first": first}
        )
    return range(first, last + 1)


def format_units(units: Sequence[int]) -> str:
    """The text of a lab form's UnitsField that stands for some units.

    >>> format_units([0, 1, 2, 40])
    '0-2, 40'
    """
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][1] + 1:
            runs[-1][1] = unit
        else:
            runs.append([unit, unit])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


class LayerNamesField(forms.CharField):
    """Dotted layer names, separated by spaces."""

    def clean(self, value: str) -> list[str]:
        names = super().clean(value).split()
        for name in names:
            if not LAYER_NAME.fullmatch(name):
                raise ValidationError(
                    _("%(name)r is not the name of a layer, such as layer3.0.conv1.")
                    % {"name": name}
                )
        return names


class LayersField(forms.MultipleChoiceField):
    """Some of the dissected layers of a network."""

    widget = forms.CheckboxSelectMultiple

    def set_network(self, network: Network) -> None:
        names = [layer.name for layer in network.layers.all()]
        self.choices = [(name, name) for name in names]
        self.initial = names[-1:]


class ImagesField(forms.ModelMultipleChoiceField):
    """Some images of the study; cleaned to their paths in the order of the list.

    Pages show the choices as pictures, with an ImagePicker.
    """

    def __init__(self, *, max_images: int) -> None:
        super().__init__(label=_("Images"), queryset=Image.objects.none(), required=False)
        self.max_images = max_images

    def set_network(self, network: Network) -> None:
        self.queryset = network.study.images.all()

    def clean(self, value: Sequence[str]) -> list[str]:
        for key in value or ():
            if not whole_number_text(str(key)):  # SQLite looks no number of 30 digits up
                raise ValidationError(
                    _("%(key)r is not an image of this study.") % {"key": str(key)[:40]}
                )
        images = super().clean(value)
        if len(images) > self.max_images:
            raise ValidationError(
                _("You can choose at most %(max_images)s images; you chose %(images_count)s.")
                % {"max_images": self.max_images, "images_count": len(images)}
            )
        return list(dict.fromkeys(image.path for image in images.order_by("place")))


# What a question takes from its defaults if no image is chosen.
IMAGE_OPTIONS = ("images", "right", "per-class")


@dataclass(frozen=True)
class ImagePicker:
    """What `lab/_picker.html` shows.

    Attributes:
        chosen: the images chosen so far, which stay in sight.
        page: one page of the other images that match the query.
    """

    chosen: list[Image]
    page: Page
    query: str
    max_images: int


def image_picker(
    study: Study, chosen: Collection[int], query: str, page: str, max_images: int
) -> ImagePicker:
    """The field of a lab form that picks images: a page of those whose path contains the query.

    Networks that crop differently have their own picture of an image; each image is offered once.
    """
    firsts = study.images.filter(is_mirrored=False).values("place").annotate(first=Min("pk"))
    images = Image.objects.filter(pk__in=firsts.values("first")).order_by("place")
    matching = images.filter(path__icontains=query) if query else images
    return ImagePicker(
        chosen=list(study.images.filter(pk__in=chosen).order_by("place")),
        page=Paginator(matching.exclude(pk__in=chosen), IMAGES_PER_PAGE).get_page(page),
        query=query,
        max_images=max_images,
    )


def pixels_field(label: str, initial: int, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, initial=initial, min_value=1, max_value=512, help_text=help_text
    )


def sample_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Images looked at"), required=False, min_value=2,
        help_text=_("A fixed random sample of so many images. Leave empty for all."),
    )  # fmt: skip


def units_field(help_text: str, initial: str = "") -> UnitsField:
    return UnitsField(label=_("Units"), required=False, initial=initial, help_text=help_text)


def class_field(help_text: str) -> forms.CharField:
    return forms.CharField(
        label=_("Class"),
        required=False,
        max_length=100,
        help_text=f"The name or the index of a class. {help_text}",
    )


class AnalysisForm(forms.Form):
    """The options of one analysis of a network.

    Attributes:
        kind: the command of `python -m dissect` that runs it.
        title, about, source: its name, a description, and the paper it comes from.
        without_images: what happens if no image is chosen.
        impossible: why there is no default question.

    Args:
        defaults: the options of the default question (lab.defaults); None if there is none.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    source: ClassVar[str] = PAPER
    without_images: ClassVar[str] = ""
    impossible: ClassVar[str] = ""
    do_not_call_in_templates = True  # templates use the class itself

    def __init__(
        self,
        network: Network,
        *args: Any,
        defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs, label_suffix="")
        self.network, self.defaults = network, defaults or {}
        for name, field in self.fields.items():
            if isinstance(field, LayersField | ImagesField):
                field.set_network(network)
            if (value := self.defaults.get(option_of(name))) and name != "images":
                field.initial = _as_initial(field, value)
            if isinstance(field, UnitsField):
                field.help_text = f"{field.help_text} {dead_units_note(network)}".strip()

    @property
    def option_fields(self) -> list[forms.BoundField]:
        """All fields except the images, which have a picker."""
        return [self[name] for name in self.fields if name != "images"]

    @property
    def max_images(self) -> int:
        field = self.fields.get("images")
        return field.max_images if isinstance(field, ImagesField) else 0

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_default = any(self.defaults.get(option) for option in IMAGE_OPTIONS)
        if "images" in self.fields and not data.get("images") and not has_default:
            self.add_error("images", "Choose an image below.")
        return data

    def options(self) -> dict[str, Any]:
        """The command's options; empty values are left out, images that nobody chose filled in."""
        values = {option_of(name): value for name, value in self.cleaned_data.items()}
        options = {
            name: value
            for name, value in values.items()
            if value not in EMPTY and value is not False
        }
        if "images" in self.fields and "images" not in options:
            chosen = {name: self.defaults.get(name) for name in IMAGE_OPTIONS}
            options |= {name: value for name, value in chosen.items() if value}
        return options


def dead_units_note(network: Network) -> str:
    """What a lab form says of the dead units of a network; empty if there are none."""
    by_layer: dict[str, list[int]] = {}
    units = Unit.objects.filter(layer__network=network, dead=True)
    rows = units.order_by("layer__position", "number").values_list("layer__name", "number")
    for layer, number in rows:
        by_layer.setdefault(layer, []).append(number)
    layers = "; ".join(f"{layer}: {format_units(numbers)}" for layer, numbers in by_layer.items())
    return f"Dead, all images give them one score: {layers}." if layers else ""


def _as_initial(field: forms.Field, value: Any) -> Any:
    """The initial value of a lab form's field for the value of its option."""
    if isinstance(field, UnitsField):
        return format_units(value)
    if isinstance(field, LayersField):
        return [layer.partition("=")[0] for layer in value]
    return value


def option_of(field: str) -> str:
    """How a field of a lab form is called on the command line."""
    return "class" if field == "class_name" else field.replace("_", "-")
