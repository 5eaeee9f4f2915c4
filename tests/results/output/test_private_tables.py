"""Who people are, and what they remark: tables of their own, for requesters alone."""

import io
import json
import zipfile

import pytest

from annotator.models import Answer, ClosingAnswer, WorkerDetails
from annotator.results.output.exports.bundle import write_bundle
from annotator.results.output.exports.registry import PRIVATE, export_table
from annotator.results.output.snapshots.lifecycle import take
from tests.results.studies import answered_study

pytestmark = pytest.mark.django_db
REMARK = "My name is Ada, and picture 3 is my house."


@pytest.fixture
def study():
    study = answered_study()
    ada = study.workers.get(key="ada")
    details = {"country": "Liechtenstein", "age_band": "25-34", "device": "tablet"}
    WorkerDetails.objects.create(worker=ada, **details)
    ClosingAnswer.objects.create(worker=ada, used_ai=True)
    Answer.objects.filter(assignment__worker=ada, concept="Wheel").update(remark=REMARK)
    return study


def rows(study, name):
    table = export_table(name, study, take(study))
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows()]


def test_people_stand_under_their_pseudonyms(study):
    ada, ben, _ = rows(study, "people")

    assert ada["worker"] == rows(study, "answers")[0]["worker"]
    assert (ada["country"], ada["age_band"], ada["device"]) == ("Liechtenstein", "25-34", "tablet")
    assert ada["used_ai"] is True
    assert (ben["country"], ben["used_ai"]) == (None, None)


def test_a_remark_stands_with_its_answer(study):
    (row,) = rows(study, "remarks")

    assert row["remark"] == REMARK
    assert row["answer"] == rows(study, "answers")[0]["answer"]


def test_simulated_workers_are_no_people(db):
    assert rows(answered_study(kind="simulated"), "people") == []


def test_readers_get_aggregates_alone(client, django_user_model, study):
    reader = django_user_model.objects.create_user("rita")
    reader.memberships.create(study=study, role="reader")
    client.force_login(reader)

    data = client.get("/results/rooms/data/").content.decode()
    for name in PRIVATE:
        assert f"/tables/{name}.csv" not in data
        assert client.get(f"/results/rooms/tables/{name}.csv").status_code == 404
    for name in ("answers", "marks", "workers", "attempts", "units", "layers"):
        table = b"".join(client.get(f"/results/rooms/tables/{name}.csv")).decode()
        assert "Liechtenstein" not in table
        assert "Ada" not in table
    report = client.get("/results/rooms/results.json").content.decode()
    page = client.get("/results/rooms/").content.decode()
    assert "Liechtenstein" not in report + page
    assert "Ada" not in report + page


def test_a_bundle_holds_neither(study):
    file = io.BytesIO()
    write_bundle(file, take(study))

    with zipfile.ZipFile(file) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist())
        report = json.loads(archive.read("report.json"))

    assert b"Liechtenstein" not in text
    assert REMARK.encode() not in text
    assert report["who_answered"]["people"]["used_ai_tool"]["yes"] == 1
