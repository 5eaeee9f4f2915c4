import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from annotator.results.loading.report_data import ReportData
    from annotator.results.report.report import StudyReport

# A busy machine is no failure.
settings.register_profile("unitscope", deadline=None)
settings.load_profile("unitscope")


@pytest.fixture(scope="session", autouse=True)
def _an_equal_chart_is_drawn_once() -> Iterator[None]:
    """Drawing takes most of the time of a report's page, and these tests make a few alike."""
    import vl_convert

    draw = vl_convert.vegalite_to_svg

    @lru_cache(maxsize=200)
    def drawn(spec: str) -> str:
        return draw(json.loads(spec))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", lambda spec: drawn(json.dumps(spec)))
        yield


@dataclass(frozen=True)
class Released:
    """What the 4,128 released answers for the ImageNet-CNN are as rows, and what is made of them.

    Attributes:
        queries: as many as the report took.
        unit_count: of the study. shown: pictures of each answer.
    """

    data: "ReportData"
    report: "StudyReport"
    queries: int
    unit_count: int
    shown: set[int]


@pytest.fixture(scope="session")
def released(shared_data: Path, django_db_setup: None, django_db_blocker: Any) -> Released:
    """The study `zhou2015`, imported once; its rows are gone again."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from annotator.imports import import_answers
    from annotator.models import Answer, Study, Unit
    from annotator.results.loading.report_data import load_report_data
    from annotator.results.report.report import report_of

    with django_db_blocker.unblock(), transaction.atomic():
        import_answers(shared_data / "zhou2015" / "imagenet-alexnet.csv", "zhou2015")
        study = Study.objects.get(name="zhou2015")
        with CaptureQueriesContext(connection) as asked:
            report = report_of(study)
        found = Released(
            load_report_data(study),
            report,
            len(asked),
            Unit.objects.filter(layer__network__study=study).count(),
            set(Answer.objects.values_list("shown", flat=True)),
        )
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="session")
def released_report(released: Released) -> "StudyReport":
    return released.report
