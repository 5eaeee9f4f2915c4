"""`manage.py import_names`: what a method calls units, all of a table or none of it."""

import pytest
from django.core.management import CommandError, call_command

from annotator.models import MachineName
from tests.results.studies import answered_study

pytestmark = pytest.mark.django_db
HEADER = "network,layer,unit,name,score\n"


def imported(tmp_path, lines, method="CLIP-Dissect"):
    file = tmp_path / "names.csv"
    file.write_text(HEADER + lines)
    call_command("import_names", str(file), "--study", "rooms", "--method", method)


def names():
    return list(MachineName.objects.order_by("unit").values_list("method", "name", "score"))


def test_names_come_with_their_method_and_score(tmp_path, capsys):
    answered_study()

    imported(tmp_path, "scenes,conv1,0,wheel,0.31\nobjects,conv1,1,sky,\n")

    assert names() == [("CLIP-Dissect", "wheel", 0.31), ("CLIP-Dissect", "sky", None)]
    assert "CLIP-Dissect names 2 units" in capsys.readouterr().err


def test_another_table_of_a_method_replaces_its_names_and_no_others(tmp_path):
    answered_study()
    imported(tmp_path, "scenes,conv1,0,wheel,\n")
    imported(tmp_path, "scenes,conv1,0,a round thing,\n", method="MILAN")

    imported(tmp_path, "scenes,conv1,0,tire,\n")

    assert sorted(names()) == [("CLIP-Dissect", "tire", None), ("MILAN", "a round thing", None)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("vgg,conv1,0,x,", "Line 2: the study has no network 'vgg'; it has objects, scenes."),
        ("scenes,fc6,0,x,", "Line 2: scenes has no layer 'fc6'; it has conv1, conv2."),
        ("scenes,conv1,9,x,", "Line 2: conv1 of scenes has no unit 9."),
        ("scenes,conv1,0,,", "Line 2: name is missing."),
        (f"scenes,conv1,0,{'x' * 101},", "Line 2: name has at most 100 characters, got 'xxx"),
        ("scenes,conv1,0,x,nan", "Line 2: score must be a number, got 'nan'."),
        ("scenes,conv1,x,x,", "Line 2: unit must be a whole number from 0, got 'x'."),
        ("scenes,conv1,0,x,high", "Line 2: score must be a number, got 'high'."),
        ("scenes,conv1,0,x,\nscenes,conv1,0,y,", "Line 3: unit 0 of conv1 was named in line 2."),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_kept(tmp_path, line, sentence):
    answered_study()

    with pytest.raises(CommandError) as error:
        imported(tmp_path, line + "\n")

    assert sentence in str(error.value)
    assert names() == []


def test_people_are_no_method(tmp_path):
    answered_study()

    with pytest.raises(CommandError, match="`consensus` is the name for people's words"):
        imported(tmp_path, "scenes,conv1,0,wheel,\n", method="consensus")
