"""A snapshot is made of the answers at one moment, and superfluous ones are deleted."""

import csv
import io
import json
import threading
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from annotator.models import Answer, Assignment, Snapshot
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.report_data import load_report_data
from annotator.results.output.exports.bundle import read_bundle, report_text, write_bundle
from annotator.results.output.snapshots.lifecycle import REPORT_DATA, latest, take
from annotator.results.output.snapshots.stored_reports import full_report, report_data_in
from annotator.results.report.report import report_from
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


def test_the_newest_two_stay_and_the_files_of_others_go():
    study = answered_study()
    folders = []
    for worker in ("eve", "finn", "gus"):
        store_answer(study, get_unit(study, number=1), worker)
        folders.append(take(study).content)

    assert [kept.content for kept in Snapshot.objects.order_by("-pk")] == folders[:0:-1]
    assert not default_storage.exists(f"{folders[0]}/report.json")


def test_answers_that_stand_as_they_once_did_give_that_report_again():
    study = answered_study()
    first = take(study)
    study.workers.get(key="cleo").assignments.update(status="rejected")
    take(study)
    study.workers.get(key="cleo").assignments.update(status="submitted")

    again = take(study)

    assert latest(study) == again
    assert full_report(again) == full_report(first)


def test_files_that_a_newer_row_has_stay_when_an_older_one_goes():
    study = answered_study()
    first = take(study)
    Snapshot.objects.create(
        study=study, crowd="people", state="another", content=first.content, seconds=1
    )
    store_answer(study, get_unit(study, number=1), "eve")
    take(study)  # the newest two stay, the first goes

    assert not Snapshot.objects.filter(pk=first.pk).exists()
    assert default_storage.exists(f"{first.content}/report.json")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_answers_that_come_in_while_it_is_made_are_in_the_next_one():
    study = answered_study()
    before = data_fingerprint(study)

    def meanwhile():
        _elsewhere(lambda: store_answer(study, get_unit(study, number=1), "eve"))
        return frozenset()

    snapshot = take(study, flagged=meanwhile)

    assert snapshot.state == before
    assert REPORT_DATA.validate_json(report_data_in(snapshot)).answers == tuple(
        row for row in load_report_data(study).answers if row.answer != Answer.objects.last().pk
    )
    assert take(study).state == data_fingerprint(study) != before


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_bundle_holds_the_answers_of_its_report_whatever_comes_in_meanwhile(tmp_path):
    study = answered_study()
    file = io.BytesIO()

    def write(snapshot):
        _elsewhere(lambda: store_answer(study, get_unit(study, number=1), "eve"))
        _elsewhere(
            lambda: Assignment.objects.filter(worker__key="ada").update(status="soft-rejected")
        )
        write_bundle(file, snapshot)

    take(study, reader=write)

    with zipfile.ZipFile(file) as archive:
        material = json.loads(archive.read("material.json"))
        answers = list(csv.DictReader(io.StringIO(archive.read("answers.csv").decode())))
        report = json.loads(archive.read("report.json"))
    assert {int(row["answer"]) for row in answers} == {row["answer"] for row in material["answers"]}
    counted = [row for row in answers if not row["excluded"] and row["task"] == "naming"]
    assert len(counted) == report["answer_count"]


def test_a_bundle_is_of_the_studys_threshold_whichever_a_reader_looks_at(client, tmp_path):
    answered_study()

    response = client.get("/results/rooms/bundle.zip?threshold=0.5")

    path = tmp_path / "rooms.zip"
    path.write_bytes(b"".join(response.streaming_content))
    with zipfile.ZipFile(path) as archive:
        assert archive.read("report.json").decode() == report_text(report_from(read_bundle(path)))


def _elsewhere(work):
    """Do something by another connection, which is another process as far as databases know."""

    def do():
        work()
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
