"""A report is kept as the answers stood: a task makes it, pages read it, to the last bit."""

import csv
import io
import json
import threading
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.timezone import now

from annotator.models import (
    Answer,
    Assignment,
    Attempt,
    ConceptMerge,
    Exemplar,
    KnownAnswer,
    PictureReport,
    Snapshot,
    SnapshotRequest,
)
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.report_data import load_report_data
from annotator.results.output.exports.bundle import read_bundle, report_text, write_bundle
from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.snapshots.lifecycle import REPORT_DATA, take
from annotator.results.output.snapshots.requests import ask_for, is_due
from annotator.results.output.snapshots.stored_reports import (
    full_report,
    latest,
    report_data_in,
    report_in,
    unit_in,
    units_in,
)
from annotator.results.report.report import report_from, report_of
from annotator.tasks import reports, take_due_snapshots
from annotator.views.reader import snapshot as reading
from tests.crowd.studies import published_study
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


def test_what_is_read_equals_what_was_computed():
    study = answered_study()

    snapshot = take(study)

    assert full_report(snapshot) == report_of(study)


def test_the_head_counts_units_that_lie_in_files_of_their_own():
    study = answered_study()

    snapshot = take(study)
    conv1 = report_in(snapshot).networks[0].layers[0]

    assert (conv1.answered_unit_count, conv1.units) == (1, ())
    assert [unit.unit for unit in units_in(snapshot, conv1.id)] == [0]


def test_a_unit_is_found_alone_as_it_is_among_all():
    study = published_study("many", layers=(("scenes", "conv1", 12),))
    for number in (1, 10, 11):
        store_answer(study, get_unit(study, number=number), "ada", 'a "wheel"\n{"unit":1,')

    snapshot = take(study)
    layer = report_in(snapshot).networks[0].layers[0].id
    by_number = {unit.unit: unit for unit in units_in(snapshot, layer)}

    assert set(by_number) == {1, 10, 11}
    assert all(unit_in(snapshot, layer, n) == by_number.get(n) for n in range(12))


def test_a_task_makes_it_when_answers_came_in_and_not_again_for_the_same():
    study = answered_study()

    take_due_snapshots()
    take_due_snapshots()

    (made,) = Snapshot.objects.all()
    assert made.state == data_fingerprint(study)
    assert made.seconds > 0
    assert default_storage.exists(f"{made.content}/figures.json")


def test_a_costly_report_is_not_made_all_the_time():
    study = answered_study()
    snapshot = take(study)
    store_answer(study, get_unit(study, number=1), "eve")

    Snapshot.objects.update(seconds=60)
    assert not is_due(study)
    Snapshot.objects.update(made_at=now() - timedelta(minutes=21))

    assert is_due(study)
    assert latest(study) == snapshot


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


def _excluded(study):
    study.workers.filter(key="ada").update(excluded_at=now())


def _merged(study):
    ConceptMerge.objects.create(study=study, version=1, words=["car"], into="wheel", by="ada")


def _known_answer_changed(study):
    KnownAnswer.objects.update(concepts=["tyre"])


def _reopened(study):
    assignment = study.workers.get(key="ada").assignments.first()
    Attempt.objects.create(assignment=assignment, number=2, form={}, was_refused=False)


def _picture_hidden(study):
    assignment = study.workers.get(key="ada").assignments.first()
    exemplar = Exemplar.objects.filter(unit=assignment.unit).first()
    PictureReport.objects.create(assignment=assignment, exemplar=exemplar)


@pytest.mark.parametrize(
    "change",
    [
        lambda study: store_answer(study, get_unit(study, number=1), "eve"),
        lambda study: study.workers.get(key="cleo").assignments.update(status="rejected"),
        _excluded,
        _merged,
        lambda study: setattr(study, "threshold", 0.5),
        _known_answer_changed,
        _reopened,
        _picture_hidden,
    ],
    ids=[
        "an answer",
        "a rejection",
        "an excluded worker",
        "merged words",
        "a threshold",
        "a known answer",
        "an answer given again",
        "a hidden picture",
    ],
)
def test_its_state_changes_with(change):
    study = answered_study()
    KnownAnswer.objects.create(unit=get_unit(study, number=1), concepts=["wheel"], for_control=True)
    before = data_fingerprint(study)

    change(study)

    assert data_fingerprint(study) != before


