"""manage.py simulate_crowd"""

import io

import pytest
from django.core.management import CommandError, call_command

from annotator.models import Answer, Study
from annotator.results.report.report import report_of
from tests.simulation.worlds import random_images_from, study_of

pytestmark = pytest.mark.django_db


def test_words_go_to_stderr_and_nothing_to_stdout(world):
    study_of(world, [("object", 1, 0.9)])
    out, err = io.StringIO(), io.StringIO()

    call_command("simulate_crowd", "world", workers=4, stdout=out, stderr=err)

    assert Answer.objects.count() == 3
    assert out.getvalue() == ""
    assert "3 answers by simulated workers" in err.getvalue()
    assert "differ by" in err.getvalue()


def test_a_control_of_random_images_fails_where_workers_see_themes_in_noise(world):
    """Of the network's eight units five show a thing in half of their pictures."""
    network = [("object", number, 0.5 if number < 5 else None) for number in range(8)]
    noise = [("object", number, None) for number in range(8)]
    excess = {}
    for rate in (0, 0.9):
        study = study_of(
            world, [*network, *noise], f"alarms{rate}", margin=20, image_list_sha256="abc"
        )
        random_images_from(study, first=8)

        call_command("simulate_crowd", study.name, false_alarms=rate)

        layer = report_of(study).networks[0].layers[0]
        (excess[rate],) = (one for one in layer.chance if one.number == "mean_precision")

    assert (excess[0].level, excess[0].is_above_chance) == (0, True)
    assert excess[0.9].level > 0.2
    assert excess[0.9].is_above_chance is False


@pytest.mark.parametrize(
    ("study", "options", "sentence"),
    [
        ("nobody", {}, "no study 'nobody'"),
        ("empty", {}, "run `publish empty` first"),
        ("empty", {"seed": -1}, "--seed must be 0 or above, got -1"),
    ],
)
def test_what_cannot_be_is_one_sentence(study, options, sentence):
    Study.objects.create(name="empty")

    with pytest.raises(CommandError, match=sentence):
        call_command("simulate_crowd", study, **options)
