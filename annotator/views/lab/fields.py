"""Fields of the lab's forms: units by number, layers by name, images by their picture."""

import re
from collections.abc import Iterable, Sequence

from django import forms
from django.core.exceptions import ValidationError

from annotator.models import Image, Network, Study

MOST_UNITS = 100_000
LAYER_NAME = re.compile(r"\w[\w.]*")


class UnitsField(forms.CharField):
    """Numbers and ranges: "0-15, 40"; empty for all of them."""

    def clean(self, value: str) -> list[int]:
        parts = re.split(r"[\s,]+", super().clean(value).strip())
        return [unit for part in parts if part for unit in _range(part)]


def _range(part: str) -> Iterable[int]:
    found = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
    if not found:
        raise ValidationError(f"{part!r} is no unit: write numbers and ranges, such as 0-15, 40.")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise ValidationError(f"The range {part} runs backwards: write {last}-{first}.")
    return range(first, last + 1)


def unit_words(units: Sequence[int]) -> str:
    """What a UnitsField reads back: 0, 1, 2, 40 is "0-2, 40"."""
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][1] + 1:
            runs[-1][1] = unit
        else:
            runs.append([unit, unit])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


class LayerNamesField(forms.CharField):
    """Dotted names, separated by spaces."""

    def clean(self, value: str) -> list[str]:
        names = super().clean(value).split()
        for name in names:
            if not LAYER_NAME.fullmatch(name):
                raise ValidationError(f"{name!r} is no layer's name, such as layer3.0.conv1.")
        return names


class LayersField(forms.MultipleChoiceField):
    """Some of the layers that were dissected."""

    widget = forms.CheckboxSelectMultiple

    def of(self, network: Network) -> None:
        names = [layer.name for layer in network.layers.all()]
        self.choices = [(name, name) for name in names]
        self.initial = names[-1:]


class ImagesField(forms.ModelMultipleChoiceField):
    """Some of the study's images; cleaned to their paths, in the order of the list.

    The page shows them as pictures (`annotator.views.lab.image_picker`).
    """

    def __init__(self, *, most: int) -> None:
        super().__init__(
            label="Images",
            queryset=Image.objects.none(),
            error_messages={"required": "Choose an image below."},
        )
        self.most = most

    def of(self, study: Study) -> None:
        self.queryset = study.images.all()

    def clean(self, value: Sequence[str]) -> list[str]:
        found = super().clean(value)
        if len(found) > self.most:
            raise ValidationError(f"{self.most} images at most, {len(found)} are chosen.")
        return list(dict.fromkeys(image.path for image in found.order_by("place")))
