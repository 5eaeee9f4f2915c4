"""A report is read from a snapshot as it was computed, to the last bit."""

import pytest

from annotator.results.output.figures.page_figures import figures_in
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import (
    full_report,
    report_in,
    unit_in,
    units_in,
)
from annotator.results.report.report import report_of
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


def test_pages_read_a_snapshot_without_summing_up(client, monkeypatch):
    study = answered_study()
    figures_in(take(study))
    monkeypatch.setattr("annotator.results.output.snapshots.lifecycle.report_from", None)

    for path in ("", "results.json", "scenes/conv1/", "scenes/conv1/0"):
        assert client.get(f"/results/rooms/{path}").status_code == 200
