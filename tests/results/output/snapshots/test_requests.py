"""Tasks make the snapshots that are due, and a report that cannot be made holds up no other."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from annotator.models import Snapshot, SnapshotRequest
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.output.snapshots.lifecycle import ask_for, is_due, latest, take
from annotator.tasks import reports, take_due_snapshots
from annotator.views.reader import snapshot as reading
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


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


def test_a_large_study_is_left_to_a_worker(client, monkeypatch):
    answered_study()
    monkeypatch.setattr(reading, "MAX_ANSWERS_IN_REQUEST", 3)

    response = client.get("/results/rooms/")

    assert response.status_code == 503
    assert "The report is being made." in response.content.decode()
    assert not Snapshot.objects.exists()


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
