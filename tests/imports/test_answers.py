"""Another campaign's table becomes rows: all of it, or none with a sentence."""

import pytest
from django.core.management import CommandError, call_command

from annotator.imports import ImportRefused, import_answers
from annotator.models import Answer, Assignment, Hit, Network, Study, Unit
from annotator.results.report.report import report_of
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

HEADER = "network,layer,unit,worker,concept,group,precision\n"


@pytest.fixture
def table(tmp_path):
    """Write a table and give its path."""

    def write(text, name="answers.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_table_becomes_a_study(table):
    imported = import_answers(
        table(HEADER + "vgg,conv1,0,ada,dog,5,0.5\nvgg,conv1,3,ada,sky,Regions and surfaces,1\n"),
        "old",
    )

    assert (imported.answer_count, imported.unit_count) == (2, 2)
    rows = Answer.objects.order_by("pk").values_list("concept", "group", "fitting", "shown")
    assert list(rows) == [("dog", 5, 1, 2), ("sky", 3, 2, 2)]
    layer = Network.objects.get(name="vgg").layers.get()
    assert (layer.name, layer.unit_count) == ("conv1", 2)


def test_imported_answers_are_offered_to_nobody_and_owed_to_nobody(table):
    import_answers(table(HEADER + "vgg,conv1,0,ada,dog,5,0.5\n"), "old")

    assert Hit.objects.get().status == Hit.Status.DISPOSED
    assert Hit.objects.get().hit_type.reward_cents == 0
    assert Assignment.objects.get().status == Assignment.Status.APPROVED


@pytest.mark.parametrize(("code", "group"), [(1, 6), (2, 5), (3, 3), (4, 4), (5, 2), (6, 1)])
def test_released_codes_become_the_groups_of_the_same_meaning(table, code, group):
    text = f"network,layer,unit,concept,category_code,precision\nvgg,c,0,dog,{code},1\n"

    import_answers(table(text), "old")

    assert Answer.objects.get().group == group


def test_counts_are_taken_as_they_are_and_nameless_workers_are_places(table):
    text = "network,layer,unit,concept,group,fitting,shown\nvgg,c,0,dog,5,7,9\nvgg,c,0,cat,5,9,9\n"

    import_answers(table(text), "old")

    assert list(Answer.objects.values_list("fitting", "shown")) == [(7, 9), (9, 9)]
    assert {a.worker.key for a in Assignment.objects.all()} == {"place 1", "place 2"}


def test_an_answer_without_words_and_group_says_nothing_in_common(table):
    import_answers(table(HEADER + "vgg,c,0,ada,,,0\n"), "old")

    assert Answer.objects.get().says == "nothing"


def test_columns_come_in_any_order_and_unknown_ones_are_ignored(table):
    text = "\ufeffunit,colour,layer,network,precision,group,concept\n4,red,c,vgg,1,5,dog\n"

    import_answers(table(text), "old")

    assert Unit.objects.get().number == 4


def test_parquet_reads_like_csv(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    columns = {"network": ["vgg"], "layer": ["c"], "unit": [4], "concept": ["dog"]}
    path = tmp_path / "answers.parquet"
    write_table(arrow.table({**columns, "group": [5], "precision": [0.25]}), path)

    import_answers(path, "old")

    assert Answer.objects.get().fitting / Answer.objects.get().shown == 0.25


def test_persons_are_counted_and_places_are_not(table):
    persons = table(HEADER + "vgg,c,0,ada,dog,5,1\nvgg,c,0,ben,dog,5,1\n")

    import_answers(persons, "named", workers="persons")
    import_answers(persons, "places")

    assert report_of(Study.objects.get(name="named")).worker_count == 2
    assert report_of(Study.objects.get(name="places")).worker_count is None


def test_answers_join_the_units_that_a_study_has_already(table):
    study = published_study("rooms", layers=(("squeezenet", "conv10", 2),), places=3)

    import_answers(table(HEADER + "squeezenet,conv10,1,ada,dog,5,1\n"), "rooms")

    unit = Answer.objects.get().assignment.unit
    assert unit == Unit.objects.get(layer__network__study=study, number=1)
    assert unit.hit.places.count() == 4  # three are still offered
    assert Unit.objects.count() == 2


def test_a_dissected_network_has_the_units_that_it_has(table):
    published_study("rooms", layers=(("squeezenet", "conv10", 2),))
    Network.objects.update(dissection="dissections/1")

    with pytest.raises(ImportRefused, match="Line 2: squeezenet was dissected.* no unit 7 of"):
        import_answers(table(HEADER + "squeezenet,conv10,7,ada,dog,5,1\n"), "rooms")


REFUSED = {
    "vgg,c,x,ada,dog,5,1": "Line 3: unit must be a whole number from 0, got 'x'",
    "vgg,c,-1,ada,dog,5,1": "Line 3: unit must be a whole number from 0, got '-1'",
    "vgg,c,1,ada,dog,7,1": "Line 3: group must be 1 to 6 or one of .*; got '7'",
    "vgg,c,1,ada,dog,,1": "Line 3: concept 'dog' has no group",
    "vgg,c,1,ada,,5,1": "Line 3: concept is empty, but group is 5",
    "vgg,c,1,ada,dog,5,1.2": "Line 3: precision must be from 0 to 1, got '1.2'",
    "vgg,c,1,ada,dog,5,nan": "Line 3: precision must be from 0 to 1, got 'nan'",
    "vgg,c,1,ada,dog,5,": "Line 3: there is neither a precision nor fitting and shown",
    "vgg,,1,ada,dog,5,1": "Line 3: layer is missing",
    "vgg,c,0,ada,dog,5,1": "Line 3: worker 'ada' answers unit 0 of c again .first in line 2",
    "vgg,c,1,ada,,,0.5": 'Line 3: "nothing" has precision 0',
    "vgg,c,1,ada,dog,5": "Line 3 of .* does not have as many values as there are columns",
    f"vgg,c,1,ada,{'o' * 101},5,1": "Line 3: concept has at most 100 characters, got 'ooo",
    "vgg,c,1,ada,dog,5,0.7182818284": "No number of pictures up to 1000",
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_bad_line_is_named_and_nothing_is_written(table, line):
    path = table(f"{HEADER}vgg,c,0,ada,dog,5,1\n{line}\n")

    with pytest.raises(CommandError, match=REFUSED[line]):
        call_command("import_answers", str(path), study="old")

    assert not Study.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty: there is no line below its header"),
        (HEADER, "is empty: there is no line below its header"),
        ("network,unit\nvgg,1\n", r"has no column layer, concept, group \(or category_code\)"),
        (b"network\x81\n1\n", "is not CP1252 text"),
        (b"PAR1nonsense", "is not a Parquet table"),
    ],
)
def test_what_is_no_table_of_answers_is_refused(table, text, sentence):
    with pytest.raises(ImportRefused, match=sentence):
        import_answers(table(text), "old")


def test_a_missing_file_and_a_bad_name_are_refused(table, tmp_path):
    with pytest.raises(ImportRefused, match="cannot be read: No such file"):
        import_answers(tmp_path / "none.csv", "old")
    with pytest.raises(ImportRefused, match="lower-case letters"):
        import_answers(table(HEADER + "vgg,c,0,ada,dog,5,1\n"), "Old Study")


def test_a_table_is_imported_once(table):
    text = HEADER + "vgg,c,0,ada,dog,5,1\n"
    import_answers(table(text), "old")

    with pytest.raises(ImportRefused, match="already in study"):
        import_answers(table(text), "old")
    with pytest.raises(ImportRefused, match="Line 2: worker 'ada' has already answered unit 0"):
        import_answers(table(f"{text}vgg,c,1,ada,dog,5,1\n"), "old")

    assert Answer.objects.count() == 1
