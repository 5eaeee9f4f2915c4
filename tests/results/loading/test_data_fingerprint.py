"""A report's fingerprint changes with whatever the report is made of."""

import pytest
from django.utils.timezone import now

from annotator.models import (
    Assignment,
    Attempt,
    ConceptMerge,
    Exemplar,
    KnownAnswer,
    PictureReport,
)
from annotator.results.loading.data_fingerprint import data_fingerprint
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.django_db


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


def test_one_answer_left_out_instead_of_another_is_another_state():
    study = answered_study()
    assignments = list(Assignment.objects.filter(worker__study=study).order_by("answer__pk")[:4])
    first, second, third, fourth = (one.pk for one in assignments)
    Assignment.objects.filter(pk__in=[first, fourth]).update(status="soft-rejected")
    before = data_fingerprint(study)

    Assignment.objects.filter(pk__in=[first, fourth]).update(status="submitted")
    Assignment.objects.filter(pk__in=[second, third]).update(status="soft-rejected")

    assert data_fingerprint(study) != before
