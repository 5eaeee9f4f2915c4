"""What a requester puts down as known of units, by a table or on the page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import AuditRow, KnownAnswer, Study
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db

HEAD = "network,layer,unit,concepts,group,use\n"
TABLE = HEAD + "n,l,0,Dog; hound ;dog,5,training\nn,l,1,,3,qualification\nn,l,2,sky,,control\n"


@pytest.fixture
def study():
    return published_study(layers=(("n", "l", 4),), worker_share=1)


@pytest.fixture
def known(study, tmp_path):
    """Put a table down by the command."""

    def save(text, *arguments):
        file = tmp_path / "known.csv"
        file.write_text(text)
        call_command("known", "rooms", str(file), *arguments)
        rows = KnownAnswer.objects.order_by("unit__number")
        return [(row.unit.number, row.concepts, row.group) for row in rows]

    return save


def test_a_table_says_names_group_and_use(known, capsys):
    assert known(TABLE) == [(0, ["dog", "hound"], 5), (1, [], 3), (2, ["sky"], None)]
    assert "until a pass mark is set" in capsys.readouterr().err
    assert known(TABLE, "--pass-mark", "0.7")[0] == (0, ["dog", "hound"], 5)
    assert Study.objects.get().pass_mark == 0.7
    assert AuditRow.objects.filter(action="settings").get().detail == {"pass_mark": [None, 0.7]}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("n,l,9,dog,5,training", "Line 3: study rooms has no unit 9 of l of n"),
        ("n,l,x,dog,5,training", "unit must be a whole number"),
        ("n,l,0,dog,7,training", "group must be 1 to 6"),
        ("n,l,0,dog,5,fun", "use must be one of training, qualification, control"),
        ("n,l,0,,,training", "nothing is known"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_put_down(known, line, why):
    with pytest.raises(CommandError, match=why):
        known(f"{HEAD}n,l,1,dog,5,control\n{line}\n")

    assert not KnownAnswer.objects.exists()


def test_no_answer_enters_or_leaves_the_results_by_what_is_put_down_later(known, study, client):
    (ana,) = workers(study, "ana")
    known(f"{HEAD}n,l,0,dog,5,training\n")
    for _ in range(2):  # the training, and a unit like others
        submit(take_next(ana), AnswerForm(concept="sky", group=3, marked=frozenset()))
    practised, plain = (one.unit for one in ana.assignments.order_by("pk"))

    for unit, use in ((practised, "control"), (plain, "training")):
        with pytest.raises(CommandError, match="has answers already"):
            known(f"{HEAD}n,l,{unit.number},dog,5,{use}\n")
    assert "has answers already" in client.post(
        f"/studies/rooms/known/{practised.known.pk}/", follow=True
    ).content.decode()  # fmt: skip
    assert known(f"{HEAD}n,l,{plain.number},dog,5,control\n")


def test_the_page_puts_down_one_unit_a_table_and_the_pass_mark(client, study):
    layer = study.networks.get().layers.get()
    one = {"layer": layer.pk, "unit": "3", "concepts": "cat", "group": "5", "use": "control"}
    client.post("/studies/rooms/known/", one)
    client.post("/studies/rooms/known/", {"table": SimpleUploadedFile("t.csv", TABLE.encode())})
    client.post("/studies/rooms/known/", {"pass_percent": "70"})

    page = client.get("/studies/rooms/known/").content.decode()
    assert KnownAnswer.objects.count() == 4
    assert 'value="70"' in page
    client.post(f"/studies/rooms/known/{KnownAnswer.objects.get(unit__number=3).pk}/")
    assert KnownAnswer.objects.count() == 3
    wrong = client.post("/studies/rooms/known/", {"pass_percent": "170"}, follow=True)
    assert "from 0 to 100" in wrong.content.decode()
