from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from annotator.results.loading.report_data import ReportData
    from annotator.results.report.report import StudyReport


@dataclass(frozen=True)
class Released:
    """The 4,128 released answers for the ImageNet-CNN as rows, and their report.

    Attributes:
        queries: number of queries that the report took.
        unit_count: of the study.
        shown: the numbers of pictures shown that occur in answers.
    """

    data: "ReportData"
    report: "StudyReport"
    queries: int
    unit_count: int
    shown: set[int]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What uses `released` is marked, since pytest-django makes no database for others alone."""
    for item in items:
        if "released" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def released(shared_data: Path, django_db_setup: None, django_db_blocker: Any) -> Released:
    """The study `zhou2015`, imported once a session and rolled back."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from annotator.imports import import_answers
    from annotator.models import Answer, Study, Unit
    from annotator.results.loading.report_data import load_report_data
    from annotator.results.report.report import report_of

    with django_db_blocker.unblock(), transaction.atomic():
        import_answers(shared_data / "zhou2015" / "imagenet-alexnet.csv", "zhou2015")
        study = Study.objects.get(name="zhou2015")
        with CaptureQueriesContext(connection) as queries:
            report = report_of(study)
        study_as_rows = Released(
            load_report_data(study),
            report,
            len(queries),
            Unit.objects.filter(layer__network__study=study).count(),
            set(Answer.objects.values_list("shown", flat=True)),
        )
        transaction.set_rollback(True)
    return study_as_rows


@pytest.fixture(scope="session")
def released_report(released: Released) -> "StudyReport":
    return released.report
