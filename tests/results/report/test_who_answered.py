"""What became of every assignment: each is counted once at every step that it reached."""

from datetime import UTC, datetime

import pytest

from annotator.results.loading.variants import split_answers
from annotator.results.report.who_answered import exclusion_flow
from tests.results.rows import answer, assignments


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
