"""What became of assignments: every one is counted once, in its unit and in the flow."""

from datetime import UTC, datetime

import pytest

from annotator.results.loading.answers import UnitName
from annotator.results.loading.assignments import (
    AssignmentCounts,
    AssignmentRow,
    assignment_counts,
    exclusion_flow,
    load_assignments,
)
from annotator.results.loading.variants import split_answers
from tests.results.rows import answer
from tests.results.studies import answered_study, get_unit, store_answer


def assignments(unit=0, kind="person", **counts):
    """Assignments of one unit, counted by status."""
    return [
        AssignmentRow("alexnet", "conv5", unit, kind, status.replace("_", "-"), count)
        for status, count in counts.items()
    ]


def test_the_flow_counts_every_assignment_once():
    rows = assignments(submitted=2, soft_rejected=1, returned=3, expired=2, accepted=1)
    answers = [
        answer(),
        answer(is_surplus=True),
        answer(
            worker_excluded_at=datetime(2026, 11, 1, tzinfo=UTC),
            worker_excluded_why="one word for everything",
        ),
    ]

    flow = exclusion_flow(rows, split_answers(answers))

    assert flow.accepted == 9
    assert (flow.returned, flow.expired, flow.open, flow.submitted) == (3, 2, 1, 3)
    assert flow.submitted == flow.analysed + sum(flow.excluded.values())
    assert flow.excluded == {"surplus": 1, "worker excluded": 1}
    assert flow.worker_reasons == (("one word for everything", 1),)
    assert flow.return_rate == pytest.approx(3 / 9)


def test_imported_answers_were_accepted_as_often_as_submitted():
    flow = exclusion_flow([], split_answers([answer(kind="imported")]))

    assert (flow.accepted, flow.submitted, flow.analysed, flow.open) == (1, 1, 1, 0)


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
