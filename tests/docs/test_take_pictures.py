"""The README's pictures show a typical HIT and are small enough for a repository."""

import io
import random

import pytest
from PIL import Image

from docs.take_pictures import CHART_PX, MAX_BYTES, best_unit, small, take
from tests.results.studies import get_unit, store_answer
from tests.views.hits import pictured_study


def unit(number, precision, has_consensus, group=6):
    return {
        "unit": number,
        "precision": precision,
        "has_consensus": has_consensus,
        "precision_under_consensus": precision if has_consensus else None,
        "group": group,
    }


def report(networks):
    return {"study": "demo", "threshold": 0.75, "networks": networks}


def test_the_unit_shown_is_the_most_precise_object_detector():
    units = [unit(0, 1.0, True), unit(1, 0.9, True, 5), unit(2, 0.8, True, 5)]
    units += [unit(3, 1.0, False, 5)]
    networks = [{"name": "scene", "layers": [{"name": "relu5", "unit_results": units}]}]

    assert best_unit(report(networks)) == ("scene", "relu5", 1)


def test_without_a_detector_it_is_the_most_precise_unit_with_a_consensus():
    early = {"name": "relu1", "unit_results": [unit(0, 1.0, False), unit(1, 0.9, True)]}
    late = {"name": "relu5", "unit_results": [unit(7, 0.9, True), unit(8, 0.8, True)]}
    networks = [{"name": "untrained", "layers": []}, {"name": "scene", "layers": [early, late]}]

    assert best_unit(report(networks)) == ("scene", "relu5", 7)


def test_without_answers_it_says_how_to_make_some():
    with pytest.raises(SystemExit, match="make demo SERVE=no"):
        best_unit(report([]))


def test_even_a_picture_of_noise_is_made_small_enough():
    noise = Image.frombytes("RGB", (640, 600), random.Random(0).randbytes(640 * 600 * 3))
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert len(file.getvalue()) > MAX_BYTES

    fitting = small(file.getvalue())

    assert len(fitting) <= MAX_BYTES
    assert Image.open(io.BytesIO(fitting)).size == (640, 600)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_all_pages_are_taken_at_one_size_and_the_chart_at_its_own(browser, live_server, tmp_path):
    study = pictured_study()
    store_answer(study, get_unit(study, "squeezenet", "conv10"), "ana")

    hit = get_unit(study, "squeezenet", "conv10").hit
    take(browser, live_server.url, study.name, hit, tmp_path / "pictures")

    pictures = [
        Image.open(tmp_path / "pictures" / f"{name}.png") for name in ("hit", "report", "unit")
    ]
    assert [picture.size for picture in pictures] == [(1280, 900)] * 3
    assert all(len(picture.convert("RGB").getcolors(10**6)) > 30 for picture in pictures)
    with Image.open(tmp_path / "pictures" / "classes.png") as chart:
        assert chart.width == CHART_PX