def test_a_large_study_is_left_to_a_worker(client, monkeypatch):
    answered_study()
    monkeypatch.setattr(reading, "MAX_ANSWERS_IN_REQUEST", 3)

    response = client.get("/results/rooms/")

    assert response.status_code == 503
    assert "The report is being made." in response.content.decode()
    assert not Snapshot.objects.exists()


def test_pages_read_a_snapshot_without_summing_up(client, monkeypatch):
    study = answered_study()
    figures_in(take(study))
    monkeypatch.setattr("annotator.results.output.snapshots.lifecycle.report_from", None)

    for path in ("", "results.json", "scenes/conv1/", "scenes/conv1/0"):
        assert client.get(f"/results/rooms/{path}").status_code == 200


def test_a_variant_of_a_large_study_that_nobody_asked_for_before_is_made(client, monkeypatch):
    study = answered_study()
    take(study)
    monkeypatch.setattr(reading, "MAX_ANSWERS_IN_REQUEST", 3)
    address = "/results/rooms/?variant=without-flagged"

    first = client.get(address)
    assert first.status_code == 503
    assert "results rooms --answers people --variant without-flagged" in first.content.decode()
    take_due_snapshots()

    assert client.get(address).status_code == 200
    assert not SnapshotRequest.objects.exists()


def test_a_reader_is_told_why_a_report_cannot_be_made_and_other_kinds_are_made(client, monkeypatch):
    study = answered_study()
    monkeypatch.setattr(reading, "MAX_ANSWERS_IN_REQUEST", 3)
    ask_for(study, "people", "every-answer")
    make = reports.current_snapshot

    def broken(study, crowd=None, variant="", reader=None):
        if variant == "every-answer":
            raise ValueError("no such <answer>")
        return make(study, crowd, variant, reader)

    monkeypatch.setattr(reports, "current_snapshot", broken)
    take_due_snapshots()

    page = client.get("/results/rooms/?variant=every-answer")
    assert page.status_code == 503
    assert "ValueError: no such &lt;answer&gt;" in page.content.decode()
    assert client.get("/results/rooms/").status_code == 200
    assert not is_due(study)  # it is tried again, but not all the time
    SnapshotRequest.objects.update(begun_at=now() - timedelta(minutes=6))
    assert is_due(study)


def test_a_report_that_kills_its_worker_is_not_made_all_the_time_and_others_are(monkeypatch):
    class Killed(BaseException):
        pass

    study = answered_study()
    ask_for(study, "people", "every-answer")
    make, tried = reports.current_snapshot, []

    def deadly(study, crowd=None, variant="", reader=None):
        tried.append(variant)
        if variant == "every-answer":
            raise Killed
        return make(study, crowd, variant, reader)

    monkeypatch.setattr(reports, "current_snapshot", deadly)
    with pytest.raises(Killed):
        take_due_snapshots()
    reports.take_snapshot(study.pk)  # the message is delivered again
    take_due_snapshots()

    assert tried.count("every-answer") == 1
    assert latest(study) is not None


def test_a_default_report_that_no_worker_can_make_is_not_tried_all_the_time(monkeypatch):
    answered_study()
    tried = []

    def broken(*arguments):
        tried.append(arguments)
        raise MemoryError

    monkeypatch.setattr(reports, "current_snapshot", broken)
    for _ in range(3):
        take_due_snapshots()
    assert len(tried) == 1

    SnapshotRequest.objects.update(begun_at=now() - timedelta(minutes=6))
    take_due_snapshots()
    assert len(tried) == 2


def test_one_answer_left_out_instead_of_another_is_another_state():
    study = answered_study()
    assignments = list(Assignment.objects.filter(worker__study=study).order_by("answer__pk")[:4])
    first, second, third, fourth = (one.pk for one in assignments)
    Assignment.objects.filter(pk__in=[first, fourth]).update(status="soft-rejected")
    before = data_fingerprint(study)

    Assignment.objects.filter(pk__in=[first, fourth]).update(status="submitted")
    Assignment.objects.filter(pk__in=[second, third]).update(status="soft-rejected")

    assert data_fingerprint(study) != before


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
