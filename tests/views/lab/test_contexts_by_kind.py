"""The results of analyses as the templates want them."""

from annotator.models import Analysis
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
