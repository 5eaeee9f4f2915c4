"""manage.py simulate_crowd"""

import io

import pytest
from django.core.management import CommandError, call_command

from annotator.models import Answer, Study
from tests.simulation.worlds import study_of

pytestmark = pytest.mark.django_db


def test_words_go_to_stderr_and_nothing_to_stdout(world):
    study_of(world, [("object", 1, 0.9)])
    out, err = io.StringIO(), io.StringIO()

    call_command("simulate_crowd", "world", workers=4, stdout=out, stderr=err)

    assert Answer.objects.count() == 3
    assert out.getvalue() == ""
    assert "3 answers by simulated workers" in err.getvalue()
    assert "differ by" in err.getvalue()


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
