"""The fields of the lab's forms, and how forms become options of a command."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from annotator.models import Network, Study
from annotator.views.lab.forms import (
    ImagesField,
    LayerNamesField,
    UnitsField,
    format_units,
    image_picker,
    option_of,
)
from annotator.views.lab.image_analyses import Occlusion
from annotator.views.lab.layer_analyses import Filters
from annotator.views.lab.options import ANALYSIS_FORMS

UNITS = UnitsField(required=False)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", []),
        ("7", [7]),
        ("0-3", [0, 1, 2, 3]),
        ("0-2, 40", [0, 1, 2, 40]),
        ("5 3,4", [5, 3, 4]),
        ("9-9", [9]),
    ],
)
def test_units_are_numbers_and_ranges(text, units):
    assert UNITS.clean(text) == units


@pytest.mark.parametrize("text", ["seven", "-1", "1-", "1-2-3", "3.5", "7-3", "1234567"])
def test_other_text_is_not_a_unit(text):
    with pytest.raises(ValidationError):
        UNITS.clean(text)


@given(st.lists(st.integers(0, 999), unique=True).map(sorted))
def test_formatted_units_parse_to_the_same_units(units):
    assert UNITS.clean(format_units(units)) == units


def test_layer_names_are_separated_by_spaces_and_cannot_be_options():
    field = LayerNamesField(required=False)

    assert field.clean("layer3.0.conv1  conv1") == ["layer3.0.conv1", "conv1"]
    with pytest.raises(ValidationError):
        field.clean("--out=/etc")


@pytest.mark.parametrize(
    ("field", "option"),
    [("class_name", "class"), ("top_images", "top-images"), ("units", "units")],
)
def test_a_field_sets_the_option_of_its_name(field, option):
    assert option_of(field) == option


@pytest.fixture
def network(db):
    study = Study.objects.create(name="rooms", image_count=3)
    for place in range(3):
        study.images.create(place=place, path=f"{place}.png", tile="t", zoom="z")
    # A second network crops image 1 differently.
    study.images.create(place=1, path="1.png", tile="t2", zoom="z2")
    network = Network.objects.create(study=study, name="net", position=0)
    network.layers.create(name="conv", position=0, unit_count=2, map_height=1, map_width=1)
    return network


def test_empty_options_are_left_to_the_command(network):
    form = Filters(network, {"layers": "", "units": "0-1", "normalise": "layer"})

    assert form.is_valid()
    assert form.options() == {"units": [0, 1], "normalise": "layer"}


def test_every_analysis_has_a_form_with_a_title_and_a_description(network):
    for kind, form_class in ANALYSIS_FORMS.items():
        form = form_class(network)

        assert form.kind == kind
        assert form.title
        assert form.about.endswith(".")
        assert "images" not in {field.name for field in form.option_fields}


def test_chosen_images_become_paths_in_the_order_of_the_list(network):
    chosen = [image.pk for image in network.study.images.order_by("-place")]
    field = Occlusion(network).fields["images"]

    assert field.clean(chosen) == ["0.png", "1.png", "2.png"]


def test_too_many_images_are_refused_with_both_numbers(network):
    field = ImagesField(max_images=1)
    field.set_network(network)

    with pytest.raises(ValidationError, match="at most 1 images; you chose 2"):
        field.clean([image.pk for image in network.study.images.all()[:2]])


def test_the_picker_offers_each_image_once_and_keeps_the_chosen_ones(network):
    study = network.study
    chosen = study.images.get(path="0.png")

    picker = image_picker(study, [chosen.pk], query="", page="1", max_images=2)
    searched = image_picker(study, [chosen.pk], query="2.p", page="nonsense", max_images=2)

    assert [image.path for image in picker.page] == ["1.png", "2.png"]
    assert picker.chosen == searched.chosen == [chosen]
    assert [image.path for image in searched.page] == ["2.png"]
