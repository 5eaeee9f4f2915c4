"""What became of assignments: every one is counted once, in its unit and in the flow."""

import pytest

from annotator.results.loading.answers import UnitName
from annotator.results.loading.assignments import (
    AssignmentCounts,
    assignment_counts,
    load_assignments,
)
from tests.results.rows import assignments
from tests.results.studies import answered_study, get_unit, store_answer


def test_assignments_are_counted_by_unit():
    rows = [*assignments(0, submitted=3, returned=1), *assignments(1, expired=2)]

    assert assignment_counts(rows) == {
        UnitName("alexnet", "conv5", 0): AssignmentCounts(accepted=4, returned=1),
        UnitName("alexnet", "conv5", 1): AssignmentCounts(accepted=2, expired=2),
    }


def test_a_unit_that_nobody_accepted_has_no_return_rate():
    assert AssignmentCounts().return_rate is None
    assert AssignmentCounts(accepted=4, returned=1).return_rate == 0.25


@pytest.mark.parametrize(
    ("kind", "crowd"), [("person", "people"), ("imported", "people"), ("simulated", "simulated")]
)
def test_assignments_belong_to_the_crowd_of_their_worker(kind, crowd):
    (row,) = assignments(kind=kind, submitted=1)

    assert row.crowd == crowd


def test_returned_assignments_are_loaded_too(db):
    study = answered_study()
    returned = store_answer(study, get_unit(study), "eve").assignment
    returned.answer.delete()
    type(returned).objects.filter(pk=returned.pk).update(status="returned")

    counts = assignment_counts(load_assignments(study))

    assert counts["scenes", "conv1", 0] == AssignmentCounts(accepted=4, returned=1)
