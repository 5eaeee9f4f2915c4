"""A report is kept as the answers stood: a task makes it, pages read it, to the last bit."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from annotator.models import ConceptMerge, Snapshot
from annotator.results.loading.report_data import data_fingerprint
from annotator.results.output.html import figures_in
from annotator.results.output.snapshots import (
    full_report,
    is_due,
    latest,
    report_in,
    take,
    unit_in,
    units_in,
)
from annotator.results.report.report import report_of
from annotator.tasks import take_due_snapshots
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


@pytest.mark.parametrize(
    "change",
    [
        lambda study: store_answer(study, get_unit(study, number=1), "eve"),
        lambda study: study.workers.get(key="cleo").assignments.update(status="rejected"),
        _excluded,
        _merged,
        lambda study: setattr(study, "threshold", 0.5),
    ],
    ids=["an answer", "a rejection", "an excluded worker", "merged words", "a threshold"],
)
def test_its_state_changes_with(change):
    study = answered_study()
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
    monkeypatch.setattr("annotator.results.output.snapshots.report_from", None)

    for path in ("", "results.json", "scenes/conv1/", "scenes/conv1/0"):
        assert client.get(f"/results/rooms/{path}").status_code == 200
