"""The results of analyses as the templates want them."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from annotator.models import Analysis
from annotator.templatetags.words import as_class
from annotator.views.lab.image_results import grid_rows, results_of_images
from annotator.views.lab.lookups import unit_link


def test_a_raw_grid_names_the_position_in_pixels_and_the_prediction():
    result = {
        "grid": [[0.5, 0.25], [0.75, 1.0]],
        "predicted": [[3, 1], [3, 3]],
        "names": {"1": "cat", "3": "dog"},
        "stride": 8,
    }

    header, *rows = grid_rows(result)

    assert header[2:5] == ["top_px", "left_px", "probability"]
    assert rows == [
        [0, 0, 0, 0, 0.5, 3, "dog"],
        [0, 1, 0, 8, 0.25, 1, "cat"],
        [1, 0, 8, 0, 0.75, 3, "dog"],
        [1, 1, 8, 8, 1.0, 3, "dog"],
    ]


def test_a_result_for_one_image_is_a_list_of_one():
    one, several = {"class": "cat"}, {"images": [{"class": "cat"}, {"class": "dog"}]}

    assert results_of_images(Analysis(result=one)) == [one]
    assert results_of_images(Analysis(result=several)) == several["images"]


def test_a_unit_without_a_page_has_no_key():
    keys = {"conv": {"3": 17}}

    linked, unlinked = unit_link(keys, "conv", 3), unit_link(keys, "conv", "4")
    assert (linked["number"], linked["pk"], linked["name"]) == (3, 17, "")
    assert (unlinked["number"], unlinked["pk"]) == ("4", None)
    assert unit_link(keys, "pool", 3)["pk"] is None


@pytest.mark.parametrize(("accuracy", "is_scored"), [(1.0, False), (0.7, True)])
def test_a_segmentation_without_any_of_the_masks_concepts_is_not_called_right(accuracy, is_scored):
    """1.000 where nothing was found and nothing was there to be found says nothing."""
    numbers = {"accuracy": accuracy, "background_accuracy": 1.0}
    image = {"path": "a.png", "concepts": [], "background_share": 1.0, **numbers}
    score = {"image_count": 1, "mean_iou": accuracy, "background_mean_iou": 1.0, **numbers}
    context = {"images": [image], "score": score, "concepts": {"car": 1}, "unit_count": 1}

    html = render_to_string("lab/_scenes.html", context)

    assert ("Pixel accuracy" in html) is is_scored
    assert ("not scored" in html) is not is_scored


def test_whatever_scrolls_sideways_on_a_phone_says_so_and_scrolls_by_keyboard():
    """A contact sheet is as wide as its labels need."""
    for template in (settings.BASE_DIR / "templates" / "lab").iterdir():
        for tag in re.findall(r'<[^>]*class="[^"]*\bsheet\b[^"]*"[^>]*>', template.read_text()):
            assert "table-scroll" in tag, template.name
            assert 'tabindex="0"' in tag, template.name


def test_a_class_without_a_name_is_called_by_its_number():
    assert (as_class("street"), as_class("257")) == ("street", "class 257")
