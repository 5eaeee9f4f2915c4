"""`manage.py import_demographics`: what Prolific says of people who agreed to it, coarse."""

import pytest
from django.core.management import CommandError, call_command

from annotator.crowd.access.consent import agree, write_text
from annotator.crowd.access.invitations import enter
from annotator.crowd.audit import COMMAND
from annotator.models import Invitation, WorkerDetails
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db
# Columns of Prolific's demographic export; more stand between them.
HEADER = "Submission id,Participant id,Status,Age,Sex,Country of residence,Language\n"
ANA = "1,5e90,APPROVED,34,Female,Peru,Spanish\n"


@pytest.fixture
def study():
    return published_study()


def entered(study, participant, version=1):
    token = Invitation.objects.create(study=study).token
    return enter(token, version, participant=participant)


def imported(tmp_path, lines, header=HEADER):
    file = tmp_path / "prolific.csv"
    file.write_text(header + lines)
    call_command("import_demographics", str(file), "--study", "rooms")


def details(worker):
    row = WorkerDetails.objects.get(worker=worker)
    return row.country, row.language, row.age_band


def test_a_line_is_matched_by_the_participants_number(tmp_path, study, capsys):
    ana = entered(study, "5e90")

    imported(tmp_path, f"{ANA}2,77aa,APPROVED,50,Male,Peru,Spanish\n")

    assert details(ana) == ("Peru", "Spanish", "25-34")
    assert WorkerDetails.objects.count() == 1
    message = capsys.readouterr().err
    assert "Stored the details of 1 person" in message
    assert "1 participant of the table" in message


def test_a_line_may_name_the_workers_own_key(tmp_path, study):
    ana = entered(study, "")

    imported(tmp_path, f"{ana.key},Chile\n", header="worker,country\n")

    assert details(ana) == ("Chile", "", "")


def test_nothing_is_stored_of_who_has_not_agreed_to_it(tmp_path, study, capsys):
    ana = entered(study, "5e90")
    write_text(study, "We keep nothing of you.", COMMAND)
    agree(ana, 2)

    imported(tmp_path, ANA)

    assert details(ana) == ("", "", "")
    assert "1 person has not agreed to it" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["CONSENT_REVOKED", "DATA_EXPIRED", "Prefer not to say", ""])
def test_what_a_person_takes_back_is_erased_by_the_next_table(tmp_path, study, word):
    ana = entered(study, "5e90")
    imported(tmp_path, ANA)

    imported(tmp_path, f"1,5e90,APPROVED,{word},Female,{word},{word}\n")

    assert details(ana) == ("", "", "")


def test_sex_and_other_columns_are_not_stored():
    columns = {field.name for field in WorkerDetails._meta.fields}

    assert columns == {"id", "worker", "participant", "country", "language", "age_band", "device"}


@pytest.mark.parametrize(
    ("header", "lines", "sentence"),
    [
        (HEADER, ANA.replace("34", "old"), "Line 2: Age must be a whole number"),
        (HEADER, ANA.replace("5e90", ""), "Line 2: Participant id is missing."),
        (HEADER, ANA.replace("Peru", "x" * 101), "Line 2: Country of residence has at most 100"),
        ("Age,Language\n", "34,Spanish\n", "has no column Participant id"),
        ("worker,shoe\n", "ana,39\n", "has no column Country of residence, Language, Age"),
    ],
)
def test_a_wrong_table_is_refused_whole(tmp_path, study, header, lines, sentence):
    entered(study, "5e90")

    with pytest.raises(CommandError, match=sentence):
        imported(tmp_path, lines, header)

    assert WorkerDetails.objects.get().country == ""
