"""What the forms of the lab's questions share: a network, and options as a command takes them.

What a form leaves out has the command's default.
"""

from typing import Any, ClassVar

from django import forms

from annotator.dissection_reader.ground_truth import NoGroundTruth, ground_truth
from annotator.models import Network, Study
from annotator.views.lab.fields import ImagesField, LayersField, UnitsField

PAPER = "Zhou et al. 2015, arXiv:1412.6856"


def pixels(label: str, initial: int, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, initial=initial, min_value=1, max_value=512, help_text=help_text
    )


def units_field(help_text: str, initial: str = "") -> UnitsField:
    return UnitsField(label="Units", required=False, initial=initial, help_text=help_text)


def choice_of_class(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Class", required=False, max_length=100, help_text=f"A name or an index. {help_text}"
    )


def levels_of(study: Study) -> tuple[str, ...]:
    """The levels of the masks beside the study's images; none where there are no masks."""
    try:
        return ground_truth(study.image_source).levels
    except NoGroundTruth:
        return ()


class Question(forms.Form):
    """A question to one network.

    Attributes:
        kind: the command of `python -m dissect`. title, about, source: what people read.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    source: ClassVar[str] = PAPER
    do_not_call_in_templates = True  # pages name the class itself

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, label_suffix="")
        self.network = network
        for field in self.fields.values():
            if isinstance(field, LayersField):
                field.of(network)
            elif isinstance(field, ImagesField):
                field.of(network.study)

    @property
    def options(self) -> list[forms.BoundField]:
        """The fields that are no pictures to choose from."""
        return [self[name] for name in self.fields if name != "images"]

    @property
    def most_images(self) -> int:
        field = self.fields.get("images")
        return field.most if isinstance(field, ImagesField) else 0

    def asked(self) -> dict[str, Any]:
        """The command's options; empty ones are left to its defaults."""
        values = {option_of(name): value for name, value in self.cleaned_data.items()}
        return {name: value for name, value in values.items() if value not in (None, "", [], False)}


def option_of(field: str) -> str:
    """The command's option that a field fills in."""
    return "class" if field == "class_name" else field.replace("_", "-")
