"""Which answers count, in SQL and for plain rows alike."""

from itertools import product

import pytest
from django.utils.timezone import now

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment
from annotator.models.answer import exclusion_of
from tests.crowd.studies import published_study, the_hit, workers

STATUSES = [status.value for status in Assignment.ANSWERED]


@pytest.mark.django_db
@pytest.mark.both_databases
def test_an_answer_counts_in_sql_exactly_if_no_reason_excludes_it():
    cases = list(product(STATUSES, [False, True], [None, now()], [0, 3]))
    study = published_study(places=len(cases))
    hit = the_hit(study)
    expected = set()
    for number, (status, is_surplus, excluded_at, shown) in enumerate(cases):
        [worker] = workers(study, f"worker {number}")
        assignment = leases.accept(worker, hit)
        submit(assignment, AnswerForm("thing", 5, frozenset()))
        answers = Answer.objects.filter(assignment=assignment)
        answers.update(is_surplus=is_surplus, shown=shown, fitting=0)
        type(worker).objects.filter(pk=worker.pk).update(
            excluded_at=excluded_at, excluded_why="asked" if excluded_at else ""
        )
        Assignment.objects.filter(pk=assignment.pk).update(status=status)
        if exclusion_of(status, is_surplus, excluded_at, shown) is None:
            expected.add(answers.get().pk)

    counted = set(Answer.objects.counted().values_list("pk", flat=True))

    assert counted == expected
    assert len(counted) == len(Assignment.COUNTED)  # one of each status that counts


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (("rejected", True, now(), 0), "surplus"),
        (("rejected", False, now(), 0), "rejected"),
        (("soft-rejected", False, None, 3), "soft-rejected"),
        (("approved", False, now(), 0), "worker excluded"),
        (("approved", False, None, 0), "nothing shown"),
        (("submitted", False, None, 3), None),
    ],
)
def test_an_answer_with_several_reasons_gets_the_first(answer, reason):
    assert exclusion_of(*answer) == reason
